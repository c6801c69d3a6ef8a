"""What rules may ask about a customer's orders and what is owed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from cordboard.parties.facts import ids_of, now_of, once
from cordboard.parties.models import Party
from cordboard.rules import areas, verbs
from cordboard.rules.facts import CHOICE, LIST, MONEY, NUMBER, Situation, declare
from cordboard.sales import queries
from cordboard.sales.models import Order, OrderLine
from cordboard.sales.queries import Balance
from cordboard.sales.value import Purchase


def balance(at: Situation) -> Balance | None:
    return once(at, "balance", lambda party: queries.balance(ids_of(at), now_of(at).date()))


def _open(at: Situation) -> tuple[Decimal, str] | None:
    found = balance(at)
    return None if found is None else (found.main.open, found.main.currency) if found.main else (Decimal(0), "")


def _overdue(at: Situation) -> tuple[Decimal, str] | None:
    found = balance(at)
    return None if found is None else (found.main.overdue, found.main.currency) if found.main else (Decimal(0), "")


def _last(at: Situation) -> Order | None:
    return once(at, "last_order", lambda party: queries.last_order(ids_of(at)))


def _last_days(at: Situation) -> int | None:
    order = _last(at)
    return (now_of(at) - order.ordered_at).days if order else None


def _last_state(at: Situation) -> str | None:
    order = _last(at)
    return order.state if order else None


def _last_total(at: Situation) -> tuple[Decimal, str] | None:
    order = _last(at)
    return (order.total, order.currency) if order else None


def _purchases(at: Situation) -> list[Purchase] | None:
    return once(at, "purchases", lambda party: queries.purchases(ids_of(at)))


def _bought(at: Situation) -> list[str] | None:
    def look(_party: object) -> list[str]:
        lines = OrderLine.objects.filter(order__party__in=ids_of(at)).exclude(order__state=Order.State.CANCELLED)
        return sorted({*lines.values_list("product__family", flat=True)})

    return once(at, "bought_families", look)


def _frequency(at: Situation) -> int | None:
    rows, since = _purchases(at), now_of(at).date() - timedelta(days=365)
    return None if rows is None else sum(row.on >= since for row in rows)


def _amount(at: Situation) -> tuple[Decimal, str] | None:
    """In the currency of the latest order: others are not added up."""
    rows, since = _purchases(at), now_of(at).date() - timedelta(days=365)
    if rows is None:
        return None
    latest = max(rows, key=lambda row: row.on, default=None)
    currency = latest.currency if latest is not None else ""
    return sum((row.amount for row in rows if row.on >= since and row.currency == currency), Decimal(0)), currency


declare("sales.orders_year", NUMBER, _("orders in a year"), read=_frequency)
declare("sales.amount_year", MONEY, _("bought for in a year"), read=_amount)
declare("sales.bought", LIST, _("product families bought"), read=_bought)
declare("sales.balance", MONEY, _("balance"), read=_open)
declare("sales.overdue", MONEY, _("balance overdue"), read=_overdue)
declare("sales.overdue_days", NUMBER, _("overdue for"), read=lambda at: None if (found := balance(at)) is None else found.overdue_days, unit=_("days"))
declare("sales.last_order_days", NUMBER, _("last order"), read=_last_days, unit=_("days"))
declare("sales.last_order_state", CHOICE, _("state of the last order"), read=_last_state, choices=dict(Order.State.choices))
declare("sales.last_order_total", MONEY, _("total of the last order"), read=_last_total)

# The area "value" asks for points that were counted already (value.py); the situation has them by these very names.
verbs.declare(
    "segment",
    _("give the value segment"),
    fields={"segment": str},
    sentence=_("the customer is %(segment)s"),
    options={"segment": lambda: dict(Party.Segment.choices)},
    labels={"segment": _("value segment")},
    single=True,
)
areas.declare("value", _("Customer value"), _("Which value segment customers have, from their orders."), verbs=("segment",), prefix="value.", order=70)
declare("value.points", NUMBER, _("value points"))
declare("value.recency", NUMBER, _("points for recency"))
declare("value.frequency", NUMBER, _("points for frequency"))
declare("value.amount", NUMBER, _("points for the amount"))
declare("value.years", NUMBER, _("points for years"))
declare("value.orders", NUMBER, _("orders in 24 months"))
declare("value.last_order_days", NUMBER, _("last order"), unit=_("days"))
declare("value.customer_days", NUMBER, _("customer since"), unit=_("days"))
