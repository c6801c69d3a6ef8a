"""Keys with which programs read for a user."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A token of a user, for a program. The token itself is shown once and kept nowhere: only its hash is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60, help_text="what it is for, in the user's words")
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 in hex; the token is 256 random bits, so nothing slower is needed")
    start = models.CharField(max_length=10, help_text="its first characters, to tell it from others")
    scopes = models.JSONField(default=list, help_text="codes of permissions; what the user may not do the token may not either")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, help_text="to the minute")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "org_api_token"
        indexes = (models.Index(fields=("user", "-created_at"), name="api_token_of_user"),)
