"""Two media processes under one switch: one is stopped politely while both have calls, and nobody hears of it; and what becomes of callers for whom there are no ports."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cordboard.telephony import driver as contract
from cordboard.telephony import phone
from cordboard.telephony.driver import Cause
from cordboard.telephony.media import process
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sound import strength
from cordboard.telephony.tests.switch_house import Switch, answer_all, configuration, short_folder
from cordboard.telephony.tests.telephone import Telephone


async def talks(here: Switch, count: int) -> tuple[Telephone, str]:
    """A caller who is up, and the call."""
    caller = await (await Telephone(here.sip_port).call()).answered(30)
    offered = (await until(lambda: here.of(contract.CallOffered)[count - 1 :]))[0]
    await here.event(contract.LegUp, leg=offered.leg)
    await here.do(contract.Music(offered.leg, on=True))
    return caller, offered.call


@in_loop
async def test_one_of_two_media_processes_is_drained_and_started_anew(tmp_path: Path) -> None:
    with short_folder() as run:
        config = configuration(tmp_path, run, media=2)
        media = [process.of(number, config) for number in range(2)]
        for each in media:
            await each.start()
        here = await Switch(config, answer_all).start()
        one, first = await talks(here, 1)
        two, second = await talks(here, 2)
        calls = here.driver.board.calls
        assert [calls[first].media, calls[second].media] == [0, 1]

        draining = asyncio.create_task(media[0].drain(run, 60.0))
        await until(lambda: here.driver.board.pool.draining)
        three, third = await talks(here, 3)
        four, fourth = await talks(here, 4)
        assert [calls[third].media, calls[fourth].media] == [1, 1]  # though the other has fewer
        assert not media[0].ended.is_set()
        await until(lambda: len(one.heard()) > 0)

        one.hang_up()
        await asyncio.wait_for(draining, 20)
        assert media[0].ended.is_set()
        await media[0].stop()
        media[0] = process.of(0, config)
        await media[0].start()
        await until(lambda: not here.driver.board.pool.draining and here.driver.board.pool[0].is_connected)
        five, fifth = await talks(here, 5)
        assert calls[fifth].media == 0
        assert {ended.leg.partition(".")[0] for ended in here.of(contract.LegEnded)} == {first}
        for caller in (two, three, four, five):
            await until(lambda caller=caller: len(caller.heard()) > 0 and strength(caller.heard(), 440) >= 0)  # type: ignore[misc]
            await caller.close()
        await one.close()
        await here.stop()
        for each in media:
            await each.stop()


@in_loop
async def test_a_switch_that_comes_while_a_media_process_drains_knows(tmp_path: Path) -> None:
    with short_folder() as run:
        config = configuration(tmp_path, run, media=2)
        media = [process.of(number, config) for number in range(2)]
        for each in media:
            await each.start()
        here = await Switch(config, answer_all).start()
        caller, call = await talks(here, 1)
        await here.do(contract.Remember(call, "a call"))
        draining = asyncio.create_task(media[0].drain(run, 60.0))
        await here.stop()
        again = await Switch(config, answer_all).start()
        await until(lambda: again.driver.board.pool.draining == {0})
        assert again.driver.board.pool.choose() == 1
        await again.do(contract.HangUp(again.standing[0].call + ".0"))
        assert await caller.ended() == "them"
        await asyncio.wait_for(draining, 20)
        await caller.close()
        await again.stop()
        for each in media:
            await each.stop()


@in_loop
async def test_a_caller_for_whom_there_are_no_ports_is_sent_elsewhere_and_the_next_one_is_taken(tmp_path: Path) -> None:
    with short_folder() as run:
        config = configuration(tmp_path, run)
        config = type(config)(**{name: getattr(config, name) for name in config.__dataclass_fields__} | {"media_port_high": config.media_port_low + 3})
        media = process.of(0, config)
        await media.start()
        here = await Switch(config, answer_all).start()
        one, _ = await talks(here, 1)
        two, _ = await talks(here, 2)
        refused = await phone.call("100", port=here.sip_port, seconds=0.1)
        assert (refused.answered, refused.status) == (False, 503)
        one.hang_up()
        await here.event(contract.LegEnded, cause=Cause.NORMAL)
        await until(lambda: len(media._where) == 1)
        three, _ = await talks(here, 3)
        for caller in (one, two, three):
            await caller.close()
        await here.stop()
        await media.stop()
