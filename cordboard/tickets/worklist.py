"""Tickets and tasks in the work lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cordboard.lib.kept import Kept
from cordboard.org.permissions import user_may
from cordboard.org.worklist import Asked, Kind, Open, Row, offer
from cordboard.tickets import actions_worklist as actions
from cordboard.tickets import worklist_service  # noqa: F401  service orders and drafts offer themselves
from cordboard.tickets.kinds import kind_name, state_name
from cordboard.tickets.models import Task, Ticket

TICKETS = (
    "pk",
    "number",
    "title",
    "due_at",
    "priority",
    "owner",
    "owner__name",
    "unit__name",
    "position__name",
    "party",
    "party__name",
    "kind",
    "state",
    "stage",
    "opened_at",
)
ON_TICKET = (Task.Kind.TRACK, Task.Kind.RESULT, Task.Kind.CALL)
"""Tasks of complaints are done on the ticket's page, others on their own."""
TASKS = (
    "pk",
    "title",
    "due_at",
    "priority",
    "owner",
    "owner__name",
    "unit__name",
    "position__name",
    "party",
    "party__name",
    "kind",
    "made_at",
    "ticket__number",
)


def in_list(rows: QuerySet[Any], which: str, people: Sequence[int] = (), place: int = 0) -> QuerySet[Any]:
    """Of rows with owner, unit and position: those of one's own list, of a position's, of a unit's, of a unit's what is nobody's yet or of these people ("unit_own"). No query."""
    match which:
        case "mine":
            return rows.filter(owner__in=people)
        case "position":
            return rows.filter(position=place)
        case "unit":
            return rows.filter(unit=place)
    return rows.filter(Q(owner=None) | Q(owner__in=people), unit=place)


def _rows(rows: Callable[[], QuerySet[Any]], fields: Sequence[str]) -> Kept[tuple[Any, ...]]:
    """In two halves, each in the order of its index: where nulls go is what the databases do not agree on."""

    def make(*given: Any, which: str, timed: bool, most: int) -> QuerySet[Any]:
        people, place = (given[0] if which in ("mine", "unit_own") else ()), (given[-1] if which != "mine" else 0)
        found = in_list(rows().filter(due_at__isnull=not timed), which, people, place)
        return found.order_by(*(("due_at",) if timed else ()), "priority", "pk").values_list(*fields)[:most]

    return Kept(make)


_TICKETS = _rows(lambda: Ticket.objects.filter(resolved_at=None), TICKETS)
_TASKS = _rows(lambda: Task.objects.filter(state=Task.State.OPEN), TASKS)


def by_due(kept: Kept[tuple[Any, ...]], asked: Asked, most: int, *, all_of_unit: bool) -> list[tuple[Any, ...]]:
    """The first due first, what has no time last. Two queries, one where there are so many with a time. Of a unit, who may see only their own sees what is nobody's yet."""
    which: str
    given: tuple[Any, ...]
    match asked.which:
        case "mine":
            which, given = "mine", (list(asked.people),)
        case "position" if asked.position is not None:
            which, given = "position", (asked.position,)
        case "unit" if asked.unit is not None:
            which, given = ("unit", (asked.unit,)) if all_of_unit else ("unit_own", (list(asked.people), asked.unit))
        case _:
            return []
    found = kept(*given, which=which, timed=True, most=most)
    if len(found) < most:
        found += kept(*given, which=which, timed=False, most=most)
    return found[:most]


def tickets(asked: Asked, most: int) -> list[Row]:
    """Two queries at most."""
    scope = user_may(asked.user, "tickets.view")
    if scope is None:
        return []
    found = by_due(_TICKETS, asked, most, all_of_unit=scope != "own")
    return [
        Row(
            kind="ticket", number=pk, ref=str(number), title=title, due=due, priority=priority, owner=owner, owner_name=owner_name or "",
            stands=position or unit or "", party=party, party_name=party_name or "", what=kind_name(kind), state=state_name(kind, state, stage),
            made=opened, waits=state == Ticket.State.WAITING,
        )
        for pk, number, title, due, priority, owner, owner_name, unit, position, party, party_name, kind, state, stage, opened in found
    ]  # fmt: skip


def tasks(asked: Asked, most: int) -> list[Row]:
    """Two queries at most."""
    scope = user_may(asked.user, "tickets.view")
    if scope is None:
        return []
    found = by_due(_TASKS, asked, most, all_of_unit=scope != "own")
    kinds = dict(Task.Kind.choices)
    return [
        Row(
            kind="task", number=pk, ref=str(ticket or "") if kind in ON_TICKET else "", title=title, due=due, priority=priority, owner=owner, owner_name=owner_name or "",
            stands=position or unit or "", party=party, party_name=party_name or "", what=str(kinds.get(kind, kind)), made=made,
        )
        for pk, title, due, priority, owner, owner_name, unit, position, party, party_name, kind, made, ticket in found
    ]  # fmt: skip


def _open(model: type[Model], made: str, still: Q) -> Any:
    def read(people: Sequence[int]) -> Iterable[Open]:
        rows: Iterable[tuple[int, datetime | None, datetime | None]] = (
            model._default_manager.filter(still, owner__in=people).annotate(since=F(made)).values_list("owner_id", "since", "due_at")
        )
        return rows

    return read


offer(
    Kind("ticket", _("Tickets"), tickets, actions.take_ticket, actions.give_ticket, _open(Ticket, "opened_at", Q(resolved_at=None)), 10, actions.stand_ticket)
)
offer(Kind("task", _("Tasks"), tasks, actions.take_task, actions.give_task, _open(Task, "made_at", Q(state=Task.State.OPEN)), 20, actions.stand_task))
