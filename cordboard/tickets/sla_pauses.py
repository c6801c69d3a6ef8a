"""Who puts tickets aside oddly often. Pure.

An agent's pauses are held against the rate of the unit's other agents: expected are as many as they would have made on as many tickets. Odd is at least LEAST pauses, twice the
expected, and more than chance gives (z = (pauses - expected) / sqrt(expected) of a Poisson count, at least Z); or when most begin shortly before a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import sqrt

LEAST, TIMES, Z = 5, 2.0, 3.0
SHORTLY = 3600
"""Seconds before a deadline."""
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Agent:
    """What one agent did in the time looked at."""

    agent: int
    unit: int | None
    tickets: int
    """worked on"""
    pauses: int
    shortly: int = 0
    """of them, begun shortly before a deadline"""
    expected: float = 0.0
    odd: bool = False
    near: bool = False
    """odd because they begin shortly before a deadline"""

    @property
    def rate(self) -> float:
        return self.pauses / self.tickets if self.tickets else 0.0


def judged(agents: Iterable[Agent]) -> list[Agent]:
    """With what was to be expected and who is odd; the most pauses for what was expected first."""
    rows = list(agents)
    found = []
    for one in rows:
        others = [other for other in rows if other.unit == one.unit and other.agent != one.agent]
        tickets = sum(other.tickets for other in others)
        rate = sum(other.pauses for other in others) / tickets if tickets else 0.0
        expected = rate * one.tickets
        often = bool(tickets) and one.pauses >= LEAST and one.pauses >= TIMES * expected and one.pauses - expected >= Z * sqrt(max(expected, 1.0))
        near = one.shortly >= LEAST and one.shortly > MOSTLY * one.pauses
        found.append(replace(one, expected=expected, odd=often or near, near=near))
    return sorted(found, key=lambda one: (not one.odd, -(one.pauses - one.expected), one.agent))
