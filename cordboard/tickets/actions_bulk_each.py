"""What a bulk change does to one ticket, and how it is put back; within the transaction of actions_bulk.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.org.models import Position, Unit, User
from cordboard.tickets import actions, actions_edit, actions_level, actions_sla, actions_worklist, changes
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_around import TicketTag
from cordboard.tickets.models_view import BulkItem
from cordboard.tickets.queries_kind import terms_of

UNDO, UP = "undo", "up"
_KEPT = ("state", "stage", "kind", "priority", "owner_id", "unit_id", "position_id", "resolved_at", "level__rank")
"""How a ticket stands; `level__rank`: where it was handed to, none before it was."""
LONGEST_TAG = 40


def checked(what: str, to: Any) -> Any:
    """What the tickets are to become, as it is kept. Raises ValidationError."""
    check = _CHECKS.get(what)
    if check is None:
        raise ValidationError(_("Choose what is to become of the tickets."))
    return check(to)


def standing(ticket: Ticket) -> dict[str, Any]:
    """How a ticket stands, in JSON. Two queries: it is read afresh."""
    row = Ticket.objects.values(*_KEPT).get(pk=ticket.pk)
    if row["resolved_at"] is not None:
        row["resolved_at"] = row["resolved_at"].isoformat()
    return {**row, "tags": sorted(TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True))}


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What an undo needs: the old values of what is other now; of tags those that came and those that went."""
    old = {name: before[name] for name in _KEPT if before[name] != after[name]}
    came, went = sorted(set(after["tags"]) - set(before["tags"])), sorted(set(before["tags"]) - set(after["tags"]))
    return old | ({"came": came} if came else {}) | ({"went": went} if went else {})


def apply(user: User, ticket: Ticket, what: str, to: Any, now: datetime | None) -> None:
    """Change one ticket; what is so already stays untouched. Raises ValidationError, PermissionDenied."""
    match what:
        case "state":
            actions.set_state(user, ticket.pk, to, now=now)
        case "owner" if to is not None:
            owner = User.objects.filter(pk=to, is_active=True).first()
            if owner is None:
                raise ValidationError(_("This colleague has left."))
            actions.give(user, ticket.pk, owner)
        case "owner":
            _set(user, ticket.pk, "owner_id", None)
        case "unit":
            if not Unit.objects.filter(pk=to).exists():
                raise ValidationError(_("This unit is not there any more."))
            _set(user, ticket.pk, "unit_id", to)
        case "position":
            place = Position.objects.filter(pk=to).first()
            if place is None:
                raise ValidationError(_("This position is not there any more."))
            actions_worklist.stand(user, ticket.pk, place)
        case "level":
            actions_level.send_on(user, ticket.pk, now=now)
        case "priority":
            actions_edit.edit(user, ticket.pk, {"priority": ticket.priority}, {"priority": to})
        case "kind":
            actions_edit.edit(user, ticket.pk, {"kind": ticket.kind}, {"kind": to})
        case "tag" | "untag":
            words = set(TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True))
            actions_edit.tag(user, ticket.pk, words | {to} if what == "tag" else words - {to})
        case _:
            raise ValidationError(_("Choose what is to become of the tickets."))


def put_back(user: User, ticket: Ticket, item: BulkItem, now: datetime | None) -> None:
    """As it was before a bulk change, where nobody changed it since; whatever may follow what. Raises ValidationError, PermissionDenied."""
    if ticket.version != item.version:
        raise ValidationError(_("It was changed since, so it stays as it is now."))
    row = actions.may_change(user, ticket.pk)
    old = dict(item.old)
    came, went = set(old.pop("came", ())), set(old.pop("went", ()))
    if came or went:
        words = set(TicketTag.objects.filter(ticket=row).values_list("word", flat=True))
        actions_edit.tag(user, row.pk, (words - came) | went)
    if not old:
        return
    if old.get("resolved_at"):
        old["resolved_at"] = datetime.fromisoformat(old["resolved_at"])
    for column, model in (("owner_id", User), ("unit_id", Unit), ("position_id", Position)):
        if old.get(column) is not None and not model._default_manager.filter(pk=old[column]).exists():
            raise ValidationError(_("Whose it was is not there any more."))
    if "level__rank" in old:  # who had it and where comes back with the step
        actions_level.undo_step(user, row, now=now)
        old = {name: value for name, value in old.items() if name not in ("level__rank", "owner_id", "unit_id")}
    state, here = row.state, row.stage or row.state
    before = {name: getattr(row, name) for name in ("owner_id", "unit_id", "position_id", "kind", "priority")}
    _write(row, old)
    actor = f"user:{user.pk}"
    if row.state != state:
        changes.state(row, state, here, actor=actor, now=now)
        actions_sla.state_changed(row, state, actor=actor, now=now or timezone.now())
    if (row.owner_id, row.position_id) != (before["owner_id"], before["position_id"]):
        changes.owner(row, before["owner_id"], actor=actor, old_unit=before["unit_id"], now=now)
    if fields := [name for name in ("kind", "priority", "unit_id") if name in old]:
        _edited(user, row, {name: before[name] for name in fields})


def _write(row: Ticket, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*(name.removesuffix("_id") for name in values), "version"])


def _edited(user: User, row: Ticket, old: dict[str, Any]) -> None:
    before = {name.removesuffix("_id"): value for name, value in old.items()}
    changes.edited(row, sorted(before), before, actor=f"user:{user.pk}")


def set_unit(user: User, ticket_id: int, unit: int | None) -> None:
    """In whose work it stands, whoever owns it; in the caller's transaction. Raises PermissionDenied, ValidationError, Ticket.DoesNotExist."""
    _set(user, ticket_id, "unit_id", unit)


def _set(user: User, ticket_id: int, name: str, value: int | None) -> None:
    row = actions.may_change(user, ticket_id)
    old = getattr(row, name)
    if old == value:
        return
    _write(row, {name: value})
    if name == "owner_id":
        changes.owner(row, old, actor=f"user:{user.pk}")
    else:
        _edited(user, row, {name: old})


def _state(to: Any) -> str:
    if to not in Ticket.State.values:
        raise ValidationError(_("Choose a state."))
    return str(to)


def _row(to: Any) -> int:
    if not str(to).isdecimal():
        raise ValidationError(_("Choose whose they are to be."))
    return int(to)


def _owner(to: Any) -> int | None:
    return None if to in (None, "") else _row(to)


def _up(to: Any) -> str:
    if to != UP:
        raise ValidationError(_("Choose what is to become of the tickets."))
    return UP


def _priority(to: Any) -> int:
    if not str(to).isdecimal() or not 1 <= int(to) <= 9:
        raise ValidationError(_("Choose a priority from 1 to 9."))
    return int(to)


def _kind(to: Any) -> str:
    terms = terms_of(str(to))
    if terms is None or not terms.active:
        raise ValidationError(_("Choose a kind."))
    return str(to)


def _word(to: Any) -> str:
    word = actions_edit.word_of(str(to or ""))
    if not word or len(" ".join(str(to).split())) > LONGEST_TAG:
        raise ValidationError(_("A tag has 1 to %(most)d letters.") % {"most": LONGEST_TAG})
    return word


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "state": _state,
    "owner": _owner,
    "unit": _row,
    "position": _row,
    "level": _up,
    "priority": _priority,
    "kind": _kind,
    "tag": _word,
    "untag": _word,
}
VERBS = tuple(_CHECKS)
