"""A pause is silent in both channels from the moment it was wished, keys are masked while it lasts, and where it cannot be confirmed nothing more is kept."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import driver
from cordboard.telephony.media import recording_file, unfinished
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.codecs import RATE
from cordboard.telephony.media.protocol import Codec, Error
from cordboard.telephony.media.recording_file import GrowingFile
from cordboard.telephony.tests.media_house import House, house, in_loop, until
from cordboard.telephony.tests.sound import hears, silent
from cordboard.telephony.tests.test_media_recording import channels, part


async def two_talk(here: House, path: Path) -> None:
    await here.phone("customer", hertz=400)
    await here.phone("agent", hertz=700, codec=Codec.PCMA)
    await here.client.perform(driver.Bridge("call", ("customer", "agent")))
    await here.client.perform(driver.Record("call", "r", str(path), "customer"))


@in_loop
async def test_the_pause_begins_when_it_was_wished_and_not_when_we_heard_of_it(tmp_path: Path) -> None:
    """Between the agent's press and the media process lies a moment; what was said in it is overwritten, written already or not."""
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        await two_talk(here, path)
        began = time.monotonic()
        await asyncio.sleep(2.6)
        wished = time.monotonic() - 1.2
        assert recording_file.part_of(path).stat().st_size > RATE * 4 * 1.2, "some of it is on the disk"
        await here.client.perform(driver.Record("call", "r", str(path), "customer", paused=True, since=wished))
        left, right = _growing(path)
        assert silent(part(left, wished - began + 0.02, 9))
        assert silent(part(right, wished - began + 0.02, 9))
        await asyncio.sleep(0.4)
        resumed = time.monotonic() - began
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        await asyncio.sleep(0.8)
        await here.client.perform(driver.StopRecording("call", "r"))
        assert (await here.event(driver.RecordingEnded)).error == ""
    left, right = channels(path)
    for sound, hertz in ((left, 400), (right, 700)):
        assert hears(part(sound, 0.3, wished - began - 0.3), hertz)
        assert silent(part(sound, wished - began, resumed - 0.05))
        assert hears(part(sound, resumed + 0.1, resumed + 0.6), hertz)


def _growing(path: Path) -> tuple[np.ndarray, np.ndarray]:
    raw = np.frombuffer(recording_file.part_of(path).read_bytes()[44:], dtype="<i2")
    both = raw[: len(raw) // 2 * 2].reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


@in_loop
async def test_keys_of_those_who_talk_are_masked_while_the_recording_is_paused(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        await two_talk(here, path)
        customer = here._far[0]
        customer.key("4")  # type: ignore[union-attr]
        await here.event(driver.KeyPressed, key="4")
        await here.client.perform(driver.Record("call", "r", str(path), "customer", paused=True))
        customer.key("1")  # type: ignore[union-attr]
        await here.client.press("customer", "2")
        await until(lambda: len(here.of(driver.KeyPressed)) == 3)
        assert [event.key for event in here.of(driver.KeyPressed)] == ["4", driver.MASKED, driver.MASKED]
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        customer.key("5")  # type: ignore[union-attr]
        await here.event(driver.KeyPressed, key="5")


@in_loop
async def test_secret_keys_are_told_to_the_one_who_asked_and_written_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with house(tmp_path) as here:
        customer = await here.phone("customer")
        await here.client.perform(driver.CollectKeys("customer", "card", 4, secret=True))
        for key in "4929":
            customer.key(key)
        collected = await here.event(driver.KeysCollected)
        assert (collected.keys, collected.secret) == ("4929", True)
        assert "4929" not in repr(collected)
        assert {event.key for event in here.of(driver.KeyPressed)} == {driver.MASKED}
        with pytest.raises(MediaError) as refused:
            await here.client.press("customer", "49")
        assert "49" not in str(refused.value)
    assert "4929" not in caplog.text


@in_loop
async def test_a_disk_that_cannot_blank_ends_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: GrowingFile, start: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(GrowingFile, "blank", broken)
    async with house(tmp_path) as here:
        await two_talk(here, tmp_path / "r.wav")
        with pytest.raises(MediaError) as refused:
            await here.client.perform(driver.Record("call", "r", str(tmp_path / "r.wav"), "customer", paused=True))
        assert refused.value.code is Error.DISK
        assert (await here.event(driver.RecordingEnded)).error == recording_file.UNCONFIRMED


@in_loop
async def test_a_note_beside_the_file_ends_a_recording_that_nobody_could_reach(tmp_path: Path) -> None:
    """The switch cannot ask a media process that hangs. Its next batch finds the note, and all since then is cut off."""
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        await two_talk(here, path)
        began = time.monotonic()
        await asyncio.sleep(1.2)
        recording_file.stop_from(path, began + 0.5)
        ended = await here.event(driver.RecordingEnded)
        assert ended.error == recording_file.UNCONFIRMED
        assert ended.seconds == pytest.approx(0.5, abs=0.15)
    assert len(channels(path)[0]) / RATE == pytest.approx(ended.seconds)
    assert not path.with_name("r.wav.stop").exists()


def test_what_a_killed_process_left_is_cut_off_where_the_pause_began(tmp_path: Path) -> None:
    import os

    notes = unfinished.Unfinished(tmp_path / "unfinished")
    for name, noted in (("known", True), ("unknown", False)):
        path = tmp_path / f"{name}.wav"
        notes.begin("call", name, path, 100.0)
        if not noted:  # as an older version wrote it
            note = notes._note_of("call", name)
            note.write_text(note.read_text().replace('"started"', '"other"'))
        file = GrowingFile(path, 100.0)
        file.write([], 5 * RATE)
        recording_file.stop_from(path, 102.5)
        os.close(file._handle)
    assert {each.recording: each.seconds for each in notes.finish_all()} == {"known": 2.5, "unknown": 0.0}
