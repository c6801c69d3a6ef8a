"""Steps that are taken before a deadline: when each falls due, and what is wrong with how they are written. Pure.

In a plan: {"clock": "resolution", "percent": 80, "do": "notify_owner"} or {"clock": "first_response", "before": 30, "do": "raise_priority"}: at a share of the target,
or so many working minutes before the deadline."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cordboard.tickets.calendar import Timeline
from cordboard.tickets.sla import CLOCKS

BREACH = "breach"
"""Marks that the deadline has passed. Every clock has it; plans do not name it."""
POLICIES = "policies"
"""Asks the policies of the area "escalation". No plan names it."""
DOES = ("notify_owner", "notify_head", "raise_priority", "to_head", "to_unit", "to_account_owner", "next_level")
MOST_STEPS = 20
MOST_PERCENT, MOST_BEFORE = 200, 60 * 24 * 30
MOST_ASKED = 60
"""Moments of one clock at which policies are asked."""


@dataclass(frozen=True, slots=True)
class Step:
    clock: str
    do: str
    percent: int | None = None
    before: int | None = None
    """working minutes"""

    @property
    def key(self) -> str:
        """The same for the same step, so that it is taken once however often the deadline moves."""
        return f"{self.do}@{self.percent}%" if self.percent is not None else f"{self.do}-{self.before}m"

    @property
    def terms(self) -> dict[str, Any]:
        when = {"percent": self.percent} if self.percent is not None else {"before": self.before}
        return {"clock": self.clock, "do": self.do, **when}


def read_steps(kept: Iterable[Mapping[str, Any]], clock: str = "") -> tuple[Step, ...]:
    """The steps of a plan, or those of one of its clocks; what cannot be read is passed over (findings says it). The same step twice is one."""
    found: dict[tuple[str, str], Step] = {}
    for one in kept:
        if not finding(one) and clock in ("", one["clock"]):
            step = Step(one["clock"], one["do"], one.get("percent"), one.get("before"))
            found.setdefault((step.clock, step.key), step)
    return tuple(found.values())


def finding(one: Mapping[str, Any]) -> str:
    """What is wrong with a step: clock, do, when; "" for nothing."""
    if one.get("clock") not in CLOCKS:
        return "clock"
    if one.get("do") not in DOES:
        return "do"
    percent, before = one.get("percent"), one.get("before")
    if (percent is None) == (before is None):
        return "when"
    value, most = (percent, MOST_PERCENT) if percent is not None else (before, MOST_BEFORE)
    return "" if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most else "when"


def asked_at(minutes: Iterable[Any], percent: Iterable[Any]) -> tuple[Step, ...]:
    """When policies that compare the minutes left, or the share of the time used, with these values are to be asked: at each, and one minute or one per cent later, for "less than 60"
    begins to hold when 59 are left. What is after the deadline counts below nought. The same for each clock."""
    before = {whole for one in minutes if (whole := _whole(one, -MOST_BEFORE, MOST_BEFORE)) is not None}
    used = {whole for one in percent if (whole := _whole(one, 1, MOST_PERCENT)) is not None}
    found = {Step(clock, POLICIES, before=at) for clock in CLOCKS for one in before for at in (one, one - 1)}
    found |= {Step(clock, POLICIES, percent=at) for clock in CLOCKS for one in used for at in (one, one + 1)}
    return tuple(sorted(found, key=lambda step: (step.clock, step.key))[: len(CLOCKS) * MOST_ASKED])


def _whole(value: Any, least: int, most: int) -> int | None:
    """Upwards to a whole number, as facts count; None for what is no number or out of reach."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return math.ceil(value) if least <= value <= most else None


def findings(kept: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """(number of the step from 0, what is wrong)."""
    found = [(number, wrong) for number, one in enumerate(kept) if (wrong := finding(one))]
    return [*found, *([(MOST_STEPS, "many")] if len(kept) > MOST_STEPS else [])]


def moment(line: Timeline, start: datetime, seconds: int, paused: int, due: datetime | None, step: Step) -> datetime | None:
    """When a step of a clock falls due: `seconds` of target and `paused` seconds are working time. A step before a deadline that is shorter than that falls due at the
    start. None where the deadline is none."""
    if due is None:
        return None
    if step.percent is not None:
        part = -(-seconds * step.percent // 100)
        return due if step.percent == 100 else line.add_working(start, part + paused)
    assert step.before is not None
    return line.add_working(start, max(0, seconds - 60 * step.before) + paused)
