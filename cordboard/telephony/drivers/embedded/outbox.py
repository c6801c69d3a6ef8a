"""The driver's events on their way to its owner. What must happen once the owner has taken an event (acknowledge it to the media
process, let go of the leg) waits until the next one is asked for: a switch that dies in between leaves it to the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from cordboard.telephony.driver import Event


class Outbox:
    def __init__(self) -> None:
        self._events: deque[tuple[Event, Callable[[], None] | None]] = deque()
        self._more = asyncio.Event()
        self._closed = False

    def put(self, event: Event, taken: Callable[[], None] | None = None) -> None:
        self._events.append((event, taken))
        self._more.set()

    async def put_and_wait(self, event: Event) -> None:
        """Returns when the owner has taken it."""
        done = asyncio.get_running_loop().create_future()
        self.put(event, lambda: None if done.done() else done.set_result(None))
        await done

    def close(self) -> None:
        self._closed = True
        self._more.set()

    async def events(self) -> AsyncIterator[Event]:
        """One reader at a time; ends when the box is closed and empty."""
        while True:
            while self._events:
                event, taken = self._events[0]
                yield event
                self._events.popleft()
                if taken is not None:
                    taken()
            if self._closed:
                return
            self._more.clear()
            await self._more.wait()
