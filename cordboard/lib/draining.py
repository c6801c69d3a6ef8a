"""A process of the voice role that is stopped politely: it takes nothing new, and ends when the last call has. Here is the clock of that, and the note in the run
folder by which `cordboard doctor` and `cordboard drain --wait` can tell how far it is.

SIGUSR1 asks for it; any signal after that ends the process at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2
TELL_EVERY = 15.0
"""Seconds between lines in the log; a change of the number of calls is told at once."""
BEGINS = "CORDBOARD_DRAINING"
"""Set in the environment of a process that is started in the place of one which was draining."""


@dataclass(frozen=True, slots=True)
class Note:
    """`until` in seconds since the epoch."""

    role: str
    pid: int
    calls: int
    since: float
    until: float


def notes(run: Path) -> list[Note]:
    """Who drains on this machine; notes of the dead are passed over."""
    found = []
    for path in sorted(_folder(run).glob("*.json")):
        try:
            note = Note(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            continue
        if Path(f"/proc/{note.pid}").exists():
            found.append(note)
    return found


def _folder(run: Path) -> Path:
    return run / "draining"


class Drain:
    """`left` tells how many calls there are. `run` returns when there are none any more, or the `limit` (seconds) is over: then `over` is awaited first with
    what is left."""

    def __init__(self, run: Path, role: str, limit: float, left: Callable[[], int], over: Callable[[int], Awaitable[None]]) -> None:
        self.begun = False
        self._path = _folder(run) / f"{role}.json"
        self._role = role
        self._limit = limit
        self._left = left
        self._over = over

    async def run(self) -> None:
        self.begun = True
        since = time.time()
        until, told, tell_at = time.monotonic() + self._limit, -1, 0.0
        try:
            while (calls := self._left()) and time.monotonic() < until:
                if calls != told or time.monotonic() >= tell_at:
                    told, tell_at = calls, time.monotonic() + TELL_EVERY
                    log.info("%s takes no new calls; %d left, and %.0f s at most", self._role, calls, until - time.monotonic())
                    self._write(Note(self._role, os.getpid(), calls, since, since + self._limit))
                await asyncio.sleep(LOOK_EVERY)
            if calls:
                log.warning("%s: the time for calls to end by themselves (%.0f s) is over, %d are left", self._role, self._limit, calls)
                await self._over(calls)
            else:
                log.info("%s: the last call is over", self._role)
        finally:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _write(self, note: Note) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(asdict(note)))
            fresh.replace(self._path)
        except OSError as problem:  # it drains all the same; only nobody can read how far it is
            log.warning("how far %s is cannot be noted: %s", self._role, problem)
