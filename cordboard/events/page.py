"""One open page, as the hub sees it: who it is, what it hears, what still waits to be sent to it."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cordboard.events import wire
from cordboard.events.feed import FeedEvent, Seen

WAITING_AT_MOST = 500
"""Messages that wait for a slow page before it is dropped."""

SLOW_AFTER = 10.0
"""Seconds that one message may take to be sent."""


class Socket(Protocol):
    """What the hub needs of a connection."""

    async def send(self, text: str) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Posts JSON to Django's internal endpoint in the name of a page; raises OSError when Django is not there."""


@dataclass(eq=False)
class Page:
    """One open page."""

    socket: Socket
    ask: Ask
    user: int | None = None
    claims: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    topics: dict[str, Seen] = field(default_factory=dict)
    closing: tuple[str, ...] = ()
    held: list[tuple[list[tuple[FeedEvent, str]], str]] | None = None
    fresh: bool = True
    waiting: deque[str] = field(default_factory=deque)
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    ending: tuple[int, str] | None = None
    spoken_at: float = 0.0

    def put(self, message: dict[str, Any] | str) -> None:
        """Queue a message; too many waiting end the page."""
        if self.ending is not None:
            return
        if len(self.waiting) >= WAITING_AT_MOST:
            self.end(wire.SLOW, "did not keep up")
            self.waiting.clear()
        else:
            self.waiting.append(message if isinstance(message, str) else wire.encode(message))
        self.awake.set()

    def end(self, code: int, reason: str) -> None:
        """Close after what waits has gone out."""
        if self.ending is None:
            self.ending = (code, reason)
            self.awake.set()

    async def write(self) -> None:
        """Send what waits until the page ends. Runs as a task of its own for each page."""
        loop = asyncio.get_running_loop()
        while True:
            while self.waiting:
                try:
                    async with asyncio.timeout(SLOW_AFTER):  # not wait_for, which may swallow a cancellation
                        await self.socket.send(self.waiting.popleft())
                    self.spoken_at = loop.time()
                except TimeoutError:
                    self.waiting.clear()
                    self.ending = (wire.SLOW, "did not keep up")
            if self.ending is not None:
                await self.socket.close(*self.ending)
                return
            self.awake.clear()
            if not self.waiting and self.ending is None:
                await self.awake.wait()
