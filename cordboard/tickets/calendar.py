"""Business calendars: working time added, counted and explained. Pure.

A calendar says when a unit works: hours of each weekday with their breaks, public holidays, and exceptions by date, on the wall clock of one time zone. It is
compiled to a `Timeline`: the open spans of whole years as sorted moments with the working seconds before each, so that a deadline costs two binary searches.
A day on which the clock is changed simply has spans of another length (lib/opening says which moment a wall clock's time is).
"""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cordboard.lib.opening import DAYS, boundary, public_holidays

Spans = tuple[tuple[str, str], ...]
"""("09:00", "12:30"), ("13:00", "17:30"): in order, not overlapping; an end may be "24:00"."""

HORIZON = 10
"""Years after its start within which a deadline is looked for. What is not reached by then is none: a calendar may have no open hour at all."""
LONGEST_LOOK = 370
"""Days that an explanation goes through."""
_FIRST, _LAST = 1980, 9990
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """What a calendar says. `week` by the names of lib.opening.DAYS; a day without entry is closed. `exceptions`: other spans on a date, or none, with a name."""

    timezone: str = "UTC"
    week: Mapping[str, Spans] = field(default_factory=dict)
    holidays: str = ""
    exceptions: Mapping[date, tuple[Spans, str]] = field(default_factory=dict)

    def spans(self, day: date) -> Spans:
        """The hours of one date, by exception, holiday or weekday."""
        found = self.exceptions.get(day)
        if found is not None:
            return found[0]
        if self.holidays and day in public_holidays(self.holidays, day.year):
            return ()
        return self.week.get(DAYS[day.weekday()], ())


ALWAYS = Week(week=dict.fromkeys(DAYS, (("00:00", "24:00"),)))
WEEKDAYS = dict.fromkeys(DAYS[:5], (("00:00", "24:00"),))


@dataclass(frozen=True)
class Left:
    """What lies between two moments and is no working time. Holidays and exceptions only where the weekday would have been open."""

    breaks: bool = False
    nights: bool = False
    weekdays: tuple[str, ...] = ()
    """closed days of the week, such as ("sat", "sun")"""
    holidays: tuple[tuple[date, str], ...] = ()
    closed: tuple[tuple[date, str], ...] = ()
    other_hours: tuple[tuple[date, str], ...] = ()
    clock_changed: bool = False


class _Table:
    """Open spans of the years from `first` to `last` (both included): moments in whole seconds since 1970, and the working seconds before each."""

    __slots__ = ("before", "ends", "first", "last", "starts", "until", "upto")

    def __init__(self, first: int, last: int, spans: list[tuple[int, int]]) -> None:
        self.first, self.last = first, last
        self.starts, self.ends = [one for one, _ in spans], [one for _, one in spans]
        self.before: list[int] = []
        self.upto: list[int] = []
        sum = 0
        for begin, end in spans:
            self.before.append(sum)
            sum += end - begin
            self.upto.append(sum)

    def worked(self, moment: int) -> int:
        """Working seconds from the table's beginning to `moment`."""
        at = bisect_right(self.starts, moment) - 1
        if at < 0:
            return 0
        return self.before[at] + min(moment, self.ends[at]) - self.starts[at]


