"""Which times are free: pure, in whole minutes since 1970 (UTC), so that a search over two hundred people and a month is additions and comparisons.

A person may begin a visit at minute `s` when all of this holds:
- `s` and the end of the visit lie in one stretch of the person's hours on that local day, less absences;
- between this visit and each other one there is the time to travel: the shorter one within an area, the longer one between areas;
- the person has fewer visits on that local day than are allowed in one;
- `s` is on the grid, and not before `earliest` nor the end after `latest`.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

GRID = 15
"""Minutes. Every time zone in use today is a multiple of it away from UTC, so that a quarter here is a quarter on the wall there."""
DAY = 1_440
EPOCH = date(1970, 1, 1)

Stretch = tuple[int, int]
"""From and until, in minutes: of a local day in hours, since 1970 elsewhere. Until is not in it."""


class Busy(NamedTuple):
    """A visit, or a hold of one: `area` None is work for which nobody travels. The database's rows have this form and are taken as they come."""

    start: int
    end: int
    area: int | None = None
    person: int = 0


Visit = tuple[int, int, int | None, int]
"""What `Busy` names; a search over a month reads some twenty thousand, so nothing is made of them."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Minutes on the way, by area: to the next customer in it, and out of it to a customer in another."""

    within: Mapping[int, int] = field(default_factory=dict)
    between: Mapping[int, int] = field(default_factory=dict)

    def minutes(self, one: int | None, other: int | None) -> int:
        """From one visit to the next; the same in both directions. Nothing where nobody travels."""
        if one is None or other is None:
            return 0
        if one == other:
            return self.within.get(one, 0)
        return max(self.between.get(one, 0), self.between.get(other, 0))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who makes visits. `week` has the hours of Monday to Sunday; `days` replaces them on single days; `away` in minutes since 1970; `most`: visits
    in a local day (0: as many as fit). `busy` is in order of start and does not overlap."""

    id: int
    zone: str
    week: tuple[tuple[Stretch, ...], ...]
    days: Mapping[date, tuple[Stretch, ...]] = field(default_factory=dict)
    away: Sequence[Stretch] = ()
    busy: Sequence[Visit] = ()
    skills: frozenset[str] = frozenset()
    areas: frozenset[int] = frozenset()
    most: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit of so many `minutes`; `area` None: nobody travels, and everybody's area does. `earliest` and `latest` in minutes since 1970."""

    minutes: int
    earliest: int
    latest: int
    area: int | None = None
    skills: frozenset[str] = frozenset()
    grid: int = GRID


class Window(NamedTuple):
    """The visit may begin with this person at `first`, at `last`, and at every step of the grid between them."""

    first: int
    last: int
    person: int


class Slot(NamedTuple):
    """A beginning, with whom."""

    start: int
    person: int


def minute(moment: datetime) -> int:
    """Minutes since 1970, rounded down. `moment` knows its zone."""
    return int(moment.timestamp() // 60)


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at * 60, UTC)


def able(person: Person, wanted: Wanted) -> bool:
    return wanted.skills <= person.skills and (wanted.area is None or wanted.area in person.areas)


def windows(people: Iterable[Person], wanted: Wanted, travel: Travel) -> list[Window]:
    """All that is free, in order of time. Cost: days and visits of those who are able."""
    if wanted.minutes <= 0 or wanted.grid <= 0:
        raise ValueError("a visit lasts some minutes, and so does a step of the grid")
    found: list[Window] = []
    ways: dict[int | None, int] = {}
    for person in people:
        if able(person, wanted):
            found += _of_person(person, wanted, travel, ways)
    found.sort()
    return found


def each(found: Sequence[Window], grid: int = GRID) -> Iterator[Slot]:
    """Every beginning that the windows stand for, in order of time, then of person. `found` is in order of `first`."""
    heap: list[tuple[int, int, int]] = []
    at = 0
    while heap or at < len(found):
        if not heap or (at < len(found) and found[at].first <= heap[0][0]):
            one = found[at]
            at += 1
            heapq.heappush(heap, (one.first, one.person, one.last))
            continue
        start, person, last = heap[0]
        yield Slot(start, person)
        if start + grid <= last:
            heapq.heapreplace(heap, (start + grid, person, last))
        else:
            heapq.heappop(heap)


