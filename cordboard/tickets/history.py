"""What tickets add to a customer's timeline, and how those opened for a wrong customer are put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import misdirected
from cordboard.interactions.history import Asked, Entry, source
from cordboard.lib.days import day
from cordboard.lib.kept import Kept
from cordboard.tickets import states
from cordboard.tickets.actions import move_to_party
from cordboard.tickets.models import Ticket, TicketMessage


def ticket_entries(asked: Asked) -> list[Entry]:
    """By title, text, number and notes. One query."""
    if not asked.q:
        found = _TICKETS(*asked.given, limit=asked.limit)
    else:
        noted = TicketMessage.objects.filter(ticket=OuterRef("pk"), text__icontains=asked.q)
        named = Q(title__icontains=asked.q) | Q(text__icontains=asked.q) | Exists(noted)
        rows = _tickets(*asked.given).filter(named | Q(number=int(asked.q)) if asked.q.isdecimal() and len(asked.q) < 18 else named)
        found = list(rows[: asked.limit])
    return [entry(ticket) for ticket in found]


def _tickets(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(party__in=parties)
    rows = rows if before is None else rows.filter(opened_at__lte=before)
    return rows.select_related("owner").order_by("-opened_at", "-pk")


_TICKETS = Kept(lambda parties, before=None, *, limit: _tickets(parties, before)[:limit])


def entry(ticket: Ticket) -> Entry:
    """A ticket, read with its owner, as an entry of a timeline."""
    is_open = ticket.state in states.OPEN
    parts = [str(ticket.get_state_display())]
    if is_open and ticket.due_at is not None:
        parts.append(_("due %(day)s") % {"day": day(ticket.due_at, timezone.localdate())})
    elif ticket.owner is not None:
        parts.append(str(ticket.owner))
    late = is_open and ticket.due_at is not None and ticket.due_at < timezone.now()
    return Entry(
        kind="ticket",
        id=ticket.pk,
        at=ticket.opened_at,
        title=ticket.title,
        detail=", ".join(parts),
        icon="ticket",
        tone="bad" if late else "due" if is_open else "",
        data={"number": ticket.number, "state": ticket.state},
    )


def _opened_in(interaction: int, party: int) -> Sequence[misdirected.Made]:
    rows = Ticket.objects.filter(contacts__interaction=interaction, party=party).order_by("pk")
    return [misdirected.Made("ticket", row.pk, _("Ticket %(number)s") % {"number": row.number}) for row in rows]


source("ticket", ticket_entries)
misdirected.register("ticket", _opened_in, move_to_party)

import cordboard.tickets.history_service  # noqa: E402, F401  cases and service orders
