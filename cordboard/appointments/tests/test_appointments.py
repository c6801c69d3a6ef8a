"""Times are offered, held, booked, moved and given up; and nobody is ever in two places."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from cordboard.appointments import actions, actions_clock, queries
from cordboard.appointments.actions import Changed, NotFree
from cordboard.appointments.models import Absence, Appointment, DayHours, Taken
from cordboard.appointments.tests.calendar import MONDAY, NINE, Calendar, make_calendar
from cordboard.parties.models import Address
from cordboard.routing.tests.centre import party, told

HOUR = timedelta(hours=1)


def test_three_times_are_offered_one_is_booked_and_the_others_are_free_again(calendar: Calendar) -> None:
    offered = actions.offer(calendar.visit(), now=MONDAY)
    assert [one.starts_at for one in offered] == [NINE, NINE + 2 * HOUR, NINE + 4 * HOUR]
    assert {one.state for one in offered} == {"held"}
    assert all(one.held_until == MONDAY + actions.HOLD for one in offered)
    row = actions.book_held(calendar.alice, offered[1].pk, now=MONDAY + timedelta(minutes=2))
    assert (row.state, row.by, Appointment.objects.count()) == ("booked", calendar.alice, 1)
    assert Taken.objects.count() == 6, "ninety minutes are six quarters"
    assert [event["appointment"] for event in told("appointments.booked")] == [row.pk]
    assert actions.book_held(calendar.alice, row.pk).pk == row.pk, "asked twice it is one appointment"


def test_what_one_agent_holds_is_offered_to_nobody_else_until_its_time_is_over(calendar: Calendar) -> None:
    mine = actions.offer(calendar.visit(), only=[calendar.tess.pk], now=MONDAY)
    other = actions.offer(calendar.visit(by=calendar.bob, party=party("Piet")), only=[calendar.tess.pk], now=MONDAY)
    assert not {one.starts_minute for one in mine} & {one.starts_minute for one in other}
    late = MONDAY + actions.HOLD
    assert actions_clock.expire(late) == 6
    assert not Appointment.objects.exists()
    assert actions.offer(calendar.visit(by=calendar.bob), now=late)[0].starts_at == NINE


def test_nobody_comes_on_a_public_holiday_unless_hours_are_given_for_it(calendar: Calendar) -> None:
    christmas = datetime(2026, 12, 25, 5, tzinfo=UTC)
    assert actions.offer(calendar.visit(), now=christmas)[0].starts_at.date() == date(2026, 12, 28), "25 and 26 December are holidays, the 27th is a Sunday"
    DayHours.objects.create(staff=calendar.tess, day=christmas.date(), opens=600, closes=720)
    Appointment.objects.all().delete()
    assert actions.offer(calendar.visit(), now=christmas)[0].starts_at == datetime(2026, 12, 25, 9, tzinfo=UTC)


def test_asking_again_gives_the_first_offer_back(calendar: Calendar) -> None:
    first = actions.offer(calendar.visit(), now=MONDAY)
    second = actions.offer(calendar.visit(), now=MONDAY)
    assert [one.starts_at for one in second] == [one.starts_at for one in first]
    assert Appointment.objects.count() == 3


def test_a_hold_that_ran_out_is_booked_while_nobody_else_has_the_time(calendar: Calendar) -> None:
    held = actions.offer(calendar.visit(), only=[calendar.tess.pk], now=MONDAY)
    late = MONDAY + 2 * actions.HOLD
    assert actions.book_held(calendar.alice, held[0].pk, now=late).state == "booked"
    with pytest.raises(Appointment.DoesNotExist):
        actions.book_held(calendar.alice, held[1].pk, now=late)


def test_a_time_that_is_taken_says_by_whom_and_what_is_free(calendar: Calendar) -> None:
    mine = actions.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    with pytest.raises(NotFree) as refused:
        actions.book(calendar.visit(by=calendar.bob), calendar.tess.pk, NINE + HOUR, now=MONDAY)
    assert refused.value.why == ["taken"]
    assert refused.value.other == mine
    assert refused.value.other.by == calendar.alice
    assert [(one.start - mine.starts_minute, one.person) for one in refused.value.next][0] == (0, calendar.theo.pk), "a colleague is free at nine"


def test_the_way_counts_and_a_manager_may_decide_otherwise(calendar: Calendar) -> None:
    actions.book(calendar.visit(), calendar.theo.pk, NINE, now=MONDAY)
    close = NINE + timedelta(minutes=90)
    with pytest.raises(NotFree) as refused:
        actions.book(calendar.visit(area=calendar.south), calendar.theo.pk, close, now=MONDAY)
    assert refused.value.why == ["travel"]
    with pytest.raises(PermissionDenied):
        actions.book(calendar.visit(area=calendar.south), calendar.theo.pk, close, anyway=True, now=MONDAY)
    assert actions.book(calendar.visit(area=calendar.south, by=calendar.carol), calendar.theo.pk, close, anyway=True, now=MONDAY).state == "booked"
    with pytest.raises(NotFree):
        actions.book(calendar.visit(by=calendar.carol), calendar.theo.pk, close, anyway=True, now=MONDAY)


def test_why_a_time_cannot_be_had(calendar: Calendar) -> None:
    Absence.objects.create(staff=calendar.tess, starts_at=NINE, ends_at=NINE + HOUR)
    DayHours.objects.create(staff=calendar.tess, day=(MONDAY + timedelta(days=1)).date())

    def why(staff: int, start: object, **more: object) -> list[str]:
        with pytest.raises(NotFree) as refused:
            actions.book(calendar.visit(**more), staff, start, now=MONDAY)  # type: ignore[arg-type]
        return refused.value.why

    assert why(calendar.tess.pk, NINE) == ["away"]
    assert why(calendar.tess.pk, NINE + timedelta(days=1)) == ["hours"]
    assert why(calendar.tess.pk, NINE + HOUR, area=calendar.south) == ["area"]
    assert why(calendar.tess.pk, MONDAY - HOUR) == ["past"]
    with pytest.raises(ValidationError):
        actions.book(calendar.visit(), calendar.tess.pk, NINE + timedelta(minutes=7), now=MONDAY)


def test_it_is_moved_to_another_time_and_another_person(calendar: Calendar) -> None:
    row = actions.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    moved = actions.move(calendar.alice, row.pk, NINE + timedelta(minutes=30), version=row.version, now=MONDAY)
    assert (moved.starts_at, moved.sequence) == (NINE + timedelta(minutes=30), 1)
    with pytest.raises(Changed):
        actions.move(calendar.bob, row.pk, NINE + HOUR, version=row.version, now=MONDAY)
    moved = actions.move(calendar.alice, row.pk, NINE, staff=calendar.theo.pk, now=MONDAY)
    assert (moved.staff_id, moved.sequence, Taken.objects.filter(staff=calendar.theo).count(), Taken.objects.count()) == (calendar.theo.pk, 2, 6, 6)
    assert told("appointments.moved")[-1]["old_user"] == calendar.tess.user_id
    same = actions.move(calendar.alice, row.pk, NINE, now=MONDAY)
    assert (same.sequence, len(told("appointments.moved"))) == (2, 2)


def test_it_ends_once(calendar: Calendar) -> None:
    rows = [actions.book(calendar.visit(), calendar.tess.pk, NINE + at * HOUR, now=MONDAY) for at in (0, 2, 4)]
    assert actions.cancel(calendar.alice, rows[0].pk, "  Works again ").reason == "Works again"
    assert actions.done(calendar.alice, rows[1].pk).state == "done"
    assert actions.no_show(calendar.alice, rows[2].pk).state == "no_show"
    with pytest.raises(ValidationError):
        actions.done(calendar.alice, rows[0].pk)
    with pytest.raises(ValidationError):
        actions.move(calendar.alice, rows[0].pk, NINE + 6 * HOUR, now=MONDAY)
    assert actions.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY).state == "booked", "the time is free again"


def test_who_may_not_does_not(calendar: Calendar) -> None:
    with pytest.raises(PermissionDenied):
        actions.offer(calendar.visit(by=calendar.dave), now=MONDAY)
    row = actions.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    with pytest.raises(PermissionDenied):
        actions.cancel(calendar.theo.user, row.pk)
    assert not queries.visible(calendar.theo.user).exists()
    assert queries.visible(calendar.tess.user).exists()
    assert actions.done(calendar.tess.user, row.pk).state == "done", "one's own"


def test_where_the_customer_lives_says_who_comes(calendar: Calendar) -> None:
    found = queries.where([calendar.noor.pk])
    assert (found.line, found.area) == ("Keizersgracht 12, 1015 CN Amsterdam", calendar.north)
    assert queries.area_of("1099 AB") == calendar.south, "the longest beginning wins"
    assert queries.area_of("1099 AB", "DE") is None
    far = party("Far away")
    Address.objects.create(party=far, street="Dorpsstraat 1", postcode="9700 AA", city="Groningen", country="NL")
    with pytest.raises(ValidationError, match="none of our areas"):
        actions.visit(calendar.repair, far)
    assert actions.visit(calendar.call, far).area is None


def test_the_same_act_again_is_the_same_appointment(calendar: Calendar) -> None:
    first = actions.book(calendar.visit(key="7:book"), calendar.tess.pk, NINE, now=MONDAY)
    assert actions.book(calendar.visit(key="7:book"), calendar.tess.pk, NINE, now=MONDAY).pk == first.pk


def test_the_database_itself_refuses_what_overlaps(calendar: Calendar) -> None:
    row = actions.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    taken = row.taken.first()
    assert taken is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Taken.objects.create(appointment=row, staff=calendar.tess, quarter=taken.quarter)


def test_a_reminder_goes_once_and_not_for_what_was_booked_just_now(calendar: Calendar) -> None:
    far = actions.book(calendar.visit(), calendar.tess.pk, NINE + timedelta(days=3), now=MONDAY)
    actions.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    assert actions_clock.remind(MONDAY) == 0
    assert actions_clock.remind(NINE + timedelta(days=2)) == 1
    assert actions_clock.remind(NINE + timedelta(days=2)) == 0
    assert [event["appointment"] for event in told("appointments.reminded")] == [far.pk]


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_who_book_the_same_hours_at_once_one_has_them() -> None:
    """Threads with connections of their own; half of them want a time that overlaps with the others'. `bench.slots` does it with 64 processes' worth."""
    calendar = make_calendar()
    begin = threading.Barrier(16)
    won, refused, other = [], [], []

    def want(number: int) -> None:
        start = NINE + timedelta(minutes=15 * (number % 2))
        try:
            begin.wait(60)
            won.append(actions.book(calendar.visit(), calendar.tess.pk, start, now=MONDAY).pk)
        except NotFree as problem:
            refused.append(problem.why)
        except Exception as problem:  # noqa: BLE001  told below
            other.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(number,)) for number in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert not other
    assert len(won) == 1
    assert len(refused) == 15
    assert Appointment.objects.filter(state="booked").count() == 1
    assert all(why == ["taken"] for why in refused)
