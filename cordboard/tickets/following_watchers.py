"""Whoever follows a ticket hears what becomes of it: answered, another state, owner or level, merged, a deadline missed. What the customer writes and who is named with @ is told at
once, where it happens; notes, tags, checklists and the like are no news for others.

In the worker, from the log. Each event is told once, whatever dies in between: what was told is a row of the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.org.models import Unit, User
from cordboard.tickets.models import Ticket, TicketTold
from cordboard.tickets.models_sla import TicketClock
from cordboard.tickets.telling import Words, tell, watchers

KEPT = timedelta(days=7)
"""How long it is remembered what was told: longer than an event may be tried again."""


def _state(ticket: Ticket, body: dict[str, Any]) -> Words | None:
    """To wait for the customer comes with a reply, of which they hear."""
    new = body["new"]
    return (lambda: _("It is now: %(state)s.") % {"state": Ticket.State(new).label}) if new != Ticket.State.WAITING else None


def _given(ticket: Ticket, body: dict[str, Any]) -> Words | None:
    owner = User.objects.filter(pk=body["owner"]).first() if body["owner"] is not None else None
    return (lambda: _("%(name)s owns it now.") % {"name": owner}) if owner is not None else lambda: _("Nobody owns it now.")


def _handed_on(ticket: Ticket, body: dict[str, Any]) -> Words | None:
    unit = Unit.objects.filter(pk=body["unit"]).first() if body["unit"] is not None else None
    values = {"rank": body["to_rank"], "unit": unit or ""}
    return (lambda: _("It went to level %(rank)s, %(unit)s.") % values) if unit is not None else lambda: _("It went to level %(rank)s.") % values


def _merged(ticket: Ticket, body: dict[str, Any]) -> Words | None:
    number = Ticket.objects.values_list("number", flat=True).get(pk=body["ticket"])
    return lambda: _("Ticket %(number)s was merged into it.") % {"number": number}


def _breached(ticket: Ticket, body: dict[str, Any]) -> Words | None:
    kind = TicketClock.Kind(body["kind"])
    return lambda: _("A deadline was missed: %(clock)s.") % {"clock": kind.label}


NEWS: dict[str, Callable[[Ticket, dict[str, Any]], Words | None]] = {
    "tickets.replied": lambda ticket, body: lambda: _("The customer was answered."),
    "tickets.state_changed": _state,
    "tickets.given": _given,
    "tickets.handed_on": _handed_on,
    "tickets.merged": _merged,
    "tickets.breached": _breached,
}


def follow(event: FeedEvent) -> None:
    """The customer's own doing is told where it happens (actions_message.receive_reply)."""
    if event.actor == "customer":
        return
    now = timezone.now()
    with transaction.atomic():
        number = event.body["other"] if event.kind == "tickets.merged" else event.body["ticket"]
        ticket = Ticket.objects.filter(pk=number).first()
        actor = event.actor.removeprefix("user:") if event.actor.startswith("user:") else ""
        people = {one for one in watchers(ticket) if str(one) != actor} if ticket is not None else set()
        words = NEWS[event.kind](ticket, event.body) if ticket is not None and people else None
        if ticket is None or words is None:
            return
        if not TicketTold.objects.get_or_create(event=event.id, defaults={"at": now})[1]:
            return
        TicketTold.objects.filter(at__lt=now - KEPT).delete()
        tell(User.objects.filter(pk=actor).first() if actor else None, ticket, people, words, now)


subscribe("tickets.watchers", NEWS, follow)
