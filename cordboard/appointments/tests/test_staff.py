"""Who makes visits, and when: set by those who manage, and heeded at once."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.appointments import actions, queries
from cordboard.appointments.actions import NotFree
from cordboard.appointments.actions_staff import set_day, set_staff
from cordboard.appointments.tests.calendar import MONDAY, NINE, Calendar


def test_hours_are_set_and_heeded(calendar: Calendar) -> None:
    staff = set_staff(calendar.carol, calendar.bob, timezone="Europe/Amsterdam", areas=[calendar.north.pk], week={0: [(600, 720), (780, 900)]})
    found = queries.free(calendar.call, None, MONDAY, MONDAY.replace(hour=20), MONDAY, only=[staff.pk])
    assert [(one.first - found[0].first, one.last - one.first) for one in found] == [(0, 90), (180, 90)]
    set_day(calendar.carol, staff.pk, MONDAY.date(), [])
    assert not queries.free(calendar.call, None, MONDAY, MONDAY.replace(hour=20), MONDAY, only=[staff.pk])
    set_day(calendar.carol, staff.pk, MONDAY.date(), None)
    assert len(queries.free(calendar.call, None, MONDAY, MONDAY.replace(hour=20), MONDAY, only=[staff.pk])) == 2


def test_who_makes_visits_no_more_is_booked_no_more(calendar: Calendar) -> None:
    set_staff(calendar.carol, calendar.tess.user, timezone="UTC", areas=[], week={}, active=False)
    with pytest.raises(NotFree) as refused:
        actions.book(calendar.visit(by=None), calendar.tess.pk, NINE, now=MONDAY)
    assert refused.value.why == ["gone"]


@pytest.mark.parametrize("week", [{7: [(0, 60)]}, {0: [(600, 500)]}, {0: [(500, 600), (550, 700)]}, {0: [(0, 1441)]}])
def test_hours_that_are_none_are_refused(calendar: Calendar, week: dict[int, list[tuple[int, int]]]) -> None:
    with pytest.raises(ValidationError):
        set_staff(calendar.carol, calendar.bob, timezone="UTC", areas=[], week=week)
    with pytest.raises(ValidationError):
        set_staff(calendar.carol, calendar.bob, timezone="Moon/Crater", areas=[], week={})
    with pytest.raises(PermissionDenied):
        set_staff(calendar.alice, calendar.bob, timezone="UTC", areas=[], week={})
