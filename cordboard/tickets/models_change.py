"""What became of a ticket, in lines between what was written: its state, owner, priority, level, and the steps before a deadline."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cordboard.tickets.models import Ticket


class TicketChange(models.Model):
    """One change, as it was made. Written with the change itself (changes.py) and never changed."""

    class What(models.TextChoices):
        STATE = "state", _("State")
        OWNER = "owner", _("Owner")
        UNIT = "unit", _("Unit")
        PRIORITY = "priority", _("Priority")
        KIND = "kind", _("Kind")
        LEVEL = "level", _("Support level")
        LINK = "link", _("Customer's link")
        STEP = "step", _("Step before a deadline")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="changes", db_index=False)
    what = models.CharField(max_length=8, choices=What.choices)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60, help_text="as in the log: user:7, rule, worker, customer")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    old = models.CharField(max_length=40, blank=True, default="", help_text="code of a state or kind, priority, rank of a level")
    new = models.CharField(max_length=40, blank=True, default="")
    old_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    new_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, help_text="to which it came")
    why = models.CharField(max_length=200, blank=True, default="")
    values = models.JSONField(default=dict, help_text="of a step: its terms and what came of it")

    class Meta:
        db_table = "tickets_change"
        ordering = ("at", "pk")
        indexes = (
            models.Index(fields=("ticket", "at"), name="ticket_change_at"),
            models.Index(fields=("at", "ticket"), name="ticket_change_when"),  # which tickets changed since
        )
