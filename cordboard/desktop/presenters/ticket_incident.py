"""On a ticket's page: the mass incident that it belongs to, or tying it to one."""

from __future__ import annotations

from typing import Any

from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_incident import MassIncident
from cordboard.tickets.permissions_level import INCIDENTS
from cordboard.tickets.queries_incident import of_ticket

SHOWN = 20


_OPEN = Kept(lambda: MassIncident.objects.filter(state=MassIncident.State.OPEN)[:SHOWN])


def section(user: User, ticket: Ticket, language: str, *, problem: str = "", done: str = "") -> dict[str, Any] | None:
    """Two queries. None where it is tied to none and there is none to tie it to."""
    tied = of_ticket(ticket.pk)
    may = user_may(user, INCIDENTS) is not None
    open_ = _OPEN() if tied is None and may else []
    if tied is None and not open_ and not (problem or done):
        return None
    return {"template": "desktop/ticket/incident.html", "ticket": ticket, "tied": tied, "open": open_, "may": may, "problem": problem, "done": done}
