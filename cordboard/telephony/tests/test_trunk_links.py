"""Trunks themselves: registering, proving who we are, being asked whether one lives; and the practice town."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import driver as contract
from cordboard.telephony.carriers import Why, why
from cordboard.telephony.driver import PRACTICE, Cause, Endpoint, EndpointKind, Identity, Trunk
from cordboard.telephony.drivers.embedded import trunks
from cordboard.telephony.sip import enrolment, refreshing
from cordboard.telephony.sip.message import Headers, Response
from cordboard.telephony.sip.reoffers import glare_delay
from cordboard.telephony.sip.uri import Uri
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sipp_side import BYE, far_side, hears, says
from cordboard.telephony.tests.switch_house import LOCAL, free_port
from cordboard.telephony.tests.test_trunk_calls import ANSWER, OUTSIDE, RING, calling, dial, trunk

ASKS = 'Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"'

# ---- rules --------------------------------------------------------------------------------------------------------


@given(st.floats(1, 86400))
def test_a_registration_is_renewed_in_time_and_not_too_often(granted: float) -> None:
    after = enrolment.refresh_after(granted)
    assert granted * 0.3 <= after <= granted * 0.8
    assert granted < 60 or granted - after >= 30


@given(st.integers(1, 1000), st.floats(0, 1))
def test_failures_wait_longer_each_time_but_never_for_ever(failures: int, draw: float) -> None:
    wait = enrolment.back_off(failures, draw)
    assert enrolment.BASE / 2 <= wait <= enrolment.LONGEST
    assert enrolment.back_off(failures + 1, draw) >= wait


@given(st.booleans(), st.floats(0, 1))
def test_after_a_glare_both_sides_wait_for_different_times(began: bool, draw: float) -> None:
    wait = glare_delay(began, draw)
    assert (2.1 <= wait <= 4.0) if began else (0.0 <= wait <= 2.0)
    assert round(wait * 100) == pytest.approx(wait * 100)


@given(st.integers(refreshing.LEAST, refreshing.MOST), st.booleans())
def test_a_session_is_refreshed_long_before_it_is_given_up(seconds: int, ours: bool) -> None:
    terms = refreshing.Terms(seconds, ours)
    assert refreshing.refresh_after(terms) < refreshing.over_after(terms) < seconds
    assert seconds - refreshing.over_after(terms) <= 32


def _request(**headers: str) -> refreshing.Request:
    return refreshing.Request("INVITE", "sip:a@b", Headers({name.replace("_", "-"): [value] for name, value in headers.items()}))


@pytest.mark.parametrize(
    ("headers", "terms"),
    [
        ({}, None),
        ({"supported": "timer"}, refreshing.Terms(1800, ours=True)),
        ({"supported": "timer", "session_expires": "600;refresher=uac"}, refreshing.Terms(600, ours=False)),
        ({"supported": "timer", "session_expires": "600;refresher=uas"}, refreshing.Terms(600, ours=True)),
        ({"supported": "timer", "session_expires": "600"}, refreshing.Terms(600, ours=True)),
        ({"session_expires": "600;refresher=uac"}, refreshing.Terms(600, ours=True)),  # a proxy asked; the caller knows nothing of it
        ({"supported": "timer", "session_expires": "60"}, refreshing.TooShort()),
        ({"session_expires": "60"}, refreshing.Terms(90, ours=True)),
        ({"supported": "timer", "session_expires": "soon"}, refreshing.Terms(1800, ours=True)),
    ],
)
def test_who_refreshes_a_session_that_they_began(headers: dict[str, str], terms: object) -> None:
    assert refreshing.as_server(_request(**headers)) == terms


@pytest.mark.parametrize(
    ("value", "terms"),
    [
        ("", None),
        ("1800;refresher=uas", refreshing.Terms(1800, ours=False)),
        ("1800;refresher=uac", refreshing.Terms(1800, ours=True)),
        ("1800", refreshing.Terms(1800, ours=True)),
    ],
)
def test_who_refreshes_a_session_that_we_began(value: str, terms: object) -> None:
    assert refreshing.as_client(Response(200, "OK", Headers({"session-expires": [value]} if value else {}))) == terms


def test_how_long_a_registrar_takes_us() -> None:
    ours = Uri("sip", "one", "192.0.2.1", 5060)
    headers = Headers({"contact": ["<sip:one@192.0.2.9:5060>;expires=10, <sip:one@192.0.2.1:5060>;expires=120"], "expires": ["999"]})
    assert enrolment.granted(Response(200, "OK", headers), ours, 600) == 120
    assert enrolment.granted(Response(200, "OK", Headers({"expires": ["999"]})), ours, 600) == 999
    assert enrolment.granted(Response(200, "OK", Headers({})), ours, 600) == 600


@pytest.mark.parametrize(("form", "written"), [("+", "+31205559876"), ("digits", "31205559876"), ("00", "0031205559876")])
def test_how_a_number_is_written(form: str, written: str) -> None:
    assert trunks.written("+31205559876", form) == written
    assert trunks.written("112", form) == "112"


def test_who_calls_is_told_as_the_trunk_wants_it() -> None:
    one = Trunk("one", "192.0.2.1", domain="carrier.example", numbers=("+31101230000", "+31101230001"))
    placed = trunks.placement(one, "+31205559876", "+31101230001", "v=0")
    assert (placed.uri, str(placed.from_)) == ("sip:+31205559876@carrier.example", "<sip:+31101230001@carrier.example>")
    assert placed.extra == (("p-asserted-identity", "<sip:+31101230001@carrier.example>"),)
    foreign = trunks.placement(one, "+31205559876", "+4912345", "v=0")
    assert foreign.from_.uri.user == "+31101230000"  # not ours to show
    hidden = trunks.placement(one, "+31205559876", "", "v=0", withheld=True)
    assert (str(hidden.from_), hidden.extra) == (
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        (("p-asserted-identity", "<sip:+31101230000@carrier.example>"), ("privacy", "id")),
    )
    asks = Trunk("two", "::1", 5080, identity=Identity.PREFERRED, any_caller_id=True)
    told = trunks.placement(asks, "112", "+4912345", "v=0")
    assert (told.uri, told.extra) == ("sip:112@[::1]:5080", (("p-preferred-identity", "<sip:+4912345@[::1]:5080>"),))


# ---- with sipp ----------------------------------------------------------------------------------------------------


@pytest.mark.sip
@in_loop
async def test_a_trunk_is_registered_with_and_knows_us_by_our_secret(tmp_path: Path) -> None:
    steps = (
        hears("REGISTER"), says(401, f"WWW-Authenticate: {ASKS}", first=True),
        hears("REGISTER", auth="centre:sesame"), says(200, "Expires: 3600", first=True),
    )  # fmt: skip
    async with far_side(*steps) as far:
        one = trunk("one", far.port, register=True, username="centre", password="sesame")
        async with calling(tmp_path, one) as here:
            told = await here.event(contract.TrunkState)
            assert (told.trunk, told.up, told.reason) == ("one", True, "registered")
            assert await far.done() == ""
            assert "sesame" not in repr(one)


@pytest.mark.sip
@in_loop
async def test_a_trunk_that_does_not_take_us_is_down(tmp_path: Path) -> None:
    wrong = {"register": True, "username": "centre", "password": "wrong"}
    async with far_side(hears("REGISTER"), says(403, first=True)) as far, calling(tmp_path, trunk("one", far.port, **wrong)) as here:
        told = await here.event(contract.TrunkState)
        assert (told.up, told.reason) == (False, "403 Said")
        await dial(here)
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.UNREACHABLE
        assert await far.done() == ""


@pytest.mark.sip
@in_loop
async def test_a_call_is_asked_who_places_it(tmp_path: Path) -> None:
    steps = (
        hears("INVITE"), says(401, f"WWW-Authenticate: {ASKS}", first=True, retrans=True), hears("ACK"),
        hears("INVITE", auth="centre:sesame"), RING, ANSWER,
        hears("BYE"), says(401, f"WWW-Authenticate: {ASKS}"), hears("BYE", auth="centre:sesame"), says(200),
    )  # fmt: skip
    async with far_side(*steps) as far, calling(tmp_path, trunk("one", far.port, username="centre", password="sesame")) as here:
        await dial(here)
        await here.event(contract.LegUp, leg="c1.out")
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""


@pytest.mark.sip
@in_loop
async def test_a_trunk_is_asked_whether_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(enrolment, "LOOK_AGAIN", 0.2)
    port = free_port()
    async with calling(tmp_path, Trunk("one", LOCAL, port, keepalive=0.2)) as here:
        told = await here.event(contract.TrunkState, up=False)
        assert told.reason == "no answer"
        assert here.driver.trunking.usable("one") is None
        async with far_side(hears("OPTIONS"), says(200, first=True), port=port, calls=100):  # repetitions of what it missed come as well
            assert (await here.event(contract.TrunkState, up=True)).reason == "answers"


@pytest.mark.sip
@in_loop
async def test_a_trunk_is_asked_at_once_when_somebody_wants_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "ANSWER_WITHIN", 0.5)
    async with far_side(hears("OPTIONS"), says(200, first=True)) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await here.driver.perform(contract.AskTrunk("one", "7"))
        told = await here.event(contract.TrunkAnswered)
        assert (told.trunk, told.question, told.answer) == ("one", "7", "200 Said")
        assert await far.done() == ""
        await here.driver.perform(contract.AskTrunk("one", "8"))
        assert (await here.event(contract.TrunkAnswered, question="8")).answer == "no answer"
        await here.driver.perform(contract.AskTrunk("two", "9"))
        assert (await here.event(contract.TrunkAnswered, question="9")).answer == "gone"


@pytest.mark.parametrize(
    ("reason", "code", "values"),
    [
        ("registered", Why.REGISTERED, {}),
        ("no answer", Why.NO_ANSWER, {}),
        ("403 Forbidden", Why.REFUSED, {"status": "403", "said": "Forbidden"}),
        ("503", Why.REFUSED, {"status": "503", "said": ""}),
        ("certificate refused: self-signed certificate", Why.CERTIFICATE, {"said": "self-signed certificate"}),
        ("no TLS with it: wrong version number", Why.NO_TLS, {"said": "wrong version number"}),
        ("connection refused", Why.CONNECTION_REFUSED, {}),
        ("refused", Why.OTHER, {"said": "refused"}),
        ("999 bottles", Why.OTHER, {"said": "999 bottles"}),
        ("", Why.OTHER, {"said": ""}),
    ],
)
def test_a_reason_is_a_code_and_what_it_says_beside(reason: str, code: Why, values: dict[str, str]) -> None:
    assert why(reason) == (code, values)


@pytest.mark.sip
@in_loop
async def test_changing_one_trunk_leaves_the_others_alone(tmp_path: Path) -> None:
    async with far_side(hears("INVITE"), RING, ANSWER, BYE) as far, calling(tmp_path, trunk("one", far.port), trunk("two", free_port())) as here:
        await dial(here)
        await here.event(contract.LegUp, leg="c1.out")
        before = here.driver.trunking._links["one"]
        await here.do(contract.Configure((trunk("three", free_port()), trunk("one", far.port))))
        assert here.driver.trunking.order("") == ["three", "one"]
        assert here.driver.trunking._links["one"] is before
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""


# ---- the practice town --------------------------------------------------------------------------------------------


@pytest.mark.sip
@in_loop
async def test_the_practice_town_answers_and_gives_back_what_it_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.practice.RINGS", 0.1)
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.practice.GREETING", "Hello.")
    async with calling(tmp_path, Trunk("town", transport=PRACTICE)) as here:
        assert (await here.event(contract.TrunkState)).up
        await dial(here)
        await here.event(contract.LegRinging, leg="c1.out")
        await here.event(contract.LegUp, leg="c1.out")
        town = here.driver.trunking.town
        echo, _ = next(iter(town._talks.values()))
        await until(lambda: echo._said >= len(echo._say) > 0)
        await until(lambda: len(echo._back) > 0)
        await here.do(contract.HangUp("c1.out"))
        await until(lambda: not town._talks)


@pytest.mark.sip
@pytest.mark.parametrize(("ending", "cause"), [("86", Cause.BUSY), ("03", Cause.REJECTED), ("04", Cause.UNKNOWN_NUMBER), ("53", Cause.UNREACHABLE)])
@in_loop
async def test_numbers_of_the_practice_town(tmp_path: Path, ending: str, cause: Cause) -> None:
    async with calling(tmp_path, Trunk("town", transport=PRACTICE)) as here:
        await here.do(contract.Originate("c1", "c1.out", Endpoint(EndpointKind.OUTSIDE, f"+312055598{ending}"), begins=True))
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is cause


@pytest.mark.sip
@in_loop
async def test_strangers_do_not_reach_the_practice_town(tmp_path: Path) -> None:
    async with calling(tmp_path, Trunk("town", transport=PRACTICE)) as here, calling(tmp_path / "b") as stranger:
        await stranger.do(contract.Configure((trunk("stolen", here.driver.trunking.town.port),)))
        await stranger.do(contract.Originate("c1", "c1.out", OUTSIDE, begins=True))
        assert (await stranger.event(contract.LegEnded, leg="c1.out")).cause is Cause.REJECTED
        await asyncio.sleep(0)
        assert here.of(contract.CallOffered) == []
