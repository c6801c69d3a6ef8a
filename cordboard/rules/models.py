"""Policies as they are kept: versions of ordered rules for one area, and who did what to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Policy(models.Model):
    """One version of one policy. `body` is what rules/evaluate.py compiles. Of each policy at most one version is published, and at most one is on its way there
    (draft, in review, approved). A published version never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    OPEN = (State.DRAFT, State.REVIEW, State.APPROVED)

    area = models.CharField(max_length=40, help_text="routing, guidance, recording, value, ...")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    body = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who began this version")
    begun_at = models.DateTimeField(null=True)
    based_on = models.PositiveIntegerField(null=True, help_text="number of the version that it was begun from")
    revision = models.PositiveIntegerField(default=0, db_default=0, help_text="counts how often the draft was saved")
    comment = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="what is new in this version, in its author's words")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True, help_text="approved and to be published by itself then")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rules_policy"
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="policy_version_once"),
            models.UniqueConstraint(fields=("area", "code"), condition=models.Q(state="published"), name="policy_published_once"),
            models.UniqueConstraint(fields=("code",), condition=models.Q(state__in=("draft", "review", "approved")), name="policy_open_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class PolicyChange(models.Model):
    """What somebody did to a version: saved it (and with which difference), sent it to be reviewed, published it."""

    class What(models.TextChoices):
        BEGUN = "begun", _("Begun")
        SAVED = "saved", _("Changed")
        SUBMITTED = "submitted", _("Sent for review")
        TAKEN_BACK = "taken_back", _("Taken back from review")
        SENT_BACK = "sent_back", _("Sent back")
        APPROVED = "approved", _("Approved")
        PLANNED = "planned", _("Planned")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=12, choices=What.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="null: by itself, at its time")
    at = models.DateTimeField()
    revision = models.PositiveIntegerField(help_text="of the version, afterwards")
    comment = models.CharField(max_length=300, blank=True, default="")
    before = models.JSONField(null=True, help_text="of a saving: the body as it was, to go back to")
    difference = models.JSONField(null=True, help_text="of a saving: what changed (rules/difference.py)")

    class Meta:
        db_table = "rules_policy_change"
        indexes = (models.Index(fields=("policy", "-id"), name="policy_change_newest"),)


class PolicyReplay(models.Model):
    """A draft run over past contacts: asked for, counted in the worker, kept with what it found."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="replays")
    revision = models.PositiveIntegerField(help_text="of the draft, as it was run")
    against = models.PositiveIntegerField(null=True, help_text="number of the version that it was compared with")
    begin = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rules_policy_replay"
        indexes = (models.Index(fields=("policy", "-id"), name="policy_replay_newest"),)
