"""What orders add to a customer's timeline, and the faults of the customer's products: catalogue stands below interactions and cannot add them itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.catalogue.models import Fault, Product
from cordboard.catalogue.queries import owned_by
from cordboard.interactions.history import Asked, Entry, source
from cordboard.lib.days import day
from cordboard.lib.kept import Kept
from cordboard.parties import identity
from cordboard.sales.models import Invoice, Order, OrderLine
from cordboard.sales.queries import last_orders, tidy_number


def order_entries(asked: Asked) -> list[Entry]:
    """By number, tracking code and names of products. Two queries, one more to find words in names."""
    if not asked.q:
        found = _ORDERS(*asked.given, limit=asked.limit)
    else:
        # names are JSON, which SQLite keeps escaped: they are compared here, there are not many products
        wanted = asked.q.casefold()
        named = [product.pk for product in Product.objects.all() if any(wanted in str(name).casefold() for name in product.names.values())]
        lines = OrderLine.objects.filter(order=OuterRef("pk"), product__in=named)
        rows = _orders(*asked.given).filter(Q(number__icontains=tidy_number(asked.q)) | Q(tracking__icontains=asked.q) | Exists(lines))
        found = list(rows[: asked.limit])
    names: dict[int, list[str]] = {}
    for line in _LINES([order.pk for order in found]):
        names.setdefault(line.order_id, []).append(line.product.name_in(asked.language))
    return [_entry(order, names.get(order.pk, [])) for order in found]


def _orders(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Order]:
    rows = Order.objects.filter(party__in=parties)
    rows = rows if before is None else rows.filter(ordered_at__lte=before)
    unpaid = Invoice.objects.filter(order=OuterRef("pk"), paid_on=None)
    return rows.annotate(unpaid=Exists(unpaid)).order_by("-ordered_at", "-pk")


_ORDERS = Kept(lambda parties, before=None, *, limit: _orders(parties, before)[:limit])
_LINES = Kept(lambda orders: OrderLine.objects.filter(order__in=orders).select_related("product").order_by("pk"))


def _entry(order: Order, names: list[str]) -> Entry:
    parts = [_("Delivered %(day)s") % {"day": day(order.delivered_on, timezone.localdate())} if order.delivered_on else str(order.get_state_display())]
    unpaid: bool = order.unpaid  # type: ignore[attr-defined]  # annotated
    parts.append(_("not paid") if unpaid else _("paid"))
    return Entry(
        kind="order",
        id=order.pk,
        at=order.ordered_at,
        title=_("Order %(number)s: %(products)s") % {"number": order.number, "products": ", ".join(names)},
        detail=", ".join(parts),
        icon="package",
        tone="due" if unpaid else "",
        data={"number": order.number, "state": order.state},
    )


def fault_entries(asked: Asked) -> list[Entry]:
    """By code, text and remedy. One query."""
    if not asked.q:
        found = _FAULTS(*asked.given, limit=asked.limit)
    else:
        rows = _faults(*asked.given).filter(Q(code__icontains=asked.q) | Q(text__icontains=asked.q) | Q(remedy__icontains=asked.q))
        found = list(rows[: asked.limit])
    return [_fault(fault, asked.language) for fault in found]


def _faults(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Fault]:
    rows = Fault.objects.filter(product__party__in=parties)
    rows = rows if before is None else rows.filter(at__lte=before)
    return rows.select_related("product__product").order_by("-at", "-pk")


_FAULTS = Kept(lambda parties, before=None, *, limit: _faults(parties, before)[:limit])


def _fault(fault: Fault, language: str) -> Entry:
    name = fault.product.product.name_in(language)
    return Entry(
        kind="fault",
        id=fault.pk,
        at=fault.at,
        title=f"{name}: {fault.code} {fault.text}".replace(":  ", ": "),
        detail=fault.remedy,
        icon="tool",
        tone="" if fault.remedy else "due",
        data={"code": fault.code, "serial": fault.product.serial},
    )


source("order", order_entries)
source("fault", fault_entries)


def identity_facts(parties: Sequence[int], today: date) -> list[identity.Known]:
    """What only the customer knows of what they bought: the number and the sum of the last order, the serial number of a product. Two queries."""
    found: list[identity.Known] = []
    for row in last_orders(parties, limit=1):
        found.append(identity.Known("order_number", row.number, 3))
        found.append(identity.Known("order_total", f"{row.total:.2f}", 2))
    found.extend(identity.Known("serial", one.registered.serial, 3) for one in owned_by(parties, today)[:3])
    return found


identity.source(identity_facts)
