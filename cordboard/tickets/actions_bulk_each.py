"""What a bulk change does to one ticket, and how it is put back; within the transaction of actions_bulk.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import Unit, User
from cordboard.tickets import actions
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.models_around import TicketTag
from cordboard.tickets.models_view import BulkItem

UNDO = "undo"
_KEPT = ("state", "stage", "kind", "priority", "owner_id", "unit_id", "resolved_at")
LONGEST_TAG = 40


def checked(what: str, to: Any) -> Any:
    """What the tickets are to become, as it is kept. Raises ValidationError."""
    check = _CHECKS.get(what)
    if check is None:
        raise ValidationError(_("Choose what is to become of the tickets."))
    return check(to)


def standing(ticket: Ticket) -> dict[str, Any]:
    """How a ticket stands, in JSON: what an undo puts back."""
    kept = {name: getattr(ticket, name) for name in _KEPT}
    if ticket.resolved_at is not None:
        kept["resolved_at"] = ticket.resolved_at.isoformat()
    kept["tags"] = sorted(TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True))
    return kept


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
            _set(user, ticket, owner_id=None)
        case "unit":
            if not Unit.objects.filter(pk=to).exists():
                raise ValidationError(_("This unit is not there any more."))
            _set(user, ticket, unit_id=to)
        case "priority":
            _set(user, ticket, priority=to)
        case "kind":
            if not TicketKind.objects.filter(code=to, active=True).exists():
                raise ValidationError(_("This kind is not chosen for tickets any more."))
            if ticket.stage or TicketKind.objects.exclude(states=[]).filter(code__in=(to, ticket.kind)).exists():
                raise ValidationError(_("One of the two kinds has states of its own: change the kind on the ticket's page."))
            _set(user, ticket, kind=to)
        case "tag" | "untag":
            _tag(user, ticket, to, add=what == "tag")
        case _:
            raise ValidationError(_("Choose what is to become of the tickets."))


def put_back(user: User, ticket: Ticket, item: BulkItem) -> None:
    """As it was before a bulk change, where nobody changed it since. Raises ValidationError, PermissionDenied."""
    if ticket.version != item.version:
        raise ValidationError(_("It was changed since, so it stays as it is now."))
    old = dict(item.old)
    tags = set(old.pop("tags", []))
    if old["resolved_at"] is not None:
        old["resolved_at"] = datetime.fromisoformat(old["resolved_at"])
    actions._may_change(user, ticket.pk)
    for column, model in (("owner_id", User), ("unit_id", Unit)):
        if old[column] is not None and not model._default_manager.filter(pk=old[column]).exists():
            raise ValidationError(_("Whose it was is not there any more."))
    there = set(TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True))
    TicketTag.objects.filter(ticket=ticket, word__in=there - tags).delete()
    TicketTag.objects.bulk_create([TicketTag(ticket=ticket, word=word) for word in sorted(tags - there)])
    before = {name: getattr(ticket, name) for name in _KEPT}
    for name in _KEPT:
        setattr(ticket, name, old[name])
    ticket.version += 1
    ticket.save(update_fields=[*(name.removesuffix("_id") for name in _KEPT), "version"])
    actor = f"user:{user.pk}"
    if before["state"] != ticket.state:
        log.record("tickets.state_changed", actor=actor, ticket=ticket.pk, party=ticket.party_id, owner=ticket.owner_id, old=before["state"], new=ticket.state)
    if before["owner_id"] != ticket.owner_id:
        log.record("tickets.given", actor=actor, ticket=ticket.pk, party=ticket.party_id, owner=ticket.owner_id, old=before["owner_id"])
    changed = [name.removesuffix("_id") for name in ("kind", "priority", "unit_id") if before[name] != getattr(ticket, name)] + (
        ["tags"] if there != tags else []
    )
    if changed:
        log.record("tickets.edited", actor=actor, ticket=ticket.pk, party=ticket.party_id, owner=ticket.owner_id, fields=changed)


def _set(user: User, ticket: Ticket, **values: Any) -> None:
    row = actions._may_change(user, ticket.pk)
    old_owner = row.owner_id
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, values[name])
    row.version += 1
    row.save(update_fields=[*(name.removesuffix("_id") for name in changed), "version"])
    if "owner_id" in changed:
        log.record("tickets.given", actor=f"user:{user.pk}", ticket=row.pk, party=row.party_id, owner=None, old=old_owner)
    else:
        fields = [name.removesuffix("_id") for name in changed]
        log.record("tickets.edited", actor=f"user:{user.pk}", ticket=row.pk, party=row.party_id, owner=row.owner_id, fields=fields)


def _tag(user: User, ticket: Ticket, word: str, *, add: bool) -> None:
    row = actions._may_change(user, ticket.pk)
    if add:
        _tag_row, changed = TicketTag.objects.get_or_create(ticket=row, word=word)
    else:
        changed = bool(TicketTag.objects.filter(ticket=row, word=word).delete()[0])
    if changed:
        row.version += 1
        row.save(update_fields=["version"])
        log.record("tickets.edited", actor=f"user:{user.pk}", ticket=row.pk, party=row.party_id, owner=row.owner_id, fields=["tags"])


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


def _priority(to: Any) -> int:
    if not str(to).isdecimal() or not 1 <= int(to) <= 9:
        raise ValidationError(_("Choose a priority from 1 to 9."))
    return int(to)


def _kind(to: Any) -> str:
    if not TicketKind.objects.filter(code=str(to), active=True).exists():
        raise ValidationError(_("Choose a kind."))
    return str(to)


def _word(to: Any) -> str:
    word = " ".join(str(to or "").split()).lower()
    if not word or len(word) > LONGEST_TAG:
        raise ValidationError(_("A tag has 1 to %(most)d letters.") % {"most": LONGEST_TAG})
    return word


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "state": _state,
    "owner": _owner,
    "unit": _row,
    "priority": _priority,
    "kind": _kind,
    "tag": _word,
    "untag": _word,
}
VERBS = tuple(_CHECKS)
