"""Visits that were booked for a ticket."""

from __future__ import annotations

from django.db import models

from cordboard.tickets.models import Ticket


class TicketAppointment(models.Model):
    """An appointment belongs to one ticket at most."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="visits")
    appointment = models.OneToOneField("appointments.Appointment", on_delete=models.CASCADE, related_name="of_ticket")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_appointment"
