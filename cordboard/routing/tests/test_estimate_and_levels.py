"""Waits that may be announced, and shares that may be shown."""

from __future__ import annotations

import heapq
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.routing.estimate import Band, Handling, announce, band, handling
from cordboard.routing.levels import ABANDON_RATE, LEVELS, Contact, Counts, average_speed_of_answer, count, interval_of, intervals, service_level
from cordboard.routing.relaxation import ANYONE, plan, step_at

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MANY = Handling(300.0, 1000)


def test_the_band_of_the_next_in_line():
    assert band(1, 10, MANY) == Band(0, 2)
    assert band(20, 10, MANY) == Band(7, 14)
    assert band(3, 10, MANY, free=3) == Band(0, 0)


def test_who_cannot_be_helped_is_told_no_figure():
    assert band(1, 0, MANY) is None
    assert band(1, 1, MANY, overtaking=1.0) is None


def test_few_figures_give_a_wider_band():
    sure, unsure = band(20, 10, Handling(300.0, 1000)), band(20, 10, Handling(300.0, 0))
    assert unsure.low < sure.low < sure.high < unsure.high


def test_handling_times_are_drawn_towards_the_usual_until_there_are_enough():
    assert handling([]) == Handling(300.0, 0)
    assert handling([600.0] * 5).mean == 450.0
    assert handling([0, -5, 99_999, 300.0]) == Handling(300.0, 1)


@given(place=st.integers(1, 200), agents=st.integers(1, 500), mean=st.floats(10, 2000))
def test_a_better_place_or_more_agents_never_make_the_wait_longer(place, agents, mean):
    times = Handling(mean, 50)
    here = band(place, agents, times)
    assert 0 <= here.low < here.high
    assert band(place, agents + 1, times).high <= here.high
    assert band(place + 1, agents, times).high >= here.high


def test_four_of_five_waits_fall_within_the_band():
    """Queues of 8 agents, exponential handling: what callers were told when they came, beside what they waited."""
    rng = random.Random(3)
    told = kept = 0
    agents, mean = 8, 300.0
    busy = [rng.expovariate(1 / mean) for _ in range(agents)]
    heapq.heapify(busy)
    arrival = 0.0
    starts: list[float] = []
    for _ in range(6000):
        arrival += rng.expovariate(agents / mean * 0.97)
        waiting = sum(1 for start in starts[-200:] if start > arrival)
        start = max(arrival, heapq.heappop(busy))
        heapq.heappush(busy, start + rng.expovariate(1 / mean))
        starts.append(start)
        if start > arrival:
            expected = band(waiting + 1, agents, MANY)
            told += 1
            kept += expected.low * 60 <= start - arrival <= expected.high * 60
    assert told > 2000
    assert 0.78 < kept / told < 0.97


def test_what_is_announced_never_rises():
    first = announce(Band(3, 6))
    assert first.band == Band(3, 6)
    assert announce(Band(4, 8), Band(3, 6), since=60).band == Band(4, 5)
    assert announce(Band(0, 1), Band(3, 6), since=60).band == Band(0, 1)
    assert announce(Band(6, 9), Band(3, 6), since=60).longer
    assert announce(Band(0, 2), Band(3, 6), since=360).longer


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 15)), min_size=2, max_size=20))
def test_the_end_that_was_told_is_never_put_off(bands):
    told, at = None, 0.0
    for minute, (low, width) in enumerate(bands):
        said = announce(Band(low, low + width), told, minute * 60 - at)
        if said.longer:
            return
        if told is not None:
            assert minute * 60 + said.band.high * 60 <= at + told.high * 60
        assert 0 <= said.band.low < said.band.high
        told, at = said.band, minute * 60


def contacts() -> list[Contact]:
    def after(seconds: float) -> datetime:
        return NOON + timedelta(seconds=seconds)

    return [
        Contact(NOON, answered=after(20)),
        Contact(NOON, answered=after(20.5)),
        Contact(NOON, answered=after(5)),
        Contact(NOON, abandoned=after(3)),
        Contact(NOON, abandoned=after(15)),
        Contact(NOON, abandoned=after(50)),
        Contact(NOON, left=after(9)),
        Contact(NOON),
    ]


def test_service_level_and_how_it_is_made():
    counts = count(contacts(), within=20, short=5)
    assert counts == Counts(8, 3, 2, 3, 1, 1, 45.5, 1)
    assert service_level(counts) == 2 / 7
    assert LEVELS["without_short"].text == "answered_within / (offered - short_abandoned)"
    assert {code: formula.of(counts) for code, formula in LEVELS.items()} == {
        "without_short": 2 / 7,
        "decided": 2 / 5,
        "of_offered": 2 / 8,
        "of_answered": 2 / 3,
        "abandons_against": 2 / 6,
        "late_abandons_against": 2 / 4,
    }
    assert ABANDON_RATE.of(counts) == 2 / 7
    assert average_speed_of_answer(counts) == 45.5 / 3


def test_nothing_offered_has_no_level():
    assert service_level(Counts()) is None
    assert average_speed_of_answer(Counts()) is None
    assert service_level(count([Contact(NOON, abandoned=NOON)], within=20, short=5)) is None


def test_counts_add_up():
    both = count(contacts(), within=20, short=5) + count(contacts(), within=20, short=5)
    assert both.offered == 16
    assert service_level(both) == 2 / 7


@pytest.mark.parametrize(("day", "number"), [(date(2026, 11, 22), 48), (date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_half_hours_of_a_day_when_the_clock_is_changed(day, number):
    found = list(intervals(day, ZoneInfo("Europe/Amsterdam")))
    assert len(found) == number
    assert all(end - begin == timedelta(minutes=30) for begin, end in found)
    assert [end for _, end in found[:-1]] == [begin for begin, _ in found[1:]]
    assert all(interval_of(begin) == begin == interval_of(end - timedelta(microseconds=1)) for begin, end in found)


def test_an_interval_divides_the_hour():
    assert interval_of(datetime(2026, 1, 1, 9, 59, tzinfo=ZoneInfo("Asia/Kathmandu")), timedelta(minutes=15)) == datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="divides"):
        interval_of(NOON, timedelta(minutes=7))


def test_requirements_give_way_step_by_step():
    asked = [{"skill": "nl", "kind": "language", "proficiency": 4}, {"skill": "washers", "kind": "product", "proficiency": 2}]
    steps = plan(asked, [{"after": 90, "drop": "product"}, {"after": 30, "lower": 1}, {"after": 200, "lower": 9, "skill": "nl"}])
    assert [(step.after, step.needs) for step in steps] == [
        (0.0, (("nl", 4), ("washers", 2))),
        (30.0, (("nl", 3), ("washers", 1))),
        (90.0, (("nl", 3),)),
        (200.0, (("nl", 1),)),
    ]
    assert (steps[2].lowered, steps[2].dropped) == ((("nl", 1),), ("washers",))
    assert [step_at(steps, waited) for waited in (-1, 0, 29.9, 30, 90, 1e9)] == [0, 0, 0, 1, 2, 3]


def test_requirements_that_make_no_sense_are_named():
    assert plan([]) == ANYONE
    assert plan([{"skill": "nl"}], [{"after": 10, "lower": 1}]) == plan([{"skill": "nl"}])
    for requirements, relaxation in (
        ([{"skill": ""}], []),
        ([{"skill": "nl", "proficiency": 6}], []),
        ([{"skill": "nl"}], [{"after": -1}]),
        ([{"skill": "nl"}], [{"lower": 1}]),
    ):
        with pytest.raises(ValueError, match="not a"):
            plan(requirements, relaxation)
