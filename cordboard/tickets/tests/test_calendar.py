"""Working time against a slow reference that looks at every minute, and the days on which clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cordboard.lib.opening import DAYS, public_holidays
from cordboard.tickets import due
from cordboard.tickets.calendar import Timeline, Week, always, weekdays

MINUTE = timedelta(minutes=1)
OFFICE = (("09:00", "12:30"), ("13:00", "17:30"))
NL = Week("Europe/Amsterdam", dict.fromkeys(DAYS[:5], OFFICE), "NL")
_NL = Timeline(NL)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def clock(text: str, zone: str = "Europe/Amsterdam") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# ---- the slow reference: every minute of a wall clock that is never set back (in an hour that comes twice it stands still) ----
SPAN = 9
"""days before and after the middle of the stretch that the reference knows"""


@cache
def walls(zone: str, first: datetime) -> list[datetime]:
    found: list[datetime] = []
    high = datetime.min
    for minute in range(2 * SPAN * 24 * 60):
        high = max(high, (first + minute * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0))
        found.append(high)
    return found


def reference(week: Week, first: datetime) -> list[bool]:
    """Whether each minute from `first` on is open."""
    found = []
    days: dict[date, list[tuple[str, str]]] = {}
    for wall in walls(week.timezone, first):
        day = wall.date()
        if day not in days:
            if day in week.exceptions:
                days[day] = list(week.exceptions[day][0])
            elif week.holidays and day in public_holidays(week.holidays, day.year):
                days[day] = []
            else:
                days[day] = list(week.week.get(DAYS[day.weekday()], ()))
        text = wall.strftime("%H:%M")
        found.append(any(begin <= text < end for begin, end in days[day]))
    return found


CHANGES = {
    "Europe/Amsterdam": ["2026-03-29", "2026-10-25", "2026-04-27"],  # the last is Koningsdag
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # by half an hour
    "Asia/Kolkata": ["2026-01-26"],
    "America/St_Johns": ["2026-03-08", "2026-11-01"],
    "Asia/Kathmandu": ["2026-06-01"],  # 5:45
    "America/Havana": ["2026-03-08", "2026-11-01"],  # at midnight
    "Asia/Beirut": ["2026-03-29", "2026-10-25"],  # to and from midnight
    "Pacific/Apia": ["2011-12-30"],  # a day that never was
    "Europe/Dublin": ["2026-03-29", "2026-10-25"],
    "Asia/Shanghai": ["2026-02-17"],
}
COUNTRIES = ["", "NL", "DE-BY", "US", "CN", "TH", "RU", "AU-NSW"]


@st.composite
def spans(draw: Any) -> tuple[tuple[str, str], ...]:
    marks = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))  # quarters of an hour
    marks = marks[: len(marks) // 2 * 2]
    text = [f"{mark // 4:02}:{mark % 4 * 15:02}" for mark in marks]
    return tuple(zip(text[::2], text[1::2], strict=True))


@st.composite
def cases(draw: Any) -> tuple[Week, datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    middle = utc(draw(st.sampled_from(CHANGES[zone])))
    week = {day: draw(spans()) for day in DAYS}
    exceptions = {middle.date() + timedelta(days=away): (draw(spans()), "other") for away in draw(st.sets(st.integers(-SPAN, SPAN), max_size=3))}
    return Week(zone, week, draw(st.sampled_from(COUNTRIES)), exceptions), middle - timedelta(days=SPAN)


@settings(max_examples=60, deadline=None)
@given(cases(), st.lists(st.tuples(st.integers(0, 2 * SPAN * 1440 - 1), st.integers(0, 4 * 1440)), min_size=1, max_size=12))
@example((Week("Europe/Amsterdam", dict.fromkeys(DAYS, (("01:00", "02:30"), ("02:45", "05:00")))), utc("2026-10-16")), [(9 * 1440, 600)])
@example((Week("Europe/Amsterdam", dict.fromkeys(DAYS, (("01:00", "02:00"), ("03:00", "05:00")))), utc("2026-03-20")), [(9 * 1440, 600)])
def test_working_time_is_what_a_look_at_every_minute_says(case: tuple[Week, datetime], asked: list[tuple[int, int]]) -> None:
    week, first = case
    line, minutes = Timeline(week), reference(week, first)
    before = [0]
    for one in minutes:
        before.append(before[-1] + one)
    for start, length in asked:
        begin = first + start * MINUTE
        assert line.is_open(begin) is minutes[start]
        opening = next((at for at in range(start, len(minutes)) if minutes[at]), None)
        if opening is not None:
            assert line.next_opening(begin) == first + opening * MINUTE
        end = min(start + length, len(minutes))
        assert line.working_between(begin, first + end * MINUTE) == 60 * (before[end] - before[start])
        # the first moment by which `length` open minutes have passed
        reached = next((at for at in range(start, len(before)) if before[at] - before[start] >= length), None) if length else opening
        if reached is not None:
            assert line.add_working(begin, 60 * length) == first + reached * MINUTE


@given(st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0)), st.integers(1, 40 * 86_400))
def test_what_is_added_is_what_is_counted(start: datetime, seconds: int) -> None:
    line = _NL
    end = line.add_working(start, seconds)
    assert end is not None
    assert line.working_between(start, end) == seconds
    assert line.working_between(end, start) == 0, "a clock that was set back has no working time"
    assert line.working_between(start, end - timedelta(seconds=1)) == seconds - 1


def test_eight_hours_over_lunch_night_and_koningsdag() -> None:
    start = clock("2026-04-24T14:00")  # a Friday; Monday is Koningsdag
    end = _NL.add_working(start, 8 * 3600)
    assert end == clock("2026-04-28T14:00")
    left = _NL.left_out(start, end)
    assert (left.breaks, left.nights, left.weekdays) == (True, True, ("sat", "sun"))
    assert [day.isoformat() for day, _name in left.holidays] == ["2026-04-27"]
    assert "Koning" in left.holidays[0][1]


def test_a_night_of_23_and_of_25_hours() -> None:
    night = Timeline(Week("Europe/Amsterdam", dict.fromkeys(DAYS, (("00:00", "02:30"), ("03:00", "08:00")))))
    assert night.working_between(clock("2026-03-29T00:00"), clock("2026-03-29T12:00")) == 7 * 3600, "the break fell into the hour that was not"
    assert night.working_between(clock("2026-10-25T00:00"), clock("2026-10-25T12:00")) == int(7.5 * 3600), "the break lasted an hour and a half"
    assert always("Europe/Amsterdam").working_between(clock("2026-10-25T00:00"), clock("2026-10-26T00:00")) == 25 * 3600


def test_the_end_of_a_day_rather_than_the_beginning_of_the_next() -> None:
    assert _NL.add_working(clock("2026-11-17T09:00"), 8 * 3600) == clock("2026-11-17T17:30")
    assert _NL.add_working(clock("2026-11-17T12:45"), 0) == clock("2026-11-17T13:00")
    assert _NL.add_working(clock("2026-11-20T18:00"), 60) == clock("2026-11-23T09:01")


@pytest.mark.parametrize(
    "week", [Week(), Week("Asia/Bangkok", dict.fromkeys(DAYS, ()), "TH"), Week(exceptions={date(2020, 1, 1): ((("09:00", "10:00"),), "once")})]
)
def test_a_calendar_that_never_opens_has_no_deadline_and_says_so(week: Week) -> None:
    line = Timeline(week)
    start = utc("2026-11-17T09:00")
    assert line.add_working(start, 3600) is None
    assert line.add_days(start, 1) is None
    assert line.next_opening(start) is None
    assert not line.is_open(start)
    assert line.working_between(start, start + timedelta(days=9)) == 0


def test_a_calendar_that_is_open_once_reaches_only_so_far() -> None:
    line = Timeline(Week("UTC", exceptions={date(2026, 12, 1): ((("09:00", "11:00"),), "once")}))
    assert line.add_working(utc("2026-11-17T09:00"), 2 * 3600) == utc("2026-12-01T11:00")
    assert line.add_working(utc("2026-11-17T09:00"), 2 * 3600 + 1) is None


def test_the_last_years_of_the_calendar_do_not_fail() -> None:
    assert always().add_working(datetime(9990, 6, 1, tzinfo=UTC), 60) == datetime(9990, 6, 1, 0, 1, tzinfo=UTC)
    assert always().add_working(datetime(9990, 6, 1, tzinfo=UTC), 10**12) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0)),
    st.sampled_from(sorted(due.WORKING_DAYS)),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
)
def test_days_without_a_calendar_are_weekdays_as_ever(start: datetime, kind: str, zone: str) -> None:
    wanted = due.due(kind, start, zone)
    found = weekdays(zone).add_days(start, due.WORKING_DAYS[kind])
    if found != wanted:  # a wall clock's time that is not there on that day
        assert found is not None
        assert abs(found - wanted) <= timedelta(hours=1)
        assert wanted.astimezone(ZoneInfo(zone)).utcoffset() != start.astimezone(ZoneInfo(zone)).utcoffset()


def test_days_end_within_hours() -> None:
    assert _NL.add_days(clock("2026-11-17T14:30"), 2) == clock("2026-11-19T14:30")
    assert _NL.add_days(clock("2026-11-17T12:40"), 1) == clock("2026-11-18T13:00"), "in a break"
    assert _NL.add_days(clock("2026-11-17T21:00"), 1) == clock("2026-11-18T17:30"), "after the last hour"
    assert _NL.add_days(clock("2026-11-21T08:00"), 1) == clock("2026-11-24T09:00"), "Saturday counts from Monday"
