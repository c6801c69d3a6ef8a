"""Reading callbacks for the screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.routing.models import Callback, Outgoing, Queue
from cordboard.routing.permissions import AGENT, CALLBACKS

SHOWN = 200
"""Rows of a list at most; the oldest due first."""
LOOK_AGAIN = (Callback.State.FAILED, Callback.State.EXPIRED)


def visible(user: Any) -> QuerySet[Callback]:
    """Those that the user may see and touch, as `actions_worklist.may`."""
    rows = Callback.objects.all()
    stands = Q(owner=None, position=user.position_id) if user.position_id is not None else Q(pk__in=[])
    match user_may(user, CALLBACKS):
        case "all":
            return rows
        case "unit" if user.unit_id is not None:
            return rows.filter(Q(owner=user.pk) | Q(queue__unit=user.unit_id) | Q(owner__unit=user.unit_id) | stands)
        case "own" | "unit":
            return rows.filter(Q(owner=user.pk) | Q(owner=None, queue__in=Queue.objects.filter(members__agent=user.pk)) | stands)
    return rows.none()


def worklist(user: Any, show: str = "open") -> list[Callback]:
    """`show`: mine, open (with what was not reached and needs a look), over. One query."""
    rows = visible(user).select_related("party", "queue", "owner", "asked_by")
    if show == "over":
        return list(rows.filter(closed_at__isnull=False).order_by("-closed_at")[:SHOWN])
    rows = rows.filter(Q(state__in=Callback.OPEN) | Q(state__in=LOOK_AGAIN))
    if show == "mine":
        rows = rows.filter(owner=user.pk)
    return list(rows.order_by(F("due_at").asc(nulls_first=True), "pk")[:SHOWN])


def one(user: Any, callback: int) -> Callback | None:
    """One query."""
    return visible(user).select_related("party", "queue", "owner", "position", "asked_by", "asked_in").filter(pk=callback).first()


def tries_of(callback: int) -> list[Outgoing]:
    """What was tried, the newest first. One query."""
    return list(Outgoing.objects.filter(callback=callback).exclude(asked_at=None).select_related("interaction__agent").order_by("-interaction_id"))


def open_of_number(number: str) -> Callback | None:
    """The callback that stands for this number: who calls in meanwhile need not be called. One query."""
    return Callback.objects.filter(number=number, state__in=Callback.OPEN).order_by("-created_at").first() if number else None


def of_call(interaction: int, number: str) -> list[Callback]:
    """What a call in has to do with promises: those that it has settled, and those that are open for this number still. One query."""
    rows = Callback.objects.filter(Q(settled_in=interaction) | Q(number=number, state__in=Callback.OPEN)) if number else Callback.objects.none()
    return list(rows.exclude(attempt=interaction).exclude(asked_in=interaction).select_related("owner", "queue").order_by("created_at"))


def open_of_party(parties: Sequence[int]) -> list[Callback]:
    """What a customer was promised. One query."""
    return list(Callback.objects.filter(party__in=parties, state__in=Callback.OPEN).select_related("owner", "queue").order_by("due_at"))


def takers(user: Any) -> list[User]:
    """Who may be given a callback: agents of the user's reach. One query, one more for the roles."""
    rows = User.objects.filter(is_active=True, queues__isnull=False).distinct().order_by("name")
    if user_may(user, CALLBACKS) != "all":
        rows = rows.filter(unit=user.unit_id)
    return [one for one in rows if user_may(one, AGENT) is not None] if user.unit_id is not None or user_may(user, CALLBACKS) == "all" else []


def counts(user: Any, now: datetime) -> dict[str, int]:
    """How many are mine and due, and how many of the queues' are due. Two queries."""
    due = visible(user).filter(state__in=Callback.OPEN, due_at__lte=now)
    return {"mine": due.filter(owner=user.pk).count(), "due": due.count()}
