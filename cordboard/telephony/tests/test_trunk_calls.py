"""Calls to telephone numbers over trunks, with sipp as the network behind them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, Trunk
from cordboard.telephony.tests.media_house import in_loop
from cordboard.telephony.tests.sipp_side import BYE, far_side, hears, says, waits
from cordboard.telephony.tests.switch_house import LOCAL, Switch, free_port, switch

pytestmark = pytest.mark.sip

OUTSIDE = Endpoint(EndpointKind.OUTSIDE, "+31205559876")
RING = says(100) + says(180, first=True)
ANSWER = says(200, sdp="sendrecv", first=True) + hears("ACK")


def trunk(code: str, port: int, **more: Any) -> Trunk:
    return Trunk(code, LOCAL, port, keepalive=0.0, **{"numbers": ("+31101230000",), **more})


@contextlib.asynccontextmanager
async def calling(data: Path, *trunks: Trunk, **more: Any) -> AsyncIterator[Switch]:
    async with switch(data, None, **more) as here:
        await here.do(contract.Configure(trunks))
        yield here


async def dial(here: Switch, **more: Any) -> None:
    await here.do(contract.Originate("c1", "c1.out", OUTSIDE, begins=True, **more))


@in_loop
async def test_a_number_is_called_and_answers(tmp_path: Path) -> None:
    checks = {"line": "INVITE sip:.31205559876@", "P-Asserted-Identity": "sip:.31101230000@"}
    async with far_side(hears("INVITE", checks=checks), RING, waits(0.1), ANSWER, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await dial(here)
        assert (await here.event(contract.LegRinging, leg="c1.out")).early is False
        assert (await here.event(contract.LegUp, leg="c1.out")).codec == "PCMU"
        await here.do(contract.HangUp("c1.out"))
        ended = await here.event(contract.LegEnded, leg="c1.out")
        assert (ended.cause, ended.by_far_side) == (Cause.NORMAL, False)
        assert await far.done() == ""


@in_loop
async def test_what_is_said_before_the_answer_can_be_heard(tmp_path: Path) -> None:
    early = says(183, sdp="sendrecv", first=True)
    async with far_side(hears("INVITE"), early, waits(0.2), ANSWER, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await dial(here)
        assert (await here.event(contract.LegRinging, leg="c1.out")).early is True
        await here.event(contract.LegUp, leg="c1.out")
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, Cause.BUSY), (600, Cause.BUSY), (603, Cause.REJECTED), (404, Cause.UNKNOWN_NUMBER), (484, Cause.UNKNOWN_NUMBER), (604, Cause.UNKNOWN_NUMBER),
        (408, Cause.NO_ANSWER), (480, Cause.NO_ANSWER), (488, Cause.NO_CODEC),
    ],
)  # fmt: skip
@in_loop
async def test_how_a_number_does_not_answer(tmp_path: Path, status: int, cause: Cause) -> None:
    """And the second trunk is not troubled: the one called has answered, in a way."""
    refuses = (hears("INVITE"), says(status, first=True, retrans=True), hears("ACK"))
    async with far_side(*refuses) as far, calling(tmp_path, trunk("one", far.port), trunk("two", free_port())) as here:
        await dial(here)
        ended = await here.event(contract.LegEnded, leg="c1.out")
        assert (ended.cause, ended.by_far_side) == (cause, True)
        assert await far.done() == ""


@in_loop
async def test_a_trunk_that_fails_gives_way_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.dialing.SIGN_WITHIN", 0.3)
    refuses = (hears("INVITE"), says(503, first=True, retrans=True), hears("ACK"))
    async with far_side(*refuses) as first, far_side(hears("INVITE"), RING, ANSWER, BYE) as second:
        trunks = (trunk("refuses", first.port), trunk("silent", free_port()), trunk("works", second.port))
        async with calling(tmp_path, *trunks) as here:
            await dial(here)
            assert (await here.event(contract.LegRinging, leg="c1.out")).trunk == "works", "the one chosen is told"
            assert (await here.event(contract.LegUp, leg="c1.out")).trunk == "works"
            assert here.driver.trunking.calls_on("works") == 1
            await here.do(contract.HangUp("c1.out"))
            assert (await first.done(), await second.done()) == ("", "")


@in_loop
async def test_a_trunk_over_tcp(tmp_path: Path) -> None:
    async with (
        far_side(hears("INVITE"), RING, ANSWER, BYE, transport="t1") as far,
        calling(tmp_path, trunk("one", far.port, transport="tcp")) as here,
    ):
        await dial(here)
        await here.event(contract.LegUp, leg="c1.out")
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""


@in_loop
async def test_a_trunk_over_tcp_that_is_not_there_gives_way_at_once(tmp_path: Path) -> None:
    gone = trunk("gone", free_port(), transport="tcp")
    async with far_side(hears("INVITE"), RING, ANSWER, BYE) as far, calling(tmp_path, gone, trunk("works", far.port)) as here:
        await dial(here)
        await here.event(contract.LegUp, leg="c1.out")
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""


@in_loop
async def test_without_a_trunk_nobody_is_reached(tmp_path: Path) -> None:
    async with calling(tmp_path) as here:
        await dial(here)
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.UNREACHABLE


@in_loop
async def test_a_number_that_is_none(tmp_path: Path) -> None:
    async with calling(tmp_path, trunk("one", free_port())) as here:
        await here.do(contract.Originate("c1", "c1.out", Endpoint(EndpointKind.OUTSIDE, "1 @evil"), begins=True))
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.UNKNOWN_NUMBER


@in_loop
async def test_nobody_answers_in_time(tmp_path: Path) -> None:
    steps = (
        hears("INVITE"),
        RING,
        hears("CANCEL"),
        says(200),
    )
    async with far_side(*steps) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await dial(here, timeout=0.6)
        ended = await here.event(contract.LegEnded, leg="c1.out")
        assert (ended.cause, ended.by_far_side) == (Cause.NO_ANSWER, False)
        assert await far.done() == ""


@in_loop
async def test_a_trunk_has_room_for_so_many_calls(tmp_path: Path) -> None:
    async with far_side(hears("INVITE"), RING, ANSWER, BYE) as far, calling(tmp_path, trunk("one", far.port, limit=1)) as here:
        await dial(here)
        await here.event(contract.LegUp, leg="c1.out")
        await here.do(contract.Originate("c2", "c2.out", OUTSIDE, begins=True))
        assert (await here.event(contract.LegEnded, leg="c2.out")).cause is Cause.UNREACHABLE
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""


# ---- causes and redirections --------------------------------------------------------------------------------------


@in_loop
async def test_the_network_knows_better_than_the_status_of_its_gateway(tmp_path: Path) -> None:
    refuses = (hears("INVITE"), says(503, 'Reason: Q.850;cause=17;text="User busy"', first=True, retrans=True), hears("ACK"))
    async with far_side(*refuses) as far, calling(tmp_path, trunk("one", far.port), trunk("two", free_port())) as here:
        await dial(here)
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.BUSY
        assert await far.done() == ""


def moved(number: str) -> tuple[str, ...]:
    return (hears("INVITE"), says(302, first=True, contact=f"<sip:{number}@192.0.2.99>", retrans=True), hears("ACK"))


@in_loop
async def test_a_redirection_leads_to_numbers_that_are_allowed_over_our_own_trunks(tmp_path: Path) -> None:
    """The address beside the number is nobody's business."""
    again = hears("INVITE", checks={"line": "INVITE sip:.31201112222@127.0.0.1"})
    async with far_side(*moved("+31201112222")) as first, far_side(again, RING, ANSWER, BYE) as second:
        trunks = (trunk("one", first.port, redirects=("+3120",), limit=1), trunk("two", second.port))
        async with calling(tmp_path, *trunks) as here:
            here.driver.dialer.trunking.order = lambda wanted, given=iter((["one"], ["two"])): next(given)  # type: ignore[misc]
            await dial(here)
            await here.event(contract.LegUp, leg="c1.out")
            await here.do(contract.HangUp("c1.out"))
            assert (await first.done(), await second.done()) == ("", "")


@pytest.mark.parametrize("allowed", [(), ("+32",)])
@in_loop
async def test_whoever_is_called_does_not_choose_whom_we_call(tmp_path: Path, allowed: tuple[str, ...]) -> None:
    async with far_side(*moved("+31900112233")) as far, calling(tmp_path, trunk("one", far.port, redirects=allowed)) as here:
        await dial(here)
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.UNREACHABLE
        assert await far.done() == ""


@in_loop
async def test_a_trunk_that_is_used_up_for_today_is_passed_over(tmp_path: Path) -> None:
    async with far_side(hears("INVITE"), RING, ANSWER, BYE) as far, calling(tmp_path, trunk("dear", free_port(), spent=True), trunk("two", far.port)) as here:
        await dial(here)
        assert (await here.event(contract.LegUp, leg="c1.out")).trunk == "two"
        await here.do(contract.Configure((trunk("dear", free_port(), spent=True), trunk("two", far.port, spent=True))))
        await here.do(contract.Originate("c2", "c2.out", OUTSIDE, begins=True))
        assert (await here.event(contract.LegEnded, leg="c2.out")).cause is Cause.UNREACHABLE
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""
