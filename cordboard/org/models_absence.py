"""Days on which somebody is not at work, and who stands in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Absence(models.Model):
    """`user` is away from `first_day` to `last_day`, both included, by the days of their own time zone."""

    class Why(models.TextChoices):
        HOLIDAY = "holiday", pgettext_lazy("why somebody is away", "Holiday")
        ILL = "ill", _("Ill")
        TRAINING = "training", _("Training")
        OTHER = "other", pgettext_lazy("why somebody is away", "Another reason")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="stands in for all of it"
    )
    why = models.CharField(max_length=10, choices=Why.choices, default=Why.HOLIDAY)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "org_absence"
        ordering = ("first_day",)
        constraints = (models.CheckConstraint(name="absence_begins_before_it_ends", condition=models.Q(first_day__lte=models.F("last_day"))),)
        indexes = (models.Index(fields=("last_day", "first_day"), name="absence_days"),)
