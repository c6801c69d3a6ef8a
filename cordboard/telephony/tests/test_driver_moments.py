"""Both sides hang up at every possible moment: whatever comes first, the call ends once and leaves nothing."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony import phone
from cordboard.telephony.driver import Cause, Event
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import Switch, switch


@pytest.mark.parametrize("seed", [1, 2])
@in_loop
async def test_whoever_hangs_up_first_the_call_ends_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.switchboard.LINGER", 0.1)
    chance = random.Random(seed)

    async def act(here: Switch, call: contract.CallOffered, pauses: list[float], last: contract.Command) -> None:
        for command, pause in zip((contract.Ring(call.leg), contract.Answer(call.leg)), pauses, strict=True):
            await here.do(command)
            await asyncio.sleep(pause)
        await here.do(last)

    async def on(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            last = chance.choice([contract.HangUp(event.leg), contract.Bridge(event.call, ()), contract.Reject(event.leg, Cause.BUSY)])
            acts.append(asyncio.create_task(act(here, event, [chance.choice([0.0, 0.02, 0.1]), chance.choice([0.0, 0.01, 0.05, 0.2])], last)))

    acts: list[asyncio.Task[None]] = []
    async with switch(tmp_path, on, media=2) as here:

        async def one() -> None:
            await asyncio.sleep(chance.random() * 2)
            await phone.call("100", port=here.sip_port, answer_within=chance.choice([0.0, 0.01, 0.03, 0.1, 1.0]), seconds=chance.choice([0.0, 0.05, 0.2]))

        await asyncio.gather(*(one() for _ in range(30)))
        await asyncio.gather(*acts)
        board = here.driver.board
        await until(lambda: not board.calls)
        assert (board.legs, +board.pool.load) == ({}, {})
        for client in board.pool.clients:
            status = await client.status()
            assert (status.calls, status.legs) == (0, 0)
        ended = [event.leg for event in here.of(contract.LegEnded)]
        assert sorted(ended) == sorted(event.leg for event in here.of(contract.CallOffered))
        after = {event.leg: at for at, event in enumerate(here.events) if isinstance(event, contract.LegEnded)}
        assert all(at < after[event.leg] for at, event in enumerate(here.events) if isinstance(event, contract.LegUp))


@in_loop
async def test_hanging_up_twice_or_after_the_end_is_told_and_harmless(tmp_path: Path) -> None:
    async def on(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            await here.do(contract.Answer(event.leg))
        if isinstance(event, contract.LegUp):
            for _ in range(3):
                await here.do(contract.HangUp(event.leg))

    async with switch(tmp_path, on) as here:
        outcome = await phone.call("100", port=here.sip_port, seconds=5)
        assert outcome.ended_by == "them"
        await until(lambda: len(here.of(contract.CommandFailed)) == 2)
        assert len(here.of(contract.LegEnded)) == 1


@in_loop
async def test_a_recording_of_a_call_that_ends_is_told_complete(tmp_path: Path) -> None:
    async def on(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            await here.do(contract.Answer(event.leg))
        if isinstance(event, contract.LegUp):
            await here.do(contract.Record(here.of(contract.CallOffered)[0].call, "r1", str(tmp_path / "r1.wav"), event.leg))

    async with switch(tmp_path, on) as here:
        await phone.call("100", port=here.sip_port, seconds=1)
        ended = await here.event(contract.RecordingEnded, recording="r1")
        assert (ended.error, ended.seconds > 0.5) == ("", True)
