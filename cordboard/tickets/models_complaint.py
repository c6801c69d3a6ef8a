"""Complaints, quantified: how much each weighs and why, what was proposed and decided, the result that the customer was told, and how satisfied they were."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ComplaintScheme(models.Model):
    """How complaints are weighed and answered, as managers have set it: weights, values, bands, times, measures, texts. Each change is a version; the newest
    holds, and a complaint names the one by which it was weighed."""

    version = models.PositiveIntegerField(unique=True)
    body = models.JSONField(help_text="complaint_scheme.py says what stands in it")
    note = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_complaint_scheme"
        ordering = ("-version",)


class Complaint(models.Model):
    """What is known of a ticket as a complaint. One to one."""

    class Harm(models.TextChoices):
        NONE = "none", pgettext_lazy("harm", "None")
        MONEY = "money", pgettext_lazy("harm", "Money lost")
        DAMAGE = "damage", pgettext_lazy("harm", "Damage")
        INJURY = "injury", pgettext_lazy("harm", "Somebody hurt")
        SAFETY = "safety", pgettext_lazy("harm", "Danger")

    class Band(models.TextChoices):
        LOW = "low", pgettext_lazy("severity", "Low")
        MEDIUM = "medium", pgettext_lazy("severity", "Medium")
        HIGH = "high", pgettext_lazy("severity", "High")
        CRITICAL = "critical", pgettext_lazy("severity", "Critical")

    class Way(models.TextChoices):
        EMAIL = "email", _("By e-mail")
        PHONE = "phone", _("By telephone")
        POST = "post", _("By post")

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, related_name="complaint")
    # -- how much it weighs
    score = models.PositiveSmallIntegerField(default=0, help_text="0 to 100")
    band = models.CharField(max_length=8, choices=Band.choices, default=Band.LOW)
    parts = models.JSONField(default=list, help_text="each part with weight, value, points and what it comes from")
    harm = models.CharField(max_length=8, choices=Harm.choices, default=Harm.NONE)
    harm_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who set it; empty: found in the text"
    )
    harm_set = models.BooleanField(default=False, help_text="set by somebody; weighing again does not change it")
    grade = models.CharField(max_length=1, blank=True, default="", help_text="business grade, A to D")
    scheme = models.ForeignKey(ComplaintScheme, null=True, on_delete=models.PROTECT, related_name="+")
    weighed_at = models.DateTimeField()
    # -- proposed
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.PROTECT, related_name="complaints", help_text="the department in charge")
    head = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who answers for the department")
    head_unit = models.ForeignKey(
        "org.Unit", null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose head it is, when the department has none"
    )
    passed = models.JSONField(default=list, help_text="names of units without a head that were passed on the way up")
    proposed_hours = models.PositiveIntegerField(default=0, help_text="of working time, from the opening")
    proposed_due_at = models.DateTimeField(null=True)
    proposed_handler = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_measure = models.SlugField(max_length=40, blank=True, default="")
    proposed_by = models.JSONField(default=dict, help_text="policy, version and rule that proposed it; empty: the scheme's times")
    handed_at = models.DateTimeField(null=True, help_text="to the head of the department")
    # -- decided by the head
    measure = models.SlugField(max_length=40, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # -- the result, told to the customer
    result = models.TextField(blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="", help_text="in which the customer was told")
    way = models.CharField(max_length=8, choices=Way.choices, blank=True, default="")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    account_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="of the customer when the result was told"
    )
    told_at = models.DateTimeField(null=True, help_text="handed to the mail server's queue, or told by telephone or post")
    # -- how satisfied they were
    asked_at = models.DateTimeField(null=True)
    rating = models.FloatField(null=True, help_text="1 to 5, whatever the scale on which it was given")
    comment = models.TextField(blank=True, default="")
    rated_at = models.DateTimeField(null=True)
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who wrote it down; empty: the customer"
    )

    class Meta:
        db_table = "tickets_complaint"
        indexes = (models.Index(fields=("unit", "band"), name="complaint_of_unit"),)
