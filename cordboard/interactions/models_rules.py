"""What rules do for a contact beside deciding where it goes: deeds, tags, what they forbid, and what they ask somebody's approval of."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Deed(models.Model):
    """Something that a rule had done for a contact (a ticket opened, a tag added, somebody told): once for each contact and action of a rule, whatever came of it."""

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="deeds")
    verb = models.CharField(max_length=40)
    policy = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField(default=0)
    rule_id = models.CharField(max_length=80)
    rule = models.CharField(max_length=120)
    key = models.CharField(max_length=80, help_text="which of the rule's actions it is; with the customer, where it is done for a customer")
    came = models.JSONField(default=dict, help_text='what came of it: {"ticket": 7}')
    failed = models.CharField(max_length=200, blank=True, default="", help_text="why it could not be done")
    at = models.DateTimeField()

    class Meta:
        db_table = "interactions_deed"
        constraints = (models.UniqueConstraint(fields=("interaction", "policy", "rule_id", "key"), name="deed_once"),)


class InteractionTag(models.Model):
    """A word by which contacts are found and counted: "wants a callback in writing"."""

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="tags")
    tag = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    rule = models.CharField(max_length=120, blank=True, default="", help_text="the rule that added it")
    at = models.DateTimeField()

    class Meta:
        db_table = "interactions_tag"
        constraints = (models.UniqueConstraint(fields=("interaction", "tag"), name="interaction_tag_once"),)
        indexes = (models.Index(fields=("tag", "-at"), name="interaction_tagged"),)


class Prohibition(models.Model):
    """An act that a rule forbids in a contact, with the reason that is told. Lifted when no rule forbids it any more."""

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="prohibitions")
    act = models.CharField(max_length=40, help_text="as declared in prohibitions.py")
    texts = models.JSONField(help_text='language -> {"strong": ..., "text": ...}: why')
    rule = models.CharField(max_length=120)
    rule_id = models.CharField(max_length=80)
    policy = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "interactions_prohibition"
        constraints = (models.UniqueConstraint(fields=("interaction", "act"), name="forbidden_once"),)


class Approval(models.Model):
    """Something that somebody with the say must agree to before it is done: asked by a rule or a person, of a person or of the head of a unit.

    What it is about is `about` ("interaction:91", "refund:12"): who owns that asks `approved` before acting."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    about = models.CharField(max_length=60)
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.CASCADE, related_name="approvals")
    texts = models.JSONField(help_text='language -> {"strong": ..., "text": ...}: what is asked')
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="approvals_to_give")
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose head is asked")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who is told")
    rule = models.CharField(max_length=120, blank=True, default="", help_text="the rule that asked")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True, default="", help_text="in the words of who decided")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="when the asker took note of the answer")

    class Meta:
        db_table = "interactions_approval"
        indexes = (
            models.Index(fields=("approver", "state"), name="approval_to_give"),
            models.Index(fields=("about",), name="approval_about"),
            models.Index(fields=("due_at",), name="approval_pending", condition=models.Q(state="pending")),
            models.Index(fields=("asked_by",), name="approval_unseen", condition=models.Q(seen_at=None, decided_at__isnull=False)),
        )

    @property
    def open(self) -> bool:
        return self.state == self.State.PENDING
