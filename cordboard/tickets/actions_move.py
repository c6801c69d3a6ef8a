"""Tickets that are one are merged, one that is two is split; both can be taken back, whatever was written in between."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import User
from cordboard.tickets import actions_sla, changes, merging, states
from cordboard.tickets.actions import _number, may_change
from cordboard.tickets.actions_complaint import is_complaint
from cordboard.tickets.actions_edit import ties_above
from cordboard.tickets.actions_task import end_tasks, take_up_tasks
from cordboard.tickets.linking import circle
from cordboard.tickets.models import (
    Complaint,
    Grant,
    Task,
    Ticket,
    TicketAppointment,
    TicketAttachment,
    TicketCheck,
    TicketDraft,
    TicketInteraction,
    TicketLink,
    TicketMessage,
    TicketMove,
    TicketTag,
    TicketWatcher,
)
from cordboard.tickets.models_case import CaseDocument
from cordboard.tickets.models_incident import IncidentTicket
from cordboard.tickets.models_order import ServiceOrder


@dataclass(frozen=True, slots=True)
class Noun:
    """Rows of a ticket: the column that names it, and what a ticket can have once of them. `only`: which rows of the table are meant."""

    model: type[Model]
    column: str = "ticket_id"
    once: tuple[str, ...] = ()
    only: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, **wanted: Any) -> QuerySet[Model]:
        return self.model._default_manager.filter(**self.only, **wanted)

    def of(self, ticket: int) -> QuerySet[Model]:
        return self.rows(**{self.column: ticket})


NOUNS: dict[str, Noun] = {
    "message": Noun(TicketMessage),
    "attachment": Noun(TicketAttachment),
    "contact": Noun(TicketInteraction, once=("interaction",)),
    "watcher": Noun(TicketWatcher, once=("user",)),
    "tag": Noun(TicketTag, once=("word",)),
    "check": Noun(TicketCheck),
    "draft": Noun(TicketDraft, once=("user",)),
    "tie": Noun(TicketLink, once=("other", "kind")),
    "tied": Noun(TicketLink, "other_id", ("ticket", "kind")),
    "task": Noun(Task),
    "visit": Noun(TicketAppointment),
    "order": Noun(ServiceOrder),
    "grant": Noun(Grant),
    "incident": Noun(IncidentTicket, once=("untied_at",)),  # of those that are tied (none) a ticket has one
    "document": Noun(CaseDocument, "document", ("case",), {"kind": "ticket"}),
}
"""All that goes along. What says how the ticket itself went stays with it: its changes, its hand-offs between levels, its deadlines, its complaint, its article."""


def merge(user: User, source_id: int, target_id: int, *, version: int | None = None, now: datetime | None = None) -> TicketMove:
    """All of `source` goes to `target`, where work goes on; `source` is closed and says so. Raises ValidationError ("target") for itself or one that was merged, Changed,
    PermissionDenied, Ticket.DoesNotExist. A complaint that was not answered goes on in another complaint alone: into anything else it would be lost ("target")."""
    now = now or timezone.now()
    if source_id == target_id:
        raise ValidationError({"target": _("A ticket cannot be merged into itself.")})
    with transaction.atomic():
        _lock(source_id, target_id)
        source, target = may_change(user, source_id, version), may_change(user, target_id)
        ended = _end_tracking(user, source, target, now)
        held = {noun: _held(noun, source.pk) for noun in NOUNS}
        moved = merging.to_move(held, {noun: _held(noun, target.pk) for noun in NOUNS}, stay=_stay(source.pk, target.pk))
        rows = _carry_out(moved, target.pk)
        plan = {"rows": moved, "was": _was(source), "ended": ended}
        move = TicketMove.objects.create(kind=TicketMove.Kind.MERGE, source=source, target=target, plan=plan, by=user, at=now)
        source.merged_into, source.state, source.stage, source.resolved_at = target, Ticket.State.CLOSED, "", source.resolved_at or now
        _unanswered(source, target)
        actions_sla.drop(source, actor=f"user:{user.pk}", now=now)
        log.record("tickets.merged", actor=f"user:{user.pk}", ticket=source.pk, party=source.party_id, other=target.pk, move=move.pk, rows=rows)
    return move


def split(user: User, source_id: int, messages: Collection[int], title: str, *, kind: str = "", now: datetime | None = None) -> TicketMove:
    """These messages, and what is attached to them, become a ticket of their own of the same customer and owner. Contacts, watchers and tags stand on both. Raises ValidationError
    ("messages", "title"), PermissionDenied, Ticket.DoesNotExist."""
    now = now or timezone.now()
    title = " ".join(title.split())[:200]
    if not title:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    with transaction.atomic():
        source = may_change(user, source_id)
        held = {"message": _held("message", source.pk)}
        if not messages or not set(messages) <= held["message"].keys():
            raise ValidationError({"messages": _("Choose the messages that are about something else.")})
        held["attachment"] = dict.fromkeys(TicketAttachment.objects.filter(ticket=source, message__in=messages).values_list("pk", flat=True))
        first = TicketMessage.objects.filter(pk__in=messages).order_by("pk").first()
        assert first is not None
        made = Ticket(
            kind=kind or source.kind, title=title, text="", party_id=source.party_id, product_id=source.product_id, reason_id=source.reason_id, order_id=source.order_id,
            owner_id=source.owner_id, unit_id=source.unit_id, position_id=source.position_id, opened_by=user, opened_at=now, due_at=source.due_at,
            priority=source.priority, state=Ticket.State.OPEN, values={},
        )  # fmt: skip
        _number(made)
        moved = merging.to_move(held, {}, only={"message": set(messages), "attachment": set(held["attachment"])})
        rows = _carry_out(moved, made.pk)
        copies = {noun: _copy(noun, source.pk, made.pk) for noun in ("contact", "watcher", "tag")}
        move = TicketMove.objects.create(kind=TicketMove.Kind.SPLIT, source=source, target=made, plan={"rows": moved, "made": copies}, by=user, at=now)
        _unanswered(source, made)
        who = f"user:{user.pk}"
        actions_sla.begin(made, actor=who, now=now)
        log.record("tickets.opened", actor=who, why="split off", **changes.about(made), interaction=None, kind=made.kind)
        log.record("tickets.split", actor=who, ticket=source.pk, party=source.party_id, other=made.pk, move=move.pk, rows=rows)
    return move


def undo(user: User, move_id: int, *, now: datetime | None = None) -> TicketMove:
    """Take a merge or a split back. What had moved returns, with what came late for the merged ticket; what was written since on the ticket where work went on stays there. The merged
    ticket is in the state that it was in. A ticket that was split off is empty then, closed, and says where its work goes on. Raises ValidationError ("move") when it was taken back
    already, or a merge of the same ticket came after it; PermissionDenied, TicketMove.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        found = TicketMove.objects.get(pk=move_id)
        _lock(found.source_id, found.target_id)
        move = TicketMove.objects.select_for_update().get(pk=move_id)
        if move.undone_at is not None:
            raise ValidationError({"move": _("This was taken back already.")})
        rows = _undo_merge(user, move, now) if move.kind == TicketMove.Kind.MERGE else _undo_split(user, move, now)
        move.undone_at, move.undone_by = now, user
        move.save(update_fields=["undone_at", "undone_by"])
        log.record(
            "tickets.move_undone",
            actor=f"user:{user.pk}",
            ticket=move.source_id,
            party=None,
            other=move.target_id,
            move=move.pk,
            what=move.kind,
            rows=rows,
        )
    return move


