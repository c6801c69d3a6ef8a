"""Who is there: ten seconds' grace for a page, and none of it lost while no front can hear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.events import presence
from cordboard.events.presence import AWAY, GRACE, PATIENCE, Ear, is_there

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALICE, BOB = 7, 8


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ear(*, since: float, seen: float) -> Ear:
    return Ear(at(since), at(seen))


def test_the_grace_is_ten_seconds() -> None:
    listening = ear(since=-3600, seen=10)
    assert is_there(at(0), listening, at(10))
    assert not is_there(at(0), listening, at(10.1))
    assert not is_there(at(0), None, at(10.1)), "heard by no front that is known: the plain grace"


def test_a_restart_of_the_front_makes_nobody_vanish() -> None:
    died = ear(since=-3600, seen=0)
    assert is_there(at(-2), died, at(15)), "nobody can be heard while there is no front"
    came_up = ear(since=20, seen=25)
    assert is_there(at(-2), came_up, at(25)), "its pages come back one after the other"
    assert not is_there(at(-2), ear(since=20, seen=31), at(31)), "who did not come back within the grace is gone"


def test_who_was_gone_before_the_restart_stays_gone() -> None:
    assert not is_there(at(-11), ear(since=-3600, seen=0), at(5))
    assert not is_there(at(-600), ear(since=20, seen=21), at(21))


def test_a_front_that_never_comes_back_is_not_waited_for_all_day() -> None:
    died = ear(since=-3600, seen=0)
    assert is_there(at(0), died, NOON + PATIENCE)
    assert not is_there(at(0), died, NOON + PATIENCE + timedelta(seconds=1))


seconds = st.floats(min_value=-200, max_value=200)


@given(seen=seconds, since=seconds, lived=st.floats(min_value=0, max_value=100), later=st.floats(min_value=0, max_value=300))
def test_nobody_is_missed_before_the_grace_and_nobody_waited_for_beyond_all_patience(seen: float, since: float, lived: float, later: float) -> None:
    front = ear(since=since, seen=since + lived)
    now = at(max(since + lived, seen) + later)
    there = is_there(at(seen), front, now)
    if now - at(seen) <= GRACE:
        assert there
    if now - at(seen) > 2 * (PATIENCE + GRACE) + AWAY:
        assert not there
    if is_there(at(seen - 1), front, now):
        assert there, "to be heard later never makes anybody absent"


@pytest.mark.django_db
def test_a_front_hears_without_a_gap_until_it_is_away_or_another_starts() -> None:
    def since() -> datetime:
        from cordboard.events.models import Listening

        return Listening.objects.get(front="one").since

    presence.listening("one", "first", at(0))
    presence.listening("one", "first", at(1))
    assert since() == at(0)
    presence.listening("one", "second", at(2))
    assert since() == at(2), "a new process has heard nobody yet"
    presence.listening("one", "second", at(2) + AWAY + timedelta(seconds=1))
    assert since() == at(2) + AWAY + timedelta(seconds=1), "it was away: Django or the process stood still"


@pytest.mark.django_db
def test_alice_comes_back_after_the_restart_and_bob_does_not() -> None:
    presence.listening("one", "first", at(0))
    presence.heard([ALICE, BOB], at(0), "one")
    assert presence.present([ALICE, BOB], at(12)) == {ALICE, BOB}, "the front is away"
    presence.listening("one", "second", at(13))
    for second in range(14, 25):
        presence.listening("one", "second", at(second))
        presence.heard([ALICE], at(second), "one")
        expected = {ALICE, BOB} if second <= 23 else {ALICE}
        assert presence.present([ALICE, BOB], at(second)) == expected, second


@pytest.mark.django_db
def test_a_page_that_was_fetched_keeps_its_front() -> None:
    from cordboard.events.models import Presence

    presence.heard([ALICE], at(0), "one")
    presence.heard([ALICE], at(5))
    assert Presence.objects.get(user=ALICE).front == "one"
    assert Presence.objects.get(user=ALICE).seen_at == at(5)
