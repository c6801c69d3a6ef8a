"""Service orders: a visit, the parts and the time it took, and the customer's signature under it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ServiceOrder(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("service order", "Planned")
        ON_THE_WAY = "on_the_way", pgettext_lazy("service order", "On the way")
        WORKING = "working", pgettext_lazy("service order", "Working")
        DONE = "done", pgettext_lazy("service order", "Done, not confirmed")
        CONFIRMED = "confirmed", pgettext_lazy("service order", "Confirmed")
        CANCELLED = "cancelled", pgettext_lazy("service order", "Cancelled")

    number = models.PositiveBigIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="service_orders")
    ticket = models.ForeignKey("tickets.Ticket", null=True, blank=True, on_delete=models.PROTECT, related_name="service_orders")
    product = models.ForeignKey("catalogue.RegisteredProduct", null=True, blank=True, on_delete=models.PROTECT, related_name="service_orders")
    technician = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="service_orders")
    unit = models.ForeignKey("org.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="service_orders")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="", help_text="what is to be done")
    place = models.CharField(max_length=300, blank=True, default="", help_text="where, in one line")
    phone = models.CharField(max_length=20, blank=True, default="", help_text="E.164: who is called before")
    planned_at = models.DateTimeField(null=True, blank=True)
    planned_until = models.DateTimeField(null=True, blank=True)
    report = models.TextField(blank=True, default="", help_text="what was done")
    currency = models.CharField(max_length=3, default="EUR")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    on_the_way_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True, default="", help_text="why it was cancelled, put off or taken up again")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "tickets_order"
        indexes = (
            models.Index(fields=("party", "-opened_at"), name="service_order_of_party"),
            models.Index(fields=("technician", "planned_at"), name="service_order_of_technician"),
            models.Index(fields=("planned_at",), name="service_order_open", condition=~Q(state__in=("confirmed", "cancelled"))),
        )

    def __str__(self) -> str:
        return self.title


class OrderLine(models.Model):
    """A part, a stretch of work, or the way there."""

    class Kind(models.TextChoices):
        PART = "part", pgettext_lazy("spare part", "Part")
        TIME = "time", _("Working time")
        TRAVEL = "travel", _("Travel")

    order = models.ForeignKey(ServiceOrder, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    part = models.ForeignKey("catalogue.Part", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120, help_text="as it was called when it was written down")
    quantity = models.DecimalField(max_digits=8, decimal_places=2, help_text="pieces, hours, kilometres")
    price = models.DecimalField(max_digits=12, decimal_places=2, help_text="of one")
    covered_by = models.CharField(max_length=10, blank=True, default="", help_text="kind of cover that pays (catalogue.entitlement); empty: the customer")
    why = models.CharField(max_length=200, blank=True, default="", help_text="where somebody decided otherwise than the covers say: the reason")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_order_line"
        ordering = ("pk",)
        constraints = (models.CheckConstraint(name="order_line_has_some", condition=Q(quantity__gt=0, price__gte=0)),)


class OrderSignature(models.Model):
    """What a customer signed: the order as it stood (`content`), how it was drawn, and the seal over both (tickets.signature). Never changed; signing anew makes
    another one."""

    order = models.ForeignKey(ServiceOrder, on_delete=models.CASCADE, related_name="signatures")
    name = models.CharField(max_length=120)
    strokes = models.JSONField()
    content = models.JSONField()
    seal = models.CharField(max_length=64, help_text="SHA-256 in hexadecimal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="on whose device")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_order_signature"
        ordering = ("-at", "-pk")


class OrderVisit(models.Model):
    """A visit that was booked for an order: the first, and others where it took more than one. Who comes and when is the visit's to say; the order's own fields of
    that follow it (actions_order_visit)."""

    order = models.ForeignKey(ServiceOrder, on_delete=models.CASCADE, related_name="visits")
    appointment = models.OneToOneField("appointments.Appointment", on_delete=models.CASCADE, related_name="of_order")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_order_visit"
