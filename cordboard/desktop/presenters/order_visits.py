"""Visits beside service orders: the visit of an order, the order of a visit, visits that have none yet, and those that somebody who leaves hands over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.appointments import handover
from cordboard.appointments.models import Appointment
from cordboard.appointments.permissions import BOOK, VIEW
from cordboard.desktop.presenters import appointments as present
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets import order_states, queries_order
from cordboard.tickets.models_order import ServiceOrder
from cordboard.tickets.permissions_service import ORDERS

MOST = 60
TO_COME = (order_states.PLANNED, order_states.ON_THE_WAY, order_states.WORKING)
"""In these somebody still has to come, or come again."""


def of_order(user: User, order: ServiceOrder, language: str, now: datetime) -> dict[str, Any]:
    """The visits of an order, the newest first, and where another is booked. At most two queries."""
    rows = queries_order.visits_of(order) if user_may(user, VIEW) is not None else []
    booked = any(row.state == Appointment.State.BOOKED for row in rows)
    may = not booked and order.state in TO_COME and user_may(user, BOOK) is not None
    query = urlencode({"party": order.party_id, "order": order.number, **({"ticket": order.ticket_id} if order.ticket_id else {})})
    return {
        "visits": [present.listed(row, language, now) for row in rows],
        "visit_booked": booked,
        "book_url": f"{reverse('desktop:appointment_new')}?{query}" if may else "",
    }


def of_visit(user: User, row: Appointment) -> dict[str, Any]:
    """The service order of a visit, or whether one can be made. One query."""
    if user_may(user, ORDERS) is None:
        return {"order": None, "may_order": False}
    order = queries_order.of_appointment(user, row.pk)
    lives = row.state not in (Appointment.State.CANCELLED, Appointment.State.HELD)
    return {"order": order, "may_order": order is None and lives and row.party_id is not None and row.kind.on_site}


def without_order(user: User, language: str, now: datetime) -> list[dict[str, Any]]:
    """The reader's own visits of today and tomorrow that have no service order yet. One query."""
    return [present.listed(row, language, now) for row in queries_order.visits_without(user, now)]


def to_hand_over(agent: int, takers: Sequence[User], now: datetime) -> list[dict[str, Any]]:
    """Visits of somebody who leaves, each with who of the colleagues is free then. At most fifteen queries."""
    language = translation.get_language() or "en"
    rows = list(handover.visits(agent, now).select_related("kind", "party", "staff__user")[:MOST])
    names = {one.pk: str(one) for one in takers}
    able = handover.able([row.pk for row in rows], list(names), now)
    return [
        {
            **present.listed(row, language, now),
            "free": _("Free then: %(names)s.") % {"names": ", ".join(names[one] for one in able[row.pk])} if able.get(row.pk) else "",
        }
        for row in rows
    ]
