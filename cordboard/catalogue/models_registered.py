"""What belongs to a customer's product beside itself: what covers its repairs, whose it was before, and the parts that fit it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Cover(models.Model):
    """Beyond the warranty: who pays for repairs, from and until (both days within). Ending one early keeps it, with who ended it."""

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("Extended warranty")
        CONTRACT = "contract", _("Service contract")
        GOODWILL = "goodwill", pgettext_lazy("what covers a repair", "Goodwill")

    product = models.ForeignKey("catalogue.RegisteredProduct", on_delete=models.CASCADE, related_name="covers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    begins_on = models.DateField()
    ends_on = models.DateField()
    parts = models.BooleanField(default=True)
    labour = models.BooleanField(default=True)
    travel = models.BooleanField(default=True)
    why = models.CharField(max_length=200, blank=True, default="", help_text="number of the contract, reason of the goodwill")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_cover"
        ordering = ("begins_on", "pk")
        constraints = (models.CheckConstraint(name="cover_begins_first", condition=Q(ends_on__gte=F("begins_on"))),)


class OwnerChange(models.Model):
    """A product went from one customer to another."""

    product = models.ForeignKey("catalogue.RegisteredProduct", on_delete=models.CASCADE, related_name="owner_changes")
    old = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    new = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_owner_change"
        ordering = ("at", "pk")


class Part(models.Model):
    """A spare part, and the family of products that it is for ("" for any)."""

    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict, help_text="language -> name")
    family = models.SlugField(max_length=40, blank=True, default="")
    price = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        db_table = "catalogue_part"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)
