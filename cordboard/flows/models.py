"""Flows as they are kept: versions of graphs, and the runs that follow them."""

from __future__ import annotations

from django.db import models


class Flow(models.Model):
    """One version of a flow. Runs finish on the version they began with, so a published version never changes."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    surfaces = models.JSONField(default=list, help_text='["ivr", "bot", ...]')
    graph = models.JSONField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flows_flow"
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="flow_version_once"),
            models.UniqueConstraint(fields=("code",), condition=models.Q(state="published"), name="flow_published_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Run(models.Model):
    """One passage through a flow. `state` is the engine's JSON; `subject` says what it serves ('interaction:91'), as the engine knows no business."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="runs")
    surface = models.CharField(max_length=20)
    subject = models.CharField(max_length=60, db_index=True)
    state = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        db_table = "flows_run"
