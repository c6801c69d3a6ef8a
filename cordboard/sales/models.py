"""What was ordered, sent, invoiced and paid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Order(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SHIPPED = "shipped", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        RETURNED = "returned", _("Returned")

    number = models.CharField(max_length=20, unique=True)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    ordered_at = models.DateTimeField()
    delivered_on = models.DateField(null=True)
    carrier = models.CharField(max_length=40, blank=True, default="")
    tracking = models.CharField(max_length=60, blank=True, default="")
    expected_on = models.DateField(null=True)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "sales_order"
        indexes = (models.Index(fields=("party", "-ordered_at"), name="order_of_party"),)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        db_table = "sales_order_line"


class Invoice(models.Model):
    """What a customer owes for an order. The balance of a customer is the sum of what is not paid."""

    number = models.CharField(max_length=20, unique=True)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="invoices")
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="invoices")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    issued_on = models.DateField()
    due_on = models.DateField()
    paid_on = models.DateField(null=True)

    class Meta:
        db_table = "sales_invoice"
        indexes = (models.Index(fields=("party",), name="invoice_open", condition=models.Q(paid_on=None)),)


class ProductProposal(models.Model):
    """A product proposed to a customer in a contact, by a rule's suggestion: what the agent offered, and what the customer said of it."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        WANTED = "wanted", _("Wanted")
        DECLINED = "declined", _("Declined")

    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="product_proposals")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="product_proposals")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFFERED)
    rule = models.CharField(max_length=120, blank=True, default="", help_text="the rule that proposed it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "sales_product_proposal"
        constraints = (models.UniqueConstraint(fields=("interaction", "product"), name="proposed_once"),)
        indexes = (models.Index(fields=("party", "-at"), name="proposed_to_party"),)
