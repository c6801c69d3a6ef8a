"""Messages to many colleagues at once, and who has read them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Broadcast(models.Model):
    """A message to colleagues. Who gets it is fixed at sending: one row of `BroadcastReceipt` each."""

    class To(models.TextChoices):
        ALL = "all", _("Everybody")
        UNIT = "unit", _("A unit")
        QUEUE = "queue", _("Agents of a queue")
        PERSON = "person", _("A person")
        POSITION = "position", _("A position")
        HEAD = "head", _("The head of a unit")

    text = models.CharField(max_length=500)
    texts = models.JSONField(null=True, help_text="of a rule's notice: language -> words")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="none: a rule sends it")
    rule = models.CharField(max_length=120, blank=True, default="", db_default="", help_text="the rule that sends it")
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.CASCADE, related_name="+", help_text="the contact that it is about")
    to = models.CharField(max_length=8, choices=To.choices)
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "routing_broadcast"
        ordering = ["-id"]

    def text_in(self, language: str) -> str:
        return str((self.texts or {}).get(language) or self.text)


class BroadcastReceipt(models.Model):
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="receipts")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)  # the index below begins with it
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "routing_broadcast_receipt"
        constraints = [models.UniqueConstraint(fields=["broadcast", "reader"], name="broadcast_receipt_once")]
        indexes = [
            models.Index(fields=["reader"], condition=models.Q(read_at=None), name="broadcast_unread"),
            models.Index(fields=["reader"], name="broadcast_reader"),
        ]
