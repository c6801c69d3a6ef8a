"""A simulation of past days is brought near what happened: patience, occupation, pace."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.routing.calibration import LONGEST_PATIENCE, endures, mean_patience, occupations, paced
from cordboard.routing.match import Agent, Settings
from cordboard.routing.whatif import Call, Plans, QueueTerms, Staff, Terms, simulate

QUEUES = {"support": QueueTerms("support", 1)}
TERMS = Terms("support", 5, (), (), (), 0.0)


def test_patience_is_all_waiting_over_those_who_hung_up() -> None:
    assert mean_patience([(30.0, False), (60.0, True), (90.0, True)]) == 90.0
    assert mean_patience([(30.0, False)]) == LONGEST_PATIENCE
    assert mean_patience([]) == LONGEST_PATIENCE


@given(number=st.integers(0, 2**40), waited=st.floats(0, 3600), mean=st.floats(1, 3600))
def test_who_was_answered_endures_at_least_as_long_as_really_and_the_same_each_time(number: int, waited: float, mean: float) -> None:
    assert endures(number, waited, mean) >= waited
    assert endures(number, waited, mean) == endures(number, waited, mean)


def test_those_who_were_answered_have_as_much_patience_again() -> None:
    more = [endures(number, 10.0, 120.0) - 10.0 for number in range(4_000)]
    assert sum(more) / len(more) == pytest.approx(120.0, rel=0.06)


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 1000), st.floats(0, 300)), max_size=30))
def test_no_agent_is_counted_busy_twice_at_once(drawn: list[tuple[int, float, float]]) -> None:
    held = [(agent, accepted, accepted + length) for agent, accepted, length in drawn]
    found = occupations(held)
    assert all(0 <= seconds <= over - accepted + 1e-9 for seconds, (_agent, accepted, over) in zip(found, held, strict=True))
    for agent in (1, 2, 3):
        spans = sorted((accepted, accepted + seconds) for seconds, (who, accepted, _over) in zip(found, held, strict=True) if who == agent)
        assert all(end <= begin + 1e-9 for (_begin, end), (begin, _end) in zip(spans, spans[1:], strict=False))


def test_a_second_contact_beside_the_first_ends_the_time_of_the_first() -> None:
    assert occupations([(7, 0.0, 100.0), (7, 40.0, 90.0), (8, 10.0, 20.0)]) == [40.0, 50.0, 10.0]


def test_the_pace_is_found_at_which_waits_are_as_they_were() -> None:
    """Days of which the rows say too long times: the truth is three quarters of them."""
    rng = random.Random(5)
    at, calls = 0.0, []
    for number in range(600):
        at += rng.expovariate(1 / 60)
        calls.append(Call(number, at, rng.expovariate(1 / 150), None))
    alice, bob, carol = (Agent(number, {}, frozenset({1})) for number in (7, 8, 9))
    staff = Staff({one.id: one for one in (alice, bob, carol)}, {number: [(0.0, at + 9_000)] for number in (7, 8, 9)})

    def wait_at(pace: float) -> float:
        fates = simulate(calls, [TERMS] * len(calls), staff, QUEUES, Plans({}), Settings(), None, pace)
        return sum(fate.wait for fate in fates) / len(fates)

    real = wait_at(0.75)
    found = paced(wait_at, real)
    assert found.plain > 2 * real
    assert found.factor == pytest.approx(0.75, abs=0.05)
    assert abs(found.wait - real) <= max(1.0, 0.05 * real)
    assert paced(wait_at, wait_at(1.0)).factor == 1.0


def test_it_rings_before_somebody_talks_and_long_waits_end() -> None:
    alice = Agent(7, {}, frozenset({1}))
    staff = Staff({7: alice}, {7: [(0.0, 1_000.0)]})
    calls = [Call(1, 0.0, 100.0, 400.0, ring=5.0), Call(2, 10.0, 100.0, 400.0, ring=5.0), Call(3, 2_000.0, 100.0, 300.0, ring=5.0)]
    fates = simulate(calls, [TERMS] * 3, staff, QUEUES, Plans({}), Settings())
    assert [(fate.wait, fate.agent) for fate in fates] == [(5.0, 7), (100.0, 7), (300.0, None)]
