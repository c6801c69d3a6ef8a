"""Support levels: which unit a ticket goes to next, what that unit asks for, and whether it goes round in circles. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

FIRST, SECOND, THIRD, TECHNICIAN = 1, 2, 3, 4
RANKS = (FIRST, SECOND, THIRD, TECHNICIAN)
CIRCLE = 2
"""So often at one unit of a level, and the next coming is a circle."""


@dataclass(frozen=True, slots=True)
class Place:
    """A unit that serves a level. `family`: of products; "" for all of them."""

    id: int
    rank: int
    family: str
    unit: int
    country: str = ""
    """of the unit"""
    queue: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a level wants to know. `asks`: "check" (done: yes), "text" (an answer in words), "product" or "reason" (known when the ticket says so)."""

    id: int
    rank: int
    family: str
    asks: str
    required: bool = True
    order: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One hand-off as it was. `unit` and `rank` are where it went."""

    rank: int
    unit: int | None
    at: datetime


def place_for(places: Sequence[Place], rank: int, family: str, country: str = "", *, unit: int | None = None) -> Place | None:
    """Who serves this level for these products: a unit for the family before one for all, then one of the same country, then one of another unit than `unit`
    (where it is now), then the first made. None when nobody does."""
    fitting = [one for one in places if one.rank == rank and one.family in (family, "")]
    return min(fitting, key=lambda one: (one.family != family, one.country != country, one.unit == unit, one.id), default=None)


def next_place(places: Sequence[Place], rank: int, family: str, country: str = "", *, unit: int | None = None) -> Place | None:
    """The nearest level above `rank` that somebody serves: where nobody is level 3 for fridges, level 2 goes on to the technician."""
    return next((found for higher in RANKS if higher > rank and (found := place_for(places, higher, family, country, unit=unit)) is not None), None)


def rank_of(places: Sequence[Place], unit: int | None, family: str) -> int:
    """The level of a ticket that was never handed on: the lowest that its unit serves; 1 where it serves none."""
    return min((one.rank for one in places if one.unit == unit and one.family in (family, "")), default=FIRST)


def items_for(items: Sequence[Item], rank: int, family: str) -> list[Item]:
    """What the level asks for: what it asks of every product, and what of this family."""
    return sorted((one for one in items if one.rank == rank and one.family in ("", family)), key=lambda one: (one.order, one.id))


def missing(items: Sequence[Item], answers: Mapping[int, str], *, product: bool, reason: bool) -> list[int]:
    """Required items that nothing answers, by their ids. `product` and `reason`: whether the ticket names one."""
    known = {"product": product, "reason": reason}
    return [one.id for one in items if one.required and not (known[one.asks] if one.asks in known else answers.get(one.id, "").strip())]


def circle(steps: Sequence[Step], rank: int, unit: int) -> list[Step]:
    """The earlier times that the ticket came to this unit at this level, when one more would make it a circle; else none."""
    before = [one for one in steps if one.rank == rank and one.unit == unit]
    return before if len(before) >= CIRCLE else []
