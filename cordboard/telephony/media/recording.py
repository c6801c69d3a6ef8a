"""Recording a call: two channels of a WAV file, in step with the wall clock.

Left is what the customer says, right what the others say. Payloads are kept as they come and turned into sound in
batches, once a second, in a thread that also does the writing: neither a slow disk nor a decoder ever holds up a call.
A packet's place in the file follows its RTP timestamp, anchored at the moment of its stream's first packet; when the
two drift apart by more than 0.2 s (clocks differ, a stream began anew) the stream is anchored again.

The file grows as `path + ".part"` with a header that is right after every batch, and gets its name when it is complete
and synced. After a crash :func:`repair` finishes what is left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

import numpy as np

from cordboard.telephony.media import codecs, rtp
from cordboard.telephony.media.codecs import RATE, SAMPLES, Sound
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.recording_file import GrowingFile, length, part_of, repair, repair_all
from cordboard.telephony.media.sdp import clock

log = logging.getLogger(__name__)

LEFT, RIGHT = 0, 1

DRIFT = RATE // 5
"""Samples that a stream's own clock may be away from ours."""

HELD_BACK = 0.5
"""Seconds before now that are not written yet, since packets may still come for them."""

BATCH = 1.0
"""Seconds between batches."""

PATIENCE = 30.0
"""Seconds that one batch may take to be written; a disk slower than that ends the recording."""


class Track:
    """One leg's stream into one channel of one recording."""

    def __init__(self, recording: Recording, channel: int, gain: float) -> None:
        self.recording = recording
        self.channel = channel
        self.gain = gain
        self._codec: Codec | None = None
        self._anchor: tuple[int, int] | None = None
        self._seen: list[int] = []
        self._run: Run | None = None
        self._batch = -1
        self._decoder: codecs.Decoder | None = None

    def put(self, codec: Codec, timestamp: int, payload: bytes, now: float) -> None:
        recording = self.recording
        if recording.paused or (self.channel == LEFT and recording.customer_silent) or recording.ended:
            self._anchor = None
            return
        wall = round((now - recording.started) * RATE)
        if codec is not self._codec:
            self._codec = codec
            self._anchor = None
            self._decoder = codecs.decoder(codec)
        if self._anchor is not None:
            place = self._anchor[0] + rtp.ahead(timestamp, self._anchor[1], 32) * RATE // clock(codec)
            if abs(place - wall) > DRIFT:
                self._anchor = None
        if self._anchor is None:
            self._anchor = (wall, timestamp)
            self._seen.clear()
            place = wall
        if place in self._seen:
            return  # a packet that came twice
        self._seen.append(place)
        del self._seen[:-16]
        run = self._run
        if run is None or self._batch != recording.batch or not run.add(place, payload):
            assert self._decoder is not None
            self._run = Run(self.channel, self.gain, codec, self._decoder, place, payload)
            self._batch = recording.batch
            recording.runs.append(self._run)


class Run:
    """Payloads that follow one another without a hole."""

    __slots__ = ("_codec", "_decoder", "_end", "_payloads", "channel", "gain", "start")

    def __init__(self, channel: int, gain: float, codec: Codec, decoder: codecs.Decoder, start: int, payload: bytes) -> None:
        self.channel = channel
        self.gain = gain
        self.start = start
        self._codec = codec
        self._decoder = decoder
        self._payloads = [payload]
        self._end = start + self._length(payload)

    def _length(self, payload: bytes) -> int:
        return codecs.opus_samples(payload) if self._codec is Codec.OPUS else len(payload)

    def add(self, place: int, payload: bytes) -> bool:
        if place != self._end:
            return False
        self._payloads.append(payload)
        self._end += self._length(payload)
        return True

    def sound(self) -> Sound:
        """Decode; called in the writing thread, in the order of time for each track."""
        if self._codec is not Codec.OPUS:
            return codecs.expand(self._codec, b"".join(self._payloads))
        parts = []
        for payload in self._payloads:
            try:
                parts.append(self._decoder.decode(payload))
            except ValueError:
                parts.append(np.zeros(self._length(payload), dtype=np.int16))
        return np.concatenate(parts)


class Notes(Protocol):
    """Where recordings under way are noted down; both block, and are called in the writing thread."""

    def begin(self, call: str, recording: str, path: Path, started: float) -> None: ...

    def end(self, call: str, recording: str) -> None: ...


