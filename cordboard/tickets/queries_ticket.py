"""All that a ticket's own page shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cordboard.interactions.models import ContextValue
from cordboard.lib.kept import Kept
from cordboard.org.models import Position, User
from cordboard.org.permissions import sight
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
from cordboard.tickets.queries import VIEW, seen_by
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


_WITH = ("party", "owner", "unit", "opened_by", "reason__parent", "product__product", "order", "merged_into", "asked")
_TICKET = Kept(lambda number, *who, scope: seen_by(scope, who).select_related(*_WITH).filter(number=number))
_MESSAGES = Kept(lambda ticket: TicketMessage.objects.filter(ticket=ticket).select_related("author", "party").order_by("-pk")[: MOST_MESSAGES + 1])
_CONTACTS = Kept(
    lambda ticket: TicketInteraction.objects.filter(ticket=ticket).select_related("interaction__agent", "interaction__thread").order_by("at", "pk")
)
_FILES = Kept(lambda ticket, user: TicketAttachment.objects.filter(ticket=ticket).filter(Q(message__isnull=False) | Q(by=user)))
_WATCHERS = Kept(lambda ticket: TicketWatcher.objects.filter(ticket=ticket).select_related("user").order_by("user__name"))
_TAGS = Kept(lambda ticket: TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True))
_CHECKS = Kept(lambda ticket: TicketCheck.objects.filter(ticket=ticket).select_related("done_by"))
_LINKS = Kept(lambda ticket: TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket)).select_related("ticket", "other").order_by("pk"))
_MOVES = Kept(lambda ticket: TicketMove.objects.filter(Q(source=ticket) | Q(target=ticket), undone_at=None).select_related("source", "target", "by"))
_CHANGES = Kept(
    lambda ticket: TicketChange.objects.filter(ticket=ticket).select_related("by", "old_owner", "new_owner", "unit").order_by("-at", "-pk")[:MOST_CHANGES]
)
_DRAFT = Kept(lambda ticket, user: TicketDraft.objects.filter(ticket=ticket, user=user))
_CONTEXT = Kept(lambda contacts: ContextValue.objects.filter(interaction__in=contacts, value__isnull=False).order_by("pk")[:200])


_PARTS: dict[str, QuerySet[Any]] = {
    "contacts": TicketInteraction.objects.filter(ticket=OuterRef("pk")),
    "files": TicketAttachment.objects.filter(ticket=OuterRef("pk")),
    "watchers": TicketWatcher.objects.filter(ticket=OuterRef("pk")),
    "tags": TicketTag.objects.filter(ticket=OuterRef("pk")),
    "checks": TicketCheck.objects.filter(ticket=OuterRef("pk")),
    "links": TicketLink.objects.filter(Q(ticket=OuterRef("pk")) | Q(other=OuterRef("pk"))),
    "moves": TicketMove.objects.filter(Q(source=OuterRef("pk")) | Q(target=OuterRef("pk"))),
    "draft": TicketDraft.objects.filter(ticket=OuterRef("pk")),
    "viewers": TicketViewer.objects.filter(ticket=OuterRef("pk")),
}
_HAS = Kept(lambda ticket: Ticket.objects.filter(pk=ticket).values_list(*(Exists(rows) for rows in _PARTS.values())))
"""Which parts there are at all: most tickets have few, and each that is not asked for is a way to the database less."""


def page(user: User, number: int, now: datetime) -> Page:
    """By its number. At most fifteen queries, six where nothing stands around it. Raises Ticket.DoesNotExist, also when the user may not see it."""
    scope, who = sight(user, VIEW)
    ticket = _TICKET.first(number, *who, scope=scope) if scope else None
    if ticket is None:
        raise Ticket.DoesNotExist(number)
    messages = _MESSAGES(ticket.pk)
    has = dict(zip(_PARTS, _HAS.first(ticket.pk) or [False] * len(_PARTS), strict=True))
    contacts = _CONTACTS(ticket.pk) if has["contacts"] else []
    return Page(
        ticket=ticket,
        terms=terms_of(ticket.kind) or usual_terms(ticket.kind),
        messages=messages[:MOST_MESSAGES][::-1],
        more=len(messages) > MOST_MESSAGES,
        files=_FILES(ticket.pk, user.pk) if has["files"] else [],
        contacts=contacts,
        context=_context([one.interaction_id for one in contacts]),
        watchers=_WATCHERS(ticket.pk) if has["watchers"] else [],
        tags=_TAGS(ticket.pk) if has["tags"] else [],
        checks=_CHECKS(ticket.pk) if has["checks"] else [],
        links=_LINKS(ticket.pk) if has["links"] else [],
        moves=_MOVES(ticket.pk) if has["moves"] else [],
        changes=_CHANGES(ticket.pk),
        draft=_DRAFT.first(ticket.pk, user.pk) if has["draft"] else None,
        viewers=viewers(ticket.pk, user, now) if has["viewers"] else [],
    )


def _context(contacts: list[int]) -> list[ContextValue]:
    """What the contacts told, the newest value of each name."""
    newest: dict[str, Any] = {}
    for one in _CONTEXT(contacts):
        newest[one.name] = one
    return list(newest.values())


_OF_UNIT = Kept(lambda unit: User.objects.filter(is_active=True, unit=unit).order_by("name").values_list("pk", "name")[:200])
_EVERYBODY = Kept(lambda: User.objects.filter(is_active=True).order_by("name").values_list("pk", "name")[:200])
_POSITIONS = Kept(lambda *unit: (Position.objects.filter(unit=unit[0]) if unit else Position.objects.all()).order_by("name").values_list("pk", "name")[:200])


def colleagues(user: User) -> list[tuple[int, str]]:
    """Whom a ticket may be given to: the active people of one's unit, all where one has none. One query."""
    return _OF_UNIT(user.unit_id) if user.unit_id is not None else _EVERYBODY()


def positions(user: User) -> list[tuple[int, str]]:
    """In whose work list a ticket may wait: the positions of one's unit, all where one has none. One query."""
    return _POSITIONS(*(() if user.unit_id is None else (user.unit_id,)))


def number_of(typed: str) -> int | None:
    """A ticket's number as people write it (10 042, #10042)."""
    digits = "".join(sign for sign in typed if sign.isdecimal())
    return int(digits) if 0 < len(digits) <= 18 else None
