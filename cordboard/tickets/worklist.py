"""Tickets and tasks in the work lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

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


def in_list(rows: QuerySet[Any], asked: Asked, *, all_of_unit: bool) -> QuerySet[Any]:
    """Of rows with owner, unit and position: those of the list that is asked for. Of a unit, who may see only their own sees what is nobody's yet. No query."""
    match asked.which:
        case "mine":
            return rows.filter(owner__in=asked.people)
        case "position" if asked.position is not None:
            return rows.filter(position=asked.position)
        case "unit" if asked.unit is not None:
            return rows.filter(unit=asked.unit) if all_of_unit else rows.filter(Q(owner=None) | Q(owner__in=asked.people), unit=asked.unit)
    return rows.none()


def by_due(rows: QuerySet[Any], fields: Sequence[str], most: int) -> list[tuple[Any, ...]]:
    """The first due first, what has no time last. In two halves, each in the order of its index: where nulls go is what the databases do not agree on. Two queries."""
    timed = list(rows.filter(due_at__isnull=False).order_by("due_at", "priority", "pk").values_list(*fields)[:most])
    return timed + list(rows.filter(due_at=None).order_by("priority", "pk").values_list(*fields)[: most - len(timed) or 1])[: most - len(timed)]


def tickets(asked: Asked, most: int) -> list[Row]:
    """Two queries."""
    scope = user_may(asked.user, "tickets.view")
    if scope is None:
        return []
    found = by_due(in_list(Ticket.objects.filter(resolved_at=None), asked, all_of_unit=scope != "own"), TICKETS, most)
    return [
        Row(
            kind="ticket", number=pk, ref=str(number), title=title, due=due, priority=priority, owner=owner, owner_name=owner_name or "",
            stands=position or unit or "", party=party, party_name=party_name or "", what=kind_name(kind), state=state_name(kind, state, stage),
            made=opened, waits=state == Ticket.State.WAITING,
        )
        for pk, number, title, due, priority, owner, owner_name, unit, position, party, party_name, kind, state, stage, opened in found
    ]  # fmt: skip


def tasks(asked: Asked, most: int) -> list[Row]:
    """Two queries."""
    scope = user_may(asked.user, "tickets.view")
    if scope is None:
        return []
    found = by_due(in_list(Task.objects.filter(state=Task.State.OPEN), asked, all_of_unit=scope != "own"), TASKS, most)
    kinds = dict(Task.Kind.choices)
    return [
        Row(
            kind="task", number=pk, ref=str(ticket or ""), title=title, due=due, priority=priority, owner=owner, owner_name=owner_name or "",
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


offer(Kind("ticket", _("Tickets"), tickets, actions.take_ticket, actions.give_ticket, _open(Ticket, "opened_at", Q(resolved_at=None)), order=10))
offer(Kind("task", _("Tasks"), tasks, actions.take_task, actions.give_task, _open(Task, "made_at", Q(state=Task.State.OPEN)), order=20))
