"""The only writers of tasks: made, done, not needed any more. Taking and giving them is the work lists' (actions_worklist.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import Position, Unit, User
from cordboard.org.permissions import require
from cordboard.parties.models import Party
from cordboard.tickets import events_complaint as events
from cordboard.tickets.models import Task, Ticket


def make_task(
    by: User | None, title: str, *, kind: str = Task.Kind.OTHER, text: str = "", ticket: Ticket | None = None, party: Party | int | None = None,
    owner: User | None = None, unit: Unit | None = None, position: Position | None = None, due_at: datetime | None = None, priority: int = 5,
    why: Mapping[str, Any] | None = None, after: Task | None = None, key: str | None = None, now: datetime | None = None,
) -> Task:  # fmt: skip
    """Something to do, in the work list of somebody, a unit or a position. The same key again gives the task that stands. `by` None: a rule or the system.
    Raises ValidationError: no title, or nobody's list; PermissionDenied."""
    if by is not None:
        require(by, "tickets.change")
    now = now or timezone.now()
    title = " ".join(title.split())[:200]
    if not title:
        raise ValidationError({"title": _("Say in a few words what is to be done.")})
    unit = unit or (owner.unit if owner is not None else None) or (position.unit if position is not None else None)
    if owner is None and unit is None and position is None:
        raise ValidationError({"owner": _("Say whose work list it belongs to: a person's, a position's or a unit's.")})
    party_id = party if isinstance(party, int) else party.pk if party is not None else ticket.party_id if ticket is not None else None
    fields = {
        "kind": kind, "title": title, "text": text.strip(), "ticket": ticket, "party_id": party_id, "owner": owner, "unit": unit, "position": position,
        "due_at": due_at, "priority": max(1, min(9, priority)), "why": dict(why or {}), "after": after, "made_by": by, "made_at": now,
    }  # fmt: skip
    with transaction.atomic():
        if key is None:
            row, made = Task.objects.create(**fields), True
        else:
            row, made = Task.objects.get_or_create(key=key[:120], defaults=fields)
        if made:
            log.record(events.TASK_MADE, actor=_actor(by), **_said(row))
    return row


def finish_task(user: User, number: int, outcome: str = "", *, now: datetime | None = None) -> Task:
    """Done, with what came of it. Done before, it stays as it was. Raises PermissionDenied, ValidationError, Task.DoesNotExist."""
    return _ended(user, number, Task.State.DONE, outcome, now)


def drop_task(user: User, number: int, why: str, *, now: datetime | None = None) -> Task:
    """Not needed any more; says why. Raises as `finish_task`."""
    if not why.strip():
        raise ValidationError({"outcome": _("Say why it is not needed any more.")})
    return _ended(user, number, Task.State.DROPPED, why, now)


def end_tasks(rows: Any, state: str, outcome: str, by: User | None, now: datetime) -> int:
    """Open tasks of `rows` end with what they are about. In the caller's transaction."""
    count = 0
    for row in rows.select_for_update(of=("self",)).filter(state=Task.State.OPEN).order_by("pk"):
        _end(row, state, outcome, by, now)
        count += 1
    return count


def take_up_tasks(rows: Any, by: User | None) -> int:
    """Those of `rows` that were dropped are to be done after all. In the caller's transaction."""
    count = 0
    for row in rows.select_for_update(of=("self",)).filter(state=Task.State.DROPPED).order_by("pk"):
        row.state, row.outcome, row.done_by, row.done_at = Task.State.OPEN, "", None, None
        row.version += 1
        row.save(update_fields=["state", "outcome", "done_by", "done_at", "version"])
        log.record(events.TASK_CHANGED, actor=_actor(by), what="reopened", old=None, **_said(row))
        count += 1
    return count


def set_task_due(user: User, number: int, due_at: datetime, *, now: datetime | None = None) -> Task:
    """Another moment by which it is to be done. Raises PermissionDenied, ValidationError, Task.DoesNotExist."""
    with transaction.atomic():
        row = _may_change(user, number)
        if row.state != Task.State.OPEN:
            raise ValidationError({"due_at": _("This is finished already.")})
        row.due_at = due_at
        row.version += 1
        row.save(update_fields=["due_at", "version"])
        log.record(events.TASK_CHANGED, actor=_actor(user), what="due", old=None, **_said(row))
    return row


def _ended(user: User, number: int, state: str, outcome: str, now: datetime | None) -> Task:
    with transaction.atomic():
        row = _may_change(user, number)
        if row.state == Task.State.OPEN:
            _end(row, state, outcome, user, now or timezone.now())
    return row


def _end(row: Task, state: str, outcome: str, by: User | None, now: datetime) -> None:
    row.state, row.outcome, row.done_by, row.done_at = state, outcome.strip(), by, now
    row.version += 1
    row.save(update_fields=["state", "outcome", "done_by", "done_at", "version"])
    log.record(events.TASK_CHANGED, actor=_actor(by), what="done" if state == Task.State.DONE else "dropped", old=None, **_said(row))


def _may_change(user: User, number: int) -> Task:
    """The task, locked, when the user may work on it: one's own, of one's unit or position, of a unit that one heads, or with reach over all."""
    scope = require(user, "tickets.change")
    row = Task.objects.select_for_update(of=("self",)).select_related("unit").get(pk=number)
    stands = (row.unit_id is not None and row.unit_id == user.unit_id) or (row.position_id is not None and row.position_id == user.position_id)
    heads = row.unit is not None and row.unit.head_id == user.pk
    if not (scope == "all" or user.pk in (row.owner_id, row.made_by_id) or heads or (stands and (scope == "unit" or row.owner_id is None))):
        raise PermissionDenied(_("This task is not yours."))
    return row


def _said(row: Task) -> dict[str, Any]:
    return {
        "task": row.pk, "ticket": row.ticket_id, "party": row.party_id, "kind": row.kind, "owner": row.owner_id, "unit": row.unit_id, "position": row.position_id,
    }  # fmt: skip


def _actor(by: User | None) -> str:
    return f"user:{by.pk}" if by is not None else "system"
