"""What a customer is worth to the business, in points that add up in plain sight: recency + frequency + amount + years. Pure.

The first three are the classical RFM measures (recency, frequency, monetary value; A. M. Hughes, Strategic Database Marketing, 1994)
over the last 24 months; years reward those who stay. Which points make gold, silver or bronze is said by the rules of the policy area
"value", with these points as facts; the scale itself stands in that policy's parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

WINDOW_DAYS = 730


@dataclass(frozen=True, slots=True)
class Purchase:
    on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How many points for what. All of it may be set by the policy's parameters."""

    recency: tuple[tuple[int, int], ...] = ((30, 30), (90, 24), (180, 18), (365, 10), (730, 4))
    """(days since the last order, at most; points)"""
    per_order: int = 5
    frequency: int = 25
    """points for frequency, at most"""
    amount: int = 30
    """points for the amount, at most"""
    full_amount: Mapping[str, Decimal] = field(default_factory=lambda: {"EUR": Decimal(1200)})
    """by currency, the amount of 24 months that gives all points"""
    per_year: int = 2
    years: int = 15
    """points for years, at most"""

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Scale:
        """The scale that a policy's parameters describe; what they leave out is as above."""
        given = {name: parameters[name] for name in ("per_order", "frequency", "amount", "per_year", "years") if name in parameters}
        if "recency" in parameters:
            given["recency"] = tuple((int(days), int(points)) for days, points in parameters["recency"])
        if "full_amount" in parameters:
            given["full_amount"] = {currency: Decimal(str(amount)) for currency, amount in parameters["full_amount"].items()}
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Value:
    """The points and what they were given for."""

    recency: int
    frequency: int
    amount: int
    years: int
    orders: int
    """in the last 24 months"""
    last_order_days: int | None
    customer_days: int
    """since the first day as a customer"""

    @property
    def points(self) -> int:
        return self.recency + self.frequency + self.amount + self.years

    @property
    def words(self) -> str:
        """ "78 = 30 + 18 + 14 + 16": recency, frequency, amount, years."""
        return f"{self.points} = {self.recency} + {self.frequency} + {self.amount} + {self.years}"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "points": self.points}


def value(purchases: Iterable[Purchase], customer_since: date | None, today: date, scale: Scale) -> Value:
    """The value of a customer with these purchases (returned and cancelled ones left out by the caller). A currency without a full amount gives
    no points for the amount. Purchases dated in the future count as of today."""
    recent = [one for one in purchases if (today - one.on).days <= WINDOW_DAYS]
    last = min((max(0, (today - one.on).days) for one in recent), default=None)
    shares = sum((one.amount / scale.full_amount[one.currency] for one in recent if scale.full_amount.get(one.currency)), Decimal(0))
    customer_days = max(0, (today - customer_since).days) if customer_since else 0
    return Value(
        recency=next((points for days, points in scale.recency if last is not None and last <= days), 0),
        frequency=min(scale.frequency, scale.per_order * len(recent)),
        amount=min(scale.amount, max(0, int(shares * scale.amount))),
        years=min(scale.years, scale.per_year * (customer_days // 365)),
        orders=len(recent),
        last_order_days=last,
        customer_days=customer_days,
    )
