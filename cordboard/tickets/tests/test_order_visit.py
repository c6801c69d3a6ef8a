"""A visit and its service order go on together: one time and one technician, whoever moves what; and somebody who leaves leaves no customer waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.appointments import actions, handover, queries
from cordboard.appointments.models import Appointment
from cordboard.appointments.tests.calendar import MONDAY, NINE, Calendar, make_calendar
from cordboard.org.actions_handover import hand_over
from cordboard.org.handover import Owned
from cordboard.org.handover import hand_over as planned
from cordboard.org.models import Role, Unit, User
from cordboard.routing.tests.centre import told
from cordboard.tickets import actions_order, queries_order
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_anew import book_anew
from cordboard.tickets.actions_appointment import tie
from cordboard.tickets.actions_order_visit import order_for, tie_visit
from cordboard.tickets.models import Task, Ticket, TicketAppointment
from cordboard.tickets.models_order import ServiceOrder

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def calendar(db: None) -> Calendar:
    made = make_calendar()
    more = {"tickets.orders": "all", "tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "parties.view": "all"}
    for code in ("agent", "technician"):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, **more}
        role.save()
    return made


def booked(calendar: Calendar, **more: object) -> Appointment:
    return actions.book(calendar.visit(place="Keizersgracht 12, 1015 CN Amsterdam", **more), calendar.tess.pk, NINE, now=MONDAY)


def again(order: ServiceOrder) -> ServiceOrder:
    return ServiceOrder.objects.get(pk=order.pk)


def agree(order: ServiceOrder) -> None:
    """The order says who and when exactly as its booked visit does."""
    order = again(order)
    visit = Appointment.objects.filter(of_order__order=order, state="booked").select_related("staff").first()
    mine = (order.technician_id, order.planned_at, order.planned_until)
    assert mine == ((visit.staff.user_id, visit.starts_at, visit.ends_at) if visit is not None else (None, None, None))


def test_a_visit_leads_to_its_order_once(calendar: Calendar) -> None:
    ticket = open_ticket(calendar.alice, title="E18 on the display", text="Water stays", party=calendar.noor.pk)
    visit = booked(calendar, note="Bring a pump")
    tie(calendar.alice, ticket.pk, visit.pk)
    order = order_for(calendar.alice, visit.pk, now=MONDAY)
    assert (order.title, order.text, order.ticket_id, order.party_id) == ("E18 on the display", "Bring a pump\n\nWater stays", ticket.pk, calendar.noor.pk)
    assert order.place == "Keizersgracht 12, 1015 CN Amsterdam"
    agree(order)
    assert order_for(calendar.tess.user, visit.pk).pk == order.pk
    assert told("tickets.order_visit")[0] | {"what": "tied", "appointment": visit.pk, "order": order.pk} == told("tickets.order_visit")[0]
    assert queries_order.of_appointment(calendar.alice, visit.pk) == order


def test_whoever_moves_the_visit_moves_the_order(calendar: Calendar) -> None:
    order = order_for(calendar.alice, booked(calendar).pk, now=MONDAY)
    visit = queries_order.visits_of(order)[0]
    actions.move(calendar.alice, visit.pk, NINE + 2 * HOUR, now=MONDAY)
    agree(order)
    actions.move(calendar.alice, visit.pk, NINE, staff=calendar.theo.pk, now=MONDAY)
    agree(order)
    assert again(order).technician == calendar.theo.user
    with pytest.raises(ValidationError, match="Move the visit"):
        actions_order.change_order(calendar.alice, order.pk, planned_at=NINE + DAY)
    with pytest.raises(ValidationError, match="Move the visit"):
        actions_order.change_order(calendar.alice, order.pk, technician=calendar.bob)
    actions_order.change_order(calendar.alice, order.pk, title="Another title", planned_at=again(order).planned_at)
    agree(order)


def test_who_has_a_calendar_is_booked_in_it(calendar: Calendar) -> None:
    with pytest.raises(ValidationError, match="Tess has a calendar"):
        actions_order.plan_order(calendar.alice, party=calendar.noor.pk, title="Leaks", technician=calendar.tess.user, planned_at=NINE)
    order = actions_order.plan_order(calendar.alice, party=calendar.noor.pk, title="Leaks", technician=calendar.bob, planned_at=NINE)
    assert order.technician == calendar.bob
    tie_visit(calendar.alice, order.pk, booked(calendar).pk, now=MONDAY)
    agree(order)
    second = actions.book(calendar.visit(), calendar.tess.pk, NINE + 3 * HOUR, now=MONDAY)
    with pytest.raises(ValidationError, match="booked for this order already"):
        tie_visit(calendar.alice, order.pk, second.pk)
    other = actions_order.plan_order(calendar.alice, party=calendar.noor.pk, title="Another")
    with pytest.raises(ValidationError, match="another service order"):
        tie_visit(calendar.alice, other.pk, queries_order.visits_of(order)[0].pk)
    with pytest.raises(PermissionDenied):
        order_for(calendar.dave, second.pk)


def test_a_visit_booked_from_an_order_is_the_tickets_too(calendar: Calendar) -> None:
    ticket = open_ticket(calendar.alice, title="E18", party=calendar.noor.pk)
    order = actions_order.plan_order(calendar.alice, ticket=ticket.pk)
    visit = booked(calendar)
    tie_visit(calendar.alice, order.pk, visit.pk)
    assert TicketAppointment.objects.get(appointment=visit).ticket == Ticket.objects.get(pk=ticket.pk)


def test_work_that_is_done_ends_the_visit_and_a_cancelled_order_cancels_it(calendar: Calendar) -> None:
    done = order_for(calendar.alice, booked(calendar).pk, now=MONDAY)
    for state in ("on_the_way", "working"):
        actions_order.move_on(calendar.tess.user, done.pk, state, now=NINE)
    actions_order.move_on(calendar.tess.user, done.pk, "done", report="New pump", now=NINE + HOUR)
    assert queries_order.visits_of(done)[0].state == "done"
    assert again(done).planned_at == NINE, "it says when somebody was there"
    gone = order_for(calendar.alice, actions.book(calendar.visit(), calendar.tess.pk, NINE + DAY, now=MONDAY).pk, now=MONDAY)
    actions_order.move_on(calendar.alice, gone.pk, "cancelled", why="Works again", now=MONDAY)
    visit = queries_order.visits_of(gone)[0]
    assert (visit.state, visit.reason, visit.sequence) == ("cancelled", "Works again", 1)


@pytest.mark.parametrize(("begun", "ends"), [(True, "done"), (False, "no_show")])
def test_an_order_that_goes_back_needs_another_visit(calendar: Calendar, begun: bool, ends: str) -> None:
    order = order_for(calendar.alice, booked(calendar).pk, now=MONDAY)
    actions_order.move_on(calendar.tess.user, order.pk, "working" if begun else "on_the_way", now=NINE)
    actions_order.move_on(calendar.tess.user, order.pk, "planned", why="A part is missing", now=NINE + HOUR)
    assert queries_order.visits_of(order)[0].state == ends
    agree(order)
    second = actions.book(calendar.visit(), calendar.theo.pk, NINE + DAY, now=MONDAY)
    tie_visit(calendar.alice, order.pk, second.pk)
    agree(order)
    assert [one.state for one in queries_order.visits_of(order)] == ["booked", ends]


def test_a_technician_who_turns_round_early_keeps_the_visit(calendar: Calendar) -> None:
    order = order_for(calendar.alice, booked(calendar).pk, now=MONDAY)
    actions_order.move_on(calendar.tess.user, order.pk, "on_the_way", now=MONDAY)
    actions_order.move_on(calendar.tess.user, order.pk, "planned", why="The van does not start", now=MONDAY)
    assert queries_order.visits_of(order)[0].state == "booked"
    agree(order)


def test_a_visit_that_is_cancelled_leaves_an_order_that_waits_for_another(calendar: Calendar) -> None:
    order = order_for(calendar.alice, booked(calendar).pk, now=MONDAY)
    actions.cancel(calendar.alice, queries_order.visits_of(order)[0].pk, "Not at home then", now=MONDAY)
    agree(order)
    assert (again(order).state, again(order).why) == ("planned", "Not at home then")
    assert [one["what"] for one in told("tickets.order_visit")] == ["tied", "cancelled"]


def test_visits_without_an_order_are_found_by_their_technician(calendar: Calendar) -> None:
    visit = booked(calendar)
    assert queries_order.visits_without(calendar.tess.user, MONDAY) == [visit]
    order_for(calendar.tess.user, visit.pk, now=MONDAY)
    assert queries_order.visits_without(calendar.tess.user, MONDAY) == []


# -- somebody leaves ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tomorrow(calendar: Calendar) -> list[Appointment]:
    """Three visits of Tess next week: nobody else is free for the second."""
    start = queries.slots.moment(queries.slots.minute(NINE))
    from django.utils import timezone

    while start <= timezone.now() + 2 * DAY or start.weekday() != 1:
        start += DAY
    rows = [actions.book(calendar.visit(), calendar.tess.pk, start + at * HOUR) for at in (0, 3, 6)]
    actions.book(calendar.visit(), calendar.theo.pk, start + 3 * HOUR)
    return rows


def may_hand_over(calendar: Calendar) -> User:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "org.hand_over": "all"}
    role.save()
    return calendar.carol


def test_visits_of_who_leaves_go_to_a_colleague_who_is_free(calendar: Calendar, tomorrow: list[Appointment]) -> None:
    carol = may_hand_over(calendar)
    order = order_for(calendar.alice, tomorrow[0].pk)
    assert [one.number for one in handover.find(calendar.tess.user_id)] == [one.pk for one in tomorrow]
    counts = hand_over(carol, calendar.tess.user_id, [calendar.theo.user_id, calendar.bob.pk])
    assert counts["appointment"] == 2
    rows = [Appointment.objects.get(pk=one.pk) for one in tomorrow]
    assert [one.staff_id for one in rows] == [calendar.theo.pk, calendar.tess.pk, calendar.theo.pk]
    assert [one.sequence for one in rows] == [1, 0, 1], "the customer's calendar is told"
    assert {(one["old_user"], one["user"]) for one in told("appointments.moved")} == {(calendar.tess.user_id, calendar.theo.user_id)}
    agree(order)
    assert again(order).technician == calendar.theo.user


def test_what_nobody_can_take_is_booked_anew(calendar: Calendar, tomorrow: list[Appointment]) -> None:
    carol = may_hand_over(calendar)
    order = order_for(calendar.alice, tomorrow[1].pk)
    task = book_anew(carol, tomorrow[1].pk)
    row = Appointment.objects.get(pk=tomorrow[1].pk)
    assert (row.state, row.sequence, row.taken.count()) == ("cancelled", 1, 0)
    assert (task.owner, task.kind, task.party_id, task.due_at <= row.starts_at) == (calendar.alice, "call", calendar.noor.pk, True)
    assert "Book anew: Repair at home, Noor de Vries" in task.title
    assert [one["appointment"] for one in told("appointments.sent_back")] == [row.pk]
    agree(order)
    with pytest.raises(ValidationError):
        book_anew(carol, row.pk)
    assert Task.objects.count() == 1
    with pytest.raises(PermissionDenied):
        book_anew(calendar.dave, tomorrow[0].pk)


def test_who_hands_over_one_unit_sends_back_visits_of_that_unit_only(calendar: Calendar, tomorrow: list[Appointment]) -> None:
    role = Role.objects.create(code="lead", name="Lead", permissions={"org.hand_over": "unit"})
    lead = User.objects.create(username="lena", name="Lena", unit=Unit.objects.create(code="elsewhere", name="Elsewhere"))
    lead.roles.add(role)
    with pytest.raises(PermissionDenied):
        book_anew(lead, tomorrow[0].pk)


def test_only_who_is_able_is_given_what_others_cannot_do() -> None:
    owned = [Owned("appointment", 1, None, able=(7,)), Owned("appointment", 2, None, able=()), Owned("ticket", 3), Owned("appointment", 4, None, able=(8, 9))]
    assert planned(owned, [7, 8], [7, 8]) == {("appointment", 1): 7, ("appointment", 4): 8, ("ticket", 3): 7}
