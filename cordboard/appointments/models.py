"""Service staff with their hours, skills and areas; kinds of visit; appointments, and the quarters of an hour that they take."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Area(models.Model):
    """Where staff travel: known by the beginnings of postal codes. Minutes on the way count between two visits."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    country = models.CharField(max_length=2, default="NL")
    prefixes = models.JSONField(default=list, help_text="beginnings of postal codes, without blanks, in capitals")
    travel_within = models.PositiveSmallIntegerField(default=15, help_text="minutes to the next customer in the area")
    travel_between = models.PositiveSmallIntegerField(default=45, help_text="minutes to a customer in another area")

    class Meta:
        db_table = "appointments_area"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class VisitKind(models.Model):
    """What an appointment is for: how long it lasts, and what whoever comes must be able to do."""

    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict, help_text="language -> name")
    minutes = models.PositiveSmallIntegerField(default=60, help_text="in quarters of an hour")
    on_site = models.BooleanField(default=True, help_text="somebody travels to the customer; otherwise by telephone or in the shop")
    skills = models.ManyToManyField("routing.Skill", blank=True, related_name="visit_kinds", db_table="appointments_kind_skill")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "appointments_kind"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_in(get_language() or "en")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


class Staff(models.Model):
    """A user who makes visits. Skills are the user's own (routing.AgentSkill)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="service_staff")
    timezone = models.CharField(max_length=64, default="UTC")
    most_a_day = models.PositiveSmallIntegerField(default=0, help_text="visits in a day; 0: as many as fit")
    areas = models.ManyToManyField(Area, blank=True, related_name="staff", db_table="appointments_staff_area")
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, help_text="counts every change of the person's appointments: who changes it has the calendar alone")

    class Meta:
        db_table = "appointments_staff"

    def __str__(self) -> str:
        return str(self.user)


class Hours(models.Model):
    """A stretch of a person's usual week, in minutes of the local day; 1440 is the end of the day."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(help_text="0 Monday to 6 Sunday")
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "appointments_hours"
        ordering = ("weekday", "opens")
        constraints = (models.CheckConstraint(condition=Q(opens__lt=models.F("closes"), closes__lte=1440, weekday__lte=6), name="hours_are_hours"),)


class DayHours(models.Model):
    """A single day that is other than usual. Several rows: several stretches; one without times: no work on that day."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    opens = models.PositiveSmallIntegerField(null=True)
    closes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "appointments_day_hours"
        ordering = ("day", "opens")
        indexes = (models.Index(fields=("staff", "day"), name="day_hours_of_staff"),)


class Absence(models.Model):
    """Away: leave, illness, training."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        db_table = "appointments_absence"
        ordering = ("starts_at",)
        indexes = (models.Index(fields=("staff", "ends_at"), name="absence_of_staff"),)
        constraints = (models.CheckConstraint(condition=Q(starts_at__lt=models.F("ends_at")), name="absence_lasts"),)


class Appointment(models.Model):
    """A visit, or a time held for one while it is being offered. While it takes time its quarters of an hour stand in `Taken`, once per person: two that
    overlap cannot both be written, whatever the program does."""

    class State(models.TextChoices):
        HELD = "held", _("Offered")
        BOOKED = "booked", _("Booked")
        DONE = "done", _("Done")
        NO_SHOW = "no_show", _("Customer not there")
        CANCELLED = "cancelled", _("Cancelled")

    TAKES_TIME = (State.HELD, State.BOOKED, State.DONE, State.NO_SHOW)

    uid = models.CharField(max_length=120, unique=True, help_text="of the calendar entry (RFC 5545, 3.8.4.7)")
    sequence = models.PositiveIntegerField(default=0, help_text="counts what the customer's calendar must be told (RFC 5545, 3.8.7.4)")
    key = models.CharField(max_length=200, null=True, unique=True, help_text="of the act that booked it: done twice, it is one appointment")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="appointments")
    kind = models.ForeignKey(VisitKind, on_delete=models.PROTECT, related_name="appointments")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="appointments")
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="appointments")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="appointments")
    place = models.CharField(max_length=300, blank=True, default="", help_text="where, in one line")
    note = models.TextField(blank=True, default="", help_text="for whoever goes there")
    language = models.CharField(max_length=10, blank=True, default="", help_text="in which the customer is written to")
    state = models.CharField(max_length=9, choices=State.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    starts_minute = models.PositiveIntegerField(help_text="the same in minutes since 1970: what the search for free times reads")
    ends_minute = models.PositiveIntegerField()
    held_until = models.DateTimeField(null=True, help_text="of a hold: from then on the time is free again")
    offer = models.CharField(max_length=32, blank=True, default="", help_text="holds that were offered together: one is booked, the others go")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="when it was said to be done, cancelled, or that nobody was there")
    reason = models.CharField(max_length=200, blank=True, default="", help_text="why it was cancelled")
    reminded_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "appointments_appointment"
        indexes = (
            models.Index(fields=("staff", "starts_minute"), name="appointment_of_staff"),
            models.Index(fields=("party", "-starts_at"), name="appointment_of_party"),
            models.Index(fields=("starts_minute", "ends_minute"), name="appointment_time", condition=~Q(state="cancelled")),
            models.Index(fields=("held_until",), name="appointment_held", condition=Q(state="held")),
            models.Index(fields=("starts_at",), name="appointment_unreminded", condition=Q(state="booked", reminded_at=None)),
        )
        constraints = (models.CheckConstraint(condition=Q(starts_minute__lt=models.F("ends_minute")), name="appointment_lasts"),)


class Taken(models.Model):
    """A quarter of an hour of a person's (minutes since 1970 / 15), for one appointment alone."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="taken")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False)
    quarter = models.PositiveIntegerField()

    class Meta:
        db_table = "appointments_taken"
        constraints = (models.UniqueConstraint(fields=("staff", "quarter"), name="taken_once"),)


class Feed(models.Model):
    """A secret address at which a calendar program reads a person's appointments. The secret is shown once and kept nowhere: only its hash is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 in hex of 256 random bits")
    start = models.CharField(max_length=10, help_text="its first characters, to tell it from others")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, help_text="to the hour")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "appointments_feed"
        indexes = (models.Index(fields=("user", "-created_at"), name="feed_of_user"),)
