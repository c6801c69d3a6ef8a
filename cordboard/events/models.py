"""The log and what keeps its readers: one append-only table, one epoch, leases, subscribers' cursors, presence."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class Event(models.Model):
    """One thing that happened. Never changed; deleted only when its kind's time is over.

    On PostgreSQL the table has one more column, `xid xid8`, filled by the database: the reader's cursor is a snapshot and needs it.
    """

    kind = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=60, help_text="user:7, party:12, system, worker, switch")
    node = models.CharField(max_length=60)
    origin = models.CharField(max_length=120, blank=True, default="", help_text="address and request id it came from")
    why = models.CharField(max_length=200, blank=True, default="")
    topics: models.JSONField[Any, Any] = models.JSONField(default=list)
    body: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        db_table = "events_event"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["kind", "id"], name="events_event_kind"),
            models.Index(fields=["actor", "id"], name="events_event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class Epoch(models.Model):
    """One row. A restore from backup raises `number`, so that no cursor from before it is taken for one of now."""

    number = models.BigIntegerField(default=1)

    class Meta:
        db_table = "events_epoch"


class Lease(models.Model):
    """Who may do what only one may do, until when. `epoch` grows whenever the owner changes. Times are seconds since 1970 by the
    database's clock, so that machines with clocks of their own agree."""

    name = models.CharField(max_length=80, primary_key=True)
    owner = models.CharField(max_length=120)
    epoch = models.BigIntegerField(default=1)
    until = models.FloatField()

    class Meta:
        db_table = "events_lease"


class Subscriber(models.Model):
    """How far one subscriber has read, and how it fares."""

    name = models.CharField(max_length=80, primary_key=True)
    cursor = models.TextField()
    failures = models.PositiveIntegerField(default=0, help_text="tries of the event at the head, so far in vain")
    last_error = models.TextField(blank=True, default="")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "events_subscriber"


class DeadLetter(models.Model):
    """An event that a subscriber could not take after all its tries. Shown by `cordboard doctor` until somebody settles it."""

    subscriber = models.CharField(max_length=80)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    tries = models.PositiveIntegerField()
    error = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "events_dead_letter"
        constraints = [models.UniqueConstraint(fields=["subscriber", "event"], name="events_dead_letter_once")]


class Presence(models.Model):
    """When a page of this user was last heard. A fact of the moment, not of history: it is no event."""

    user = models.BigIntegerField(primary_key=True)
    seen_at = models.DateTimeField()
    front = models.CharField(max_length=60, blank=True, default="", db_default="", help_text="node whose front heard it")

    class Meta:
        db_table = "events_presence"


class Listening(models.Model):
    """How long the front of a node has been able to hear pages. Silence while it could not is nobody's absence."""

    front = models.CharField(max_length=60, primary_key=True, help_text="node")
    run = models.CharField(max_length=40, help_text="which start of the process it is")
    since = models.DateTimeField(help_text="hears without a gap since")
    seen_at = models.DateTimeField(help_text="handed in heartbeats last, or that there were none")

    class Meta:
        db_table = "events_listening"
