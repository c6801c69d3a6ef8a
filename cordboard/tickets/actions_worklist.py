"""Taking tickets and tasks from a work list, giving them back and giving them to a colleague or a position. Called by `org.actions_worklist`, in its transaction.

The owner is read after the lock, not joined: PostgreSQL reads a row that it waited for anew, and what is joined to it not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.org.models import Position, User
from cordboard.org.permissions import require
from cordboard.org.queries_absence import for_whom
from cordboard.org.worklist import Outcome
from cordboard.tickets import changes
from cordboard.tickets.actions import may_change
from cordboard.tickets.models import Task, Ticket


def take_ticket(user: Any, number: int, now: datetime) -> Outcome:
    row = Ticket.objects.select_for_update().filter(pk=number).first()
    if row is None or row.resolved_at is not None:
        return _over(row)
    return _taken(user, row, now) or _ticket_to(row, user, user, "taken")


def give_ticket(user: Any, number: int, to: User | None, why: str, now: datetime) -> Outcome:
    row = Ticket.objects.select_for_update().filter(pk=number).first()
    if row is None or row.resolved_at is not None:
        return _over(row)
    if row.owner_id == (to.pk if to is not None else None):
        return Outcome(True)
    _may_give(user, row)
    if to is None and row.unit_id is None and row.position_id is None:
        return Outcome(False, _("This ticket stands in no unit's list: give it to a colleague."))
    return _ticket_to(row, user, to, why)


def stand(user: User, ticket_id: int, position: Position) -> Ticket:
    """It waits in the work list of a position for whoever takes it. Raises PermissionDenied, Ticket.DoesNotExist."""
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        _wait_for(ticket, user, position, "")
    return ticket


def stand_ticket(user: Any, number: int, position: Position, why: str, now: datetime) -> Outcome:
    row = Ticket.objects.select_for_update().filter(pk=number).first()
    if row is None or row.resolved_at is not None:
        return _over(row)
    if row.position_id == position.pk and row.owner_id is None:
        return Outcome(True)
    _may_give(user, row)
    return _wait_for(row, user, position, why)


def _wait_for(row: Ticket, user: Any, position: Position, why: str) -> Outcome:
    if row.position_id == position.pk and row.owner_id is None:
        return Outcome(True)
    old, place = row.owner_id, row.unit_id
    row.owner, row.position, row.unit_id = None, position, position.unit_id
    row.version += 1
    row.save(update_fields=["owner", "position", "unit", "version"])
    changes.owner(row, old, actor=f"user:{user.pk}", why=why, old_unit=place)
    return Outcome(True, moved=True, old=old, unit=row.unit_id, position=row.position_id)


def _ticket_to(row: Ticket, user: Any, to: User | None, why: str) -> Outcome:
    old, row.owner = row.owner_id, to
    if row.unit_id is None and to is not None:
        row.unit_id = to.unit_id
    row.version += 1
    row.save(update_fields=["owner", "unit", "version"])
    changes.owner(row, old, actor=f"user:{user.pk}", why=why)
    return Outcome(True, moved=True, old=old, unit=row.unit_id, position=row.position_id)


def take_task(user: Any, number: int, now: datetime) -> Outcome:
    row = Task.objects.select_for_update().filter(pk=number).first()
    if row is None or row.state != Task.State.OPEN:
        return _over(row)
    return _taken(user, row, now) or _task_to(row, user)


def give_task(user: Any, number: int, to: User | None, why: str, now: datetime) -> Outcome:
    row = Task.objects.select_for_update().filter(pk=number).first()
    if row is None or row.state != Task.State.OPEN:
        return _over(row)
    if row.owner_id == (to.pk if to is not None else None):
        return Outcome(True)
    _may_give(user, row)
    if to is None and row.unit_id is None and row.position_id is None:
        return Outcome(False, _("This task stands in no unit's list: give it to a colleague."))
    return _task_to(row, to)


def stand_task(user: Any, number: int, position: Position, why: str, now: datetime) -> Outcome:
    row = Task.objects.select_for_update().filter(pk=number).first()
    if row is None or row.state != Task.State.OPEN:
        return _over(row)
    if row.position_id == position.pk and row.owner_id is None:
        return Outcome(True)
    _may_give(user, row)
    row.position, row.unit_id = position, position.unit_id
    row.save(update_fields=["position", "unit"])
    return _task_to(row, None)


def _task_to(row: Task, to: User | None) -> Outcome:
    old, row.owner = row.owner_id, to
    row.version += 1
    row.save(update_fields=["owner", "version"])
    return Outcome(True, moved=True, old=old, unit=row.unit_id, position=row.position_id)


def _over(row: Ticket | Task | None) -> Outcome:
    return Outcome(False, _("This is finished already.") if row is not None else _("This is not there any more."))


def _taken(user: Any, row: Ticket | Task, now: datetime) -> Outcome | None:
    """Why it is not to be had, or that one has it; None: it is. Nobody's may be taken by whoever's unit or position it stands in, an absent colleague's by who stands in."""
    scope = require(user, "tickets.change")
    if row.owner_id == user.pk:
        return Outcome(True)
    if row.owner_id is not None and row.owner_id in for_whom(user.pk, now):
        return None
    if row.owner is not None:
        return Outcome(False, _("%(name)s has taken this one.") % {"name": row.owner})
    if not (scope == "all" or _stands_with(user, row)):
        raise PermissionDenied(_("This stands in another unit's list."))
    return None


def _may_give(user: Any, row: Ticket | Task) -> None:
    """One's own; anybody's of the unit with that reach."""
    scope = require(user, "tickets.change")
    if not (scope == "all" or row.owner_id == user.pk or (scope == "unit" and row.unit_id is not None and row.unit_id == user.unit_id)):
        raise PermissionDenied(_("This is not yours."))


def _stands_with(user: Any, row: Ticket | Task) -> bool:
    return (row.unit_id is not None and row.unit_id == user.unit_id) or (row.position_id is not None and row.position_id == user.position_id)
