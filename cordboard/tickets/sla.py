"""Service levels: targets, deadlines in working time, and pauses. Pure.

A target is written "30m", "8h" or "3d": minutes and hours of working time, or working days (the same time of day so many days later, calendar.add_days). A plan has targets by
kind of ticket; "" is every kind that it does not name. A clock's deadline is its target, and the working time of its pauses, after its start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.tickets.calendar import Left, Timeline

FIRST, NEXT, RESOLUTION = "first_response", "next_response", "resolution"
CLOCKS = (FIRST, NEXT, RESOLUTION)
STOPS_WHILE_WAITING = frozenset({NEXT, RESOLUTION})
"""The first answer is owed whoever waits for whom: a ticket cannot be put aside before anybody has written a word."""
MOST = {"m": 60 * 24 * 60, "h": 24 * 365, "d": 730}
_TARGET = re.compile(r"(\d{1,6})\s*([mhd])")
_SECONDS = {"m": 60, "h": 3600}


class BadTarget(ValueError):
    """What was written is no target."""


@dataclass(frozen=True, slots=True)
class Target:
    amount: int
    unit: str
    """m, h or d"""

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def read_target(text: str) -> Target | None:
    """ "8h" -> eight hours; empty -> None. Raises BadTarget."""
    text = text.strip().lower()
    if not text:
        return None
    found = _TARGET.fullmatch(text)
    if found is None or not 0 < int(found[1]) <= MOST[found[2]]:
        raise BadTarget(text)
    return Target(int(found[1]), found[2])


def targets_of(plan: Mapping[str, Mapping[str, str]], kind: str, like: str = "") -> dict[str, str]:
    """What a plan promises for a kind of ticket: its own row, that of the built-in kind it is like, else the row of all others."""
    row = plan.get(kind) or plan.get(like) or plan.get("") or {}
    return {clock: row[clock] for clock in CLOCKS if row.get(clock)}


def working_seconds(line: Timeline, start: datetime, target: Target) -> int | None:
    """A target as working time from `start`. None: the calendar never has so many days."""
    if target.unit != "d":
        return target.amount * _SECONDS[target.unit]
    end = line.add_days(start, target.amount)
    return None if end is None else line.working_between(start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """A pause. `end` None: it lasts."""

    begin: datetime
    end: datetime | None


def paused(line: Timeline, start: datetime, spans: Iterable[Span]) -> int:
    """Working seconds of the pauses that are over, from the clock's start on. A pause that ends before it begins (a clock was set back) is none; where two overlap, the
    time counts once."""
    total, upto = 0, start
    for begin, end in sorted((span.begin, span.end) for span in spans if span.end is not None):
        if end > upto:
            total += line.working_between(max(begin, upto), end)
            upto = end
    return total


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due` None: never, for the calendar has no such hour. `pure`: when it would be without pauses."""

    due: datetime | None
    seconds: int
    paused: int
    left: Left = field(default_factory=Left)


def deadline(line: Timeline, start: datetime, target: Target, spans: Iterable[Span] = ()) -> Deadline:
    """When a clock that began at `start` runs out."""
    seconds = working_seconds(line, start, target)
    if seconds is None:
        return Deadline(None, 0, 0)
    waited = paused(line, start, spans)
    due = line.add_working(start, seconds + waited)
    return Deadline(due, seconds, waited, line.left_out(start, due) if due is not None else Left())


def _days(**days: int) -> dict[str, dict[str, str]]:
    return {kind: {RESOLUTION: f"{number}d"} for kind, number in days.items()}


@dataclass(frozen=True, slots=True)
class Plan:
    """A service level as it is kept, or as it is built in."""

    code: str
    name: str
    targets: Mapping[str, Mapping[str, str]]
    steps: tuple[Mapping[str, Any], ...] = ()
    around_the_clock: bool = False
    version: int = 0


STANDARD, GOLD, SAFETY = "standard", "gold", "safety"
BUILT_IN = {
    STANDARD: Plan(
        STANDARD,
        "Standard",
        {**_days(incident=3, complaint=2, request=3, question=1, wish=10, praise=10, task=5), "return": {RESOLUTION: "5d"}, "": {RESOLUTION: "3d"}},
    ),
    GOLD: Plan(
        GOLD,
        "Gold",
        {**_days(incident=1, complaint=1, request=1, question=1, wish=5, praise=5, task=2), "return": {RESOLUTION: "2d"}, "": {RESOLUTION: "1d"}},
    ),
    SAFETY: Plan(SAFETY, "Product safety", {"": {RESOLUTION: "4h"}}, around_the_clock=True),
}
"""What holds where a plan has no row of its own (the migration gives each one)."""


def usual_plan(segment: str, safety: bool) -> str:
    """Which plan holds where no rule says otherwise."""
    return SAFETY if safety else GOLD if segment == "gold" else STANDARD
