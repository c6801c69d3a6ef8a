"""What programs were answered, so that a request sent twice is done once."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Answered(models.Model):
    """The answer to a request with an Idempotency-Key. `status` is null while it is being done."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of method, address and body: a key belongs to one request")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True, default="")
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "api_answered"
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="api_answered_once"),)
