"""Digest authentication against the examples of the standards, and what strangers make of it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.sip.digest import Algorithm, Answering, Challenge, Credentials, choose, ha1, response_of, right
from cordboard.telephony.sip.uri import BadSyntax

EXAMPLE = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
    'response="{response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        (Algorithm.MD5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Algorithm.SHA256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: Algorithm, response: str) -> None:
    """Section 3.9.1: Mufasa opens his Circle of Life."""
    found = Credentials.parse(EXAMPLE.format(algorithm=algorithm, response=response))
    account = ha1("Mufasa", "http-auth@example.org", "Circle of Life", algorithm)
    assert response_of(found, account, "GET") == response
    assert right(found, account, "GET")
    assert not right(found, account, "PUT")
    assert not right(found, ha1("Mufasa", "http-auth@example.org", "circle of life", algorithm), "GET")


def test_the_example_of_rfc_2617_with_its_body_left_out() -> None:
    """Section 3.5; MD5 with qop, as every telephone does it."""
    account = ha1("Mufasa", "testrealm@host.com", "Circle Of Life", Algorithm.MD5)
    assert account == "939e7578ed9e3c518a452acee763bce9"
    found = Credentials(
        "Mufasa", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "", qop="auth", nc="00000001", cnonce="0a4f113b"
    )
    assert response_of(found, account, "GET") == "6629fae49393a05397450978507c4ef1"


names = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f"), min_size=1, max_size=20)


@given(
    algorithm=st.sampled_from(Algorithm),
    session=st.booleans(),
    qop=st.sampled_from([(), ("auth",), ("auth-int",), ("auth", "auth-int")]),
    username=names,
    realm=names,
    secret=names,
    opaque=st.sampled_from(["", "o"]),
    body=st.binary(max_size=20),
)
def test_who_knows_the_secret_is_right_by_every_way_of_asking(
    algorithm: Algorithm, session: bool, qop: tuple[str, ...], username: str, realm: str, secret: str, opaque: str, body: bytes
) -> None:
    asked = Challenge(realm, "n0nce", algorithm, session, qop, opaque)
    client = Answering(username, secret)
    assert client.credentials("REGISTER", "sip:x") is None
    assert client.challenged([str(asked)], again=False)
    assert client.challenge == asked
    for count in (1, 2):
        given_ = client.credentials("REGISTER", "sip:x", body)
        assert given_ is not None
        arrived = Credentials.parse(str(given_))
        assert arrived == given_
        assert arrived.count == (count if qop else 0)
        assert right(arrived, ha1(username, realm, secret, algorithm), "REGISTER", body)
        assert not right(arrived, ha1(username, realm, secret + "x", algorithm), "REGISTER", body)
        assert not right(arrived, ha1(username, realm, secret, algorithm), "INVITE", body)


def test_the_first_challenge_that_we_know_is_answered() -> None:
    values = [
        'Basic realm="x"',
        'Digest realm="x", nonce="1", algorithm=NOBODY-KNOWS, qop="auth"',
        'Digest realm="a, Digest b=c", nonce="2", algorithm=SHA-256, qop="auth", Digest realm="x", nonce="3", algorithm=MD5',
    ]
    assert [one.nonce for one in Challenge.parse_all(values)] == ["2", "3"]
    found = choose(values)
    assert found is not None
    assert (found.algorithm, found.realm) == (Algorithm.SHA256, "a, Digest b=c")
    assert choose(['Digest realm="x", nonce="1", qop="auth-conf"']) is None


def test_a_refused_secret_is_not_given_twice_but_a_stale_nonce_is_renewed() -> None:
    client = Answering("desk", "secret")
    assert client.challenged(['Digest realm="x", nonce="1", qop="auth"'], again=False)
    assert not client.challenged(['Digest realm="x", nonce="2", qop="auth"'], again=True)
    assert client.challenged(['Digest realm="x", nonce="2", qop="auth", stale=TRUE'], again=True)
    assert client.challenge == Challenge("x", "2", stale=True)
    assert not client.challenged(["Basic realm=x"], again=False)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic YTpi",
        "Digest",
        'Digest username="a"',
        'Digest username="a", realm="r", nonce="n", uri="u", response="x", username="b"',
        'Digest username="a, realm="r", nonce="n", uri="u", response="x"',
        'Digest username="a", realm="r", nonce="n", uri="u", response="x", algorithm=ROT13',
        'Digest username="a", realm="r", nonce="n", uri="u", response="x", qop=auth, nc=1, cnonce="c"',
        'Digest username="a", realm="r", nonce="n", uri="u", response="x", qop=auth, nc=00000001',
        'Digest username="a", realm="r", nonce="n", uri="u", response="x", algorithm=MD5-sess',
        'Digest username="' + "a" * 5000 + '", realm="r", nonce="n", uri="u", response="x"',
    ],
)
def test_what_is_no_credentials_is_refused(value: str) -> None:
    with pytest.raises(BadSyntax):
        Credentials.parse(value)


@given(st.text(max_size=200))
def test_nothing_else_can_come_of_reading_rubbish(text: str) -> None:
    for value in (text, "Digest " + text):
        Challenge.parse_all([value])
        with contextlib.suppress(BadSyntax):
            Credentials.parse(value)
