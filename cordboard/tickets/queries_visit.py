"""What visits were booked for."""

from __future__ import annotations

from django.db.models import Count

from cordboard.appointments.fitting import Matter
from cordboard.appointments.models import Appointment
from cordboard.lib.kept import Kept
from cordboard.tickets.models import Ticket, TicketInteraction

LATELY = 500
"""So many of the newest visits say what is usual."""
_NEWEST = Kept(
    lambda: Appointment.objects.exclude(state__in=(Appointment.State.HELD, Appointment.State.CANCELLED)).order_by("-pk").values_list("pk", flat=True)[:LATELY]
)
_ABOUT = ("kind__code", "of_ticket__ticket__kind", "of_ticket__ticket__reason", "of_ticket__ticket__product__product__family")


def booked_for() -> list[tuple[str, Matter, int]]:
    """(code of the kind of visit, matter, how often) of the newest visits. Two queries."""
    rows = Appointment.objects.filter(pk__in=list(_NEWEST())).values_list(*_ABOUT).annotate(n=Count("pk")).order_by()
    return [(code, Matter(kind or "", reason, family or ""), times) for code, kind, reason, family, times in rows]


def matter_of(ticket: int | None, interaction: int | None = None) -> Matter:
    """Of a ticket, else of the newest ticket of a contact. One query, none without either."""
    rows = Ticket.objects.none()
    if ticket is not None:
        rows = Ticket.objects.filter(pk=ticket)
    elif interaction is not None:
        rows = Ticket.objects.filter(pk__in=TicketInteraction.objects.filter(interaction=interaction).order_by("-pk").values("ticket")[:1])
    found = rows.values_list("kind", "reason", "product__product__family").first() if ticket is not None or interaction is not None else None
    return Matter(found[0], found[1], found[2] or "") if found is not None else Matter()
