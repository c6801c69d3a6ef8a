"""Visits of a ticket, in the right column of its page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from cordboard.appointments.models import Appointment
from cordboard.appointments.permissions import BOOK, VIEW
from cordboard.desktop.presenters import appointments as present
from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets.models import Ticket
from cordboard.tickets.permissions_service import ORDERS

_VISITS = Kept(
    lambda ticket: Appointment.objects.filter(of_ticket__ticket=ticket).select_related("kind", "staff__user", "party", "of_order__order").order_by("starts_at")
)


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """One query. Nothing for those who may see no calendars."""
    if user_may(user, VIEW) is None:
        return None
    rows = _VISITS(ticket.pk)
    may_orders = user_may(user, ORDERS) is not None
    may = user_may(user, BOOK) is not None and ticket.party_id is not None
    query = urlencode({"party": ticket.party_id, "ticket": ticket.pk})
    return {
        "template": "desktop/ticket/appointments.html",
        "visits": [{**present.listed(row, language, timezone.now()), "order": _order(row) if may_orders else None} for row in rows],
        "book_url": f"{reverse('desktop:appointment_new')}?{query}" if may else "",
    }


def _order(row: Appointment) -> dict[str, Any] | None:
    """The service order of a visit that was read with it."""
    tie = getattr(row, "of_order", None)
    return {"number": tie.order.number, "url": reverse("desktop:service_order", args=[tie.order.number])} if tie is not None else None
