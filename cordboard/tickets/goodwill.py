"""What an agent may give now, and who must agree to more. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")
MOST = Decimal(10) ** 9
HOURS = 24
"""An approval waits so long when no rule says otherwise."""
HEAD = "head"
"""Of the unit of who asks."""


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody who must agree to amounts above `above`: the head of the asker's unit ("head"), or of a unit by its code."""

    of: str
    hours: int = HOURS
    above: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount`: what rules allow in a year; None when no rule says. `given`: of it, within the last year. `free`: what may be given now."""

    amount: Decimal | None
    currency: str
    given: Decimal
    steps: tuple[Step, ...] = ()

    @property
    def free(self) -> Decimal:
        return max(Decimal(0), (self.amount or Decimal(0)) - self.given)

    def needs(self, amount: Decimal) -> tuple[Step, ...]:
        """Who must agree to this amount, in order; nobody while it is within what is free. Above it at least one must: the head of the asker's unit when no rule names anybody."""
        if amount <= self.free:
            return ()
        return tuple(one for one in self.steps if amount > one.above) or (Step(HEAD),)


def limit(actions: Sequence[Mapping[str, Any]], given: Decimal, currency: str) -> Limit:
    """From the actions of the rules that held, in their order: of several limits the first counts; of several calls for one and the same approver the first."""
    amount: Decimal | None = None
    steps: dict[str, Step] = {}
    for one in actions:
        if one["do"] == "goodwill_limit" and amount is None:
            amount = money(one["amount"])
            currency = str(one.get("currency") or currency)
        elif one["do"] == "approval_by":
            of = str(one["of"])
            steps.setdefault(of, Step(of, max(1, min(720, int(one.get("hours") or HOURS))), money(one.get("above") or 0) or Decimal(0)))
    return Limit(amount, currency, given, tuple(steps.values()))


def money(value: Any) -> Decimal | None:
    """A number as an amount of two places; None for what is none, is negative or too much. "12,50" is read as 12.50."""
    if isinstance(value, Mapping):
        value = value.get("amount")
    try:
        amount = Decimal(str(value).strip().replace(" ", "").replace(",", ".")).quantize(CENT)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < MOST else None
