"""What every change of a ticket leaves: its event, with the topics that lists need, and the line between what was written. In the caller's transaction, by which the
ticket itself was changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from cordboard.events import log
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_change import TicketChange

What = TicketChange.What
SHOWN = ("kind", "priority", "unit")
"""Fields whose change stands in the conversation; the other ones are told to the log alone."""


def about(ticket: Ticket) -> dict[str, Any]:
    """Whose it is and in whose lists it stands, as events of tickets have it."""
    return {"ticket": ticket.pk, "party": ticket.party_id, "owner": ticket.owner_id, "unit": ticket.unit_id, "position": ticket.position_id}


def by(actor: str) -> int | None:
    """The number of the person whom the log calls "user:7"; None for all else."""
    return int(actor.removeprefix("user:")) if actor.startswith("user:") else None


def line(ticket: Ticket, what: str, *, actor: str, now: datetime | None = None, **values: Any) -> TicketChange:
    """A line that is not saved yet."""
    return TicketChange(ticket=ticket, what=what, at=now or timezone.now(), actor=actor, by_id=by(actor), **values)


def state(ticket: Ticket, old: str, here: str, *, actor: str, now: datetime | None = None, why: str = "") -> None:
    """From one of the five states `old` to the ticket's own; `here` is the code of the kind's own state before."""
    log.record("tickets.state_changed", actor=actor, why=why, **about(ticket), old=old, new=ticket.state)
    line(ticket, What.STATE, actor=actor, now=now, old=here, new=ticket.stage or ticket.state, why=why[:200]).save()


def owner(ticket: Ticket, old: int | None, *, actor: str, old_unit: int | None = None, now: datetime | None = None, why: str = "", quiet: bool = False) -> None:
    """From the owner `old` to the ticket's own; `old_unit`: in whose list it stood. `quiet`: a step before a deadline did it, and has a line of its own."""
    log.record("tickets.given", actor=actor, why=why, **about(ticket), old=old, old_unit=old_unit)
    if not quiet:
        values = {"position": str(ticket.position)} if ticket.owner_id is None and ticket.position is not None else {}
        line(
            ticket, What.OWNER, actor=actor, now=now, old_owner_id=old, new_owner_id=ticket.owner_id, unit_id=ticket.unit_id, why=why[:200], values=values
        ).save()


def edited(
    ticket: Ticket, fields: list[str], old: Mapping[str, Any] | None = None, *, actor: str, now: datetime | None = None, why: str = "", quiet: bool = False
) -> None:
    """These fields are otherwise; `old` has what those of SHOWN were (unit by its number)."""
    before = old or {}
    log.record("tickets.edited", actor=actor, why=why, **about(ticket), fields=fields, old_unit=before.get("unit"))
    made = []
    for what in SHOWN:
        if quiet or what not in fields or what not in before:
            continue
        if what == "unit":
            made.append(line(ticket, what, actor=actor, now=now, unit_id=ticket.unit_id))
        else:
            made.append(line(ticket, what, actor=actor, now=now, old=str(before[what]), new=str(getattr(ticket, what))))
    TicketChange.objects.bulk_create(made)
