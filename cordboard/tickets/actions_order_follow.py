"""How a service order and the visit that is booked for it go on together. Who comes and when is the visit's to say: while an order has one, the order's technician and times are a
copy of it, written here and nowhere else, in the transaction that changes the visit. So lists, paper and telephone read the order alone, and never another time than the calendar's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.appointments import actions as appointments
from cordboard.appointments.models import Appointment
from cordboard.events import log
from cordboard.org.models import User
from cordboard.tickets import order_states
from cordboard.tickets.models_order import OrderVisit, ServiceOrder

State = Appointment.State


def copy(order: ServiceOrder, visit: Appointment | None) -> None:
    """What the order knows of who and when, from the visit that is booked for it; nothing without one."""
    order.planned_at = visit.starts_at if visit is not None else None
    order.planned_until = visit.ends_at if visit is not None else None
    order.technician = visit.staff.user if visit is not None else None
    fields = ["planned_at", "planned_until", "technician", "version"]
    if visit is not None and visit.staff.user.unit_id is not None:
        order.unit_id = visit.staff.user.unit_id
        fields.append("unit")
    order.version += 1
    order.save(update_fields=fields)


def visit_changed(visit: Appointment, by: Any, now: datetime) -> None:
    """A visit was moved, or came to its end: the order for which it was booked follows. In the caller's transaction."""
    tie = OrderVisit.objects.filter(appointment=visit).first()
    if tie is None:
        return
    order = ServiceOrder.objects.select_for_update(of=("self",)).get(pk=tie.order_id)
    if order.state not in order_states.OPEN:
        return
    visit = Appointment.objects.select_related("staff__user").get(pk=visit.pk)
    what = {State.BOOKED: "moved", State.CANCELLED: "cancelled", State.DONE: "done", State.NO_SHOW: "no_show"}[State(visit.state)]
    if visit.state == State.BOOKED:
        copy(order, visit)
    elif visit.state != State.DONE and order.state in (order_states.PLANNED, order_states.ON_THE_WAY):
        # Nobody goes there any more: the order waits for another visit. Work that has begun goes on.
        order.state, order.why = order_states.PLANNED, visit.reason or str(visit.get_state_display())
        order.save(update_fields=["state", "why"])
        copy(order, None)
    actor = f"user:{by.pk}" if by is not None else "system"
    log.record(
        "tickets.order_visit", actor=actor, order=order.pk, party=order.party_id, ticket=order.ticket_id, technician=order.technician_id, appointment=visit.pk, what=what
    )  # fmt: skip


def order_moved(order: ServiceOrder, old: str, why: str, by: User, now: datetime) -> None:
    """The other way round, in the transaction that takes the order on: work that is done ends its visit, a cancelled order cancels it, and one that goes back to planned after somebody
    was there needs another visit. A visit that is still to come stays booked when its technician turned round early."""
    visit = Appointment.objects.filter(of_order__order=order, state=State.BOOKED).first()
    if visit is None:
        return
    match order.state:
        case order_states.DONE:
            appointments.ended_with(by, visit.pk, State.DONE, now=now)
        case order_states.CANCELLED:
            appointments.ended_with(by, visit.pk, State.CANCELLED, why, now=now)
        case order_states.PLANNED if old == order_states.WORKING or (old == order_states.ON_THE_WAY and visit.starts_at <= now):
            appointments.ended_with(by, visit.pk, State.DONE if old == order_states.WORKING else State.NO_SHOW, why, now=now)
            order.refresh_from_db()
            copy(order, None)
