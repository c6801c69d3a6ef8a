"""The only writers of what ties visits to service orders. How the two go on together is in actions_order_follow."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from cordboard.appointments import queries as calendars
from cordboard.appointments.models import Appointment
from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties.queries import ids_of
from cordboard.tickets import order_states
from cordboard.tickets.actions_order import locked, plan_order
from cordboard.tickets.actions_order_follow import copy
from cordboard.tickets.models import TicketAppointment
from cordboard.tickets.models_order import OrderVisit, ServiceOrder
from cordboard.tickets.permissions_service import ORDERS

State = Appointment.State


def order_for(user: User, appointment_id: int, *, now: datetime | None = None) -> ServiceOrder:
    """The service order of this visit; made of it, and of the ticket for which it was booked, where there is none. Raises ValidationError, PermissionDenied,
    Appointment.DoesNotExist."""
    require(user, ORDERS)
    now = now or timezone.now()
    with transaction.atomic():
        visit = calendars.visible(user).select_related("kind", "party", "staff__user").get(pk=appointment_id)
        if (known := ServiceOrder.objects.filter(visits__appointment=visit).first()) is not None:
            return known
        if visit.party is None:
            raise ValidationError({"party": _("A service order is for a customer. This visit is for nobody.")})
        if visit.state in (State.HELD, State.CANCELLED):
            raise ValidationError({"state": _("This visit does not take place.")})
        ticket = TicketAppointment.objects.filter(appointment=visit).values_list("ticket_id", "ticket__title", "ticket__text").first()
        name = visit.kind.name_in(translation.get_language() or "en")
        title, text = (ticket[1], "\n\n".join(part for part in (visit.note, ticket[2]) if part)) if ticket is not None else (name, visit.note)
        order = plan_order(user, ticket=ticket[0] if ticket is not None else None, party=visit.party_id, title=title, text=text, now=now)
        if visit.place and order.place != visit.place:
            order.place = visit.place
            order.save(update_fields=["place"])
        _tie(user, order, visit, now)
    return order


def tie_visit(user: User, order_id: int, appointment_id: int, *, now: datetime | None = None) -> ServiceOrder:
    """This visit is for that order, and for its ticket. Once is enough. Raises ValidationError, PermissionDenied, Appointment.DoesNotExist, ServiceOrder.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        order = locked(user, order_id)
        visit = calendars.visible(user).select_related("kind", "staff__user").get(pk=appointment_id)
        known = OrderVisit.objects.filter(appointment=visit).first()
        if known is not None:
            if known.order_id != order.pk:
                raise ValidationError({"visit": _("This visit is for another service order.")})
            return order
        if visit.state != State.BOOKED or order.state not in order_states.CHANGES:
            raise ValidationError({"visit": _("Only a visit that is booked can be for a service order that is open.")})
        if visit.party_id not in ids_of(order.party_id):
            raise ValidationError({"visit": _("This visit is to another customer.")})
        other = Appointment.objects.filter(of_order__order=order, state=State.BOOKED).first()
        if other is not None:
            said = formats.date_format(timezone.localtime(other.starts_at), "SHORT_DATETIME_FORMAT")
            raise ValidationError({"visit": _("A visit is booked for this order already: %(when)s. Move that one.") % {"when": said}})
        _tie(user, order, visit, now)
    return order


def _tie(user: User, order: ServiceOrder, visit: Appointment, now: datetime) -> None:
    OrderVisit.objects.create(order=order, appointment=visit, at=now)
    if order.ticket_id is not None:
        row, made = TicketAppointment.objects.get_or_create(appointment=visit, defaults={"ticket_id": order.ticket_id, "at": now})
        if made:
            log.record("tickets.visit_tied", actor=f"user:{user.pk}", ticket=row.ticket_id, party=order.party_id, appointment=visit.pk)
    copy(order, visit)
    log.record(
        "tickets.order_visit", actor=f"user:{user.pk}", order=order.pk, party=order.party_id, ticket=order.ticket_id, technician=order.technician_id,
        appointment=visit.pk, what="tied",
    )  # fmt: skip
