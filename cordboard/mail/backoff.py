"""When a message that could not be sent is tried again. Pure."""

from __future__ import annotations

PAUSES = (60, 300, 900, 3_600, 14_400, 43_200, 86_400)
"""Seconds after the first attempt, the second, ...: about two days in all, as long as mail servers keep trying (RFC 5321, 4.5.4.1: "at least 4-5 days"
is for a relay; a message of ours is stale before)."""


def pause(attempts: int) -> float | None:
    """Seconds until the next attempt after so many; None: enough."""
    return float(PAUSES[attempts - 1]) if 1 <= attempts <= len(PAUSES) else None


def for_good(code: int) -> bool:
    """Whether a server's reply code says that trying again is of no use (RFC 5321, 4.2.1: 5yz)."""
    return 500 <= code < 600