def _undo_merge(user: User, move: TicketMove, now: datetime) -> int:
    source = Ticket.objects.get(pk=move.source_id)
    target = Ticket.objects.get(pk=move.target_id)
    if source.merged_into_id != target.pk:
        raise ValidationError({"move": _("The ticket was not left merged there. Nothing was changed.")})
    holders = [target.pk]
    while target.merged_into_id is not None:  # it was merged itself since: what moved lies with the survivor
        target = Ticket.objects.select_for_update().get(pk=target.merged_into_id)
        holders.append(target.pk)
    may_change(user, target.pk)
    wanted = {noun: list(rows) for noun, rows in move.plan["rows"].items()}
    wanted["message"] = [*wanted.get("message", []), *move.plan.get("late", [])]
    late = TicketAttachment.objects.filter(message__in=move.plan.get("late", [])).values_list("pk", flat=True)
    wanted["attachment"] = [*wanted.get("attachment", []), *late]
    back = merging.to_return(wanted, _standing(wanted, source.pk), source.pk, holders)
    rows = _carry_out(back, source.pk)
    was = move.plan["was"]
    source.merged_into = None
    source.state, source.stage = was["state"], was["stage"]
    source.resolved_at = parse_datetime(was["resolved_at"]) if was["resolved_at"] else None
    take_up_tasks(Task.objects.filter(pk__in=move.plan.get("ended", []), ticket=source), user)
    _unanswered(source, target)
    if move.plan.get("late") and source.state in (*states.DONE, Ticket.State.WAITING):
        source.state, source.stage, source.resolved_at = Ticket.State.OPEN, "", None  # the customer has written to it meanwhile
        source.save(update_fields=["state", "stage", "resolved_at"])
    actions_sla.pick_up(source, move.at, actor=f"user:{user.pk}", now=now)
    return rows


