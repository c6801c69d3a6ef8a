"""How the result of a complaint reaches the customer. The package that can send mail stands above this one and offers itself:

    offer(send)

`send(ticket, complaint, address, subject, text, by, now)` writes the message down in the caller's transaction, and returns its
Message-ID, by which the customer's answer finds the ticket.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.tickets.models import Complaint, Ticket

Send = Callable[[Ticket, Complaint, str, str, str, Any, datetime], str]

_ways: list[Send] = []


def offer(send: Send) -> None:
    """One sender; offered again by the same module, it takes the place of the older one."""
    if _ways and _ways[0].__module__ != send.__module__:
        raise ValueError("two packages send results of complaints")
    _ways[:] = [send]


def send(ticket: Ticket, complaint: Complaint, address: str, subject: str, text: str, by: Any, now: datetime) -> str:
    """Raises LookupError where no package sends mail."""
    if not _ways:
        raise LookupError("no package sends mail")
    return _ways[0](ticket, complaint, address, subject, text, by, now)


def way_for(ticket: Ticket, address: str) -> str:
    """As the customer wishes; by e-mail where they said nothing and there is an address, else by telephone. Who wishes e-mail and has no `address` is called."""
    wish = ticket.party.preferred_way if ticket.party is not None else ""
    if wish in (Party.Way.PHONE, Party.Way.POST):
        return wish
    return Party.Way.EMAIL if address else Party.Way.PHONE


def address_of(ticket: Ticket) -> str:
    """The customer's first e-mail address; "" when there is none."""
    if ticket.party_id is None:
        return ""
    emails = parties.profile(parties.root_id(ticket.party_id)).emails
    return emails[0].value if emails else ""
