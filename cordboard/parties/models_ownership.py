"""Every change of who answers for a customer, so that it is never in doubt."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HandOff(models.Model):
    """A customer went from one account owner to another: when, by whom, how, and why (in words where a person did it, as code and values where a rule did)."""

    class How(models.TextChoices):
        RULE = "rule", _("by rule")
        HAND = "hand", _("by hand")
        BULK = "bulk", _("with many others")
        LEFT = "left", _("handed over")

    party = models.ForeignKey("parties.Party", on_delete=models.CASCADE, related_name="handoffs")
    how = models.CharField(max_length=6, choices=How.choices)
    old = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    new = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="none: the system")
    why = models.CharField(max_length=200, blank=True, default="")
    because = models.JSONField(default=dict, blank=True, help_text="code and values: how the rule came to it")
    at = models.DateTimeField()

    class Meta:
        db_table = "parties_handoff"
        indexes = (models.Index(fields=("party", "-at"), name="handoff_of_party"),)
