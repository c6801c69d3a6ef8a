"""Figures of complaints: every figure is a sum over the complaints that its list shows. By the moment at which a complaint came in. Each function makes one query, or as
many as it says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Q, QuerySet, When

from cordboard.tickets.models import Complaint

BY = ("week", "unit", "product", "reason", "band", "owner")
"""Parts: the week of its coming in (its Monday), the department in charge, the product, the type, the severity, the customer's account owner at the time of the answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Complaints that came in within [begin, end), with the rest as far as it is given; 0 of a number: none. `units`: whose one may see."""

    begin: datetime
    end: datetime
    zone: ZoneInfo
    units: Collection[int] | None = None
    unit: int | None = None
    product: int | None = None
    reason: int | None = None
    owner: int | None = None
    band: str = ""
    what: str = ""
    """ "answered", "open", "late", "rated" or "low"."""
    now: datetime | None = None


@dataclass(slots=True)
class Sums:
    """Counts of some complaints. Times are in seconds, by the clock on the wall; ratings 1 to 5."""

    number: int = 0
    score: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    seconds: float = 0.0
    rated: int = 0
    rating: float = 0.0
    low: int = 0

    @property
    def open(self) -> int:
        return self.number - self.answered

    @property
    def mean_score(self) -> float | None:
        return self.score / self.number if self.number else None

    @property
    def mean_hours(self) -> float | None:
        """From its coming in to the result being told, of those answered."""
        return self.seconds / 3600 / self.answered if self.answered else None

    @property
    def mean_rating(self) -> float | None:
        return self.rating / self.rated if self.rated else None

    @property
    def share_in_time(self) -> float | None:
        return self.in_time / self.answered if self.answered else None


@dataclass(slots=True)
class Figures:
    """`parts` by the names of BY, each by its key (None: none)."""

    whole: Sums = field(default_factory=Sums)
    parts: dict[str, dict[Any, Sums]] = field(default_factory=lambda: {name: {} for name in BY})


OWNER = Case(When(answered_at__isnull=False, then=F("account_owner")), default=F("ticket__party__account_owner"))
"""The account owner when the result was told; today's while it was not."""


def rows_of(asked: Asked, low: float) -> QuerySet[Complaint]:
    """The complaints behind a figure. `low`: a rating up to this is a low one."""
    rows = Complaint.objects.annotate(account_owner_then=OWNER).filter(ticket__opened_at__gte=asked.begin, ticket__opened_at__lt=asked.end)
    rows = rows.filter(Q(ticket__merged_into=None) | Q(answered_at__isnull=False))  # one that goes on in another complaint is counted there
    if asked.units is not None:
        rows = rows.filter(Q(unit__in=asked.units) | Q(ticket__unit__in=asked.units))
    for name, path in (("unit", "unit"), ("product", "ticket__product__product"), ("reason", "ticket__reason"), ("owner", "account_owner_then")):
        wanted = getattr(asked, name)
        if wanted is not None:
            rows = rows.filter(**{path: wanted}) if wanted else rows.filter(**{f"{path}__isnull": True})
    if asked.band:
        rows = rows.filter(band=asked.band)
    match asked.what:
        case "answered":
            rows = rows.filter(answered_at__isnull=False)
        case "open":
            rows = rows.filter(answered_at=None)
        case "late":
            rows = rows.filter(answered_at=None, ticket__due_at__lt=asked.now)
        case "rated":
            rows = rows.filter(rating__isnull=False)
        case "low":
            rows = rows.filter(rating__lte=low)
    return rows


COLUMNS = (
    "ticket__opened_at", "ticket__due_at", "score", "band", "answered_at", "rating", "unit", "ticket__product__product", "ticket__reason", "account_owner_then",
)  # fmt: skip


def figures(asked: Asked, low: float, now: datetime) -> Figures:
    """All parts in one reading. One query."""
    return counted(rows_of(asked, low).values_list(*COLUMNS).iterator(chunk_size=2000), asked.zone, low, now)


def counted(rows: Iterable[tuple[Any, ...]], zone: ZoneInfo, low: float, now: datetime) -> Figures:
    """Pure: sums of rows as COLUMNS names them. Every complaint is in exactly one key of each part, so the totals of all parts are the whole."""
    made = Figures()
    for opened, due, score, band, answered, rating, unit, product, reason, owner in rows:
        keys = {"week": week_of(opened, zone), "unit": unit, "product": product, "reason": reason, "band": band, "owner": owner}
        for sums in (made.whole, *(made.parts[name].setdefault(key, Sums()) for name, key in keys.items())):
            sums.number += 1
            sums.score += score
            if answered is not None:
                sums.answered += 1
                sums.seconds += max(0.0, (answered - opened).total_seconds())
                sums.in_time += due is None or answered <= due
            elif due is not None and due < now:
                sums.late += 1
            if rating is not None:
                sums.rated += 1
                sums.rating += rating
                sums.low += rating <= low
    return made


def week_of(at: datetime, zone: ZoneInfo) -> date:
    """The Monday of its week."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def weeks(first: date, last: date) -> list[date]:
    """Every Monday of a range of days, also of weeks without a complaint."""
    found = [first - timedelta(days=first.weekday())]
    while found[-1] + timedelta(days=7) <= last:
        found.append(found[-1] + timedelta(days=7))
    return found
