"""Reservation: all matches of one tick in one transaction of conditional updates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Match:
    entry: int
    agent: int
    reasons: list[dict[str, Any]] = field(default_factory=list)
    """Sentences as kept in Decision: [{"code": "longest_ready", "values": {...}}, ...]"""


@dataclass(frozen=True, slots=True)
class Reserved:
    won: list[Match]
    lost: list[Match]
    """Entry or agent was not as the matcher believed: both must be read again."""


def reserve(matches: Sequence[Match], now: datetime) -> Reserved:
    """Offer each entry to its agent, if both still are what the matcher saw. Never twice, whoever else does the same."""
    raise NotImplementedError
