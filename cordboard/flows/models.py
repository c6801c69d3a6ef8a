"""Flows as they are kept: versions of graphs, the runs that follow them, the conversations that test them, and how often each edge was passed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Flow(models.Model):
    """One version of a flow. Runs finish on the version they began with, so a published version never changes. Of each flow at most one version is a
    draft and at most one is published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    surfaces = models.JSONField(default=list, help_text='["ivr", "bot", ...]')
    graph = models.JSONField(help_text="as it was drawn")
    linked = models.JSONField(null=True, help_text="the graph with its sub-flows put in, as it runs; null: as it was drawn")
    revision = models.PositiveIntegerField(default=0, db_default=0, help_text="counts how often the draft was saved")
    comment = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="what is new in this version")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flows_flow"
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="flow_version_once"),
            models.UniqueConstraint(fields=("code",), condition=models.Q(state="published"), name="flow_published_once"),
            models.UniqueConstraint(fields=("code",), condition=models.Q(state="draft"), name="flow_draft_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def runs_as(self) -> dict[str, Any]:
        """The graph that a run follows."""
        graph: dict[str, Any] = self.graph if self.linked is None else self.linked
        return graph


class Run(models.Model):
    """One passage through a flow. `state` is the engine's JSON; `subject` says what it serves ('interaction:91'), as the engine knows no business."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="runs")
    surface = models.CharField(max_length=20)
    subject = models.CharField(max_length=60, db_index=True)
    state = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")
    counted = models.BooleanField(default=False, db_default=False, help_text="its path is among the passages")

    class Meta:
        db_table = "flows_run"
        indexes = (models.Index(fields=("id",), name="run_to_count", condition=models.Q(counted=False, ended_at__isnull=False)),)


class Passage(models.Model):
    """How often runs of a version took an exit of a step on a day, or ended at a step. Counted from the paths of runs that ended (tasks.py)."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="passages")
    day = models.DateField(help_text="UTC, on which the run began")
    step = models.CharField(max_length=200)
    exit = models.CharField(max_length=60, blank=True, help_text="empty: runs ended here")
    ended = models.CharField(max_length=40, blank=True, default="", help_text="how they ended, where they did")
    runs = models.PositiveIntegerField(default=0)
    times = models.PositiveIntegerField(default=0, help_text="a run may come by more than once")
    seconds = models.FloatField(default=0, help_text="from coming to the step to leaving it, in all")

    class Meta:
        db_table = "flows_passage"
        constraints = (models.UniqueConstraint(fields=("flow", "day", "step", "exit", "ended"), name="passage_once"),)


class FlowTest(models.Model):
    """A test conversation: what the customer does, and what must come of it. Belongs to the flow, not to a version: every version must pass it."""

    code = models.SlugField(max_length=60, help_text="of the flow")
    name = models.CharField(max_length=120)
    surface = models.CharField(max_length=20)
    values = models.JSONField(default=dict, help_text="variables that the surface gives at the start")
    language = models.CharField(max_length=10, blank=True, default="")
    inputs = models.JSONField(default=list, help_text='[{"is": "answered", "value": "1"}, ...]')
    answers = models.JSONField(default=dict, help_text="what look-ups and services answer, by step or by name")
    expected = models.JSONField(default=dict, help_text='{"path": [...], "ended": ..., "effect": {...}, "values": {...}}')
    at = models.DateTimeField(help_text="the moment that it plays at: a flow may ask for the time of day")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "flows_test"
        constraints = (models.UniqueConstraint(fields=("code", "name"), name="flow_test_once"),)


class WebService(models.Model):
    """A web service that flows and look-ups may ask, or another database that look-ups may; what is not on this list is never asked."""

    class Kind(models.TextChoices):
        HTTP = "http", _("web service (HTTP)")
        SQLITE = "sqlite", _("database file (SQLite)")
        POSTGRESQL = "postgresql", _("database (PostgreSQL)")

    class Auth(models.TextChoices):
        NONE = "", _("nothing")
        BEARER = "bearer", _("a token (Bearer)")
        BASIC = "basic", _("user and password (Basic)")
        HEADER = "header", _("a key in a header")

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.HTTP, db_default="http")
    base_url = models.CharField(
        max_length=300, help_text="https://host/path; flows give what comes after it. /path/of/file.sqlite, postgresql://user@host:port/name"
    )
    auth = models.CharField(max_length=8, choices=Auth.choices, blank=True, default="")
    auth_header = models.CharField(max_length=60, blank=True, default="", help_text="of a key in a header")
    secret = models.TextField(blank=True, default="", help_text="sealed (lib/sealed.py); user:password for Basic")
    headers = models.JSONField(default=dict, help_text="sent along; no secrets")
    timeout = models.FloatField(default=5.0, help_text="seconds that it has at most")
    inside = models.BooleanField(default=False, help_text="one of the house: it may be at a private address")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "flows_web_service"

    def __str__(self) -> str:
        return self.name


class Lookup(models.Model):
    """What rules may ask a service or another database for while a contact is decided on. Its outputs are facts: lookup.<code>.<name>."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    service = models.ForeignKey(WebService, on_delete=models.PROTECT, related_name="lookups")
    path = models.CharField(max_length=300, blank=True, default="", help_text="of a web service: what comes after its address, with {input}")
    post = models.BooleanField(default=False, help_text="of a web service: the inputs are sent as JSON")
    query = models.TextField(blank=True, default="", help_text="of a database: one SELECT, with :input")
    inputs = models.JSONField(default=list, help_text='[{"name": "number", "fact": "party.number"}]')
    outputs = models.JSONField(
        default=list, help_text='[{"name": "tier", "words": "Tier", "type": "text", "path": "customer.tier", "default": "none"}]; no default: unknown'
    )
    limit_ms = models.PositiveIntegerField(default=300, help_text="that a decision waits at most")
    keep_seconds = models.PositiveIntegerField(default=60, help_text="that an answer is used again for the same inputs")
    active = models.BooleanField(default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "flows_lookup"

    def __str__(self) -> str:
        return self.name
