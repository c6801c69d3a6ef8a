"""Reading products and what customers have of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from cordboard.catalogue import serials
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


tidy_serial = serials.tidy


@dataclass(frozen=True, slots=True)
class FaultHistory:
    """Faults of such products, the most frequent first: this customer's own, then everybody's. `last` is the customer's newest fault in words."""

    codes: list[str]
    own: int
    last: str
    last_remedy: str


def fault_history(party: int | None, product: str, limit: int = 20) -> FaultHistory | None:
    """`product`: a serial number, a product's code or a family; "" for what the customer has. None when there is nothing to go by or nothing was ever
    wrong. Four queries at most."""
    such = Q()
    if product:
        registered = RegisteredProduct.objects.filter(serial__iexact=product).values_list("product__family", flat=True).first()
        such = Q(product__product__family=registered or product) | Q(product__product__code=product)
    own: list[tuple[str, int]] = []
    newest = None
    if party is not None:
        mine = Fault.objects.filter(such, product__party=party)
        own = list(mine.values_list("code").annotate(n=Count("pk")).order_by("-n", "code")[:limit])
        newest = mine.order_by("-at").first()
    if not product:
        if newest is None:
            return None
        such = Q(product__product__family__in=RegisteredProduct.objects.filter(party=party).values("product__family"))
    everybody = Fault.objects.filter(such).values_list("code").annotate(n=Count("pk")).order_by("-n", "code")[:limit]
    codes = list(dict.fromkeys([*(code for code, _n in own), *(code for code, _n in everybody)]))[:limit]
    if not codes:
        return None
    return FaultHistory(codes, sum(n for _code, n in own), newest.text if newest is not None else "", newest.remedy if newest is not None else "")
