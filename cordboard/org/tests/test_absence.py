"""Who is away, and who stands in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cordboard.events.models import Event
from cordboard.org import absence, queries_absence
from cordboard.org.absence import Away
from cordboard.org.actions_absence import end_absence, set_absence
from cordboard.org.models import Absence
from cordboard.org.tests.people import person, unit

FIRST, LAST = date(2026, 11, 30), date(2026, 12, 3)


def test_the_days_are_those_of_the_absent_ones_own_time_zone() -> None:
    joris, nok = Away(1, FIRST, LAST), Away(2, FIRST, LAST)
    zones = {1: "Europe/Amsterdam", 2: "Asia/Bangkok"}
    late = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)  # in Bangkok it is the thirtieth already
    assert set(absence.on([joris, nok], late, zones)) == {2}
    assert set(absence.on([joris, nok], datetime(2026, 12, 3, 22, 59, tzinfo=UTC), zones)) == {1}
    assert absence.on([joris], datetime(2026, 12, 3, 23, 0, tzinfo=UTC), zones) == {}


def test_a_deputy_who_is_away_is_followed_to_theirs_and_a_circle_ends() -> None:
    away = {1: Away(1, FIRST, LAST, 2), 2: Away(2, FIRST, LAST, 3)}
    assert absence.stand_in(1, away) == 3
    assert set(absence.stands_in_for(3, away)) == {1, 2}
    circle = {1: Away(1, FIRST, LAST, 2), 2: Away(2, FIRST, LAST, 1)}
    assert absence.stand_in(1, circle) is None
    assert absence.stand_in(1, circle, deputies=[2, 7]) == 7, "the customer's own deputy, where one is there"
    assert absence.stand_in(9, circle) == 9, "who is at work does it"


@given(st.dictionaries(st.integers(1, 6), st.none() | st.integers(1, 6)), st.integers(1, 6), st.lists(st.integers(1, 6), max_size=3))
def test_whoever_stands_in_is_at_work(deputies: dict[int, int | None], user: int, others: list[int]) -> None:
    away = {one: Away(one, FIRST, LAST, deputy) for one, deputy in deputies.items()}
    found = absence.stand_in(user, away, others)
    assert found is None or found not in away
    assert user in away or found == user


@pytest.mark.django_db
def test_alice_says_when_she_is_away_and_a_stranger_may_not() -> None:
    alice, bob = person("alice", {}, unit=unit()), person("bob", {}, unit=unit())
    carol = person("carol", {"org.hand_over": "unit"}, unit=unit())
    now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    with pytest.raises(PermissionDenied):
        set_absence(bob, alice.pk, FIRST, LAST)
    with pytest.raises(ValidationError) as wrong:
        set_absence(alice, alice.pk, LAST, FIRST, deputy=alice.pk)
    assert set(wrong.value.message_dict) == {"last_day", "deputy"}
    row = set_absence(alice, alice.pk, FIRST, LAST, deputy=bob.pk, now=now)
    with pytest.raises(ValidationError, match="already"):
        set_absence(carol, alice.pk, LAST, LAST + timedelta(days=2))
    assert queries_absence.away(now)[alice.pk].deputy == bob.pk
    assert set(queries_absence.for_whom(bob.pk, now)) == {alice.pk}
    assert Event.objects.get(kind="org.absence_changed").topics == [f"user:{alice.pk}", f"user:{bob.pk}"]
    end_absence(carol, row.pk, now=now)
    assert queries_absence.away(now) == {}
    assert Absence.objects.get().last_day == date(2026, 11, 30), "the days before stay on record"
