"""The file that a recording grows in: written in batches, blanked where a pause began before we heard of it, repaired after a crash.

Everything here blocks; callers use a thread for it. A pause must hold even when a media process hangs or the switch cannot reach it: `stop_from` lays a
note beside the file, which is looked for before every batch and on repair; what came after the moment in it is cut off.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cordboard.telephony import wav
from cordboard.telephony.media import codecs
from cordboard.telephony.media.codecs import RATE

if TYPE_CHECKING:
    from cordboard.telephony.media.recording import Run

HEADER = 44

UNCONFIRMED = "the pause could not be confirmed"


class Stopped(OSError):
    """Somebody wants this recording ended, and could not tell us by other means."""


class GrowingFile:
    """`started`: the moment (seconds of the monotonic clock) of its first sample."""

    def __init__(self, path: Path, started: float) -> None:
        self.path = path
        self._started = started
        self._lock = threading.Lock()
        self._blanks: list[tuple[int, int | None]] = []
        self._part = part_of(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        # held for life: tells `repair` that somebody is still writing here
        fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._sound = np.zeros((2, 4 * RATE), dtype=np.int32)
        self._written = 0
        os.pwrite(self._handle, wav.header(0, 2), 0)

    def write(self, runs: list[Run], until: int) -> None:
        """Mix the runs in, and write everything before sample `until`.

        :raises OSError: disk full, gone, ... :raises Stopped: the recording is to end.
        """
        with self._lock:
            if _stop_of(self.path).exists():
                raise Stopped(UNCONFIRMED)
            self._write(runs, until)

    def blank(self, start: int) -> None:
        """Silence from this sample on, until `unblank`; what is written already is overwritten, and synced.

        :raises OSError: the disk failed.
        """
        with self._lock:
            self._blanks.append((start, None))
            place = HEADER + start * 4
            while place < HEADER + self._written * 4:
                place += os.pwrite(self._handle, bytes(min(1 << 16, HEADER + self._written * 4 - place)), place)
            os.fdatasync(self._handle)

    def unblank(self, end: int) -> None:
        with self._lock:
            self._blanks = [(start, end if before is None else before) for start, before in self._blanks]

    def _silence(self) -> None:
        for start, end in self._blanks:
            self._sound[:, max(0, start - self._written) : None if end is None else max(0, end - self._written)] = 0
        self._blanks = [(start, end) for start, end in self._blanks if end is None or end > self._written]

    def _write(self, runs: list[Run], until: int) -> None:
        for run in runs:
            sound = run.sound()
            start = run.start - self._written
            if start < 0:  # for a time already written
                sound = sound[-start:]
                start = 0
            end = start + len(sound)
            if end > self._sound.shape[1]:
                grown = np.zeros((2, end + 2 * RATE), dtype=np.int32)
                grown[:, : self._sound.shape[1]] = self._sound
                self._sound = grown
            self._sound[run.channel, start:end] += sound if run.gain == 1.0 else (sound * run.gain).astype(np.int32)
        count = until - self._written
        if count <= 0:
            return
        if count > self._sound.shape[1]:
            grown = np.zeros((2, count), dtype=np.int32)
            grown[:, : self._sound.shape[1]] = self._sound
            self._sound = grown
        self._silence()
        data = codecs.clip(self._sound[:, :count]).T.astype("<i2").tobytes()
        at = HEADER + self._written * 4
        view = memoryview(data)
        while view:
            step = os.pwrite(self._handle, view, at)
            view = view[step:]
            at += step
        left = self._sound.shape[1] - count
        self._sound[:, :left] = self._sound[:, count:].copy()
        self._sound[:, left:] = 0
        self._written = until
        os.pwrite(self._handle, wav.header(self._written * 4, 2), 0)

    def finish(self) -> float:
        """Sync, give the file its name; its length in seconds.

        :raises OSError: the disk failed.
        """
        with self._lock:
            try:
                return _finish(self._handle, self._part, self.path, self._started)
            finally:
                os.close(self._handle)


def _finish(handle: int, part: Path, path: Path, started: float | None) -> float:
    size = max(0, os.fstat(handle).st_size - HEADER)
    size -= size % 4
    if (stop := _stop_of(path)).exists():
        try:
            since = float(stop.read_text())
        except ValueError:
            since = 0.0
        # without knowing when it began, nothing in it can be trusted to lie before the pause
        size = min(size, 4 * max(0, round((since - started) * RATE))) if started is not None else 0
    os.ftruncate(handle, HEADER + size)
    os.pwrite(handle, wav.header(size, 2), 0)
    os.fsync(handle)
    os.rename(part, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    stop.unlink(missing_ok=True)
    return size / 4 / RATE


def part_of(path: Path) -> Path:
    """Where a recording grows until it is complete."""
    return path.with_name(path.name + ".part")


def stop_from(path: Path, since: float) -> None:
    """Have the recording that grows towards `path` end, cut off at `since` (seconds of the monotonic clock), by whoever next touches it.

    :raises OSError: the disk failed.
    """
    stop = _stop_of(path)
    fresh = stop.with_name(stop.name + ".new")
    fresh.write_text(repr(since))
    with contextlib.suppress(FileNotFoundError):  # told twice at once: the other one has renamed it
        fresh.replace(stop)


def _stop_of(path: Path) -> Path:
    return path.with_name(path.name + ".stop")


def repair(path: Path, started: float | None = None) -> float | None:
    """Finish what a killed media process left at `path + ".part"`: header right, synced, renamed to `path`.

    :returns: its length in seconds; None when there is nothing to repair or somebody is still writing there.
    :raises OSError: the disk failed.
    """
    part = part_of(path)
    try:
        handle = os.open(part, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        return _finish(handle, part, path, started)
    finally:
        os.close(handle)


def length(path: Path) -> float:
    """Seconds in a complete recording; 0 when there is none."""
    try:
        return max(0, path.stat().st_size - HEADER) / 4 / RATE
    except OSError:
        return 0.0


def repair_all(folder: Path) -> list[tuple[Path, float]]:
    """Repair every recording in a folder and below it: paths and seconds of those that were finished. Blocks while it syncs."""
    found = []
    for part in sorted(folder.rglob("*.part")):
        path = part.with_name(part.name.removesuffix(".part"))
        seconds = repair(path)
        if seconds is not None:
            found.append((path, seconds))
    return found


__all__ = ["UNCONFIRMED", "GrowingFile", "Stopped", "length", "part_of", "repair", "repair_all", "stop_from"]
