"""How often a visitor may ask. Counted in each Django process: a limit against programs, not an account of people.

The bucket of each address holds `most` requests and is filled again over `seconds` (token bucket).
"""

from __future__ import annotations

import threading
import time

ADDRESSES = 5_000


class Limit:
    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._held: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allows(self, address: str, now: float | None = None) -> bool:
        """Whether one more from this address is let through. `now`: seconds of a clock that never goes back."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, at = self._held.pop(address, (float(self.most), now))
            left = min(float(self.most), left + (now - at) * self.most / self.seconds)
            allowed = left >= 1.0
            self._held[address] = (left - 1.0 if allowed else left, now)
            if len(self._held) > ADDRESSES:
                del self._held[next(iter(self._held))]  # who was here longest ago
        return allowed
