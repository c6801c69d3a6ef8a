"""A media process hangs or dies in the moment in which a recording is to pause: nothing that was said after the wish is kept."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony.media import recording_file
from cordboard.telephony.media.codecs import RATE
from cordboard.telephony.media.protocol import LegKind, LegState
from cordboard.telephony.tests.far_side import Phone
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sound import hears
from cordboard.telephony.tests.switch_house import Processes, Switch, answer_all, processes
from cordboard.telephony.tests.test_media_recording import channels


async def recorded_call(here: Processes, path: Path) -> tuple[Switch, Phone]:
    """A call that the driver knows, with a telephone that hums in it, being recorded."""
    switch = await Switch(here.config, answer_all).start()
    board = switch.driver.board
    call = board.new_call()
    assert call is not None
    phone = await Phone().open()
    client = board.media(call)
    answer = await client.offer(call.id, "customer", LegKind.SIP, phone.sdp)
    phone.call(answer.sdp)
    await client.note("customer", LegState.UP)
    phone.say(400)
    await switch.do(contract.Record(call.id, "r", str(path), "customer"))
    await until(lambda: recording_file.part_of(path).exists() and recording_file.part_of(path).stat().st_size > 44 + RATE * 2)
    return switch, phone


@pytest.mark.parametrize("dies", [False, True])
def test_a_pause_that_cannot_be_confirmed_ends_the_recording(tmp_path: Path, dies: bool) -> None:
    path = tmp_path / "r.wav"

    @in_loop
    async def story() -> None:
        with processes(tmp_path) as here:
            media = await here.media(0)
            switch, phone = await recorded_call(here, path)
            call = next(iter(switch.driver.board.calls))
            os.kill(media.pid, signal.SIGSTOP)  # a process that hangs
            wished = time.monotonic()
            await switch.do(contract.Record(call, "r", str(path), "customer", paused=True, strict=True))
            failed = await switch.event(contract.CommandFailed)
            assert failed.reason.endswith(recording_file.UNCONFIRMED)
            before = recording_file.part_of(path).stat().st_size
            phone.say(900)  # the card number
            if dies:
                here.kill(media)
                await here.media(0)
            else:
                os.kill(media.pid, signal.SIGCONT)
            await until(path.exists)
            await until(lambda: not recording_file.part_of(path).exists())
            left, _ = channels(path)
            assert hears(left[1600:], 400), "and nothing else"
            assert len(left) / RATE <= (before - 44) / 4 / RATE + (time.monotonic() - wished)
            phone.close()
            await switch.stop()

    story()
