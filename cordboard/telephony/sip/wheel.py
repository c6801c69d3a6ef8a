"""A hashed timing wheel: starting and stopping a timer cost the same however many there are (Varghese and Lauck, 1987).

SIP keeps two or three timers for every transaction and stops nearly all of them before they fire. A tick of 20 ms is
far below what any SIP timer needs (T1 is 500 ms). Time is given from outside, so tests run an hour in a moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class Timer:
    __slots__ = ("callback", "due", "slot")

    def __init__(self, callback: Callable[[], None], due: int, slot: dict[Timer, None]) -> None:
        self.callback = callback
        self.due = due
        self.slot = slot

    def cancel(self) -> None:
        """Stop the timer; does nothing when it has fired or was stopped."""
        self.slot.pop(self, None)


class Wheel:
    """`now` is in seconds since any beginning. Whoever owns the wheel calls `advance` at least once a tick."""

    def __init__(self, now: float = 0.0, tick: float = 0.02, slots: int = 2048) -> None:
        self._tick = tick
        self._slots: list[dict[Timer, None]] = [{} for _ in range(slots)]
        self._at = int(now / tick)
        self._now = now

    def after(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` in `delay` seconds, counted from the last `advance`, at most one tick late."""
        due = max(self._at + 1, int((self._now + delay) / self._tick) + 1)
        slot = self._slots[due % len(self._slots)]
        timer = Timer(callback, due, slot)
        slot[timer] = None
        return timer

    def advance(self, now: float) -> int:
        """Fire what is due by `now`; how many fired. A callback that raises is logged and stops no other."""
        fired = 0
        self._now = max(self._now, now)
        target = int(self._now / self._tick)
        if target - self._at > len(self._slots):  # long asleep: once round visits every slot
            self._at = target - len(self._slots)
        while self._at < target:
            self._at += 1
            slot = self._slots[self._at % len(self._slots)]
            if not slot:
                continue
            for timer in [timer for timer in slot if timer.due <= self._at]:
                if slot.pop(timer, timer) is timer:  # stopped by one that fired before it
                    continue
                fired += 1
                try:
                    timer.callback()
                except Exception:
                    log.exception("a SIP timer failed")
        return fired

    @property
    def now(self) -> float:
        """The time of the last `advance`."""
        return self._now

    def __len__(self) -> int:
        return sum(len(slot) for slot in self._slots)


class Clockwork:
    """Drives a wheel from the running event loop."""

    def __init__(self, tick: float = 0.02) -> None:
        self._loop = asyncio.get_running_loop()
        self._tick = tick
        self.wheel = Wheel(self._loop.time(), tick)
        self._handle = self._loop.call_later(tick, self._turn)

    def _turn(self) -> None:
        self.wheel.advance(self._loop.time())
        self._handle = self._loop.call_later(self._tick, self._turn)

    def stop(self) -> None:
        self._handle.cancel()
