"""What customers are given on a ticket: refunds, credits and goodwill, with who must agree and what was given."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cordboard.tickets.models import Ticket


class Grant(models.Model):
    """Something of value for a customer. It is given once: within the agent's limit at once, above it when all who must have agreed."""

    class Kind(models.TextChoices):
        GOODWILL = "goodwill", _("Goodwill")
        REFUND = "refund", _("Refund")
        VOUCHER = "voucher", _("Voucher")
        REPLACEMENT = "replacement", _("Replacement")

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for approval")
        APPROVED = "approved", _("Approved, to be given")
        GIVEN = "given", _("Given")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="grants")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="grants")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.GOODWILL)
    state = models.CharField(max_length=10, choices=State.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300, help_text="in the agent's words")
    limit = models.DecimalField(max_digits=12, decimal_places=2, null=True, help_text="what the rules allowed at that moment")
    trace = models.JSONField(default=dict, help_text="policy, version, rules and facts that gave the limit")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_grant"
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("party", "given_at"), name="grants_of_party"),
            models.Index(fields=("ticket",), name="grants_of_ticket"),
        )


class GrantStep(models.Model):
    """One who must agree, in order. The approval is asked when the steps before it are done."""

    class State(models.TextChoices):
        LATER = "later", _("asked later")
        ASKED = "asked", _("asked")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not answered in time")
        OFF = "off", _("not needed any more")

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose head is asked")
    hours = models.PositiveSmallIntegerField(default=24)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LATER)
    approval = models.ForeignKey("interactions.Approval", null=True, on_delete=models.SET_NULL, related_name="+")
    deputy = models.BooleanField(default=False, help_text="the deputy was asked")
    why = models.CharField(max_length=200, blank=True, default="", help_text="code: why somebody else was asked than the head")
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_grant_step"
        ordering = ("grant", "order")
        constraints = (models.UniqueConstraint(fields=("grant", "order"), name="grant_step_once"),)