def _undo_split(user: User, move: TicketMove, now: datetime) -> int:
    source, made = may_change(user, move.source_id), may_change(user, move.target_id)
    _end_tracking(user, made, source, now, undone=True)
    held = {noun: _held(noun, made.pk) for noun in NOUNS}
    moved = merging.to_move(held, {noun: _held(noun, source.pk) for noun in NOUNS}, stay=_stay(made.pk, source.pk))
    rows = _carry_out(moved, source.pk)
    made.merged_into, made.state, made.stage, made.resolved_at = source, Ticket.State.CLOSED, "", made.resolved_at or now
    _unanswered(source, made)
    actions_sla.drop(made, actor=f"user:{user.pk}", now=now)
    return rows


def _lock(*numbers: int) -> None:
    """Both in order, so that two who merge crosswise wait for each other instead of both failing."""
    list(Ticket.objects.select_for_update().filter(pk__in=numbers).order_by("pk").values_list("pk"))


def _was(ticket: Ticket) -> dict[str, Any]:
    return {"state": ticket.state, "stage": ticket.stage, "resolved_at": ticket.resolved_at.isoformat() if ticket.resolved_at else None}


def _key(values: tuple[Any, ...]) -> Any:
    return values if values else None


def _held(noun: str, ticket: int) -> dict[int, Any]:
    found = NOUNS[noun]
    return {row[0]: _key(row[1:]) for row in found.of(ticket).values_list("pk", *found.once)}


def _standing(moved: Mapping[str, Collection[int]], source: int) -> dict[str, dict[int, tuple[int, Any]]]:
    """Where these rows stand now, and what the source has."""
    standing: dict[str, dict[int, tuple[int, Any]]] = {}
    for noun, wanted in moved.items():
        found = NOUNS[noun]
        columns = ("pk", found.column, *found.once)
        rows = [*found.rows(pk__in=wanted).values_list(*columns), *found.of(source).values_list(*columns)]
        standing[noun] = {row[0]: (row[1], _key(row[2:])) for row in rows}
    return standing


def _carry_out(moved: Mapping[str, Collection[int]], ticket: int) -> int:
    return sum(NOUNS[noun].rows(pk__in=ids).update(**{NOUNS[noun].column: ticket}) for noun, ids in moved.items())


def _end_tracking(user: User, source: Ticket, target: Ticket, now: datetime, *, undone: bool = False) -> list[int]:
    """A complaint that goes on in another one is followed there: its own tracking ends, so that nobody answers it twice. Returns the tasks. One that was answered, and is followed for a
    low rating, goes along as it is. `undone`: it was split off and is no ticket of its own after all, so it may go into any."""
    complaint = Complaint.objects.filter(ticket=source).first()
    if (complaint is not None and complaint.answered_at is not None) or not is_complaint(source):
        return []
    if not is_complaint(target) and not undone:
        raise ValidationError({"target": _("A complaint goes on in another complaint alone. Merge the other ticket into this one, or change its kind first.")})
    rows = Task.objects.filter(ticket=source, kind=Task.Kind.TRACK, state=Task.State.OPEN).order_by("pk")
    ended = list(rows.values_list("pk", flat=True))
    end_tasks(rows, Task.State.DROPPED, _("Merged into %(number)s: the complaint is followed there.") % {"number": target.number}, user, now)
    return ended


def _stay(source: int, target: int) -> dict[str, set[int]]:
    """Ties that would go round in a circle, and tracking of a complaint that is over."""
    over = Task.objects.filter(ticket=source, kind=Task.Kind.TRACK).exclude(state=Task.State.OPEN)
    return {**_circular(source, target), "task": set(over.values_list("pk", flat=True))}


def _circular(source: int, target: int) -> dict[str, set[int]]:
    """Ties that would tie the target to itself, or round in a circle: they stay with the source."""
    stay: dict[str, set[int]] = {"tie": set(), "tied": set()}
    for pk, other in TicketLink.objects.filter(ticket=source).values_list("pk", "other_id"):
        if circle(ties_above(other), target, other):
            stay["tie"].add(pk)
    above = ties_above(target)
    for pk, below in TicketLink.objects.filter(other=source).values_list("pk", "ticket_id"):
        if circle(above, below, target):
            stay["tied"].add(pk)
    return stay


def _copy(noun: str, source: int, target: int) -> list[int]:
    made = []
    for row in NOUNS[noun].of(source).order_by("pk"):
        row.pk, row._state.adding = None, True
        row.ticket_id = target  # type: ignore[attr-defined]
        row.save(force_insert=True)
        made.append(row.pk)
    return made


def _unanswered(*tickets: Ticket) -> None:
    """Since when each has the customer wait, by the messages that it has now; saved with its state."""
    for ticket in tickets:
        rows = TicketMessage.objects.filter(ticket=ticket).order_by("pk").values_list("kind", "at")
        since = merging.unanswered(rows)
        ticket.unanswered_since = since  # type: ignore[assignment]
        ticket.version += 1
        ticket.save(update_fields=["merged_into", "state", "stage", "resolved_at", "unanswered_since", "version"])
