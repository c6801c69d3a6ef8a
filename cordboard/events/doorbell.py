"""Waking those who read the log. A process that recorded events rings after its commit; readers then look at once instead of at
their next poll. A ring carries nothing and may get lost: that costs a reader its poll (`POLL` seconds), never an event.

SQLite: a datagram to every socket in `config().bells`. PostgreSQL: a NOTIFY on an own connection in autocommit, never inside the
action's transaction (there it takes a lock that puts all commits in a row).
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import secrets
import select
import socket
import threading
import time
from pathlib import Path
from typing import Any

from cordboard.lib.config import Config, config

logger = logging.getLogger(__name__)

POLL = 1.0
"""Seconds. Readers look at least this often, rung or not."""

APART = 0.010
"""Seconds between two rings of a process, at least."""

CHANNEL = "cordboard"
_FAILURES = (OSError, RuntimeError)


class Bell:
    """The ringing side, one per process. The first ring goes out at once in the caller's thread; rings that come less than `APART`
    after it are gathered into one that a thread of our own sends."""

    def __init__(self, conf: Config) -> None:
        self._conf = conf
        self._lock = threading.Lock()
        self._connection: Any = None
        self._socket: socket.socket | None = None
        self._last = 0.0
        self._silent_until = 0.0  # a database that cannot be reached costs one try a second, not one a commit: readers poll as often
        self._later: threading.Timer | None = None

    def ring(self) -> None:
        """Never raises and waits for nobody longer than the database's connection takes."""
        with self._lock:
            if self._later is not None:
                return
            wait = self._last + APART - time.monotonic()
            if wait > 0:
                self._later = threading.Timer(wait, self._ring_later)
                self._later.daemon = True
                self._later.start()
                return
            self._send()

    def flush(self) -> None:
        """Send a ring that still waits for its time."""
        with self._lock:
            if self._later is not None:
                self._later.cancel()
                self._later = None
                self._send()

    def _ring_later(self) -> None:
        with self._lock:
            if self._later is not None:
                self._later = None
                self._send()

    def _send(self) -> None:
        self._last = time.monotonic()
        if self._conf.database_url:
            self._notify()
        else:
            self._datagrams()

    def _notify(self) -> None:
        from psycopg import Error

        from cordboard.events.feed import connect_postgres

        if self._last < self._silent_until:
            return
        for _once_more in range(2):  # the connection may have died since the last ring; then once more on a new one
            fresh = self._connection is None
            try:
                if fresh:
                    self._connection = connect_postgres(self._conf.database_url)
                self._connection.execute(f"NOTIFY {CHANNEL}")
                return
            except (Error, *_FAILURES) as problem:
                self._connection = None
                if fresh:
                    logger.warning("the doorbell did not ring: %s", problem)
                    self._silent_until = time.monotonic() + POLL
                    return

    def _datagrams(self) -> None:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        try:
            bells = list(self._conf.bells.iterdir())
        except FileNotFoundError:
            return
        for bell in bells:
            try:
                self._socket.sendto(b"!", str(bell))
            except ConnectionRefusedError:  # its process is gone; names are never used twice
                bell.unlink(missing_ok=True)
            except OSError:  # full: that process has been rung and has not looked yet; or just gone
                continue


_bell: Bell | None = None
_making = threading.Lock()


def ring() -> None:
    """Tell every process that there is something in the log."""
    global _bell
    if _bell is None:
        with _making:
            if _bell is None:
                _bell = Bell(config())
                atexit.register(_bell.flush)
    _bell.ring()


def reset() -> None:
    """Forget connections and the configuration, as after a fork."""
    global _bell
    _bell = None


os.register_at_fork(after_in_child=reset)


def _own_bell(conf: Config) -> tuple[socket.socket, Path]:
    conf.bells.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = conf.bells / f"{os.getpid()}-{secrets.token_hex(4)}"
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(path))
    made.setblocking(False)
    return made, path


def _drain(sock: socket.socket) -> bool:
    rung = False
    while True:
        try:
            sock.recv(16)
            rung = True
        except OSError:
            return rung


class Listener:
    """The listening side for threads. One thread waits at a time."""

    def __init__(self, conf: Config | None = None) -> None:
        self._conf = conf or config()
        self._connection: Any = None
        self._socket: socket.socket | None = None
        self._path: Path | None = None
        if not self._conf.database_url:
            self._socket, self._path = _own_bell(self._conf)
        else:
            self._listen()

    def wait(self, timeout: float = POLL) -> bool:
        """Until it rings (True) or `timeout` seconds are over (False). A database that is gone only makes it the latter."""
        if self._socket is not None:
            try:
                ready, _, _ = select.select([self._socket], [], [], timeout)
            except (OSError, ValueError):  # closed by another thread: the role is stopping
                return False
            return bool(ready) and _drain(self._socket)
        started = time.monotonic()
        if self._connection is not None or self._listen():
            from psycopg import Error

            try:
                return any(True for _ in self._connection.notifies(timeout=timeout, stop_after=1))
            except (Error, *_FAILURES) as problem:
                logger.warning("the doorbell's line broke: %s", problem)
                self._connection = None
        time.sleep(max(0.0, started + timeout - time.monotonic()))
        return False

    def close(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._socket is not None:
            self._socket.close()
        if self._connection is not None:
            self._connection.close()

    def _listen(self) -> bool:
        from psycopg import Error

        from cordboard.events.feed import connect_postgres

        try:
            self._connection = connect_postgres(self._conf.database_url)
            self._connection.execute(f"LISTEN {CHANNEL}")
            return True
        except (Error, *_FAILURES):
            self._connection = None
            return False


class AsyncListener:
    """The listening side for asyncio. `await start()` first."""

    def __init__(self, conf: Config | None = None) -> None:
        self._conf = conf or config()
        self._rung = asyncio.Event()
        self._socket: socket.socket | None = None
        self._path: Path | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._conf.database_url:
            self._task = asyncio.create_task(self._listen(), name="doorbell")
            return
        self._socket, self._path = _own_bell(self._conf)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._heard)

    async def wait(self, timeout: float = POLL) -> bool:
        """As Listener.wait."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    async def stop(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self) -> None:
        assert self._socket is not None
        if _drain(self._socket):
            self._rung.set()

    async def _listen(self) -> None:
        import psycopg

        from cordboard.events.feed import postgres_arguments

        while True:
            try:
                line = await psycopg.AsyncConnection.connect(**postgres_arguments(self._conf.database_url), autocommit=True)
                async with line:
                    await line.execute(f"LISTEN {CHANNEL}")
                    self._rung.set()  # what rang before we listened
                    async for _ in line.notifies():
                        self._rung.set()
            except (psycopg.Error, *_FAILURES) as problem:
                logger.warning("the doorbell's line broke: %s", problem)
            await asyncio.sleep(POLL)
