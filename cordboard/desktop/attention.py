"""Which of an account owner's customers need attention, and why. Pure: what is known of a customer and the moment are arguments.

Each reason weighs points; the sum orders the board. A reason is a code with its values, so that the screen says it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

QUIET_DAYS: Mapping[str, int] = {"gold": 60, "silver": 120, "bronze": 240, "new": 30}
"""By value segment, so long without any contact is too long."""
LOW = 2.0
"""Up to this rating of 1 to 5 somebody is not satisfied."""
RATED_WITHIN = timedelta(days=90)
OFTEN, OFTEN_WITHIN = 3, timedelta(days=7)
"""Contacts within these days that are too many."""
GOLD_COUNTS = 10
"""What waits for a gold customer weighs more by so much."""
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """What the board knows of a customer."""

    segment: str = ""
    since: date | None = None
    orders: int = 0
    orders_late: int = 0
    """past the day they were expected on"""
    visits: int = 0
    """service orders that are not over"""
    tickets: int = 0
    tickets_late: int = 0
    complaints: int = 0
    """of the tickets"""
    own_work: int = 0
    own_late: int = 0
    first_due: datetime | None = None
    rating: float | None = None
    """the latest, of 1 to 5"""
    rated_at: datetime | None = None
    last_contact: datetime | None = None
    contacts_lately: int = 0
    owes_late: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    points: int
    n: int = 0
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Attention:
    points: int
    reasons: tuple[Reason, ...]
    """the heaviest first"""


def attention(known: Known, now: datetime) -> Attention:
    found: list[Reason] = []

    def say(holds: object, code: str, points: int, n: int = 0, value: float = 0.0) -> None:
        if holds:
            found.append(Reason(code, points, n, value))

    say(known.own_late, "own_late", 40 + min(10, 5 * (known.own_late - 1)), known.own_late)
    say(known.tickets_late, "tickets_late", 35 + min(15, 5 * (known.tickets_late - 1)), known.tickets_late)
    say(known.complaints, "complaints", 30 + min(20, 10 * (known.complaints - 1)), known.complaints)
    say(known.orders_late, "orders_late", 25 + min(10, 5 * (known.orders_late - 1)), known.orders_late)
    rated = known.rating is not None and known.rating <= LOW and known.rated_at is not None and now - known.rated_at <= RATED_WITHIN
    say(rated, "low_rating", 25, value=known.rating or 0.0)
    say(known.contacts_lately >= OFTEN, "contacts_lately", 15, known.contacts_lately)
    say(known.first_due is not None and now <= known.first_due <= now + SOON and not known.tickets_late and not known.own_late, "due_soon", 10)
    say(known.owes_late, "owes_late", 10)
    quiet = _quiet_days(known, now)
    say(quiet is not None, "quiet" if known.last_contact is not None else "never", 10, quiet or 0)
    points = sum(one.points for one in found)
    if found and known.segment == "gold":
        points += GOLD_COUNTS
    return Attention(points, tuple(sorted(found, key=lambda one: -one.points)))


def _quiet_days(known: Known, now: datetime) -> int | None:
    """Days without a contact, where that is too long; counted from when they became a customer where there never was one."""
    longest = QUIET_DAYS.get(known.segment)
    last = known.last_contact.date() if known.last_contact is not None else known.since
    if longest is None or last is None:
        return None
    days = (now.date() - last).days
    return days if days > longest else None
