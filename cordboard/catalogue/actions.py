"""The only writers of registered products, what covers them, and their faults."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.catalogue import serials
from cordboard.catalogue.models import Cover, Fault, OwnerChange, Product, RegisteredProduct
from cordboard.catalogue.permissions import COVER
from cordboard.catalogue.queries import tidy_serial
from cordboard.catalogue.warranty import add_months
from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of, root_id

ANOTHERS, ODD = "anothers", "odd"
"""Codes of what is wrong with a serial: registered for another customer, not of the product's format."""


def register(
    party_id: int,
    product: Product,
    serial: str,
    bought_on: date,
    by: User | None,
    *,
    bought_at: str = "",
    odd: bool = False,
    now: datetime | None = None,
) -> RegisteredProduct:
    """Write down that a customer has this product. `odd`: the serial is kept although it does not have the product's format (type plates wear off). Registered for
    this customer before, it stays as it was. Raises ValidationError by field when the serial is missing, another customer's (code `anothers`) or not of the
    format (`odd`), or it was bought tomorrow; PermissionDenied."""
    if by is not None:
        require(by, "catalogue.change")
    if not tidy_serial(serial):
        raise ValidationError({"serial": _("Enter the serial number.")})
    if not odd and not serials.fits(serial, product.serial_format):
        words = _("Serial numbers of this product look like %(example)s.") % {"example": serials.example(product.serial_format)}
        raise ValidationError({"serial": ValidationError(words, code=ODD)})
    today = timezone.localdate(now)
    if bought_on > today:
        raise ValidationError({"bought_on": _("This day has not come yet.")})
    serial = serials.parted(serial, product.serial_format)
    with transaction.atomic():
        owned, made = RegisteredProduct.objects.get_or_create(
            serial=serial,
            defaults={
                "party_id": party_id, "product": product, "bought_on": bought_on, "bought_at": " ".join(bought_at.split())[:120],
                "warranty_until": add_months(bought_on, product.warranty_months),
            },
        )  # fmt: skip
        if not made and owned.party_id not in ids_of(party_id):
            raise ValidationError({"serial": ValidationError(_("This serial number is registered for another customer."), code=ANOTHERS)})
        if made:
            log.record("catalogue.product_registered", actor=f"user:{by.pk}" if by else "system", party=party_id, registered=owned.pk)
    return owned


def change_owner(by: User, registered_id: int, party_id: int, *, why: str = "", now: datetime | None = None) -> RegisteredProduct:
    """The product is another customer's from now on: sold, given away, moved out and left behind. Warranty and covers go with it; tickets and service orders
    stay with whom they were made for. Raises PermissionDenied, RegisteredProduct.DoesNotExist, Party.DoesNotExist."""
    require(by, "catalogue.change")
    party = Party.objects.get(pk=root_id(party_id))
    with transaction.atomic():
        owned = RegisteredProduct.objects.select_for_update().get(pk=registered_id)
        if owned.party_id in ids_of(party.pk):
            return owned
        old, owned.party = owned.party_id, party
        owned.save(update_fields=["party"])
        OwnerChange.objects.create(product=owned, old_id=old, new=party, why=" ".join(why.split())[:200], by=by, at=now or timezone.now())
        log.record("catalogue.owner_changed", actor=f"user:{by.pk}", party=party.pk, old=old, registered=owned.pk)
    return owned


def grant_cover(
    by: User,
    registered_id: int,
    kind: str,
    ends_on: date,
    *,
    begins_on: date | None = None,
    parts: bool = True,
    labour: bool = True,
    travel: bool = True,
    why: str = "",
    now: datetime | None = None,
) -> Cover:
    """A contract, an extension of the warranty, or goodwill for one product. Raises ValidationError by field: it covers nothing, ends before it begins, goodwill
    without a reason; PermissionDenied, RegisteredProduct.DoesNotExist."""
    require(by, COVER)
    begins = begins_on or timezone.localdate(now)
    why = " ".join(why.split())[:200]
    if kind not in Cover.Kind.values:
        raise ValidationError({"kind": _("Choose what covers it.")})
    if ends_on < begins:
        raise ValidationError({"ends_on": _("It would end before it begins.")})
    if not (parts or labour or travel):
        raise ValidationError({"parts": _("Choose at least one thing that is covered.")})
    if kind == Cover.Kind.GOODWILL and not why:
        raise ValidationError({"why": _("Say why goodwill is shown.")})
    with transaction.atomic():
        owned = RegisteredProduct.objects.get(pk=registered_id)
        cover = Cover.objects.create(
            product=owned, kind=kind, begins_on=begins, ends_on=ends_on, parts=parts, labour=labour, travel=travel, why=why, by=by, at=now or timezone.now()
        )
        log.record("catalogue.cover_granted", actor=f"user:{by.pk}", party=owned.party_id, registered=owned.pk, cover=cover.pk, cover_kind=kind)
    return cover


def end_cover(by: User, cover_id: int, last_day: date) -> Cover:
    """It covers until that day and no longer. A day before its beginning takes it back altogether: it is gone. Raises PermissionDenied, Cover.DoesNotExist."""
    require(by, COVER)
    with transaction.atomic():
        cover = Cover.objects.select_for_update().select_related("product").get(pk=cover_id)
        if last_day >= cover.ends_on:
            return cover
        log.record(
            "catalogue.cover_ended", actor=f"user:{by.pk}", party=cover.product.party_id, registered=cover.product_id, cover=cover.pk, cover_kind=cover.kind
        )
        if last_day < cover.begins_on:
            cover.delete()
            return cover
        cover.ends_on = last_day
        cover.save(update_fields=["ends_on"])
    return cover


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
