"""Intervals of days as a centre's wall clock has them. Pure.

An interval is a pair of instants; the wall clock only names it. A day is what lies between two midnights of the zone: 23, 24 or 25 hours. An hour that comes twice is two
hours, told apart by their offsets from UTC; one that is skipped is none. Intervals of a quarter, half and whole hour are laid from midnight on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cordboard.routing import levels

STEPS: dict[str, timedelta | None] = {"15": timedelta(minutes=15), "30": timedelta(minutes=30), "60": timedelta(hours=1), "day": None}
"""Lengths of intervals by what they are called in addresses; None is a day, however long."""


@dataclass(frozen=True, slots=True)
class Interval:
    begin: datetime
    end: datetime
    """Both in UTC."""

    @property
    def key(self) -> int:
        """Seconds since 1970 at which it begins."""
        return int(self.begin.timestamp())


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin` to `end` (seconds since 1970) intervals begin at `origin` plus multiples of `length` seconds."""

    begin: int
    end: int
    origin: int
    length: int


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def between(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight that begins `first` to the one that ends `last`, in UTC."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def laid(first: date, last: date, zone: ZoneInfo, step: str) -> Iterator[Interval]:
    """Every interval of these days, in order, without gap or overlap. KeyError for a step that there is not."""
    length = STEPS[step]
    day = first
    while day <= last:
        if length is None:
            yield Interval(*between(day, day, zone))
        else:
            yield from (Interval(begin, end) for begin, end in levels.intervals(day, zone, length))
        day += timedelta(days=1)


def stretches(first: date, last: date, zone: ZoneInfo, step: str) -> list[Stretch]:
    """The same intervals as rules that a database can work out: one for each run of days whose midnights lie in one raster, so one or three a year's range."""
    length = STEPS[step]
    found: list[Stretch] = []
    day = first
    while day <= last:
        begin, end = (int(moment.timestamp()) for moment in between(day, day, zone))
        long = int(length.total_seconds()) if length is not None else end - begin
        before = found[-1] if found else None
        if before is not None and before.length == long and (begin - before.origin) % long == 0 and (before.end - before.origin) % long == 0:
            found[-1] = Stretch(before.begin, end, before.origin, long)
        else:
            found.append(Stretch(begin, end, begin, long))
        day += timedelta(days=1)
    return found


def key_of(slot: int, rules: list[Stretch]) -> int | None:
    """The key of the interval that a slot lies in; None outside of all. What the database works out is this."""
    for one in rules:
        if one.begin <= slot < one.end:
            return one.origin + (slot - one.origin) // one.length * one.length
    return None


def written(moment: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 with the zone's offset: 2026-10-25T02:00:00+02:00, and an hour later 2026-10-25T02:00:00+01:00."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