def spread(found: Sequence[Window], count: int, *, apart: int = 120, grid: int = GRID) -> list[Slot]:
    """The first `count` beginnings of which no two are closer than `apart` minutes: what a customer is offered to choose from."""
    chosen: list[Slot] = []
    for one in each(found, grid):
        if not chosen or one.start - chosen[-1].start >= apart:
            chosen.append(one)
            if len(chosen) == count:
                break
    return chosen


def fits(person: Person, wanted: Wanted, travel: Travel, start: int) -> bool:
    """Whether this person can begin at exactly this minute (on the grid or not)."""
    one = Wanted(wanted.minutes, start, start + wanted.minutes, wanted.area, wanted.skills, 1)
    return able(person, one) and bool(_of_person(person, one, travel))


def why_not(person: Person, wanted: Wanted, travel: Travel, start: int) -> list[str]:
    """What stands against a beginning at this minute, the firmest first: taken (another visit at that time), travel (too little time on the way), away, hours,
    full (as many visits as a day has), area, skills. Nothing: it fits."""
    end = start + wanted.minutes
    found = []
    if any(since < end and until > start for since, until, _area, _who in person.busy):
        found.append("taken")
    elif near(person, wanted, travel, start) is not None:
        found.append("travel")
    if any(since < end and until > start and since < until for since, until in person.away):
        found.append("away")
    here = Wanted(wanted.minutes, start, end)
    days = list(_local_days(person, here))
    if not any(opens <= start and end <= closes for _midnight, _end, stretches in days for opens, closes in stretches):
        found.append("hours")
    day = _local_date(person.zone, start)
    if person.most and sum(_local_date(person.zone, since) == day for since, _until, _area, _who in person.busy) >= person.most:
        found.append("full")
    if wanted.area is not None and wanted.area not in person.areas:
        found.append("area")
    if not wanted.skills <= person.skills:
        found.append("skills")
    return found


def working(person: Person, since: int, until: int) -> list[Stretch]:
    """When the person works between two minutes, absences taken out."""
    found: list[Stretch] = []
    for _midnight, _end, stretches in _local_days(person, Wanted(1, since, until)):
        for opens, closes in stretches:
            at, stop = max(opens, since), min(closes, until)
            for gone, back in sorted(person.away):
                if gone < stop and back > at:
                    if at < gone:
                        found.append((at, gone))
                    at = back
            if at < stop:
                found.append((at, stop))
    return found


def near(person: Person, wanted: Wanted, travel: Travel, start: int) -> Busy | None:
    """The visit that a beginning at this minute collides with, the way to it counted."""
    for since, until, area, who in person.busy:
        way = travel.minutes(area, wanted.area)
        if since - way < start + wanted.minutes and until + way > start:
            return Busy(since, until, area, who)
    return None


