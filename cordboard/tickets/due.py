"""By when a ticket is to be done, and how urgent it is. Pure; the first simple form of service levels."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WORKING_DAYS = {"incident": 3, "complaint": 2, "request": 3, "question": 1, "return": 5, "task": 5, "wish": 10, "praise": 10}
SAFETY_HOURS = 4
"""A product that smokes or shocks waits for no weekend."""
PRIORITY = {"incident": 4, "complaint": 3, "request": 5, "question": 5, "return": 5, "task": 6, "wish": 8, "praise": 9}
SOONER = {"gold": 2, "silver": 1}
"""By value segment, so many steps of priority sooner."""


def due(kind: str, opened_at: datetime, timezone: str, *, segment: str = "", safety: bool = False) -> datetime:
    """The working days (Monday to Friday in `timezone`) of the kind, from the moment of opening; for gold half of them, one at least."""
    if safety:
        return opened_at + timedelta(hours=SAFETY_HOURS)
    days = WORKING_DAYS[kind]
    if segment == "gold":
        days = max(1, days // 2)
    moment = opened_at.astimezone(ZoneInfo(timezone))
    while moment.weekday() >= 5:  # what comes in on Saturday is opened on Monday, as it were
        moment += timedelta(days=1)
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5:
            days -= 1
    return moment.astimezone(opened_at.tzinfo)


def priority(kind: str, *, segment: str = "", safety: bool = False) -> int:
    """1 first, 9 last."""
    return 1 if safety else max(2, PRIORITY[kind] - SOONER.get(segment, 0))