class Timeline:
    """A calendar, compiled. Years are compiled when they are first needed and kept; several threads may ask at once. Moments are aware datetimes, answers UTC in whole
    seconds; durations are seconds of working time."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.zone = ZoneInfo(week.timezone)
        self._ever = any(week.week.values()) or any(spans for spans, _name in week.exceptions.values())
        self._table = _Table(_FIRST, _FIRST - 1, [])
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._lock = threading.Lock()

    def add_working(self, start: datetime, seconds: int) -> datetime | None:
        """When `seconds` of working time after `start` have passed; the end of a working day rather than the beginning of the next. 0: the first open moment.
        None when that is never (no open hour, or not within HORIZON years)."""
        if not self._ever:
            return None
        begin = _seconds(start)
        year, reach = start.year, 1
        while True:
            table = self._cover(year, min(year + reach, _LAST))
            first = bisect_right(table.ends, begin)  # the span that begin is in, or the next one
            if first < len(table.starts):
                wanted = table.before[first] + max(0, begin - table.starts[first]) + max(0, seconds)
                at = max(first, bisect_left(table.upto, wanted, first))
                if at < len(table.starts):
                    return _moment(max(begin, table.starts[at] + wanted - table.before[at]))
            if reach >= HORIZON or year + reach >= _LAST:
                return None
            reach = min(HORIZON, reach * 3)

    def working_between(self, begin: datetime, end: datetime) -> int:
        """Working seconds between two moments; 0 when `end` is not after `begin` (a clock was set back)."""
        if not self._ever or end <= begin:
            return 0
        table = self._cover(begin.year, end.year)
        return table.worked(_seconds(end)) - table.worked(_seconds(begin))

    def next_opening(self, now: datetime) -> datetime | None:
        """The first open moment from `now` on: `now` itself (in whole seconds) when it is open."""
        return self.add_working(now, 0)

    def is_open(self, now: datetime) -> bool:
        table = self._cover(now.year, now.year)
        at = bisect_right(table.starts, _seconds(now)) - 1
        return at >= 0 and _seconds(now) < table.ends[at]

    def add_days(self, start: datetime, days: int) -> datetime | None:
        """The same time of day so many working days later (a date with any open hour is one). What comes in on a closed day counts from the next working day;
        a time outside that day's hours becomes the next open one of the day, or its end. None when there are not so many days within HORIZON years."""
        if not self._ever:
            return None
        local = start.astimezone(self.zone)
        last = local.date() + timedelta(days=366 * HORIZON)
        day = local.date()
        while not self.week.spans(day):
            day += _DAY
            if day > last:
                return None
        while days > 0:
            day += _DAY
            if day > last:
                return None
            days -= bool(self.week.spans(day))
        wall = datetime.combine(day, local.time().replace(microsecond=0, fold=0), self.zone).astimezone(UTC)
        spans = [(boundary(day, begin, self.zone), boundary(day, end, self.zone)) for begin, end in self.week.spans(day)]
        for begin, end in spans:
            if wall <= end:
                return max(wall, begin)
        return spans[-1][1]

    def left_out(self, begin: datetime, end: datetime) -> Left:
        """What of the time between two moments is left out and why, for an explanation; of the first year or so."""
        first, last = begin.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        last = min(last, first + timedelta(days=LONGEST_LOOK))
        breaks, nights = False, False
        weekdays: list[str] = []
        free: list[tuple[date, str]] = []
        closed: list[tuple[date, str]] = []
        other: list[tuple[date, str]] = []
        day = first
        while day <= last:
            usual = self.week.week.get(DAYS[day.weekday()], ())
            spans = self.week.spans(day)
            if day in self.week.exceptions:
                (other if spans else closed).append((day, self.week.exceptions[day][1]))
            elif usual and not spans:
                free.append((day, public_holidays(self.week.holidays, day.year).get(day, "")))
            elif not usual and DAYS[day.weekday()] not in weekdays:
                weekdays.append(DAYS[day.weekday()])
            for (_, left), (right, _end) in itertools.pairwise(spans):
                breaks |= left != right and boundary(day, left, self.zone) < end and boundary(day, right, self.zone) > begin
            if spans and day < last and spans[-1][1] != "24:00" and boundary(day, "24:00", self.zone) > begin:
                nights = True
            day += _DAY
        changed = begin.astimezone(self.zone).utcoffset() != end.astimezone(self.zone).utcoffset()
        in_week = tuple(name for name in DAYS if name in weekdays)
        return Left(breaks, nights, in_week, tuple(free), tuple(closed), tuple(other), changed)

    def _cover(self, first: int, last: int) -> _Table:
        """A table that has the years from `first` to `last` and one more at each side, for the hours by which a zone's year is not UTC's."""
        table = self._table
        first, last = max(_FIRST, first - 1), min(_LAST + 1, last + 1)
        if table.first <= first and last <= table.last:
            return table
        with self._lock:
            table = self._table
            if table.last >= table.first:
                first, last = min(first, table.first), max(last, table.last)
            spans: list[tuple[int, int]] = []
            for year in range(first, last + 1):
                if year not in self._years:
                    self._years[year] = self._year(year)
                spans += self._years[year]
            self._table = made = _Table(first, last, _joined(spans))
        return made

    def _year(self, year: int) -> list[tuple[int, int]]:
        found = []
        day = date(year, 1, 1)
        while day.year == year:
            for begin, end in self.week.spans(day):
                span = (_seconds(boundary(day, begin, self.zone)), _seconds(boundary(day, end, self.zone)))
                if span[0] < span[1]:  # a span that lies within an hour that the clock leaps over is none
                    found.append(span)
            day += _DAY
        return found


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch, as one: until midnight and from midnight on."""
    made: list[tuple[int, int]] = []
    for begin, end in spans:
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((begin, end))
    return made


def _seconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def seconds_of(spans: Spans) -> int:
    """How much working time spans of a usual day have."""
    return sum(_clock(end) - _clock(begin) for begin, end in spans)


def _clock(text: str) -> int:
    if text == "24:00":
        return 86_400
    at = time.fromisoformat(text)
    return at.hour * 3600 + at.minute * 60


@lru_cache(maxsize=32)
def always(timezone: str = "UTC") -> Timeline:
    """Round the clock."""
    return Timeline(Week(timezone, ALWAYS.week))


@lru_cache(maxsize=64)
def weekdays(timezone: str) -> Timeline:
    """Whole days from Monday to Friday, where no calendar has been made."""
    return Timeline(Week(timezone, WEEKDAYS))
