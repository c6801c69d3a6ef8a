"""A call is being dialled while the switch is replaced: the new one goes on where the old one was."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony.driver import Cause, Trunk
from cordboard.telephony.drivers.embedded.dialing import Dialing
from cordboard.telephony.tests.media_house import in_loop
from cordboard.telephony.tests.sipp_side import BYE, far_side, hears, says
from cordboard.telephony.tests.switch_house import Switch, free_port
from cordboard.telephony.tests.test_trunk_calls import ANSWER, RING, calling, dial, moved, trunk

pytestmark = pytest.mark.sip

AGAIN = hears("INVITE") + says(180, first=True)
"""The new switch repeats what was not answered for good."""
FAILS = says(503, first=True, retrans=True)


async def replaced(here: Switch, *trunks: Trunk) -> Switch:
    """Another switch in its place, on the same port, which hears of the trunks a moment later."""
    await here.stop()
    again = await Switch(here.config, None).start()
    assert [one.legs for one in again.standing] == [{"c1.out": "ringing"}]
    if trunks:
        await again.do(contract.Configure(trunks))
    return again


def test_what_is_kept_of_a_dialling_is_all_of_it() -> None:
    before = Dialing("+31205559876", "+31101230000", True, "", 1000.0, "v=0", ["two", "three"], 1, Cause.BUSY)
    after = Dialing.from_data(before.to_data(), "v=0")
    assert (after.to_data(), after.sdp) == (before.to_data(), "v=0")
    with pytest.raises(KeyError):
        Dialing.from_data({}, "")


@in_loop
async def test_a_trunk_that_fails_after_the_switch_was_replaced_gives_way_to_the_next(tmp_path: Path) -> None:
    rings_then_fails = (hears("INVITE"), RING, AGAIN, FAILS, hears("ACK"))
    async with far_side(*rings_then_fails) as first, far_side(hears("INVITE"), RING, ANSWER, BYE) as second:
        trunks = (trunk("fails", first.port), trunk("works", second.port))
        async with calling(tmp_path, *trunks, sip_port=free_port()) as here:
            await dial(here)
            await here.event(contract.LegRinging, leg="c1.out")
            await here.do(contract.Remember("c1", "a call"))
            again = await replaced(here, *trunks)
            try:
                await again.event(contract.LegUp, leg="c1.out")
                assert again.driver.trunking.calls_on("works") == 1
                await again.do(contract.HangUp("c1.out"))
                assert (await first.done(), await second.done()) == ("", "")
            finally:
                await again.stop()


@in_loop
async def test_a_trunk_that_failed_before_the_new_switch_knew_its_trunks(tmp_path: Path) -> None:
    """And with nobody else to ask, the truth is told."""
    steps = (hears("INVITE"), RING, AGAIN, FAILS, hears("ACK"))
    async with far_side(*steps) as first, calling(tmp_path, trunk("fails", first.port), sip_port=free_port()) as here:
        await dial(here)
        await here.event(contract.LegRinging, leg="c1.out")
        await here.do(contract.Remember("c1", "a call"))
        again = await replaced(here)
        try:
            assert await first.done() == ""
            assert again.of(contract.LegEnded) == []
            await again.do(contract.Configure((trunk("fails", first.port),)))
            ended = await again.event(contract.LegEnded, leg="c1.out")
            assert (ended.cause, ended.by_far_side) == (Cause.UNREACHABLE, False)
        finally:
            await again.stop()


@in_loop
async def test_a_redirection_is_followed_by_the_new_switch(tmp_path: Path) -> None:
    rings_then_moves = (hears("INVITE"), RING, AGAIN, *moved("+31201112222")[1:])
    again_there = hears("INVITE", checks={"line": "INVITE sip:.31201112222@127.0.0.1"})
    async with (
        far_side(*rings_then_moves) as first,
        far_side(again_there, RING, ANSWER, BYE) as second,
        calling(tmp_path, trunk("one", first.port, redirects=("+3120",)), sip_port=free_port()) as here,
    ):
        await dial(here)
        await here.event(contract.LegRinging, leg="c1.out")
        await here.do(contract.Remember("c1", "a call"))
        # the trunk is at another place by now, so that the second INVITE goes to another sipp
        again = await replaced(here, trunk("one", second.port, redirects=("+3120",)))
        try:
            await again.event(contract.LegUp, leg="c1.out")
            await again.do(contract.HangUp("c1.out"))
            assert (await first.done(), await second.done()) == ("", "")
        finally:
            await again.stop()
