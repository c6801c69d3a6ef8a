"""What the rules tell an agent during an interaction."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Alert(models.Model):
    """A suggestion, reminder or warning raised by a rule, at most once per reason and interaction."""

    class Kind(models.TextChoices):
        SUGGESTION = "suggestion", _("Suggestion")
        REMINDER = "reminder", _("Reminder")
        WARNING = "warning", _("Warning")

    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.CASCADE, related_name="alerts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", help_text="only for this agent")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=60, help_text="what it is about: raised once per interaction")
    texts = models.JSONField(help_text='language -> {"strong": ..., "text": ...} with the values filled in')
    rule = models.CharField(max_length=120)
    policy = models.CharField(max_length=60, blank=True, default="")
    raised_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "guidance_alert"
        constraints = (models.UniqueConstraint(fields=("interaction", "reason"), name="alert_once_per_reason"),)
