"""What of a repair is covered, until when and why: by warranty, by a contract, or out of goodwill. Pure.

Three things are asked for separately, because covers differ in them: parts, labour, travel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Thing = Literal["part", "time", "travel"]
THINGS: tuple[Thing, ...] = ("part", "time", "travel")
"""Parts, labour by time, and the way to the customer: also the kinds of a service order's lines."""

WARRANTY, EXTENSION, CONTRACT, GOODWILL = "warranty", "extension", "contract", "goodwill"
ORDER = (WARRANTY, EXTENSION, CONTRACT, GOODWILL)
"""Of several that cover the same thing the first counts: goodwill is not spent on what the warranty pays."""


@dataclass(frozen=True, slots=True)
class Cover:
    """`begins` and `ends` are both within."""

    kind: str
    begins: date
    ends: date
    things: frozenset[Thing] = frozenset(THINGS)
    why: str = ""
    """In somebody's words: the number of the contract, why goodwill was shown."""
    id: int | None = None
    """Of its row; None for the warranty, which follows from the purchase."""

    def holds(self, today: date) -> bool:
        return self.begins <= today <= self.ends


@dataclass(frozen=True, slots=True)
class Entitlement:
    """How a product stands on a day. `by` has for each thing the cover that pays for it, or None: the customer pays."""

    by: dict[Thing, Cover | None]
    holding: tuple[Cover, ...]
    """All in force, the first that counts first."""
    ended: tuple[Cover, ...]
    """Those that are over, the latest first."""
    coming: tuple[Cover, ...]
    """Those that have not begun, the next first."""

    @property
    def full(self) -> bool:
        return all(self.by.values())

    @property
    def none(self) -> bool:
        return not any(self.by.values())

    @property
    def until(self) -> date | None:
        """The last day on which what is covered today still is, as things are; None when nothing is."""
        return min((cover.ends for cover in self.by.values() if cover is not None), default=None)


def warranty_of(bought_on: date, warranty_until: date) -> Cover:
    return Cover(WARRANTY, bought_on, warranty_until)


def entitlement(covers: Iterable[Cover], today: date) -> Entitlement:
    """Which cover pays for what on that day. Of several the first in `ORDER` counts, of two of one kind the one that lasts longer."""
    known = sorted(covers, key=lambda cover: (ORDER.index(cover.kind), -cover.ends.toordinal(), cover.id or 0))
    holding = tuple(cover for cover in known if cover.holds(today))
    return Entitlement(
        by={thing: next((cover for cover in holding if thing in cover.things), None) for thing in THINGS},
        holding=holding,
        ended=tuple(sorted((cover for cover in known if cover.ends < today), key=lambda cover: -cover.ends.toordinal())),
        coming=tuple(sorted((cover for cover in known if cover.begins > today), key=lambda cover: cover.begins)),
    )
