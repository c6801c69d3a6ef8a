"""The only writers of what ties visits to tickets."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cordboard.appointments.models import Appointment
from cordboard.events import log
from cordboard.org.models import User
from cordboard.tickets.actions import may_change
from cordboard.tickets.models import TicketAppointment


def tie(user: User, ticket_id: int, appointment_id: int, *, now: datetime | None = None) -> None:
    """This visit is for that ticket, and for no other. Once is enough. Raises PermissionDenied, Ticket.DoesNotExist, Appointment.DoesNotExist."""
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        appointment = Appointment.objects.get(pk=appointment_id)
        row, made = TicketAppointment.objects.get_or_create(appointment=appointment, defaults={"ticket": ticket, "at": now or timezone.now()})
        if not made and row.ticket_id == ticket.pk:
            return
        if not made:
            row.ticket = ticket
            row.save(update_fields=["ticket"])
        log.record("tickets.visit_tied", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, appointment=appointment.pk)
