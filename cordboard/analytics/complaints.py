"""Figures of complaints as tables, addresses and a file. Nothing here reads the database but what it is given."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as dated
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from cordboard.analytics.columns import DASH
from cordboard.analytics.export import Line as Written
from cordboard.analytics.export import safe
from cordboard.analytics.surveys import mean, percent
from cordboard.tickets.models import Complaint
from cordboard.tickets.queries_complaint_report import Sums

WHAT = ("answered", "open", "late", "rated", "low")
"""Figures with a list of their own behind them."""


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    sums: Sums
    urls: Mapping[str, str]
    """By WHAT, and "all"."""
    score: str
    hours: str
    in_time: str
    rating: str
    width: int = 0
    """Of 100, for a bar."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: str
    lines: list[Line]


class Addresses:
    """Where the complaints behind a figure are: the page's own question, with more."""

    def __init__(self, first: date, last: date, narrowed: Mapping[str, Any]) -> None:
        self.given = {"from": first.isoformat(), "to": last.isoformat(), **narrowed}

    def behind(self, **more: Any) -> str:
        return f"{reverse('analytics:complaint_list')}?{urlencode({**self.given, **more})}"

    def figures(self) -> str:
        return f"{reverse('analytics:complaints')}?{urlencode(self.given)}"

    def file(self) -> str:
        return f"{reverse('analytics:complaint_file')}?{urlencode(self.given)}"


def hours(value: float | None) -> str:
    """Hours up to two days, days from there."""
    if value is None:
        return DASH
    return _("%(n)s h") % {"n": number_format(round(value, 1), 1)} if value < 48 else _("%(n)s days") % {"n": number_format(round(value / 24, 1), 1)}


def line(name: str, sums: Sums, to: Addresses, more: Mapping[str, Any], most: int = 0) -> Line:
    return Line(
        name, sums, {"all": to.behind(**more), **{what: to.behind(**more, what=what) for what in WHAT}},
        DASH if sums.mean_score is None else number_format(round(sums.mean_score), 0), hours(sums.mean_hours), percent(sums.share_in_time), mean(sums.mean_rating),
        round(100 * sums.number / most) if most else 0,
    )  # fmt: skip


def table(title: str, head: str, part: str, found: Mapping[Any, Sums], to: Addresses, named: Callable[[Any], str]) -> Table:
    """The largest first; `part`: the parameter that chooses one line's complaints."""
    rows = sorted(found.items(), key=lambda one: (-one[1].number, named(one[0])))
    return Table(title, head, [line(named(key), sums, to, {part: key or 0}) for key, sums in rows])


def trend(found: Mapping[date, Sums], mondays: Iterable[date], to: Addresses) -> list[Line]:
    """Week by week, also those without a complaint."""
    most = max((sums.number for sums in found.values()), default=0)
    return [line(date_format(day, "DATE_FORMAT"), found.get(day, Sums()), to, {"week": day.isoformat()}, most) for day in mondays]


HEAD = (
    "ticket", "opened_at", "due_at", "department", "product", "type", "severity", "score", "harm", "grade", "measure", "account_owner", "customer_number", "handler",
    "answered_at", "told_at", "way", "rating", "rated_at",
)  # fmt: skip


def file(rows: Iterable[Complaint], zone: Any) -> Iterator[str]:
    """CSV (RFC 4180), a row for each complaint; codes, since machines read it."""
    writer = csv.writer(Written())
    yield writer.writerow(HEAD)
    for row in rows:
        ticket = row.ticket

        def at(moment: Any) -> str:
            return dated(moment.astimezone(zone), "c") if moment is not None else ""

        party = ticket.party
        owner = row.account_owner if row.answered_at is not None else party.account_owner if party is not None else None
        values = (
            ticket.number, at(ticket.opened_at), at(ticket.due_at), row.unit.code if row.unit is not None else "", ticket.product.product.code if ticket.product is not None else "",
            ticket.reason.code if ticket.reason is not None else "", row.band, row.score, row.harm, row.grade, row.measure,
            owner.username if owner is not None else "", (party.customer_number or "") if party is not None else "",
            ticket.owner.username if ticket.owner is not None else "", at(row.answered_at), at(row.told_at), row.way, row.rating if row.rating is not None else "", at(row.rated_at),
        )  # fmt: skip
        yield writer.writerow([safe(value) for value in values])
