"""Recordings: who is on which side, what is silent, and what survives."""

from __future__ import annotations

import asyncio
import os
import wave
from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import driver
from cordboard.telephony.media import recording, recording_file, unfinished
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.codecs import RATE, Sound
from cordboard.telephony.media.protocol import Codec, Error
from cordboard.telephony.tests.media_house import house, in_loop, until
from cordboard.telephony.tests.sound import hears, silent


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


def channels(path: Path) -> tuple[Sound, Sound]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


def part(sound: Sound, start: float, end: float) -> Sound:
    return sound[round(start * RATE) : round(end * RATE)]


@in_loop
async def test_customer_left_others_right(tmp_path: Path) -> None:
    path = tmp_path / "calls" / "one.wav"
    async with house(tmp_path) as here:
        await here.phone("customer", hertz=400)
        await here.phone("agent", hertz=700)
        await here.phone("colleague", hertz=1100)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        await asyncio.sleep(0.6)  # nobody is bridged: the customer alone
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        bridged = loop.time() - began
        await asyncio.sleep(0.7)
        await here.client.perform(driver.Bridge("call", ("customer", "agent", "colleague")))
        joined = loop.time() - began
        await asyncio.sleep(0.7)
        asked = loop.time() - began
        assert not path.exists()
        await here.client.perform(driver.StopRecording("call", "r"))
        ended = await here.event(driver.RecordingEnded)
        assert (ended.error, ended.path) == ("", str(path))
        assert not recording.part_of(path).exists()
        left, right = channels(path)
        assert abs(len(left) / RATE - ended.seconds) < 0.001
        assert ended.seconds > asked - 0.1, "as long as the call"
        assert hears(part(left, 0.3, asked - 0.1), 400)
        assert silent(part(right, 0, bridged - 0.1))
        assert hears(part(right, bridged + 0.15, joined - 0.05), 700)
        assert hears(part(right, joined + 0.15, asked - 0.1), 700, 1100)


@in_loop
async def test_hold_and_pause_are_silence_and_time_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        await here.phone("customer", hertz=400)
        await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        loop = asyncio.get_running_loop()
        began = loop.time()
        marks = []
        for silent_customer, paused in ((False, False), (True, False), (False, True), (False, False)):
            await here.client.perform(driver.Record("call", "r", str(path), "customer", silent_customer, paused))
            marks.append(loop.time() - began)
            await asyncio.sleep(0.7)
        await here.client.perform(driver.StopRecording("call", "r"))
        await here.event(driver.RecordingEnded)
    left, right = channels(path)
    pieces = [(part(left, mark + 0.1, mark + 0.6), part(right, mark + 0.1, mark + 0.6)) for mark in marks]
    assert hears(pieces[0][0], 400)
    assert hears(pieces[0][1], 700)
    assert silent(pieces[1][0])
    assert hears(pieces[1][1], 700)
    assert silent(pieces[2][0])
    assert silent(pieces[2][1])
    assert hears(pieces[3][0], 400)
    assert hears(pieces[3][1], 700)


@in_loop
async def test_a_listener_and_a_whisperer_are_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        for name, hertz in (("customer", 400), ("agent", 700), ("boss", 1100)):
            await here.phone(name, hertz=hertz)
        await here.client.perform(driver.Gain("call", "boss", "customer", 0))
        await here.client.perform(driver.Bridge("call", ("customer", "agent", "boss")))
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        await asyncio.sleep(1)
        await here.client.perform(driver.StopRecording("call", "r"))
        await here.event(driver.RecordingEnded)
    assert hears(part(channels(path)[1], 0.3, 0.8), 700)


@in_loop
async def test_browsers_in_opus_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        await here.browser("customer", hertz=500)
        await here.browser("agent", hertz=900)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        await asyncio.sleep(2.4)
        await here.client.perform(driver.StopRecording("call", "r"))
        await here.event(driver.RecordingEnded)
    left, right = channels(path)
    assert hears(part(left, 0.5, 2.2), 500)
    assert hears(part(right, 0.5, 2.2), 900)


