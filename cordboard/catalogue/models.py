"""What we sell and what customers have of it."""

from __future__ import annotations

from django.db import models


class Product(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict, help_text="language -> name")
    family = models.SlugField(max_length=40, help_text="washing-machine, dishwasher, ...; also the skill it asks for")
    icon = models.CharField(max_length=40, blank=True, default="")
    price = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="EUR")
    warranty_months = models.PositiveSmallIntegerField(default=24)
    serial_format = models.CharField(max_length=60, blank=True, default="", help_text="as in serials.py: # a digit, @ a letter, ? either; empty: not known")

    class Meta:
        db_table = "catalogue_product"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


class RegisteredProduct(models.Model):
    """A product of a customer's, with its serial number."""

    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="registered_products")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="registered")
    serial = models.CharField(max_length=60, unique=True)
    bought_on = models.DateField()
    bought_at = models.CharField(max_length=120, blank=True, default="", help_text="the shop, as the customer says it")
    warranty_until = models.DateField()

    class Meta:
        db_table = "catalogue_registered_product"
        ordering = ("-bought_on",)


class Fault(models.Model):
    """A fault of a registered product, and what was done about it."""

    product = models.ForeignKey(RegisteredProduct, on_delete=models.CASCADE, related_name="faults")
    code = models.CharField(max_length=20)
    text = models.CharField(max_length=200)
    remedy = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_fault"
        ordering = ("-at",)


from cordboard.catalogue.models_registered import Cover as Cover  # noqa: E402  nouns of their own; Django looks for models here
from cordboard.catalogue.models_registered import OwnerChange as OwnerChange  # noqa: E402
from cordboard.catalogue.models_registered import Part as Part  # noqa: E402
