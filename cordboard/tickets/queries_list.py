"""The list of tickets: a page of it by keyset, so that page 1,000 costs what page 1 does; the counts beside the views; the views themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When

from cordboard.lib.kept import LONGEST, Kept
from cordboard.org.models import Role, User
from cordboard.tickets.filter_facts import BUILT_IN, EVERY, reader_of
from cordboard.tickets.filters import plan
from cordboard.tickets.filters_sql import where
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_view import BulkChange, TicketView
from cordboard.tickets.queries import visible

MOST_COUNTED = 999
MOST_SHOWN = 200
MOST_VIEWS = 40


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the list: by a column, then by the number of the row. Where the column is empty the ticket comes last."""

    column: str
    down: bool = False
    empty: bool = False

    @property
    def by(self) -> tuple[Any, ...]:
        column = F(self.column)
        first = (
            column.desc(nulls_last=True)
            if self.down and self.empty
            else column.asc(nulls_last=True)
            if self.empty
            else column.desc()
            if self.down
            else column.asc()
        )
        return (first, "-pk" if self.down else "pk")


SORTS: dict[str, Sort] = {
    "due": Sort("due_at", empty=True),
    "priority": Sort("priority"),
    "newest": Sort("opened_at", down=True),
    "oldest": Sort("opened_at"),
    "resolved": Sort("resolved_at", down=True, empty=True),
}


class WrongCursor(ValueError):
    """A cursor that this list did not give."""


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket as the list shows it."""

    pk: int
    number: int
    title: str
    kind: str
    state: str
    stage: str
    priority: int
    party: int | None
    customer: str
    segment: str
    owner_id: int | None
    owner: str
    unit_id: int | None
    unit: str
    opened_at: datetime
    due_at: datetime | None
    resolved_at: datetime | None
    version: int


_COLUMNS = (
    "pk", "number", "title", "kind", "state", "stage", "priority", "party_id", "party__name", "party__value_segment", "owner_id", "owner__name", "owner__username",
    "unit_id", "unit__name", "opened_at", "due_at", "resolved_at", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    next: str
    """cursor of the page after this one; empty: this was all"""


def fitting(user: User, condition: Any, now: datetime) -> QuerySet[Ticket]:
    """The tickets that `user` may see and that fit. No query yet. Raises WrongFilter."""
    return visible(user).filter(where(plan(condition, EVERY, now=now, reader=reader_of(user))))


def page(user: User, condition: Any, sort: str, now: datetime, *, after: str = "", limit: int = 50, only: Q | None = None) -> Page:
    """Two queries, or one where the page is full of tickets that have a value in the column of the order. `after`: the cursor of the page before. Raises WrongFilter, WrongCursor."""
    order = SORTS.get(sort, SORTS["due"])
    rows = fitting(user, condition, now)
    if only is not None:
        rows = rows.filter(only)
    limit = max(1, min(limit, MOST_SHOWN))
    found: list[Line] = []
    for part in _parts(rows, order, after):
        found += lines(part[: limit + 1 - len(found)])
        if len(found) > limit:
            break
    more = len(found) > limit
    found = found[:limit]
    return Page(found, _cursor(order, found[-1]) if more and found else "")


_FOUND = Kept(lambda ids: Ticket.objects.filter(pk__in=ids).values_list(*_COLUMNS))


def found(ids: Sequence[int]) -> list[Line]:
    """Tickets that a search has found for this reader, the newest first. A query for every sixty-four."""
    rows = [row for begin in range(0, len(ids), LONGEST) for row in _FOUND(list(ids[begin : begin + LONGEST]))]
    return sorted(_lines(rows), key=lambda one: (one.opened_at, one.pk), reverse=True)


def lines(rows: QuerySet[Ticket]) -> list[Line]:
    """One query."""
    return list(_lines(rows.values_list(*_COLUMNS)))


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[Line]:
    for pk, number, title, kind, state, stage, priority, party, name, segment, owner_id, owner, username, unit_id, unit, *rest in rows:
        who = owner or username or ""
        yield Line(pk, number, title, kind, state, stage, priority, party, name or "", segment or "", owner_id, who, unit_id, unit or "", *rest)


def _parts(rows: QuerySet[Ticket], order: Sort, after: str) -> list[QuerySet[Ticket]]:
    """What comes after a cursor, in one or two ranges that an index is entered at: those with a value in the column, then those without. Asked for together, with the empty ones
    last, SQLite would sort all of them."""
    column, sign = order.column, "-" if order.down else ""
    some = rows.filter(**{f"{column}__isnull": False}) if order.empty else rows
    some = some.order_by(f"{sign}{column}", f"{sign}pk")
    none = [rows.filter(**{f"{column}__isnull": True}).order_by(f"{sign}pk")] if order.empty else []
    if not after:
        return [some, *none]
    value, pk = _read(order, after)
    beyond = {f"pk__{'lt' if order.down else 'gt'}": pk}
    if value is None:
        return [part.filter(**beyond) for part in none]
    than = "lt" if order.down else "gt"
    same = Q(**{column: value}) & Q(**beyond)
    return [some.filter(**{f"{column}__{than}e": value}).filter(Q(**{f"{column}__{than}": value}) | same), *none]


def _cursor(order: Sort, last: Line) -> str:
    value = getattr(last, order.column)
    if isinstance(value, datetime):
        value = value.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%f")
    return f"{'' if value is None else value}~{last.pk}"


def _read(order: Sort, cursor: str) -> tuple[datetime | int | None, int]:
    text, _tilde, pk = cursor.partition("~")
    try:
        number = int(pk)
        if not text:
            return None, number
        return (int(text) if order.column == "priority" else datetime.strptime(text, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)), number
    except ValueError as wrong:
        raise WrongCursor(cursor) from wrong


def count(user: User, condition: Any, now: datetime, most: int = MOST_COUNTED) -> int:
    """How many fit; `most` + 1 says: more than `most`, and nobody counted on. One query. Raises WrongFilter."""
    return fitting(user, condition, now).order_by().values("pk")[: most + 1].count()


def kept_views(user: User) -> list[TicketView]:
    """The views that the user keeps, and those shared with the user's roles or unit. One query."""
    return _VIEWS(user.pk, *(() if user.unit_id is None else (user.unit_id,)))


