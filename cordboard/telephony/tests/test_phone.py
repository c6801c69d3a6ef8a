"""The telephone behind `cordboard call` against the real switch and a real media process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony import hearing, phone, phone_command, wav
from cordboard.telephony.driver import Event
from cordboard.telephony.tests.media_house import in_loop
from cordboard.telephony.tests.switch_house import Switch, answer_all, free_port, switch


def tone(hertz: float, seconds: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * wav.RATE)) / wav.RATE)).astype(np.int16)


@in_loop
async def test_a_call_with_sound_and_keys_both_ways(tmp_path: Path) -> None:
    wav.write(tmp_path / "prompt.wav", tone(660, 3))
    wav.write(tmp_path / "hello.wav", tone(1000, 3))

    async def on(here: Switch, event: Event) -> None:
        await answer_all(here, event)
        match event:
            case contract.LegUp():
                await here.do(contract.Record(here.of(contract.CallOffered)[0].call, "r", str(tmp_path / "r.wav"), event.leg))
                await here.do(contract.CollectKeys(event.leg, "k", 10))
                await here.do(contract.Play(event.leg, "p", (contract.Prompt(path=str(tmp_path / "prompt.wav")),), stop_on_key=False))

    lines: list[str] = []
    async with switch(tmp_path, on) as here:
        outcome = await phone.call(
            "100", "+31205550123", port=here.sip_port, keys="12#", say=tmp_path / "hello.wav", seconds=3.0, save=tmp_path / "heard.wav", report=lines.append
        )
        offered = await here.event(contract.CallOffered)
        ended = await here.event(contract.LegEnded)
        collected = await here.event(contract.KeysCollected)
        recording = await here.event(contract.RecordingEnded)
    assert (offered.ani, offered.dnis) == ("+31205550123", "100")
    assert (collected.keys, collected.ended_by) == ("12", "end_key")
    assert (ended.cause, ended.by_far_side) == (contract.Cause.NORMAL, True)
    assert (outcome.answered, outcome.rang, outcome.ended_by, outcome.keys_sent) == (True, True, "us", "12#")
    assert outcome.heard.pitch == pytest.approx(660, abs=10)
    assert hearing.pitch(wav.read(tmp_path / "heard.wav")[8000:16000], wav.RATE) == pytest.approx(660, abs=10)
    assert recording.seconds > 2
    assert [line.split(" ")[0] for line in lines[:3]] == ["trying", "ringing", "answered"]


@in_loop
async def test_they_hang_up(tmp_path: Path) -> None:
    async def on(here: Switch, event: Event) -> None:
        await answer_all(here, event)
        if isinstance(event, contract.LegUp):
            await here.do(contract.HangUp(event.leg))

    async with switch(tmp_path, on) as here:
        outcome = await phone.call("100", port=here.sip_port, seconds=10)
        assert (outcome.proper, outcome.ended_by) == (True, "them")
        assert (await here.event(contract.CallOffered)).ani == ""  # withheld when not given
        assert (await here.event(contract.LegEnded)).by_far_side is False


@in_loop
async def test_a_refused_call(tmp_path: Path) -> None:
    async def on(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            await here.do(contract.Reject(event.leg, contract.Cause.BUSY))

    async with switch(tmp_path, on) as here:
        outcome = await phone.call("100", port=here.sip_port, seconds=10)
        assert (outcome.answered, outcome.ended_by, outcome.status) == (False, "refused", 486)


@in_loop
async def test_a_call_that_is_not_answered_in_time_is_given_up(tmp_path: Path) -> None:
    async def on(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            await here.do(contract.Ring(event.leg))

    async with switch(tmp_path, on) as here:
        outcome = await phone.call("100", port=here.sip_port, answer_within=0.5)
        assert (outcome.rang, outcome.answered, outcome.ended_by) == (True, False, "no answer")
        assert (await here.event(contract.LegEnded)).cause is contract.Cause.CANCELLED


def test_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = ["--to", "100", "--port", str(free_port()), "--answer-within", "0.3"]
    assert phone_command.main(nobody) == 1
    assert "ended: no answer" in capsys.readouterr().out
    assert phone_command.main([*nobody, "--say", "nowhere.wav"]) == 1
    assert "nowhere.wav" in capsys.readouterr().err
    with pytest.raises(SystemExit) as error:
        phone_command.main(["--to", "100", "--keys", "12x"])
    assert error.value.code == 2


def test_keys_as_ticks() -> None:
    ticks = phone.speech("1,2")
    assert [key for key, _, _ in ticks].count("") == 6 + 50 + 6
    assert [step for key, step, end in ticks if key == "1"] == [1, 2, 3, 4, 5, 5, 5, 5]
    assert [end for key, _, end in ticks if key == "2"] == [False] * 5 + [True] * 3


def test_what_a_sound_is_like() -> None:
    assert str(hearing.summary(tone(440, 1.0), wav.RATE)) == "-15 dB around 440 Hz (1.0 s)"
    assert hearing.summary(np.zeros(8000, dtype=np.int16), wav.RATE).silent
    assert hearing.summary(np.zeros(0, dtype=np.int16), wav.RATE).seconds == 0
