"""Until when a product is under warranty, and what to say of it. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

SOON_DAYS = 120
"""Four months: long enough to speak of an extension before it is over."""

State = Literal["in", "ends_soon", "ended"]


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last day of the month where that day does not exist (31 January and one month: 28 or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Warranty:
    state: State
    until: date
    days: int
    """left, or negative: gone since"""
    months: int
    """whole months left, for "ends in 4 months"; 0 when it ended"""


def warranty(until: date, today: date) -> Warranty:
    """How it stands `today`. The last day counts as within."""
    days = (until - today).days
    months = (until.year - today.year) * 12 + until.month - today.month
    if months > 0 and add_months(today, months) > until:
        months -= 1
    state: State = "ended" if days < 0 else "ends_soon" if days <= SOON_DAYS else "in"
    return Warranty(state, until, days, max(0, months))
