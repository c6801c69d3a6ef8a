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

    text = models.CharField(max_length=500)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.CharField(max_length=5, choices=To.choices)
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "routing_broadcast"
        ordering = ["-id"]


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
