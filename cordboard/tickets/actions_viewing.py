"""Who has a ticket open now. A page says so every HEARD; who is not heard of for EXPIRY has left."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.events import log
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.tickets.models import TicketViewer
from cordboard.tickets.queries import visible

HEARD = timedelta(seconds=20)
EXPIRY = timedelta(seconds=50)
FORGOTTEN = timedelta(days=1)


def here(user: User, ticket_id: int, *, writes: bool = False, now: datetime | None = None) -> None:
    """`user` has the ticket open, and writes on it or not. Only who comes, begins or stops writing is an event. Raises Ticket.DoesNotExist for one that they may not see, PermissionDenied."""
    require(user, "tickets.view")
    now = now or timezone.now()
    with transaction.atomic():
        ticket = visible(user).only("pk").get(pk=ticket_id)
        row = TicketViewer.objects.select_for_update().filter(ticket=ticket, user=user).first()
        news = row is None or row.seen_at < now - EXPIRY or row.writes != writes
        TicketViewer.objects.update_or_create(ticket=ticket, user=user, defaults={"seen_at": now, "writes": writes})
        if news:
            TicketViewer.objects.filter(ticket=ticket, seen_at__lt=now - FORGOTTEN).delete()
            log.record("tickets.viewing", actor=f"user:{user.pk}", ticket=ticket.pk, user=user.pk, on=True)


def gone(user: User, ticket_id: int) -> None:
    """The page was left."""
    with transaction.atomic():
        left, _rows = TicketViewer.objects.filter(ticket_id=ticket_id, user=user).delete()
        if left:
            log.record("tickets.viewing", actor=f"user:{user.pk}", ticket=ticket_id, user=user.pk, on=False)


def viewers(ticket_id: int, but: User, now: datetime) -> list[TicketViewer]:
    """The others who have it open, who writes first. One query."""
    return _VIEWERS(ticket_id, now - EXPIRY, but.pk)


_VIEWERS = Kept(
    lambda ticket, since, but: (
        TicketViewer.objects.filter(ticket=ticket, seen_at__gte=since).exclude(user=but).select_related("user").order_by("-writes", "user__name")
    )
)
