"""The media processes: which are there, how busy each is, and what they report."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from cordboard.telephony.media.client import MediaClient, MediaError
from cordboard.telephony.media.protocol import MediaEvent, StandingCall

GONE_AFTER = 3.0
"""Seconds without a connection after which a media process counts as dead (a restart takes about one)."""


class MediaPool:
    """`handle(number, event)` is awaited for every event before the next of the same process: it is acknowledged only then."""

    def __init__(self, paths: list[Path], handle: Callable[[int, MediaEvent], Awaitable[None]]) -> None:
        self.clients = [MediaClient(path, number) for number, path in enumerate(paths)]
        self.load: Counter[int] = Counter()
        """Legs in each process."""
        self.boots: dict[int, str] = {}
        """The life of each process that our legs are in."""
        self.draining: set[int] = set()
        """Those that are being stopped politely: what stands there goes on, nothing begins."""
        self._handle = handle
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, patience: float) -> dict[int, tuple[StandingCall, ...]]:
        """Connect, wait at most `patience` seconds for all, and tell what stands in those that came."""
        for client in self.clients:
            client.start()
        await asyncio.gather(*(client.connected(patience) for client in self.clients))
        found: dict[int, tuple[StandingCall, ...]] = {}
        for client in self.clients:
            if client.is_connected:
                with contextlib.suppress(MediaError):  # gone again: its ProcessUp will come
                    self.boots[client.number] = client.boot
                    found[client.number] = await client.standing()
        return found

    def listen(self) -> None:
        """Begin to hand out events, those kept for us first."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._pump(client)) for client in self.clients]

    async def _pump(self, client: MediaClient) -> None:
        async for event in client.events():
            await self._handle(client.number, event)

    def choose(self) -> int | None:
        """The least loaded process that is there and takes new calls; None when none is."""
        present = [client.number for client in self.clients if client.is_connected and client.number not in self.draining]
        return min(present, key=lambda number: (self.load[number], number), default=None)

    def __getitem__(self, number: int) -> MediaClient:
        return self.clients[number]

    async def stop(self) -> None:
        for client in self.clients:
            await client.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
