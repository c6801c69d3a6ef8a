"""Reading one registered product with all that belongs to it, and what breaks most often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max

from cordboard.catalogue.entitlement import Cover as Covering
from cordboard.catalogue.entitlement import Entitlement, Thing, entitlement, warranty_of
from cordboard.catalogue.models import Cover, Fault, OwnerChange, Part, Product, RegisteredProduct
from cordboard.catalogue.serials import fits, parted, tidy


@dataclass(frozen=True, slots=True)
class Detail:
    registered: RegisteredProduct
    entitlement: Entitlement
    covers: list[Cover]
    faults: list[Fault]
    """newest first"""
    owners: list[OwnerChange]
    """newest first"""


def detail(registered_id: int, today: date) -> Detail:
    """Four queries. Raises RegisteredProduct.DoesNotExist."""
    row = RegisteredProduct.objects.select_related("product", "party").get(pk=registered_id)
    covers = list(row.covers.select_related("by"))
    return Detail(
        registered=row,
        entitlement=entitlement([warranty_of(row.bought_on, row.warranty_until), *map(covering, covers)], today),
        covers=covers,
        faults=list(row.faults.all()),
        owners=list(row.owner_changes.select_related("old", "new", "by").order_by("-at", "-pk")),
    )


def covering(cover: Cover) -> Covering:
    things: list[Thing] = []
    things += ["part"] if cover.parts else []
    things += ["time"] if cover.labour else []
    things += ["travel"] if cover.travel else []
    return Covering(cover.kind, cover.begins_on, cover.ends_on, frozenset(things), cover.why, cover.pk)


def entitled(registered: Sequence[RegisteredProduct], today: date) -> dict[int, Entitlement]:
    """How each of these stands. One query."""
    own: dict[int, list[Covering]] = {row.pk: [warranty_of(row.bought_on, row.warranty_until)] for row in registered}
    for cover in Cover.objects.filter(product__in=list(own)):
        own[cover.product_id].append(covering(cover))
    return {pk: entitlement(covers, today) for pk, covers in own.items()}


def registered_as(serial: str) -> RegisteredProduct | None:
    """The product that is registered under this serial, written with or without the signs that part it. Two queries at most."""
    rows = RegisteredProduct.objects.select_related("product", "party")
    found = rows.filter(serial=tidy(serial)).first()
    if found is not None or not serial.strip():
        return found
    shapes = Product.objects.exclude(serial_format="").values_list("serial_format", flat=True).distinct()
    written = {parted(serial, shape) for shape in shapes if fits(serial, shape)}
    return rows.filter(serial__in=written).first() if written else None


def fitting(serial: str) -> list[Product]:
    """The products whose serials look like this one, by code: so that a serial alone says what it is. One query."""
    return [product for product in Product.objects.exclude(serial_format="") if fits(serial, product.serial_format)]


@dataclass(frozen=True, slots=True)
class Frequent:
    """A fault code and how often: of this very product, with this customer, with all products of the family."""

    code: str
    text: str
    own: int
    customer: int
    family: int


def frequent(registered: RegisteredProduct, party_ids: Sequence[int], limit: int = 5) -> list[Frequent]:
    """What breaks: first what broke here, then with this customer, then with anybody who has such a product. Two queries."""
    of_family = Fault.objects.filter(product__product__family=registered.product.family)
    everybody = {code: (n, text) for code, n, text in of_family.values_list("code").annotate(n=Count("pk"), text=Max("text")).values_list("code", "n", "text")}
    own: dict[str, int] = {}
    customers: dict[str, int] = {}
    for code, product in of_family.filter(product__party__in=party_ids).values_list("code", "product"):
        customers[code] = customers.get(code, 0) + 1
        own[code] = own.get(code, 0) + (product == registered.pk)
    found = [Frequent(code, text, own.get(code, 0), customers.get(code, 0), n) for code, (n, text) in everybody.items()]
    found.sort(key=lambda one: (-one.own, -one.customer, -one.family, one.code))
    return found[:limit]


def parts_for(family: str) -> list[Part]:
    """Spare parts of a family of products, and those for any. One query."""
    return list(Part.objects.filter(family__in=["", family]))
