"""The links by which customers read what is public of their tickets and answer. The token is signed and says nothing but which row it is; what it opens stands in the row and in the
ticket, so that it is the same in every mail to the same address and follows the ticket through merges (queries_access.py)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin

from django.core import signing
from django.urls import reverse

from cordboard.lib.config import config
from cordboard.tickets.models import Ticket, TicketAccess

SALT = "cordboard.ticket"


def access(ticket: Ticket, address: str, *, language: str = "", now: datetime) -> TicketAccess:
    """The way of this address into the ticket, made where there is none. In the caller's transaction."""
    made: TicketAccess
    made, _new = TicketAccess.objects.get_or_create(
        ticket=ticket, address=address.strip().lower()[:254], defaults={"party_id": ticket.party_id, "language": language, "made_at": now}
    )
    return made


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
