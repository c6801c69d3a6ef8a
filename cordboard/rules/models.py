"""Policies as they are kept: versions of ordered rules for one area."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Policy(models.Model):
    """One version of one policy. `body` is what rules/evaluate.py compiles. At most one version per area and code is published."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    area = models.CharField(max_length=40, help_text="routing, guidance, recording, value, ...")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    body = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rules_policy"
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="policy_version_once"),
            models.UniqueConstraint(fields=("area", "code"), condition=models.Q(state="published"), name="policy_published_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
