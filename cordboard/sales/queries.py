"""Reading orders, invoices and what customers owe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Min, Prefetch, Q, Sum

from cordboard.lib.kept import Kept
from cordboard.sales.models import Invoice, Order, OrderLine
from cordboard.sales.value import Purchase


@dataclass(frozen=True, slots=True)
class Sums:
    """What is open in one currency."""

    currency: str
    open: Decimal
    overdue: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    sums: tuple[Sums, ...]
    """by currency; empty when nothing was ever open"""
    overdue_days: int
    """of the oldest overdue invoice, 0 when none is"""

    @property
    def main(self) -> Sums | None:
        """The currency in which most is open, for the account bar."""
        return max(self.sums, key=lambda one: (one.overdue, one.open), default=None)

    @property
    def overdue(self) -> bool:
        return self.overdue_days > 0


def balance(party_ids: Sequence[int], today: date) -> Balance:
    """What a customer owes (`party_ids` as of parties.queries.ids_of). One query. An invoice is overdue from the day after it was due."""
    return balances({0: party_ids}, today).get(0, Balance((), 0))


def balances(ids_by_key: dict[int, Sequence[int]], today: date) -> dict[int, Balance]:
    """As `balance`, for several customers at once: key -> balance, for those who owe. One query."""
    key_of = {party: key for key, ids in ids_by_key.items() for party in ids}
    sums: dict[int, dict[str, Sums]] = {}
    days: dict[int, int] = {}
    for party, currency, owed, late, oldest in _OWED(list(key_of), today):
        key = key_of[party]
        before = sums.setdefault(key, {}).get(currency, Sums(currency, Decimal(0), Decimal(0)))
        sums[key][currency] = Sums(currency, before.open + _cents(owed), before.overdue + _cents(late))
        days[key] = max(days.get(key, 0), (today - oldest).days)
    return {key: Balance(tuple(by_currency.values()), max(0, days[key])) for key, by_currency in sums.items()}


_OWED = Kept(
    lambda parties, today: (
        Invoice.objects.filter(party__in=parties, paid_on=None)
        .values_list("party_id", "currency")
        .annotate(open=Sum("amount"), late=Sum("amount", filter=Q(due_on__lt=today)), oldest=Min("due_on"))
        .order_by("party_id", "currency")
    )
)


def _cents(amount: Decimal | None) -> Decimal:
    """SQLite adds up in floating point: what comes back is brought to the cent."""
    return (amount or Decimal(0)).quantize(Decimal("0.01"))


def last_orders(party_ids: Sequence[int], limit: int = 5) -> list[Order]:
    """A customer's newest orders with their lines and products. Two queries."""
    lines = Prefetch("lines", OrderLine.objects.select_related("product").order_by("pk"))
    return list(Order.objects.filter(party__in=party_ids).order_by("-ordered_at", "-pk").prefetch_related(lines)[:limit])


def last_order(party_ids: Sequence[int]) -> Order | None:
    """The newest order alone, without lines: for the account bar. One query."""
    return _LAST_ORDER.first(party_ids)


_LAST_ORDER = Kept(lambda parties: Order.objects.filter(party__in=parties).order_by("-ordered_at", "-pk")[:1])


def currency_of(party_ids: Sequence[int]) -> str:
    """In which currency a customer last bought; "" before the first order. One query."""
    found: str | None = Order.objects.filter(party__in=party_ids).order_by("-ordered_at").values_list("currency", flat=True).first()
    return found or ""


def order_by_number(given: str) -> Order | None:
    """The order with this number, however it is spaced ("88 214"). One query, and one more for its lines."""
    return Order.objects.select_related("party").prefetch_related("lines__product").filter(number=tidy_number(given)).first()


def tidy_number(given: str) -> str:
    return "".join(given.upper().lstrip("#").split())


def purchases(ids: Iterable[int]) -> list[Purchase]:
    """What counts for the customer's value: orders that were neither cancelled nor returned. One query."""
    rows = Order.objects.filter(party__in=list(ids)).exclude(state__in=(Order.State.CANCELLED, Order.State.RETURNED))
    return [Purchase(row[0].date(), row[1], row[2]) for row in rows.values_list("ordered_at", "total", "currency")]


def first_order_at(party_ids: Sequence[int]) -> datetime | None:
    """When the customer first ordered. One query."""
    first: datetime | None = Order.objects.filter(party__in=party_ids).aggregate(first=Min("ordered_at"))["first"]
    return first
