"""What rules may ask about a customer's orders and what is owed."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from cordboard.parties.facts import ids_of, now_of, once
from cordboard.parties.models import Party
from cordboard.rules import areas, verbs
from cordboard.rules.facts import CHOICE, MONEY, NUMBER, Situation, declare
from cordboard.sales import queries
from cordboard.sales.models import Order
from cordboard.sales.queries import Balance


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


declare("sales.balance", MONEY, _("balance"), read=_open)
declare("sales.overdue", MONEY, _("balance overdue"), read=_overdue)
declare("sales.overdue_days", NUMBER, _("overdue for"), read=lambda at: None if (found := balance(at)) is None else found.overdue_days, unit=_("days"))
declare("sales.last_order_days", NUMBER, _("last order"), read=_last_days, unit=_("days"))
declare("sales.last_order_state", CHOICE, _("state of the last order"), read=_last_state, choices=dict(Order.State.choices))

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