class Recording:
    """A recording under way. Made by :func:`Recording.begin`; `done` is called once, in the loop, with seconds and error."""

    def __init__(self, name: str, call: str, path: Path, customer: str, started: float, executor: Executor, notes: Notes | None = None) -> None:
        self.name = name
        self.call = call
        self.path = path
        self.customer = customer
        self.customer_silent = False
        self.paused = False
        self.ended = False
        self.started = started
        self.runs: list[Run] = []
        self.batch = 0
        self._executor = executor
        self._notes = notes
        self._file: GrowingFile | None = None
        self._opening: asyncio.Future[GrowingFile] | None = None
        self._job: asyncio.Future[None] | None = None
        self._job_began = 0.0
        self._last = started
        self._stopping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Make the file.

        :raises OSError: it cannot be made.
        """
        self._opening = asyncio.get_running_loop().run_in_executor(self._executor, self._open)
        self._file = await self._opening

    def _open(self) -> GrowingFile:
        if self._notes is not None:
            self._notes.begin(self.call, self.name, self.path, self.started)
        try:
            return GrowingFile(self.path, self.started)
        except OSError:
            if self._notes is not None:
                self._notes.end(self.call, self.name)
            raise

    def _finish(self) -> float:
        assert self._file is not None
        seconds = self._file.finish()
        if self._notes is not None:
            self._notes.end(self.call, self.name)
        return seconds

    async def change(self, *, customer_silent: bool, paused: bool, since: float | None, now: float) -> None:
        """Pause and go on. Returns when a pause holds for all that was said from `since` on, written already or not.

        :raises OSError: it could not be made to.
        """
        before, self.paused, self.customer_silent = self.paused, paused, customer_silent
        if paused == before or self._opening is None:
            return
        file = await asyncio.shield(self._opening)
        loop = asyncio.get_running_loop()
        if paused:
            # a packet's place in the file may be so much earlier than its moment
            start = max(0, round((min(now, now if since is None else since) - self.started) * RATE) - DRIFT)
            await loop.run_in_executor(self._executor, file.blank, start)
        else:
            await loop.run_in_executor(self._executor, file.unblank, round((now - self.started) * RATE))

    def tick(self, now: float, done: Callable[[Recording, float, str], None]) -> None:
        """Hand the next batch to the writing thread, when it is time."""
        if self.ended or self._file is None or now - self._last < BATCH:
            return
        if self._job is not None and not self._job.done():
            if now - self._job_began > PATIENCE:
                self.stop(now, done, "the disk is too slow")
            return
        if self._job is not None and (error := self._job.exception()) is not None:
            log.error("recording %s: %s", self.path, error)
            self.stop(now, done, _words(error))
            return
        self._last = self._job_began = now
        self._job = self._write(round((now - HELD_BACK - self.started) * RATE))

    def _write(self, until: int) -> asyncio.Future[None]:
        assert self._file is not None
        runs, self.runs = self.runs, []
        self.batch += 1
        return asyncio.get_running_loop().run_in_executor(self._executor, self._file.write, runs, until)

    def stop(self, now: float, done: Callable[[Recording, float, str], None], error: str = "") -> None:
        """End it. Everything after that happens in the background; stopping twice is no error."""
        if self.ended:
            return
        self.ended = True
        self._stopping = asyncio.get_running_loop().create_task(self._stop(now, done, error))

    async def finished(self) -> None:
        """Wait until the file is complete, after `stop`."""
        if self._stopping is not None:
            await asyncio.wait([self._stopping])

    async def _stop(self, now: float, done: Callable[[Recording, float, str], None], error: str) -> None:
        seconds = 0.0
        try:
            if self._file is None and self._opening is not None:
                self._file = await self._opening
            if self._job is not None and not self._job.done():
                await asyncio.wait([self._job])
            if self._job is not None and not error and (failed := self._job.exception()) is not None:
                error = _words(failed)
            if self._file is not None:
                if not error:
                    try:
                        await self._write(round((now - self.started) * RATE))
                    except (OSError, ValueError) as failure:
                        error = _words(failure)
                seconds = await asyncio.get_running_loop().run_in_executor(self._executor, self._finish)
        except (OSError, ValueError) as failure:
            log.exception("recording %s could not be finished", self.path)
            error = error or _words(failure)
        done(self, seconds, error)


def _words(error: BaseException) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


__all__ = ["LEFT", "RIGHT", "SAMPLES", "Recording", "Track", "length", "part_of", "repair", "repair_all"]