def _views(user: int, *unit: int) -> QuerySet[TicketView]:
    mine = Q(owner=user) | Q(role__in=Role.objects.filter(users=user))
    rows = TicketView.objects.filter(mine | Q(unit=unit[0]) if unit else mine)
    return rows.select_related("owner", "role", "unit").order_by("name", "pk")[:MOST_VIEWS]


_VIEWS = Kept(_views)


def conditions_of(views: list[TicketView]) -> dict[str, Mapping[str, Any]]:
    """Of every view by its code, the built-in ones first."""
    return {**{one.code: one.condition for one in BUILT_IN}, **{str(one.pk): one.condition for one in views}}


@dataclass(frozen=True, slots=True)
class BulkLine:
    """What came of one ticket of a bulk change."""

    number: int
    title: str
    result: str
    why: str


def bulk_progress(row: BulkChange) -> dict[str, int]:
    """How many tickets of a bulk change there are, are done, were so, were left and wait. One query."""
    counted = dict(row.items.values_list("result").annotate(count=Count("pk")).order_by())
    total = len(row.tickets)
    found = {result: counted.get(result, 0) for result in ("done", "same", "left")}
    return {"total": total, **found, "waiting": total - sum(found.values())}


def bulk_results(row: BulkChange, *, result: str = "", limit: int = 500) -> list[BulkLine]:
    """Ticket by ticket, those that were left first. One query."""
    rows = row.items.filter(result=result) if result else row.items.all()
    found = rows.order_by(Case(When(result="left", then=0), default=1), "pk").values_list("ticket__number", "ticket__title", "result", "why")[:limit]
    return [BulkLine(*one) for one in found]
