"""Opening hours: pure. Hours are kept as {"timezone": "Europe/Amsterdam", "mon": [["08:00", "18:00"]], ..., "holidays": "NL"}; a day without
entry is closed; no days at all means always open. A span may end at "24:00". Times are the queue's own wall clock, so that summer time
moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cordboard.lib.opening import DAYS as DAYS
from cordboard.lib.opening import boundary, public_holidays

AHEAD = 14
"""Days that `next_opening` looks ahead."""


def is_open(hours: Mapping[str, Any], now: datetime) -> bool:
    """Whether a queue with these hours takes contacts at `now` (aware). Raises ValueError or KeyError on hours that are none."""
    if not any(day in hours for day in DAYS):
        return not _holiday(hours, now.astimezone(_zone(hours)).date())
    return any(begin <= now < end for begin, end in _spans(hours, now.astimezone(_zone(hours)).date()))


def next_opening(hours: Mapping[str, Any], now: datetime) -> datetime | None:
    """When it opens next (UTC), or None when it does not within two weeks; `now` itself when it is open."""
    if is_open(hours, now):
        return now
    today = now.astimezone(_zone(hours)).date()
    for ahead in range(AHEAD + 1):
        day = today + timedelta(days=ahead)
        if not any(name in hours for name in DAYS):
            if not _holiday(hours, day):
                return datetime.combine(day, time(), _zone(hours)).astimezone(UTC)
            continue
        for begin, _end in _spans(hours, day):
            if begin > now:
                return begin
    return None


def _zone(hours: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(str(hours.get("timezone") or "UTC"))


def _spans(hours: Mapping[str, Any], day: date) -> list[tuple[datetime, datetime]]:
    if _holiday(hours, day):
        return []
    zone = _zone(hours)
    return sorted((boundary(day, begin, zone), boundary(day, end, zone)) for begin, end in hours.get(DAYS[day.weekday()], ()))


def _holiday(hours: Mapping[str, Any], day: date) -> bool:
    return day in public_holidays(str(hours.get("holidays") or ""), day.year)
