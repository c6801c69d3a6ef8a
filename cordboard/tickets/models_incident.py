"""Mass incidents: many tickets with one cause, found, tied together, answered and resolved at once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cordboard.tickets.models import Ticket


class IncidentRule(models.Model):
    """When many similar tickets are suggested as one incident; for a family of products, or for all."""

    family = models.SlugField(max_length=40, blank=True, default="", unique=True, help_text="of products; empty: all others")
    least = models.PositiveSmallIntegerField(default=5, help_text="customers")
    minutes = models.PositiveIntegerField(default=60, help_text="within which they turn to us")
    likeness = models.PositiveSmallIntegerField(default=35, help_text="how alike their words are, in percent")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "tickets_incident_rule"
        ordering = ("family",)

    def __str__(self) -> str:
        return self.family or str(_("all other products, and none"))


class MassIncident(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("Open")
        RESOLVED = "resolved", _("Resolved")

    title = models.CharField(max_length=200)
    cause = models.TextField(blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    family = models.SlugField(max_length=40, blank=True, default="")
    texts = models.JSONField(default=dict, help_text="language -> the answer to all, as last written")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "tickets_incident"
        ordering = ("-opened_at", "-pk")

    def __str__(self) -> str:
        return self.title


class IncidentTicket(models.Model):
    """A ticket tied to an incident. `left_out`: it stays tied, but is answered by hand."""

    incident = models.ForeignKey(MassIncident, on_delete=models.CASCADE, related_name="tied")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="incidents")
    left_out = models.BooleanField(default=False)
    tied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    tied_at = models.DateTimeField()
    untied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    untied_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_incident_ticket"
        constraints = (models.UniqueConstraint(fields=("ticket",), condition=models.Q(untied_at=None), name="incident_ticket_once"),)
        indexes = (models.Index(fields=("incident", "ticket"), name="incident_tickets"),)


class IncidentSuggestion(models.Model):
    """Tickets that look like one incident, until somebody decides."""

    class State(models.TextChoices):
        OPEN = "open", _("to be decided")
        TAKEN = "taken", _("made an incident")
        DISMISSED = "dismissed", _("not one incident")

    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    family = models.SlugField(max_length=40, blank=True, default="")
    words = models.JSONField(default=list, help_text="that most of them share")
    tickets = models.JSONField(default=list, help_text="numbers of rows, the oldest first")
    why = models.JSONField(default=dict, help_text="the numbers that led to it: customers, minutes, likeness")
    incident = models.ForeignKey(
        MassIncident, null=True, on_delete=models.CASCADE, related_name="suggestions", help_text="to which they may belong; made from it when taken"
    )
    found_at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_incident_suggestion"
        ordering = ("-found_at", "-pk")
        indexes = (models.Index(fields=("found_at",), name="incident_suggested"),)


class IncidentRun(models.Model):
    """One answer to all, resolving them all, or both; a row for each ticket says what became of it."""

    incident = models.ForeignKey(MassIncident, on_delete=models.CASCADE, related_name="runs")
    texts = models.JSONField(default=dict, help_text="language -> text; empty: nothing is sent")
    resolve = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_incident_run"
        ordering = ("-begun_at", "-pk")


class IncidentResult(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("to be done")
        DONE = "done", _("done")
        FAILED = "failed", _("not done")
        LEFT_OUT = "left_out", _("left out")

    run = models.ForeignKey(IncidentRun, on_delete=models.CASCADE, related_name="results")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    language = models.CharField(max_length=10, blank=True, default="", help_text="of the text that was sent")
    why = models.CharField(max_length=300, blank=True, default="", help_text="why it was not done")
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_incident_result"
        constraints = (models.UniqueConstraint(fields=("run", "ticket"), name="incident_result_once"),)
