"""The search for free times against a slow reference that looks at the wall clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.appointments import slots
from cordboard.appointments.slots import Busy, Person, Slot, Travel, Wanted, Window

NINE_TO_FIVE = (((540, 1020),),) * 5 + ((), ())
AMSTERDAM = "Europe/Amsterdam"


def at(text: str) -> int:
    return slots.minute(datetime.fromisoformat(text))


def person(**fields: object) -> Person:
    return Person(**{"id": 1, "zone": AMSTERDAM, "week": NINE_TO_FIVE, "areas": frozenset({1, 2}), **fields})  # type: ignore[arg-type]


def wanted(day: str, minutes: int = 60, days: int = 1, **more: object) -> Wanted:
    begin = at(f"{day}T00:00+00:00")
    return Wanted(minutes, begin - 180, begin - 180 + days * 1440, **{"area": 1, **more})  # type: ignore[arg-type]


TRAVEL = Travel({1: 15, 2: 20}, {1: 45, 2: 60})


def test_a_free_day_is_one_window() -> None:
    assert slots.windows([person()], wanted("2026-03-25"), TRAVEL) == [Window(at("2026-03-25T09:00+01:00"), at("2026-03-25T16:00+01:00"), 1)]


def test_the_way_is_shorter_within_an_area_than_between_two() -> None:
    visit = Busy(at("2026-03-25T12:00+01:00"), at("2026-03-25T13:00+01:00"), 1)
    here = slots.windows([person(busy=[visit])], wanted("2026-03-25", area=1), TRAVEL)
    there = slots.windows([person(busy=[visit])], wanted("2026-03-25", area=2), TRAVEL)
    assert [one.last for one in here][0] == at("2026-03-25T10:45+01:00")
    assert [one.first for one in here][1] == at("2026-03-25T13:15+01:00")
    assert [one.last for one in there][0] == at("2026-03-25T10:00+01:00")
    assert [one.first for one in there][1] == at("2026-03-25T14:00+01:00")


def test_hours_follow_the_wall_when_the_clock_changes() -> None:
    found = slots.windows([person()], wanted("2026-03-27", days=5), TRAVEL)
    assert [one.first for one in found] == [at("2026-03-27T09:00+01:00"), at("2026-03-30T09:00+02:00"), at("2026-03-31T09:00+02:00")]


def test_a_night_is_an_hour_shorter_or_longer() -> None:
    night = person(week=((),) * 6 + (((0, 360),),))
    spring, autumn = (slots.windows([night], wanted(day), TRAVEL) for day in ("2026-03-29", "2026-10-25"))
    assert spring[0].last - spring[0].first == 4 * 60
    assert autumn[0].last - autumn[0].first == 6 * 60


@pytest.mark.parametrize(
    "day,wall,last,utc",
    [
        ("2026-03-29", 150, False, "2026-03-29T01:00+00:00"),  # half past two is skipped: the moment of the leap
        ("2026-03-29", 150, True, "2026-03-29T01:00+00:00"),
        ("2026-10-25", 150, False, "2026-10-25T00:30+00:00"),  # shown twice: the first, or the last
        ("2026-10-25", 150, True, "2026-10-25T01:30+00:00"),
        ("2026-06-01", 1440, False, "2026-06-01T22:00+00:00"),
    ],
)
def test_times_that_the_clock_skips_or_shows_twice(day: str, wall: int, last: bool, utc: str) -> None:
    assert slots.utc(AMSTERDAM, date.fromisoformat(day), wall, last=last) == at(utc)


def test_skills_areas_and_the_most_visits_of_a_day() -> None:
    visits = [Busy(at("2026-03-25T09:00+01:00"), at("2026-03-25T10:00+01:00"), 1)]
    assert not slots.windows([person(areas=frozenset({2}))], wanted("2026-03-25"), TRAVEL)
    assert not slots.windows([person()], wanted("2026-03-25", skills=frozenset({"gas"})), TRAVEL)
    assert slots.windows([person(skills=frozenset({"gas", "water"}))], wanted("2026-03-25", skills=frozenset({"gas"})), TRAVEL)
    found = slots.windows([person(busy=visits, most=1)], wanted("2026-03-25", days=2), TRAVEL)
    assert [one.first for one in found] == [at("2026-03-26T09:00+01:00")], "the day is full, the next is not"
    assert slots.windows([person(areas=frozenset())], wanted("2026-03-25", area=None), TRAVEL), "nobody travels: anybody can"


def test_single_days_and_absences() -> None:
    closed = person(days={date(2026, 3, 25): (), date(2026, 3, 28): ((600, 720),)})
    found = slots.windows([closed], wanted("2026-03-25", days=4), TRAVEL)
    assert [one.first for one in found] == [at(f"2026-03-{day}+01:00") for day in ("26T09:00", "27T09:00", "28T10:00")]
    away = person(away=[(at("2026-03-25T00:00+01:00"), at("2026-03-26T12:00+01:00"))])
    assert slots.windows([away], wanted("2026-03-25", days=2), TRAVEL)[0].first == at("2026-03-26T12:00+01:00")


def test_the_three_that_are_offered_are_apart_and_shared_among_people() -> None:
    found = slots.windows([person(), person(id=2)], wanted("2026-03-25", days=2), TRAVEL)
    nine = at("2026-03-25T09:00+01:00")
    assert slots.spread(found, 3, apart=120) == [Slot(nine, 1), Slot(nine + 120, 1), Slot(nine + 240, 1)]
    assert list(slots.each(found))[:4] == [Slot(nine, 1), Slot(nine, 2), Slot(nine + 15, 1), Slot(nine + 15, 2)]


# -- against the reference -------------------------------------------------------------------------------------------------

ZONES = ("Europe/Amsterdam", "Asia/Kathmandu", "America/Santiago", "Australia/Lord_Howe", "UTC", "Asia/Bangkok")
BEGINS = (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 9, 4, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC))


def hours() -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    """None, one or two stretches that do not touch."""
    cuts = st.lists(st.integers(0, 96).map(lambda n: n * 15), min_size=0, max_size=4, unique=True).map(sorted)
    return cuts.map(lambda found: tuple(zip(found[::2], found[1::2])))


@st.composite
def problems(draw: st.DrawFn) -> tuple[Person, Wanted, Travel]:
    begin = slots.minute(draw(st.sampled_from(BEGINS)))
    week = tuple(draw(st.lists(hours(), min_size=7, max_size=7)))
    busy, last = [], begin - 600
    for gap, length, area in draw(st.lists(st.tuples(st.integers(0, 400), st.integers(5, 200), st.sampled_from([None, 1, 2])), max_size=8)):
        busy.append(Busy(last + gap, last + gap + length, area))
        last += gap + length
    away = [(begin + start, begin + start + length) for start, length in draw(st.lists(st.tuples(st.integers(-500, 4000), st.integers(0, 900)), max_size=2))]
    days = draw(st.dictionaries(st.integers(0, 3).map(lambda n: (slots.moment(begin) + timedelta(days=n)).date()), hours(), max_size=2))
    who = Person(1, draw(st.sampled_from(ZONES)), week, days, away, busy, areas=frozenset({1, 2}), most=draw(st.sampled_from([0, 1, 2])))
    what = Wanted(
        draw(st.sampled_from([5, 15, 45, 90])), begin + draw(st.integers(-60, 300)), begin + draw(st.integers(300, 4320)), draw(st.sampled_from([None, 1, 2]))
    )
    way = st.integers(0, 50)
    return who, what, Travel({1: draw(way), 2: draw(way)}, {1: draw(way), 2: draw(way)})


def reference(who: Person, what: Wanted, travel: Travel) -> list[int]:
    """Minute by minute: in hours between the first minute at which the clock shows their begin and the last before it shows their end."""
    place = ZoneInfo(who.zone)
    wall = {}
    for one in range(what.earliest - 2 * 1440, what.latest + 2 * 1440):
        wall[one] = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=one)).astimezone(place).replace(tzinfo=None)
    by_day: dict[date, list[int]] = {}
    for one, shown in wall.items():
        by_day.setdefault(shown.date(), []).append(one)
    found = []
    for day, minutes in by_day.items():
        if who.most and sum(busy.start in minutes for busy in who.busy) >= who.most:
            continue
        for opens, closes in who.days.get(day, who.week[day.weekday()]):
            midnight = datetime.combine(day, datetime.min.time())
            begin = next((one for one in minutes if wall[one] >= midnight + timedelta(minutes=opens)), minutes[-1] + 1)
            end = next((one + 1 for one in reversed(minutes) if wall[one] < midnight + timedelta(minutes=closes)), minutes[0])
            for start in range(begin, end - what.minutes + 1):
                stop = start + what.minutes
                if start % what.grid or start < what.earliest or stop > what.latest:
                    continue
                if any(start < until and stop > since and until > since for since, until in who.away):
                    continue
                ways = [(one, travel.minutes(one.area, what.area)) for one in who.busy]
                if all(stop + way <= one.start or one.end + way <= start for one, way in ways):
                    found.append(start)
    return sorted(found)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_search_finds_what_looking_at_every_minute_finds(problem: tuple[Person, Wanted, Travel]) -> None:
    who, what, travel = problem
    found = [one.start for one in slots.each(slots.windows([who], what, travel))]
    assert found == reference(who, what, travel)
    for start in found[:5]:
        assert slots.fits(who, what, travel, start)


@settings(max_examples=20, deadline=None)
@given(problems(), st.integers(0, 5000))
def test_whether_one_time_fits_is_the_same_question(problem: tuple[Person, Wanted, Travel], offset: int) -> None:
    who, what, travel = problem
    start = what.earliest + offset
    any_minute = Wanted(what.minutes, start, start + what.minutes, what.area, grid=1)
    assert slots.fits(who, what, travel, start) == (reference(who, any_minute, travel) == [start])


@settings(max_examples=20, deadline=None)
@given(problems(), st.integers(0, 5000))
def test_what_does_not_fit_has_a_reason(problem: tuple[Person, Wanted, Travel], offset: int) -> None:
    who, what, travel = problem
    start = what.earliest + offset
    assert slots.fits(who, what, travel, start) == (not slots.why_not(who, what, travel, start))
