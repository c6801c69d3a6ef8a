"""All that a ticket's own page shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from cordboard.interactions.models import ContextValue
from cordboard.org.models import Position, User
from cordboard.tickets.actions_viewing import viewers
from cordboard.tickets.models import (
    Ticket,
    TicketAttachment,
    TicketChange,
    TicketCheck,
    TicketDraft,
    TicketInteraction,
    TicketLink,
    TicketMessage,
    TicketMove,
    TicketTag,
    TicketViewer,
    TicketWatcher,
)
from cordboard.tickets.queries import visible
from cordboard.tickets.queries_kind import Terms, terms_of, usual_terms

MOST_MESSAGES = 300
"""The newest; a ticket with more says so."""
MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class Page:
    ticket: Ticket
    terms: Terms
    messages: list[TicketMessage]
    more: bool
    """There are older ones."""
    files: list[TicketAttachment]
    contacts: list[TicketInteraction]
    context: list[ContextValue]
    watchers: list[TicketWatcher]
    tags: list[str]
    checks: list[TicketCheck]
    links: list[TicketLink]
    moves: list[TicketMove]
    """Merges and splits into or out of it that stand."""
    changes: list[TicketChange]
    """of state, owner, priority and so on, the newest of them"""
    draft: TicketDraft | None
    viewers: list[TicketViewer]


def page(user: User, number: int, now: datetime) -> Page:
    """By its number. Fourteen queries. Raises Ticket.DoesNotExist, also when the user may not see it."""
    rows = visible(user).select_related("party", "owner", "unit", "opened_by", "reason__parent", "product__product", "order", "merged_into", "asked")
    ticket = rows.get(number=number)
    messages = list(TicketMessage.objects.filter(ticket=ticket).select_related("author", "party").order_by("-pk")[: MOST_MESSAGES + 1])
    contacts = list(TicketInteraction.objects.filter(ticket=ticket).select_related("interaction__agent", "interaction__thread").order_by("at", "pk"))
    return Page(
        ticket=ticket,
        terms=terms_of(ticket.kind) or usual_terms(ticket.kind),
        messages=messages[:MOST_MESSAGES][::-1],
        more=len(messages) > MOST_MESSAGES,
        files=list(TicketAttachment.objects.filter(ticket=ticket).filter(Q(message__isnull=False) | Q(by=user))),
        contacts=contacts,
        context=_context([one.interaction_id for one in contacts]),
        watchers=list(TicketWatcher.objects.filter(ticket=ticket).select_related("user").order_by("user__name")),
        tags=list(TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True)),
        checks=list(TicketCheck.objects.filter(ticket=ticket).select_related("done_by")),
        links=list(TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket)).select_related("ticket", "other").order_by("pk")),
        moves=list(TicketMove.objects.filter(Q(source=ticket) | Q(target=ticket), undone_at=None).select_related("source", "target", "by")),
        changes=list(TicketChange.objects.filter(ticket=ticket).select_related("by", "old_owner", "new_owner", "unit").order_by("-at", "-pk")[:MOST_CHANGES]),
        draft=TicketDraft.objects.filter(ticket=ticket, user=user).first(),
        viewers=viewers(ticket.pk, user, now),
    )


def _context(contacts: list[int]) -> list[ContextValue]:
    """What the contacts told, the newest value of each name."""
    newest: dict[str, Any] = {}
    for one in ContextValue.objects.filter(interaction__in=contacts, value__isnull=False).order_by("pk")[:200]:
        newest[one.name] = one
    return list(newest.values())


def colleagues(user: User) -> list[tuple[int, str]]:
    """Whom a ticket may be given to: the active people of one's unit, all where one has none. One query."""
    rows = User.objects.filter(is_active=True)
    rows = rows.filter(unit=user.unit_id) if user.unit_id is not None else rows
    return list(rows.order_by("name").values_list("pk", "name")[:200])


def positions(user: User) -> list[tuple[int, str]]:
    """In whose work list a ticket may wait: the positions of one's unit, all where one has none. One query."""
    rows = Position.objects.filter(unit=user.unit_id) if user.unit_id is not None else Position.objects.all()
    return list(rows.order_by("name").values_list("pk", "name")[:200])


def number_of(typed: str) -> int | None:
    """A ticket's number as people write it (10 042, #10042)."""
    digits = "".join(sign for sign in typed if sign.isdecimal())
    return int(digits) if 0 < len(digits) <= 18 else None
