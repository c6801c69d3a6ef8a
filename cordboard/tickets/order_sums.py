"""What a service order costs, and who pays which line. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """`covered_by`: the kind of cover that pays ("" when the customer does)."""

    quantity: Decimal
    price: Decimal
    covered_by: str = ""

    @property
    def amount(self) -> Decimal:
        """Half a cent goes up, as on a till."""
        return (self.quantity * self.price).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Sums:
    total: Decimal
    covered: Decimal

    @property
    def billed(self) -> Decimal:
        return self.total - self.covered


def sums(lines: Iterable[Line]) -> Sums:
    """Line by line rounded, then added: as the lines stand on the paper."""
    total = covered = Decimal("0.00")
    for line in lines:
        total += line.amount
        covered += line.amount if line.covered_by else 0
    return Sums(total, covered)
