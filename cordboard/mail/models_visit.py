"""What customers were told of their visits, and how."""

from __future__ import annotations

from django.db import models


class VisitTold(models.Model):
    """One change of a visit, or its reminder, and how the customer heard of it: the codes of visit_ways.py."""

    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.CASCADE, related_name="told")
    what = models.CharField(max_length=10)
    sequence = models.PositiveIntegerField(help_text="of the visit then")
    way = models.CharField(max_length=8)
    why = models.CharField(max_length=16, blank=True, default="", help_text="why it is not as the customer wishes, or not at all")
    at = models.DateTimeField()

    class Meta:
        db_table = "mail_visit_told"
        constraints = (models.UniqueConstraint(fields=("appointment", "what", "sequence"), name="visit_told_once"),)
