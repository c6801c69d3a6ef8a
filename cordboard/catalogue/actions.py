"""The only writers of registered products and their faults."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.catalogue.models import Fault, Product, RegisteredProduct
from cordboard.catalogue.queries import tidy_serial
from cordboard.catalogue.warranty import add_months
from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require


def register(party_id: int, product: Product, serial: str, bought_on: date, by: User | None) -> RegisteredProduct:
    """Write down that a customer has this product. Raises ValidationError when the serial is missing or another's, PermissionDenied."""
    if by is not None:
        require(by, "catalogue.change")
    serial = tidy_serial(serial)
    if not serial:
        raise ValidationError({"serial": _("Enter the serial number.")})
    with transaction.atomic():
        owned, made = RegisteredProduct.objects.get_or_create(
            serial=serial,
            defaults={"party_id": party_id, "product": product, "bought_on": bought_on, "warranty_until": add_months(bought_on, product.warranty_months)},
        )
        if not made and owned.party_id != party_id:
            raise ValidationError({"serial": _("This serial number is registered for another customer.")})
        if made:
            log.record("catalogue.product_registered", actor=f"user:{by.pk}" if by else "system", party=party_id, registered=owned.pk)
    return owned


def record_fault(registered_id: int, code: str, text: str, by: User | None, *, remedy: str = "", now: datetime | None = None) -> Fault:
    """Write down a fault of a customer's product and, when known, what was done. Raises PermissionDenied, RegisteredProduct.DoesNotExist."""
    if by is not None:
        require(by, "catalogue.change")
    with transaction.atomic():
        owned = RegisteredProduct.objects.get(pk=registered_id)
        fault = Fault.objects.create(
            product=owned, code=code.strip().upper()[:20], text=text.strip()[:200], remedy=remedy.strip()[:200], at=now or timezone.now()
        )
        log.record("catalogue.fault_recorded", actor=f"user:{by.pk}" if by else "system", party=owned.party_id, registered=owned.pk, fault=fault.pk)
    return fault
