"""What the far side of a call that we placed does while it goes on, with sipp: holds, refreshes, confirms, transfers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, TransferStep
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sipp_side import BYE, asks, far_side, gets, hears, says, waits
from cordboard.telephony.tests.switch_house import Switch
from cordboard.telephony.tests.test_trunk_calls import ANSWER, RING, calling, dial, trunk

pytestmark = pytest.mark.sip


async def up(here: Switch) -> None:
    await dial(here)
    await here.event(contract.LegUp, leg="c1.out")


async def over(here: Switch, far: Any) -> None:
    await here.do(contract.HangUp("c1.out"))
    assert await far.done() == ""
    assert here.of(contract.CommandFailed) == []


@in_loop
async def test_ringing_that_must_be_confirmed(tmp_path: Path) -> None:
    sure = ("Require: 100rel", "RSeq: 17")
    steps = (
        hears("INVITE", checks={"Supported": "100rel"}),
        says(183, *sure, sdp="sendrecv", first=True), hears("PRACK", checks={"RAck": "17 1 INVITE"}), says(200),
    )  # fmt: skip
    async with far_side(*steps, _late_answer(1), hears("ACK"), BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await dial(here)
        assert (await here.event(contract.LegRinging, leg="c1.out")).early is True
        assert (await here.event(contract.LegUp, leg="c1.out")).codec == "PCMU"  # the answer had no description: it came before
        await over(here, far)


def _late_answer(number: int) -> str:
    """200 to the INVITE when another request came last. It has no description: that came with the ringing."""
    return says(200).replace("[last_Via:]", "Via:[$via]").replace("[last_CSeq:]", f"CSeq: {number} INVITE")


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
@in_loop
async def test_the_far_side_holds_and_takes_back(tmp_path: Path, direction: str) -> None:
    hold = (asks("INVITE", 1, sdp=direction, version=2), gets(100, optional=True), gets(200, pattern="a=recvonly|a=inactive"), asks("ACK", 1))
    back = (asks("INVITE", 2, sdp="sendrecv", version=3), gets(100, optional=True), gets(200, pattern="a=sendrecv"), asks("ACK", 2))
    async with far_side(hears("INVITE"), RING, ANSWER, *hold, waits(2.5), *back, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        await here.event(contract.LegHeld, leg="c1.out", held=True)
        await here.event(contract.LegHeld, leg="c1.out", held=False)
        assert here.of(contract.MediaLost) == []  # though nothing came for longer than a loss takes
        await over(here, far)


@in_loop
async def test_the_far_side_refreshes_without_a_description(tmp_path: Path) -> None:
    wants = ("Session-Expires: 600;refresher=uac", "Supported: timer")
    refresh = (asks("UPDATE", 1, *wants), gets(200, pattern="Session-Expires: 600;refresher=uac"))
    async with far_side(hears("INVITE"), RING, ANSWER, *refresh, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        await until(lambda: [one for one in here.driver.board.agent.sessions if one._refreshing.terms])
        await over(here, far)


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
@in_loop
async def test_we_refresh_when_it_is_our_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """By UPDATE where the far side knows it, else by a full offer."""
    monkeypatch.setattr("cordboard.telephony.sip.refreshing.refresh_after", lambda terms: 0.2)
    terms = ("Session-Expires: 120;refresher=uac", f"Allow: INVITE, ACK, BYE{', UPDATE' if method == 'UPDATE' else ''}")
    answer = says(200, *terms, sdp="sendrecv", first=True) + hears("ACK")
    asked = hears(method, checks={"Session-Expires": "120;refresher=uac"})
    refreshed = asked + says(200, "Session-Expires: 120;refresher=uas", sdp="sendrecv" if method == "INVITE" else "")
    acked = hears("ACK") if method == "INVITE" else ""
    async with far_side(hears("INVITE"), RING, answer, refreshed, acked, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        await until(lambda: here.driver.board.agent.sessions[0]._refreshing.terms and not here.driver.board.agent.sessions[0]._refreshing.terms.ours)
        await over(here, far)


@in_loop
async def test_a_far_side_that_forgot_the_call_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.sip.refreshing.refresh_after", lambda terms: 0.2)
    answer = says(200, "Session-Expires: 120;refresher=uac", "Allow: UPDATE", sdp="sendrecv", first=True) + hears("ACK")
    async with far_side(hears("INVITE"), RING, answer, hears("UPDATE"), says(481), BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.MEDIA_LOST
        assert await far.done() == ""


@in_loop
async def test_a_longer_interval_is_asked_for(tmp_path: Path) -> None:
    short = (hears("INVITE"), says(422, "Min-SE: 3600", first=True, retrans=True), hears("ACK"))
    async with (
        far_side(*short, hears("INVITE", checks={"Session-Expires": "3600"}), RING, ANSWER, BYE) as far,
        calling(tmp_path, trunk("one", far.port)) as here,
    ):
        await up(here)
        await over(here, far)


# ---- transfers ----------------------------------------------------------------------------------------------------


@in_loop
async def test_the_far_side_asks_for_a_transfer_and_is_told_how_it_goes(tmp_path: Path) -> None:
    asked = (
        asks("REFER", 1, "Refer-To: <sip:200@192.0.2.1>"), gets(202),
        hears("NOTIFY", checks={"line": "SIP/2.0 100"}), says(200), hears("NOTIFY", checks={"line": "SIP/2.0 200"}), says(200),
    )  # fmt: skip
    async with far_side(hears("INVITE"), RING, ANSWER, *asked, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        wish = await here.event(contract.TransferRequested, leg="c1.out")
        assert (wish.target, wish.replaces) == ("200", "")
        await here.do(contract.TransferProgress("c1.out", TransferStep.ACCEPTED))
        await here.do(contract.TransferProgress("c1.out", TransferStep.DONE))
        await over(here, far)


@in_loop
async def test_a_transfer_into_a_call_that_is_none_of_ours(tmp_path: Path) -> None:
    """It must not pass for a plain transfer to the number beside it."""
    asked = (asks("REFER", 1, "Refer-To: <sip:200@192.0.2.1?Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2>"), gets(603))
    async with far_side(hears("INVITE"), RING, ANSWER, *asked, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        assert (await here.event(contract.TransferRequested)).replaces == "nobody"
        await here.do(contract.TransferProgress("c1.out", TransferStep.REFUSED))
        await over(here, far)


@in_loop
async def test_a_transfer_that_the_rules_do_not_allow(tmp_path: Path) -> None:
    asked = (asks("REFER", 1, "Refer-To: <sip:200@192.0.2.1>"), gets(603))
    async with far_side(hears("INVITE"), RING, ANSWER, *asked, BYE) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await up(here)
        await here.event(contract.TransferRequested)
        await here.do(contract.TransferProgress("c1.out", TransferStep.REFUSED))
        await over(here, far)


@in_loop
async def test_we_send_the_far_side_into_the_place_of_another_leg(tmp_path: Path) -> None:
    referred = (
        hears("REFER", checks={"Refer-To": "Replaces=[^;]*to-tag"}), says(202), waits(0.1),
        asks("NOTIFY", 1, "Event: refer", "Subscription-State: terminated;reason=noresource", fragment="SIP/2.0 200 OK"), gets(200),
    )  # fmt: skip
    async with (
        far_side(hears("INVITE"), RING, ANSWER, *referred, BYE) as far,
        far_side(hears("INVITE"), RING, ANSWER, BYE) as other,
        calling(tmp_path, trunk("one", far.port), trunk("two", other.port)) as here,
    ):
        await dial(here, trunk="one")
        await here.do(contract.Originate("c1", "c1.two", Endpoint(EndpointKind.OUTSIDE, "+31205550200"), trunk="two"))
        await here.event(contract.LegUp, leg="c1.out")
        await here.event(contract.LegUp, leg="c1.two")
        await here.do(contract.Refer("c1.out", Endpoint(EndpointKind.SIP, "sip:200@192.0.2.1"), replaces="c1.two"))
        assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.NORMAL
        assert await far.done() == ""
        await here.do(contract.HangUp("c1.two"))
        assert await other.done() == ""
