"""Service orders and replies begun in the work lists: both are one's own, and done where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cordboard.lib.kept import Kept
from cordboard.org.permissions import user_may
from cordboard.org.worklist import Asked, Kind, Open, Row, offer
from cordboard.tickets import order_states
from cordboard.tickets.models_message import TicketDraft
from cordboard.tickets.models_order import ServiceOrder
from cordboard.tickets.permissions_service import ORDERS as RIGHT
from cordboard.tickets.queries_order import visible

AHEAD = timedelta(days=7)
ORDERS = (
    "pk", "number", "title", "due", "technician", "technician__name", "unit__name", "party", "party__name", "state", "opened_at", "planned_until",
)  # fmt: skip


def _orders(until: datetime, *who: Any, which: str, most: int) -> QuerySet[ServiceOrder, Any]:
    rows = _soon(ServiceOrder.objects.all(), until)
    if which == "mine":
        rows = rows.filter(technician__in=who[0])
    elif which == "unit":
        rows = rows.filter(unit=who[0])
    else:
        rows = rows.filter(Q(technician=None) | Q(technician=who[0]), unit=who[1])
    return _first(rows, most)


def _soon(rows: QuerySet[ServiceOrder], until: datetime) -> QuerySet[ServiceOrder]:
    return rows.filter(Q(planned_at=None) | Q(planned_at__lt=until), state__in=order_states.OPEN)


def _first(rows: QuerySet[ServiceOrder], most: int) -> QuerySet[ServiceOrder, Any]:
    return rows.annotate(due=Coalesce("planned_at", "opened_at")).order_by("due", "pk").values_list(*ORDERS)[:most]


_ORDERS = Kept(_orders)
_DRAFTS = Kept(
    lambda user, *, most: (
        TicketDraft.objects.filter(user=user, ticket__resolved_at=None)
        .exclude(text="")
        .order_by("at", "pk")
        .values_list("pk", "ticket__number", "ticket__title", "ticket__party", "ticket__party__name", "at")[:most]
    )
)


def orders(asked: Asked, most: int) -> list[Row]:
    """Those of the days to come, those without a time, and those that were not confirmed; of a position those of its holders. Due when they are planned, else since they were opened. One query."""
    scope = user_may(asked.user, RIGHT)
    if scope is None:
        return []
    now = timezone.now()
    match asked.which:
        case "mine":
            found = _ORDERS(now + AHEAD, list(asked.people), which="mine", most=most)
        case "position" if asked.position is not None:
            found = list(_first(_soon(visible(asked.user), now + AHEAD).filter(technician__position=asked.position), most))
        case "unit" if asked.unit is not None:
            found = (
                _ORDERS(now + AHEAD, asked.unit, which="unit", most=most)
                if scope != "own"
                else _ORDERS(now + AHEAD, asked.user.pk, asked.unit, which="unit_own", most=most)
            )
        case _:
            return []
    states = dict(ServiceOrder.State.choices)
    return [
        Row(
            kind="order", number=pk, ref=str(number), title=title, due=until if until is not None and due < now <= until else due, priority=4, owner=technician,
            owner_name=name or "", stands=unit or "", party=party, party_name=party_name or "", what=str(_("Service order")),
            state=str(states.get(state, state)), made=made, takes=False,
        )
        for pk, number, title, due, technician, name, unit, party, party_name, state, made, until in found
    ]  # fmt: skip


def orders_of(people: Sequence[int]) -> Iterable[Open]:
    """One query."""
    rows = ServiceOrder.objects.filter(technician__in=people, state__in=order_states.OPEN)
    found: Iterable[Open] = rows.values_list("technician_id", "opened_at", "planned_at")
    return found


def drafts(asked: Asked, most: int) -> list[Row]:
    """Replies that the reader began and did not send, the oldest first. One query."""
    if asked.which != "mine" or user_may(asked.user, "tickets.view") is None:
        return []
    return [
        Row(
            kind="draft", number=pk, ref=str(number), title=title, priority=5, owner=asked.user.pk, party=party, party_name=name or "", what=str(_("Draft")),
            state=str(_("not sent")), made=at, takes=False,
        )
        for pk, number, title, party, name, at in _DRAFTS(asked.user.pk, most=most)
    ]  # fmt: skip


offer(Kind("order", _("Service orders"), orders, open_of=orders_of, order=27))
offer(Kind("draft", _("Drafts"), drafts, order=60))
