"""The links by which customers read what is public of their tickets and answer. The token is signed and says nothing but which row it is; what it opens stands in the row and in the
ticket, so that it is the same in every mail to the same address and follows the ticket through merges (queries_access.py)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin

from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cordboard.events import log
from cordboard.lib.config import config
from cordboard.org.models import User
from cordboard.tickets import changes
from cordboard.tickets.actions import may_change
from cordboard.tickets.models import Ticket, TicketAccess

SALT = "cordboard.ticket"


def access(ticket: Ticket, address: str, *, language: str = "", now: datetime) -> TicketAccess:
    """The way of this address into the ticket, made where there is none. In the caller's transaction."""
    made: TicketAccess
    made, _new = TicketAccess.objects.get_or_create(
        ticket=ticket, address=address.strip().lower()[:254], withdrawn_at=None, defaults={"party_id": ticket.party_id, "language": language, "made_at": now}
    )
    return made


def withdraw(user: User, ticket_id: int, access_id: int, *, now: datetime | None = None) -> TicketAccess:
    """This link of the ticket's, or of one that was merged into it, opens nothing from now on. Withdrawn before, it stays as it is. Raises PermissionDenied, TicketAccess.DoesNotExist,
    Ticket.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        row: TicketAccess = ways_in(ticket).select_for_update(of=("self",)).get(pk=access_id)
        if row.withdrawn_at is None:
            row.withdrawn_at, row.withdrawn_by = now, user
            row.save(update_fields=["withdrawn_at", "withdrawn_by"])
            actor = f"user:{user.pk}"
            changes.line(ticket, changes.What.LINK, actor=actor, now=now, why=row.address[:200]).save()
            log.record("tickets.link_withdrawn", actor=actor, **changes.about(ticket), access=row.pk)
    return row


def ways_in(ticket: Ticket) -> QuerySet[TicketAccess]:
    """Links into its conversation: its own, and those of tickets merged into it. No query yet."""
    return TicketAccess.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket)).order_by("pk")


def token_of(row: TicketAccess) -> str:
    return signing.Signer(salt=SALT).sign(str(row.pk))


def link_of(row: TicketAccess) -> str:
    """The address of its page, for a message."""
    return urljoin(config().link, reverse("portals:ticket", args=[token_of(row)]))


def number_in(token: str) -> int | None:
    """Which row a token is of; None for one that is not ours."""
    try:
        return int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
