"""A desk telephone with two lines on the real switch: the second one belongs to the first one's call, with real sound, and its transfer key names both."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from cordboard.telephony import driver as contract
from cordboard.telephony import phone
from cordboard.telephony.driver import Cause
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sound import strength
from cordboard.telephony.tests.switch_house import LOCAL, Switch
from cordboard.telephony.tests.test_driver_phones import Caller, handset, house, hum, ring


async def second_line(hertz: float) -> phone.Line:
    line = phone.Line(hum(hertz))
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: line, local_addr=(LOCAL, 0))
    return line


def hears(line: phone.Line, hertz: float) -> bool:
    return len(line.heard) > 30 and strength(np.concatenate(line.heard[-30:]), hertz) > 1500


@in_loop
async def test_a_second_line_belongs_to_the_call_of_the_first(tmp_path: Path) -> None:
    async with house(tmp_path, "desk7", "desk8", media=2) as here, handset(here, picks_up=True) as desk:
        await asyncio.wait_for(desk.registered.wait(), 10)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call)
        await here.event(contract.LegUp, leg="desk")
        desk.hold(True)
        assert (await here.event(contract.LegHeld, leg="desk")).held
        here.driver.take_no_more()  # a switch that drains goes on with what stands: the second line is no new call
        stranger = await phone.call("100", "+31612345678", port=here.sip_port, user="desk8", secret="kettle", seconds=0.1)
        assert stranger.status == 503
        line = await second_line(1400.0)
        clock = asyncio.get_running_loop().create_task(phone.ticking(line))
        asked = desk.dial("100", line)
        dialled = await here.event(contract.PhoneDials)
        assert (dialled.call, dialled.beside, dialled.number) == (call, "desk", "100")
        assert len(here.of(contract.CallOffered)) == 1  # the customer's
        await here.do(contract.Answer(dialled.leg))
        await here.event(contract.LegUp, leg=dialled.leg)
        await asyncio.wait_for(asked.answered.wait(), 10)
        await here.do(contract.Music(dialled.leg, on=True))
        await until(lambda: len(line.heard) > 20)

        told: list[int] = []
        assert asked.session is not None
        desk.complete(asked.session, told.append)
        wanted = await here.event(contract.TransferRequested)
        assert (wanted.leg, wanted.replaces) == ("desk", dialled.leg)
        await here.do(contract.TransferProgress("desk", contract.TransferStep.ACCEPTED))
        await here.do(contract.HangUp("desk"))
        await here.do(contract.HangUp(dialled.leg))
        await until(lambda: told)
        assert told == [200]
        await asyncio.wait_for(asked.over.wait(), 10)
        clock.cancel()
        line.close()
        await caller.gone()


@in_loop
async def test_a_second_line_that_is_refused_leaves_the_first_alone(tmp_path: Path) -> None:
    async with house(tmp_path, "desk7") as here, handset(here, picks_up=True) as desk:
        await asyncio.wait_for(desk.registered.wait(), 10)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call)
        await here.event(contract.LegUp, leg="desk")
        line = await second_line(1400.0)
        asked = desk.dial("nobody", line)
        dialled = await here.event(contract.PhoneDials)
        again = desk.dial("another", line)  # a third line while the second is not decided: a call of its own
        await until(lambda: len(here.of(contract.CallOffered)) == 2)
        assert again.session is not None
        again.session.hang_up()
        await here.do(contract.Reject(dialled.leg, Cause.REJECTED))
        await asyncio.wait_for(asked.over.wait(), 10)
        await here.event(contract.LegEnded, leg=dialled.leg)
        assert call in here.driver.board.calls
        assert not here.driver.board.legs["desk"].over
        line.close()
        await caller.gone()


@in_loop
async def test_a_new_switch_knows_both_lines(tmp_path: Path) -> None:
    async with house(tmp_path, "desk7") as here, handset(here, picks_up=True) as desk:
        await asyncio.wait_for(desk.registered.wait(), 10)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call)
        await here.event(contract.LegUp, leg="desk")
        line = await second_line(1400.0)
        asked = desk.dial("100", line)
        dialled = await here.event(contract.PhoneDials)
        await here.do(contract.Answer(dialled.leg))
        await here.event(contract.LegUp, leg=dialled.leg)
        await here.do(contract.Remember(call, "two lines"))
        await asyncio.wait_for(asked.answered.wait(), 10)
        await here.stop()
        again = await Switch(here.config, None).start()
        try:
            standing = next(one for one in again.standing if one.call == call)
            assert standing.legs[dialled.leg] == standing.legs["desk"] == "up"
        finally:
            await again.stop()
            line.close()
            await caller.gone()