@in_loop
async def test_the_recording_ends_with_the_last_leg(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        await here.phone("customer", hertz=400)
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        await asyncio.sleep(0.3)
        stats = await here.client.close_leg("customer")
        assert stats.packets_in > 5
        assert (await here.event(driver.RecordingEnded)).error == ""
        assert path.exists()
        await here.client.close_call("call")
        assert await here.client.standing() == ()


@in_loop
async def test_a_recording_that_cannot_be_made_is_refused_and_the_call_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        (tmp_path / "file").write_text("")
        with pytest.raises(MediaError) as refused:
            await here.client.perform(driver.Record("call", "r", str(tmp_path / "file" / "r.wav"), "customer"))
        assert refused.value.code is Error.DISK
        await until(lambda: hears(phone.heard(), 700))


@in_loop
async def test_a_full_disk_ends_the_recording_but_not_the_call(tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / "r.wav"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit then fails like one on a full disk
    try:
        async with house(tmp_path) as here:
            phone = await here.phone("customer", hertz=400)
            await here.phone("agent", hertz=700)
            await here.client.perform(driver.Bridge("call", ("customer", "agent")))
            await here.client.perform(driver.Record("call", "r", str(path), "customer"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
            ended = await here.event(driver.RecordingEnded)
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            assert ended.error
            left, _ = channels(path)  # what was written is a whole file
            assert len(left) / RATE == pytest.approx(ended.seconds)
            phone.packets.clear()
            await until(lambda: hears(phone.heard(), 700))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@in_loop
async def test_a_hanging_disk_ends_the_recording_and_holds_up_no_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    healed = threading.Event()
    monkeypatch.setattr(recording, "PATIENCE", 1.0)
    monkeypatch.setattr(recording_file.GrowingFile, "write", lambda self, runs, until: healed.wait(20))
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=400)
        await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await here.client.perform(driver.Record("call", "r", str(tmp_path / "r.wav"), "customer"))
        await until(lambda: hears(phone.heard(), 700))
        phone.packets.clear()
        await until(lambda: here.media.rooms["call"].recordings["r"].ended)
        assert hears(phone.heard(), 700)
        assert phone.unbroken()
        healed.set()
        assert "slow" in (await here.event(driver.RecordingEnded)).error


@in_loop
async def test_both_channels_stay_in_step_when_packets_are_lost_and_a_stream_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    async with house(tmp_path) as here:
        customer = await here.phone("customer", hertz=400)
        await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        loop = asyncio.get_running_loop()
        await here.client.perform(driver.Record("call", "r", str(path), "customer"))
        began = loop.time()
        await asyncio.sleep(0.5)
        customer.talking = False
        gap = loop.time() - began
        await asyncio.sleep(0.8)
        customer._timestamp += 5_000_000  # as after a restart of the phone
        customer._ssrc ^= 0xFFFF
        customer.talking = True
        back = loop.time() - began
        await asyncio.sleep(0.7)
        await here.client.perform(driver.StopRecording("call", "r"))
        await here.event(driver.RecordingEnded)
    left, _ = channels(path)
    assert hears(part(left, 0.15, gap - 0.05), 400)
    assert silent(part(left, gap + 0.15, back - 0.1))
    assert hears(part(left, back + 0.15, back + 0.6), 400)


def test_what_a_killed_process_left_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "calls" / "r.wav"
    file = recording_file.GrowingFile(path, 0.0)
    file.write([], RATE)  # one second
    assert recording.repair(path) is None, "somebody is still writing there"
    os.pwrite(file._handle, b"\x01\x02\x03" * 1001, 44 + RATE * 4)  # a batch cut short, which the header knows nothing of
    os.close(file._handle)  # as the kernel does for the dead
    [(found, seconds)] = recording.repair_all(tmp_path)
    assert found == path
    assert seconds == pytest.approx(1 + 750 / RATE)
    assert len(channels(path)[0]) == RATE + 750
    assert recording.repair(path) is None


def test_a_file_without_even_a_header_is_repaired_to_an_empty_one(tmp_path: Path) -> None:
    recording.part_of(tmp_path / "r.wav").write_bytes(b"RI")
    assert recording.repair(tmp_path / "r.wav") == 0
    assert len(channels(tmp_path / "r.wav")[0]) == 0


def test_a_packet_that_comes_twice_or_out_of_order_is_heard_once_at_its_place(tmp_path: Path) -> None:
    class Nobody:
        def submit(self, *_: object) -> None:
            raise AssertionError

    tape = recording.Recording("r", "c", tmp_path / "r.wav", "customer", 0.0, Nobody())  # type: ignore[arg-type]
    track = recording.Track(tape, recording.LEFT, 1.0)
    frames = [bytes([value]) * 160 for value in (0x10, 0x20, 0x30, 0x40)]
    for number, now in ((0, 0.0), (2, 0.04), (1, 0.041), (1, 0.042), (3, 0.06)):
        track.put(Codec.PCMU, 1000 + 160 * number, frames[number], now)
    file = recording_file.GrowingFile(tmp_path / "r.wav", 0.0)
    file.write(tape.runs, 4 * 160)
    file.finish()
    from cordboard.telephony.media.codecs import expand

    left, _ = channels(tmp_path / "r.wav")
    assert left.tobytes() == expand(Codec.PCMU, b"".join(frames)).tobytes()


def test_what_was_noted_down_is_finished_once(tmp_path: Path) -> None:
    notes = unfinished.Unfinished(tmp_path / "unfinished")
    assert notes.finish_all() == []
    living, dead, named, never = (tmp_path / f"{name}.wav" for name in ("living", "dead", "named", "never"))
    for path in (living, dead, named, never):
        notes.begin("call", path.stem, path, 0.0)
    busy = recording_file.GrowingFile(living, 0.0)
    left = recording_file.GrowingFile(dead, 0.0)
    left.write([], RATE)
    os.close(left._handle)
    complete = recording_file.GrowingFile(named, 0.0)
    complete.write([], 2 * RATE)
    complete.finish()
    (tmp_path / "unfinished" / "odd.json").write_text("half of a no")
    os.utime(notes._note_of("call", "never"), (1, 1))
    notes.begin("call", "beginning", tmp_path / "beginning.wav", 0.0)
    ended = {each.recording: (each.seconds, bool(each.error)) for each in notes.finish_all()}
    assert ended == {"dead": (1.0, True), "named": (2.0, False), "never": (0.0, True)}
    assert notes.finish_all() == []
    busy.finish()
    notes.end("call", "living")
    notes.end("call", "beginning")
    assert [each.name for each in (tmp_path / "unfinished").iterdir()] == ["odd.json"]