def _of_person(person: Person, wanted: Wanted, travel: Travel, ways: dict[int | None, int] | None = None) -> list[Window]:
    """Written out plainly, without a call in the innermost loop: it runs for each visit of each person."""
    grid, length, earliest, latest, who = wanted.grid, wanted.minutes, wanted.earliest, wanted.latest, person.id
    blocked = _blocked(person, wanted, travel, {} if ways is None else ways)
    starts = [visit[0] for visit in person.busy] if person.most else []
    found: list[Window] = []
    at, count = 0, len(blocked)
    for midnight, end_of_day, stretches in _local_days(person, wanted):
        if person.most and bisect_left(starts, end_of_day) - bisect_left(starts, midnight) >= person.most:
            continue
        for opens, closes in stretches:
            first = opens if opens > earliest else earliest
            last = (closes if closes < latest else latest) - length
            if last < first:
                continue
            while at < count and blocked[at][1] <= first:
                at += 1
            here = at
            while here < count:
                since, until = blocked[here]
                if since > last:
                    break
                if first < since:
                    begin, end = -(-first // grid) * grid, (since - 1) // grid * grid
                    if begin <= end:
                        found.append(Window(begin, end, who))
                if until > first:
                    first = until
                    if first > last:
                        break
                here += 1
            if first <= last:
                begin, end = -(-first // grid) * grid, last // grid * grid
                if begin <= end:
                    found.append(Window(begin, end, who))
    return found


def _blocked(person: Person, wanted: Wanted, travel: Travel, ways: dict[int | None, int]) -> list[Stretch]:
    """Minutes at which the visit cannot begin: from one (in it) until another (not in it), in order of the first; they may overlap. `ways` keeps what is on the way to
    each area, for all people of a search."""
    before, here = wanted.minutes - 1, wanted.area
    try:
        raw = [(start - ways[area] - before, end + ways[area]) for start, end, area, _who in person.busy]
    except KeyError:
        for _start, _end, area, _who in person.busy:
            ways[area] = travel.minutes(area, here)
        raw = [(start - ways[area] - before, end + ways[area]) for start, end, area, _who in person.busy]
    raw += [(start - before, end) for start, end in person.away if end > start]
    raw.sort()  # nearly in order already; a longer way may reach back before the visit that stands before it
    return raw


def _local_days(person: Person, wanted: Wanted) -> Iterable[tuple[int, int, Sequence[Stretch]]]:
    """The days on which the person works: when each begins and ends, and its hours, in minutes since 1970."""
    first, last = _day_of(wanted.earliest) - timedelta(days=1), _day_of(wanted.latest) + timedelta(days=1)
    special = tuple((day, hours) for day, hours in person.days.items() if first <= day <= last)
    return _worked_days(person.zone, person.week, first, last, special)


@lru_cache(maxsize=1_024)
def _worked_days(
    zone: str, week: tuple[tuple[Stretch, ...], ...], first: date, last: date, special: tuple[tuple[date, tuple[Stretch, ...]], ...]
) -> tuple[tuple[int, int, tuple[Stretch, ...]], ...]:
    """Most people share their hours and public holidays with others: worked out once for all who do."""
    found = []
    instead = dict(special)
    day = first
    while day <= last:
        hours = _in_utc(zone, day, instead.get(day, week[day.weekday()]))
        if hours:
            found.append((utc(zone, day, 0), utc(zone, day + timedelta(days=1), 0), hours))
        day += timedelta(days=1)
    return tuple(found)


def _in_utc(zone: str, day: date, hours: Sequence[Stretch]) -> tuple[Stretch, ...]:
    made = ((utc(zone, day, opens), utc(zone, day, closes, last=True)) for opens, closes in sorted(hours))
    return tuple((opens, closes) for opens, closes in made if opens < closes)


@lru_cache(maxsize=65_536)
def utc(zone: str, day: date, at: int, *, last: bool = False) -> int:
    """The minute since 1970 when the wall clock of `zone` shows `at` minutes of `day`. A time that the clock skips is the moment of the leap; of one that it
    shows twice the first is taken, or the last."""
    local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=at)
    place = ZoneInfo(zone)
    early, late = (minute(local.replace(tzinfo=place, fold=fold)) for fold in (0, 1))
    if early <= late:
        return late if last else early
    # the clock skips it: `late` is still before the leap, `early` after it. Find the first minute that shows no less than this.
    before, after = late, early
    while after - before > 1:
        middle = (before + after) // 2
        if moment(middle).astimezone(place).replace(tzinfo=None) < local:
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=8_192)
def _local_date(zone: str, at: int) -> date:
    return moment(at).astimezone(ZoneInfo(zone)).date()


def local_date(zone: str, at: int) -> date:
    """The day on the wall at a minute since 1970."""
    return _local_date(zone, at)


def _day_of(at: int) -> date:
    return EPOCH + timedelta(days=at // DAY)
