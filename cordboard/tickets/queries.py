"""Reading tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from cordboard.org.models import User
from cordboard.org.permissions import sight
from cordboard.tickets import states
from cordboard.tickets.models import Ticket, TicketInteraction, TicketMessage

VIEW = "tickets.view"


def visible(user: User) -> QuerySet[Ticket]:
    """The tickets that `user` may see: own (owner or opener), of the unit, or all. No query yet."""
    return seen_by(*sight(user, VIEW))


def seen_by(scope: str, who: Sequence[int]) -> QuerySet[Ticket]:
    """The tickets within a sight (`org.permissions.sight`), for kept queries. No query yet."""
    match scope, *who:
        case ("all",):
            return Ticket.objects.all()
        case "unit", user, unit:
            return Ticket.objects.filter(Q(owner=user) | Q(opened_by=user) | Q(unit=unit))
        case "own", user:
            return Ticket.objects.filter(Q(owner=user) | Q(opened_by=user))
    return Ticket.objects.none()


def of_party(party_ids: Sequence[int], *, only_open: bool = False, limit: int = 50) -> list[Ticket]:
    """A customer's tickets, open ones by their deadline first, then the rest from the newest. One query."""
    rows = Ticket.objects.filter(party__in=party_ids).select_related("owner", "reason", "product__product")
    if only_open:
        rows = rows.filter(state__in=states.OPEN)
    found = list(rows.order_by("-opened_at", "-pk")[:limit])
    return sorted(found, key=lambda one: (one.state not in states.OPEN, one.due_at.timestamp() if one.state in states.OPEN and one.due_at else 0.0))


@dataclass(frozen=True, slots=True)
class Open:
    """For the account bar: how many are open, and the one due first."""

    count: int
    due_at: datetime | None
    waiting: int
    """for the customer"""


def open_of_party(party_ids: Sequence[int]) -> Open:
    """One query."""
    row = Ticket.objects.filter(party__in=party_ids, state__in=states.OPEN).aggregate(
        count=Count("pk"), due=Min("due_at"), waiting=Count("pk", filter=Q(state=Ticket.State.WAITING))
    )
    return Open(row["count"], row["due"], row["waiting"])


@dataclass(frozen=True, slots=True)
class Detail:
    ticket: Ticket
    notes: list[TicketMessage]
    contacts: list[TicketInteraction]
    may_become: list[tuple[str, str]]
    """states that may follow, with their words"""


def detail(user: User, ticket_id: int) -> Detail:
    """One ticket with its notes and contacts. Three queries. Raises Ticket.DoesNotExist, also when the user may not see it."""
    return _detail(visible(user).filter(pk=ticket_id))


def detail_by_number(user: User, number: int) -> Detail:
    """The same by the number that people know it by."""
    return _detail(visible(user).filter(number=number))


def _detail(rows: QuerySet[Ticket]) -> Detail:
    ticket = rows.select_related("party", "owner", "unit", "opened_by", "reason__parent", "product__product").get()
    return Detail(
        ticket=ticket,
        notes=list(ticket.messages.select_related("author", "party").order_by("pk")),
        contacts=list(ticket.contacts.select_related("interaction__agent").order_by("at")),
        may_become=[(state, str(label)) for state, label in Ticket.State.choices if states.may_follow(state, ticket.state)],
    )


def mine(user: User, *, limit: int = 100) -> list[Ticket]:
    """The user's own open tickets, the first due first. One query."""
    rows = Ticket.objects.filter(owner=user, state__in=states.OPEN).select_related("party", "reason")
    return list(rows.order_by("due_at", "priority", "pk")[:limit])


def late(now: datetime, owner: User | None = None) -> int:
    """How many open tickets are past their time. One query."""
    rows = Ticket.objects.filter(state__in=states.OPEN, due_at__lt=now)
    return (rows.filter(owner=owner) if owner else rows).count()
