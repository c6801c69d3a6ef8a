"""Reading service orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from cordboard.appointments.models import Appointment
from cordboard.catalogue.entitlement import Entitlement
from cordboard.catalogue.models import Part
from cordboard.catalogue.queries_registered import entitled, parts_for
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import sight
from cordboard.tickets import order_states, signature
from cordboard.tickets.models_order import OrderLine, OrderSignature, ServiceOrder
from cordboard.tickets.order_sums import Line, Sums, sums
from cordboard.tickets.permissions_service import ORDERS

LABOUR, TRAVEL = "work-hour", "call-out"
"""Codes of the parts list that say what an hour and the way cost."""


def visible(user: User) -> QuerySet[ServiceOrder]:
    """The service orders that `user` may see: own (as technician or who opened it), of the unit, or all. No query yet."""
    return _within(*sight(user, ORDERS))


def _within(scope: str, who: Sequence[int]) -> QuerySet[ServiceOrder]:
    match scope, *who:
        case ("all",):
            return ServiceOrder.objects.all()
        case "unit", user, unit:
            return ServiceOrder.objects.filter(Q(technician=user) | Q(opened_by=user) | Q(unit=unit))
        case "own", user:
            return ServiceOrder.objects.filter(Q(technician=user) | Q(opened_by=user))
    return ServiceOrder.objects.none()


def content(order: ServiceOrder, lines: Sequence[OrderLine]) -> dict[str, Any]:
    """What a signature is put under: all that the customer agrees to, as text, so that it reads the same in years. The order comes with party and product."""
    total = summed(lines)
    return {
        "number": order.number,
        "customer": order.party.name,
        "place": order.place,
        "product": f"{order.product.product.name_in('en')}, {order.product.serial}" if order.product is not None else "",
        "title": order.title,
        "report": order.report,
        "lines": [[line.kind, line.name, str(line.quantity), str(line.price), line.covered_by] for line in lines],
        "total": str(total.total),
        "billed": str(total.billed),
        "currency": order.currency,
    }


def summed(lines: Sequence[OrderLine]) -> Sums:
    return sums(Line(line.quantity, line.price, line.covered_by) for line in lines)


@dataclass(frozen=True, slots=True)
class Signed:
    row: OrderSignature
    whole: bool
    """The seal fits what is kept: nobody changed the signature itself."""
    changed: list[str]
    """What of the order differs by now from what was signed, by the keys of its content."""


@dataclass(frozen=True, slots=True)
class Detail:
    order: ServiceOrder
    lines: list[OrderLine]
    sums: Sums
    entitlement: Entitlement | None
    """of the product today"""
    parts: list[Part]
    """that may be written down"""
    signed: Signed | None
    """the newest signature"""
    may_become: tuple[str, ...]


def detail(user: User, number: int, today: date | None = None) -> Detail:
    """Five queries. Raises ServiceOrder.DoesNotExist, also when the user may not see it."""
    order = visible(user).select_related("party", "ticket", "product__product", "technician", "unit", "opened_by").get(number=number)
    lines = list(order.lines.all())
    product = order.product
    newest = order.signatures.select_related("by").first()
    return Detail(
        order=order,
        lines=lines,
        sums=summed(lines),
        entitlement=entitled([product], today or timezone.localdate())[product.pk] if product is not None else None,
        parts=parts_for(product.product.family if product is not None else ""),
        signed=signed(order, lines, newest) if newest is not None else None,
        may_become=order_states.AFTER[order.state],
    )


def signed(order: ServiceOrder, lines: Sequence[OrderLine], row: OrderSignature) -> Signed:
    """How a signature stands to the order as it is by now. No query."""
    whole = signature.seal(row.content, row.strokes, row.name, row.at.isoformat()) == row.seal
    return Signed(row, whole, signature.changed(row.content, content(order, lines)))


def listing(user: User, *, which: str = "mine", limit: int = 200) -> list[ServiceOrder]:
    """`mine`: open ones of one's own, the next visit first; `open`: everybody's; `done`: confirmed and cancelled ones, the newest first. One query."""
    rows = visible(user).select_related("party", "technician", "product__product", "ticket")
    if which == "done":
        return list(rows.exclude(state__in=order_states.OPEN).order_by("-opened_at", "-pk")[:limit])
    rows = rows.filter(state__in=order_states.OPEN)
    if which == "mine":
        rows = rows.filter(technician=user)
    found = list(rows.order_by("planned_at", "pk")[:limit])
    return sorted(found, key=lambda one: (one.planned_at is None, one.planned_at or one.opened_at))


def of_ticket(user: User, ticket_id: int) -> list[ServiceOrder]:
    """One query."""
    scope, who = sight(user, ORDERS)
    return _OF_TICKET(ticket_id, *who, scope=scope) if scope else []


_OF_TICKET = Kept(lambda ticket, *who, scope: _within(scope, who).filter(ticket=ticket).select_related("technician").order_by("-opened_at", "-pk"))


def of_appointment(user: User, appointment: int) -> ServiceOrder | None:
    """The order for which this visit was booked, where the user may see it. One query."""
    return visible(user).filter(visits__appointment=appointment).only("pk", "number", "title", "state").first()


def visits_of(order: ServiceOrder) -> list[Appointment]:
    """Visits that were booked for an order, the newest first. One query."""
    return list(Appointment.objects.filter(of_order__order=order).select_related("kind", "party", "staff__user", "area").order_by("-starts_at", "-pk"))


def visits_without(user: User, now: datetime, ahead: timedelta = timedelta(days=2)) -> list[Appointment]:
    """Visits at customers in the user's own calendar, from yesterday on, that have no service order yet; the next first. One query."""
    rows = Appointment.objects.filter(staff__user=user, state=Appointment.State.BOOKED, kind__on_site=True, party__isnull=False, of_order=None)
    rows = rows.filter(starts_at__gte=now - timedelta(days=1), starts_at__lt=now + ahead)
    return list(rows.select_related("kind", "party", "staff__user", "area").order_by("starts_at", "pk"))


def price_of(part: Part, currency: str) -> Decimal | None:
    """None where the list has it in other money: somebody has to say."""
    return part.price if part.currency == currency else None
