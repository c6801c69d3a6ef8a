"""Nonces that cost no memory until somebody has answered one rightly, and a bounded amount then (RFC 7616 section 3.3).

A nonce carries its own time and our seal. Of those in use only the highest count is kept; when there are too many, the oldest are forgotten and
all that is as old grows stale, so that nothing can be played back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from enum import StrEnum


class Freshness(StrEnum):
    FRESH = "fresh"
    STALE = "stale"  # ours once, or used up: another one will do
    STRANGE = "strange"  # not in our hand, or not for this source


class Nonces:
    """`life` in seconds; `remembered` nonces in use at once. Times are in seconds since any beginning, the same for all calls."""

    def __init__(self, life: float = 300.0, remembered: int = 20_000) -> None:
        self.life = life
        self._remembered = remembered
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """Nonce to its time and its highest count."""
        self._floor = -1
        """What was made by then (in ms) and is not among the used ones may have been."""

    def __len__(self) -> int:
        return len(self._used)

    def _seal(self, text: str, source: str) -> str:
        return hmac.new(self._key, f"{text} {source}".encode(), hashlib.sha256).hexdigest()[:24]

    def make(self, now: float, source: str = "") -> str:
        """For `source` and nobody else: over UDP anybody can write another's address on a request, but the nonce went to that other."""
        text = f"{int(now * 1000):012x}{secrets.token_hex(6)}"
        return text + self._seal(text, source)

    def look(self, nonce: str, count: int, now: float, source: str = "") -> Freshness:
        """May this nonce be used with this count (0 from clients that do not count: once only)? Changes nothing."""
        text, seal = nonce[:24], nonce[24:]
        if len(nonce) != 48 or not nonce.isascii() or not hmac.compare_digest(seal, self._seal(text, source)):
            return Freshness.STRANGE
        made = int(text[:12], 16)
        known = self._used.get(nonce)
        if now * 1000 - made > self.life * 1000 or (known is None and made <= self._floor):
            return Freshness.STALE
        if known is not None and (count or 1) <= known[1]:
            return Freshness.STALE
        return Freshness.FRESH

    def use(self, nonce: str, count: int) -> None:
        """It was answered rightly: this count and those below it are used up, and all of them for one who does not count."""
        self._used[nonce] = (int(nonce[:12], 16), count or 2**32)
        self._used.move_to_end(nonce)
        while len(self._used) > self._remembered:
            _, (made, _) = self._used.popitem(last=False)
            self._floor = max(self._floor, made)
