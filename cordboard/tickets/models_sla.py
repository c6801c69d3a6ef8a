"""Service levels: when units work, what is promised, the clocks that run on a ticket, and what is done before they run out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cordboard.parties.models import Party
from cordboard.tickets.models import Ticket


class BusinessCalendar(models.Model):
    """When a unit works for customers of a value segment. The most particular one holds: unit and segment, then the unit, then the units above it, then the segment, then all."""

    name = models.CharField(max_length=80)
    unit = models.ForeignKey("org.Unit", null=True, blank=True, on_delete=models.CASCADE, related_name="calendars", help_text="empty: every unit")
    segment = models.CharField(max_length=20, blank=True, default="", choices=Party.Segment.choices, help_text="empty: every customer")
    timezone = models.CharField(max_length=64, blank=True, default="", help_text="empty: the unit's")
    hours = models.JSONField(default=dict, help_text='{"mon": [["09:00", "12:30"], ["13:00", "17:30"]], ...}; a day without is closed')
    holidays = models.CharField(max_length=12, blank=True, default="", help_text='"NL", "DE-BY"; empty: none')
    version = models.PositiveIntegerField(default=1, help_text="goes up with every change, of its exceptions too")

    class Meta:
        db_table = "tickets_calendar"
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("unit", "segment"), name="calendar_of_unit", condition=models.Q(unit__isnull=False)),
            models.UniqueConstraint(fields=("segment",), name="calendar_of_all", condition=models.Q(unit__isnull=True)),
        )

    def __str__(self) -> str:
        return self.name


class CalendarException(models.Model):
    """Closed, or other hours, on one date."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField()
    name = models.CharField(max_length=80, blank=True, default="")
    hours = models.JSONField(default=list, help_text='[["09:00", "12:00"]]; empty: closed')

    class Meta:
        db_table = "tickets_calendar_exception"
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=("calendar", "date"), name="calendar_exception_once"),)


class ServicePlan(models.Model):
    """A service level: how soon, by kind of ticket, and what is done before it is too late. Policies of the area "tickets" choose it."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    targets = models.JSONField(
        default=dict, help_text='{"incident": {"first_response": "1h", "resolution": "3d"}, "": {...}}; "" is every other kind (tickets/sla.py)'
    )
    steps = models.JSONField(default=list, help_text='[{"clock": "resolution", "percent": 80, "do": "notify_owner"}] (tickets/escalation.py)')
    around_the_clock = models.BooleanField(default=False, help_text="no calendar: nights and holidays count")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "tickets_plan"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TicketClock(models.Model):
    """One promise on a ticket: running, met, or dropped. Of each kind one is open at a time."""

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response", _("First response")
        NEXT_RESPONSE = "next_response", _("Next response")
        RESOLUTION = "resolution", _("Resolution")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    plan = models.CharField(max_length=40, blank=True, default="", help_text="code of the service level; empty: a moment that was set")
    plan_name = models.CharField(max_length=80, blank=True, default="", help_text="as it was called")
    plan_version = models.PositiveIntegerField(default=0)
    calendar = models.ForeignKey(BusinessCalendar, null=True, on_delete=models.SET_NULL, related_name="+")
    target = models.CharField(max_length=12, blank=True, default="", help_text='"30m", "8h", "3d"; empty: a moment that was set')
    target_seconds = models.PositiveBigIntegerField(default=0, help_text="of working time")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="none: the calendar never reaches it")
    fixed = models.BooleanField(default=False, help_text="promised for this moment: no plan moves it and waiting does not stop it")
    paused = models.BooleanField(default=False, help_text="the customer is waited for")
    paused_seconds = models.PositiveBigIntegerField(default=0, help_text="of working time, of pauses that are over")
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="met, or not asked for any more")
    explained = models.JSONField(default=dict, help_text="what the deadline was computed from (tickets/sla_words.py)")

    class Meta:
        db_table = "tickets_clock"
        ordering = ("started_at", "pk")
        constraints = (models.UniqueConstraint(fields=("ticket", "kind"), name="clock_open_once", condition=models.Q(ended_at=None)),)


class TicketPause(models.Model):
    """A time in which the work on a ticket could not go on."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="pauses")
    state = models.CharField(max_length=10, help_text="waiting, or resolved until it was opened again")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+", help_text="of the ticket then")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_pause"
        ordering = ("begun_at", "pk")
        constraints = (models.UniqueConstraint(fields=("ticket",), name="pause_open_once", condition=models.Q(ended_at=None)),)
        indexes = (models.Index(fields=("state", "begun_at"), name="pause_by_time"),)


class EscalationStep(models.Model):
    """Something to do at a point of a clock. Taken once: whoever changes its state from planned has it."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        TAKEN = "taken", _("Done")
        FAILED = "failed", _("Could not be done")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalations", db_index=False)
    clock = models.ForeignKey(TicketClock, on_delete=models.CASCADE, related_name="steps", db_index=False)
    key = models.CharField(max_length=80, help_text="the same step of the same clock has the same")
    terms = models.JSONField(default=dict, help_text="as in the plan")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    at = models.DateTimeField(null=True, help_text="none while the clock is stopped")
    claim = models.CharField(max_length=32, blank=True, default="", help_text="of the sweep that took it")
    taken_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict, help_text="what came of it (tickets/sla_words.py)")

    class Meta:
        db_table = "tickets_escalation_step"
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(fields=("clock", "key"), name="escalation_step_once"),)
        indexes = (
            models.Index(fields=("at", "id"), name="escalation_due", condition=models.Q(state="planned", at__isnull=False)),
            models.Index(fields=("claim",), name="escalation_claim", condition=~models.Q(claim="")),
            models.Index(fields=("ticket",), name="escalation_of_ticket"),
        )


class ClockChange(models.Model):
    """Why a deadline became what it is: one for every computation that changed it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="clock_changes")
    clock = models.ForeignKey(TicketClock, on_delete=models.CASCADE, related_name="changes", db_index=False)
    why = models.CharField(max_length=20, help_text="opened, customer_wrote, answered, waiting, resumed, resolved, reopened, changed, promised, dropped, ...")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    due_before = models.DateTimeField(null=True)
    due_after = models.DateTimeField(null=True)
    values = models.JSONField(default=dict)

    class Meta:
        db_table = "tickets_clock_change"
        ordering = ("at", "pk")
