"""What the holder of a link reads of a ticket: replies and what they wrote themselves, never notes among colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cordboard.parties import queries as parties
from cordboard.tickets.actions_access import number_in
from cordboard.tickets.models import Ticket, TicketAccess, TicketAttachment, TicketMessage

READ_FOR = timedelta(days=365)
"""So long after it was resolved a ticket can be read by its link."""
MOST = 200
"""The newest messages of one page."""
PUBLIC = (TicketMessage.Kind.REPLY, TicketMessage.Kind.RECEIVED)


class NoAccess(Exception):
    """The link opens nothing; `code` says why: "no_such" (none of ours), "withdrawn" (somebody took it back), "over" (the ticket was done long ago)."""

    def __init__(self, code: str, language: str = "") -> None:
        self.code = code
        self.language = language
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Said:
    message: TicketMessage
    files: tuple[TicketAttachment, ...]

    @property
    def ours(self) -> bool:
        """The centre wrote it."""
        return self.message.kind == TicketMessage.Kind.REPLY


@dataclass(frozen=True, slots=True)
class Conversation:
    """`about`: the ticket that the customer knows. `ticket`: where its work goes on, the same unless it was merged. `whole`: they read all that is public of it; else what went between
    their own address and us, because it is another customer's as well."""

    access: TicketAccess
    about: Ticket
    ticket: Ticket
    whole: bool
    said: tuple[Said, ...]
    more: bool
    """There are older messages."""

    @property
    def shown(self) -> Ticket:
        """Whose number and title they see."""
        return self.ticket if self.whole else self.about

    @property
    def language(self) -> str:
        """Theirs; empty where nobody knows."""
        known = self.about.party.languages if self.about.party is not None else []
        return self.access.language or (known[0] if known else "")

    @property
    def timezone(self) -> str:
        """By whose clock they read: their own, else that of the unit that answers."""
        own = self.about.party.timezone if self.about.party is not None else ""
        return own or (self.ticket.unit.timezone if self.ticket.unit is not None else "") or "UTC"


def conversation(token: str, now: datetime) -> Conversation:
    """At most seven queries, and one for each ticket that it was merged into. Raises NoAccess."""
    row, about, ticket = opened(token, now)
    whole = _whole(row, about, ticket)
    messages = ticket.messages.filter(kind__in=PUBLIC)
    if not whole:
        messages = messages.filter(address__iexact=row.address)
    newest = list(messages.order_by("-at", "-pk")[: MOST + 1])
    shown = newest[:MOST][::-1]
    files: dict[int, list[TicketAttachment]] = {}
    for one in TicketAttachment.objects.filter(message__in=[one.pk for one in shown]).order_by("pk"):
        files.setdefault(one.message_id or 0, []).append(one)
    return Conversation(row, about, ticket, whole, tuple(Said(one, tuple(files.get(one.pk, ()))) for one in shown), len(newest) > MOST)


def opened(token: str, now: datetime) -> tuple[TicketAccess, Ticket, Ticket]:
    """What the link is of: its row, the ticket that it was made for, and where its work goes on. Raises NoAccess."""
    number = number_in(token)
    row = TicketAccess.objects.select_related("ticket__party", "ticket__unit").filter(pk=number).first() if number is not None else None
    if row is None:
        raise NoAccess("no_such")
    if row.withdrawn_at is not None:
        raise NoAccess("withdrawn", row.language)
    ticket = row.ticket
    while ticket.merged_into_id is not None:
        ticket = Ticket.objects.select_related("party", "unit").get(pk=ticket.merged_into_id)
    if ticket.resolved_at is not None and now - ticket.resolved_at > READ_FOR:
        raise NoAccess("over", row.language)
    return row, row.ticket, ticket


def _whole(row: TicketAccess, about: Ticket, ticket: Ticket) -> bool:
    """Whether the ticket is still the business of the one who has the link: nobody else's ticket by a merge, and of no other customer than when the link was made."""
    if ticket.pk == about.pk and ticket.party_id == row.party_id:
        return True
    if ticket.party_id is None:
        return False
    if row.party_id is not None and parties.root_id(row.party_id) == parties.root_id(ticket.party_id):
        return True
    return any(point.value.lower() == row.address for point in parties.profile(ticket.party_id).emails)


def file_of(token: str, number: int, now: datetime) -> TicketAttachment | None:
    """A file that is shown to the holder of this link. Raises NoAccess."""
    row, about, ticket = opened(token, now)
    found = TicketAttachment.objects.select_related("message").filter(pk=number, message__ticket=ticket, message__kind__in=PUBLIC).first()
    if found is None or found.message is None:
        return None
    return found if _whole(row, about, ticket) or found.message.address.lower() == row.address else None
