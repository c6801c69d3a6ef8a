"""A visit that its technician cannot make, and nobody else can: its time goes back, the customer is told, and somebody has to book it anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from cordboard.appointments import actions as appointments
from cordboard.appointments import queries as calendars
from cordboard.appointments.models import Appointment
from cordboard.appointments.permissions import BOOK
from cordboard.org.models import User
from cordboard.org.permissions import HAND_OVER, require, user_may
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.models import Task, TicketAppointment
from cordboard.tickets.models_order import ServiceOrder

LATEST = timedelta(days=1)
"""The customer is called by then, or before the time that was booked."""


def book_anew(user: User, appointment_id: int, *, now: datetime | None = None) -> Task:
    """The visit is called off, and a task to book it anew stands in the work list of whoever booked it, or of the technician's unit. For those who hand over the technician's work, or change
    the calendar. Raises ValidationError (it is not booked, or nobody's work list), PermissionDenied, Appointment.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Appointment.objects.select_related("kind", "party", "staff__user__unit", "by").get(pk=appointment_id)
        _may(user, row)
        if row.state != Appointment.State.BOOKED:
            raise ValidationError({"state": _("This appointment is over: %(state)s.") % {"state": row.get_state_display()}})
        ticket = TicketAppointment.objects.filter(appointment=row).select_related("ticket").first()
        order = ServiceOrder.objects.filter(visits__appointment=row).first()
        who = row.by if row.by is not None and row.by.is_active and row.by_id != row.staff.user_id else None
        unit = who.unit if who is not None else row.staff.user.unit or user.unit
        with translation.override(who.language if who is not None else user.language):
            said = {
                "kind": row.kind.name_in(translation.get_language() or "en"),
                "name": row.party.name if row.party is not None else "",
                "when": formats.date_format(timezone.localtime(row.starts_at), "SHORT_DATETIME_FORMAT"),
                "who": row.staff,
            }
            title = _("Book anew: %(kind)s, %(name)s") % said if said["name"] else _("Book anew: %(kind)s") % said
            text = _("It was booked for %(when)s with %(who)s, who cannot come. The customer was told that another time is looked for.") % said
        appointments.send_back(user, row.pk, _("to be booked anew"), now=now)
        if row.note:
            text = f"{text}\n\n{row.note}"
        return make_task(
            None, title, kind=Task.Kind.CALL, text=text, ticket=ticket.ticket if ticket is not None else None, party=row.party, owner=who, unit=unit or None,
            due_at=min(row.starts_at, now + LATEST), priority=2, why={"code": "book_anew", "appointment": row.pk, "order": order.number if order is not None else None},
            key=f"book_anew:{row.pk}", now=now,
        )  # fmt: skip


def _may(user: User, row: Appointment) -> None:
    scope = user_may(user, HAND_OVER)
    if scope == "all" or (scope is not None and user.unit_id is not None and row.staff.user.unit_id == user.unit_id):
        return
    require(user, BOOK)
    if not calendars.staff_of(user, code=BOOK).filter(pk=row.staff_id).exists():
        raise PermissionDenied(_("This calendar is not yours to change."))
