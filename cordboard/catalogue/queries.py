"""Reading products and what customers have of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cordboard.catalogue.models import Fault, RegisteredProduct
from cordboard.catalogue.warranty import Warranty, warranty
from cordboard.lib.kept import Kept


@dataclass(frozen=True, slots=True)
class Owned:
    """A customer's product, with how its warranty stands and what broke, newest first."""

    registered: RegisteredProduct
    warranty: Warranty
    faults: list[Fault]

    def name(self, language: str) -> str:
        return self.registered.product.name_in(language)


def owned_by(party_ids: Sequence[int], today: date) -> list[Owned]:
    """All products of a customer (`party_ids` as of parties.queries.ids_of), last broken first, then last bought. Two queries."""
    rows = _REGISTERED(party_ids)
    faults: dict[int, list[Fault]] = {}
    for fault in _FAULTS([row.pk for row in rows]):
        faults.setdefault(fault.product_id, []).append(fault)
    owned = [Owned(row, warranty(row.warranty_until, today), faults.get(row.pk, [])) for row in rows]
    owned.sort(key=lambda one: (one.faults[0].at.timestamp() if one.faults else 0.0, one.registered.bought_on.toordinal()), reverse=True)
    return owned


_REGISTERED = Kept(lambda parties: RegisteredProduct.objects.filter(party__in=parties).select_related("product"))
_FAULTS = Kept(lambda products: Fault.objects.filter(product__in=products))


def by_serial(serial: str) -> RegisteredProduct | None:
    """The registered product with this serial, written with or without case and spaces. One query."""
    return RegisteredProduct.objects.select_related("product", "party").filter(serial=tidy_serial(serial)).first()


def tidy_serial(given: str) -> str:
    return "".join(given.split()).upper()
