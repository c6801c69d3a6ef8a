"""What rules may ask about a customer's products."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cordboard.catalogue.queries import Owned, owned_by
from cordboard.parties.facts import ids_of, now_of, once
from cordboard.rules.facts import LIST, NUMBER, TEXT, Situation, declare


def owned(at: Situation) -> list[Owned] | None:
    return once(at, "owned_products", lambda party: owned_by(ids_of(at), now_of(at).date()))


def _families(at: Situation) -> list[str] | None:
    rows = owned(at)
    return None if rows is None else sorted({row.registered.product.family for row in rows})


def _ending(at: Situation) -> Owned | None:
    """Whose warranty is the next to end."""
    rows = [row for row in owned(at) or () if row.warranty.state != "ended"]
    return min(rows, key=lambda row: row.warranty.until, default=None)


def _ends_in(at: Situation) -> int | None:
    ending = _ending(at)
    return ending.warranty.days if ending else None


def _ending_name(at: Situation) -> str | None:
    ending = _ending(at)
    return ending.registered.product.code.upper() if ending else None  # "W8": the same in every language


def _faults(at: Situation) -> int | None:
    rows = owned(at)
    since = now_of(at) - timedelta(days=90)
    return None if rows is None else sum(fault.at >= since for row in rows for fault in row.faults)


def _last_fault(at: Situation) -> str | None:
    since = now_of(at) - timedelta(days=365)
    faults = sorted((fault for row in owned(at) or () for fault in row.faults if fault.at >= since), key=lambda fault: fault.at)
    return (faults[-1].code or faults[-1].text) if faults else None


def _broken_family(at: Situation) -> str | None:
    """The family of the product that broke last within a year: what a call about a fault is probably about."""
    since = now_of(at) - timedelta(days=365)
    broken = [(row.faults[0].at, row.registered.product.family) for row in owned(at) or () if row.faults and row.faults[0].at >= since]
    return max(broken)[1] if broken else None


declare("catalogue.product_families", LIST, _("product families"), read=_families)
declare("catalogue.products", NUMBER, _("registered products"), read=lambda at: None if (rows := owned(at)) is None else len(rows))
declare("catalogue.broken_family", TEXT, _("family of the product that broke last"), read=_broken_family)
declare("catalogue.last_fault", TEXT, _("last fault"), read=_last_fault)
declare("catalogue.faults_90_days", NUMBER, _("faults in 90 days"), read=_faults)
declare("catalogue.warranty_ends_days", NUMBER, _("next warranty to end"), read=_ends_in, unit=_("days"))
declare("catalogue.warranty_ends_product", TEXT, _("product whose warranty ends next"), read=_ending_name)
