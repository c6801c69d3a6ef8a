"""What arrives as SIP is read strictly enough to be safe; whatever else arrives costs a count."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.sip.bodies import UnsupportedBody, key_pressed, session_description
from cordboard.telephony.sip.identity import called, caller
from cordboard.telephony.sip.message import Headers, Malformed, Request, Response, parse, respond
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri, Via, split_list

INVITE = (
    "INVITE sip:100@cordboard.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1;rport\r\n"
    "Max-Forwards: 70\r\n"
    'From: "Alice" <sip:+31205550123@example.com>;tag=a1\r\n'
    "To: <sip:100@cordboard.example>\r\n"
    "Call-ID: 1@example.com\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:alice@192.0.2.7:5062>\r\n"
    "{extra}"
    "Content-Length: {length}\r\n\r\n{body}"
)


def invite(extra: str = "", body: str = "", **swap: str) -> Request:
    text = INVITE.format(extra=extra, body=body, length=len(body))
    for old, new in swap.items():
        text = text.replace(old, new)
    message = parse(text.encode())
    assert isinstance(message, Request)
    return message


def test_a_request_is_read() -> None:
    message = invite(body="v=0")
    assert (message.method, message.uri, message.body) == ("INVITE", "sip:100@cordboard.example", b"v=0")
    assert (message.from_.display_name, message.from_.uri.user, message.from_.tag) == ("Alice", "+31205550123", "a1")
    assert (message.via.host, message.via.port, message.via.branch) == ("192.0.2.7", 5062, "z9hG4bK1")


def test_compact_folded_and_oddly_spaced_headers_are_read() -> None:
    # after RFC 4475 section 3.1.1.1, "a short tortuous INVITE"
    text = (
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
        "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
        "MaX-fOrWaRdS: 0068\r\n"
        "Call-ID: intmeth.1@example.com\r\n"
        "cseq: 0009\r\n  INVITE\r\n"
        "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
        "s :\r\n"
        "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
        "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n'
        "l: 3\r\n\r\nv=0"
    )
    message = parse(text.encode())
    assert isinstance(message, Request)
    assert message.from_.display_name == 'J Rosenberg \\"'
    assert (message.from_.tag, message.to.tag) == ("98asjd8", "1918181833n")
    assert (message.cseq.number, message.via.host, len(message.headers.all("via"))) == (9, "192.0.2.2", 3)
    assert message.max_forwards == 68


@pytest.mark.parametrize(
    ("swap", "status"),
    [
        ({"CSeq: 1 INVITE": "CSeq: 1 BYE"}, 400),
        ({"CSeq: 1 INVITE": "CSeq: 36893488147419103232 INVITE"}, 400),
        ({"CSeq: 1 INVITE": "CSeq: -1 INVITE"}, 400),
        ({"CSeq: 1 INVITE\r\n": ""}, 400),
        ({"Call-ID: 1@example.com\r\n": ""}, 400),
        ({"Max-Forwards: 70": "Max-Forwards: 300"}, 400),
        ({"Max-Forwards: 70": "Max-Forwards: many"}, 400),
        ({"Content-Length: 0": "Content-Length: -999"}, 400),
        ({"Content-Length: 0": "Content-Length: 5"}, 400),
        ({"Content-Length: 0": "Content-Length: 99999999999999999999"}, 400),
        ({"To: <sip:100@cordboard.example>": "To: <sip:100@cordboard.example"}, 400),
        ({"To: <sip:100@cordboard.example>": "To: <sip:100@>"}, 400),
        ({"To: <sip:100@cordboard.example>": 'To: "Watson <sip:100@cordboard.example>'}, 400),
        ({"To: <sip:100@cordboard.example>": "To: <sip:1@a.example>\r\nTo: <sip:2@a.example>"}, 400),
        ({"Call-ID: 1@example.com": "Call-ID: 1@example.com\r\nCall-ID: 2@example.com"}, 400),
        ({"Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1;rport\r\n": ""}, None),
        ({"192.0.2.7:5062;branch": "192.0.2.7:99999;branch"}, None),
        ({"SIP/2.0\r\nVia": "SIP/7.0\r\nVia"}, 505),
        ({"INVITE sip:100@cordboard.example SIP/2.0": "INVITE  sip:100@cordboard.example  SIP/2.0"}, 400),
        ({"INVITE sip:100@cordboard.example SIP/2.0": "INVITE <sip:100@a.example; x=y> SIP/2.0"}, 400),
        ({"Max-Forwards: 70": "this is no header"}, None),
        ({"Max-Forwards: 70": "Subject: bell \x07"}, None),
    ],
)
def test_malformed_requests_are_refused(swap: dict[str, str], status: int | None) -> None:
    """`status` None: not even an answer can be made."""
    with pytest.raises(Malformed) as error:
        invite(**swap)
    assert (error.value.status if error.value.request else None) == status


def test_a_body_beyond_the_limit_is_too_long() -> None:
    with pytest.raises(Malformed) as error:
        invite(body="x" * 20_000)
    assert error.value.status == 413


def test_extra_bytes_after_the_body_are_not_part_of_it() -> None:
    assert invite(body="v=0", **{"Content-Length: 3": "Content-Length: 2"}).body == b"v="


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\x00" * 40, b"hello\r\n\r\n", b"SIP/2.0 999 No\r\n\r\n", b"INVITE", b"\xff\xfe" * 50 + b"\r\n\r\n"])
def test_what_is_no_sip_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)


@given(st.binary(max_size=300))
def test_nothing_but_malformed_comes_of_noise(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse(data)


@given(st.integers(0, 440), st.binary(min_size=1, max_size=4), st.integers(0, 6))
def test_nothing_but_malformed_comes_of_a_damaged_request(at: int, noise: bytes, gone: int) -> None:
    whole = INVITE.format(extra="", body="v=0", length=3).encode()
    refused: Malformed | None = None
    try:
        message = parse(whole[:at] + noise + whole[at + gone :])
    except Malformed as error:
        refused = error
    if refused is None:
        assert parse(bytes(message)).call_id == message.call_id
    elif refused.request is not None:
        assert bytes(respond(refused.request, refused.status, to_tag="t")).startswith(b"SIP/2.0 4")


def test_what_is_written_is_read_back() -> None:
    message = invite(extra="Record-Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>\r\n", body="v=0")
    again = parse(bytes(message))
    assert isinstance(again, Request)
    assert list(again.headers) == list(message.headers)
    assert again.body == b"v=0"


def test_a_line_break_in_a_value_never_makes_a_header() -> None:
    headers = Headers()
    for name, value in (("via", "SIP/2.0/UDP a.example;branch=z9hG4bK1"), ("from", '"x\r\nEvil: 1" <sip:a@b.example>;tag=1')):
        headers.set(name, value)
    headers.set("to", "<sip:a@b.example>")
    headers.set("call-id", "1")
    headers.set("cseq", "1 BYE")
    again = parse(bytes(Request("BYE", "sip:a@b.example", headers)))
    assert "evil" not in again.headers


def test_a_response_mirrors_its_request() -> None:
    message = invite(extra="Record-Route: <sip:p1.example.com;lr>\r\n")
    answer = parse(bytes(respond(message, 180, to_tag="ours")))
    assert isinstance(answer, Response)
    assert (answer.status, answer.to.tag, answer.from_.tag, answer.call_id) == (180, "ours", "a1", "1@example.com")
    assert answer.headers.all("record-route") == ["<sip:p1.example.com;lr>"]
    assert "record-route" not in respond(message, 486, to_tag="ours").headers


@pytest.mark.parametrize(
    ("text", "user", "host", "port", "number"),
    [
        ("sip:100@192.0.2.1:5070", "100", "192.0.2.1", 5070, "100"),
        ("sip:100@[2001:db8::1]:5070;transport=udp", "100", "[2001:db8::1]", 5070, "100"),
        ("sip:%2B31205550123@example.com", "%2B31205550123", "example.com", None, "+31205550123"),
        ("sip:+31205550123;phone-context=x:secret@example.com;user=phone", "+31205550123;phone-context=x:secret", "example.com", None, "+31205550123"),
        ("sip:a;b?c@example.com", "a;b?c", "example.com", None, "a"),
        ("tel:+31-20-555;phone-context=+31", "+31-20-555", "", None, "+31-20-555"),
        ("sip:example.com", "", "example.com", None, ""),
    ],
)
def test_uris(text: str, user: str, host: str, port: int | None, number: str) -> None:
    uri = Uri.parse(text)
    assert (uri.user, uri.host, uri.port, uri.number) == (user, host, port, number)
    assert Uri.parse(str(uri)) == uri


@pytest.mark.parametrize("text", ["", "sip:", "sip:a@", "sip:a@b c", "sip:a@host:0", "sip:a@host:x", "tel:", "nothing", "sip:a@[::1"])
def test_bad_uris(text: str) -> None:
    with pytest.raises(BadSyntax):
        Uri.parse(text)


def test_parameters_after_a_bare_address_belong_to_the_header() -> None:
    address = NameAddr.parse("sip:a@b.example;tag=1")
    assert (address.tag, address.uri.params) == ("1", {})


def test_commas_in_quotes_and_brackets_do_not_part() -> None:
    assert split_list('"a, b" <sip:x,y@h.example>, <sip:z@h.example>') == ['"a, b" <sip:x,y@h.example>', "<sip:z@h.example>"]


def test_via_of_an_ipv6_sender() -> None:
    via = Via.parse("SIP/2.0/UDP [2001:db8::9]:5062;branch=z9hG4bK1;received=2001:db8::9")
    assert (via.host, via.port, Via.parse(str(via))) == ("[2001:db8::9]", 5062, via)


# ---- who calls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "swap", "trusted", "number"),
    [
        ("", {}, False, "+31205550123"),
        ("", {"sip:+31205550123@example.com": "tel:+31205550123"}, False, "+31205550123"),
        ("", {'"Alice" <sip:+31205550123@example.com>': '"Anonymous" <sip:anonymous@anonymous.invalid>'}, False, ""),
        ("", {"+31205550123@example.com": "Anonymous@example.com"}, False, ""),
        ("Privacy: id\r\n", {}, False, ""),
        ("Privacy: header;user;critical\r\n", {}, False, ""),
        ("Privacy: none\r\n", {}, False, "+31205550123"),
        ("P-Asserted-Identity: <sip:+31101234567@trunk.example>\r\n", {}, True, "+31101234567"),
        ("P-Asserted-Identity: <tel:+31101234567>\r\n", {}, True, "+31101234567"),
        ("P-Asserted-Identity: <sip:+31101234567@trunk.example>\r\n", {}, False, "+31205550123"),
        ("P-Asserted-Identity: <sip:+31101234567@trunk.example>\r\nPrivacy: id\r\n", {}, True, ""),
        ("P-Asserted-Identity: <nonsense\r\n", {}, True, "+31205550123"),
    ],
)
def test_the_callers_number(extra: str, swap: dict[str, str], trusted: bool, number: str) -> None:
    assert caller(invite(extra, **swap), trusted).number == number


def test_a_withheld_number_takes_the_name_along() -> None:
    assert caller(invite("Privacy: id\r\n"), True).display_name == ""
    assert caller(invite(), False).display_name == "Alice"


def test_the_number_dialled() -> None:
    assert called(invite()) == "100"
    assert called(invite(**{"INVITE sip:100@cordboard.example": "INVITE sip:cordboard.example"})) == "100"  # then To says it
    assert called(invite(**{"INVITE sip:100@cordboard.example": "INVITE tel:+31205550100"})) == "+31205550100"


# ---- bodies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160", "5"),
        ("application/dtmf-relay", "Signal= *\r\nDuration=160", "*"),
        ("application/dtmf-relay", "Signal=11\r\n", "#"),
        ("application/dtmf", "#", "#"),
        ("application/dtmf", "d", "D"),
        ("application/dtmf-relay", "Duration=160", ""),
        ("application/dtmf", "flash", ""),
    ],
)
def test_keys_in_info(kind: str, body: str, key: str) -> None:
    assert key_pressed(invite(f"Content-Type: {kind}\r\n", body)) == key


def test_the_description_in_a_multipart_body() -> None:
    body = "--b\r\nContent-Type: application/isup\r\n\r\nxx\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n"
    assert session_description(invite("Content-Type: multipart/mixed;boundary=b\r\n", body)).strip() == "v=0"


@pytest.mark.parametrize("headers", ["Content-Type: text/plain\r\n", "", "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n"])
def test_other_bodies_are_not_read(headers: str) -> None:
    with pytest.raises(UnsupportedBody):
        session_description(invite(headers, "v=0"))
