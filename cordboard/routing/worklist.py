"""Callbacks in the work lists. They stand in the list of the unit whose queue they are in, and of the position to which they were given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cordboard.interactions.acts import Act, Came
from cordboard.lib.kept import Kept
from cordboard.org.models import Position, User
from cordboard.org.worklist import Asked, Kind, Open, Outcome, Row, offer
from cordboard.routing import actions_worklist as actions
from cordboard.routing.models import Callback
from cordboard.routing.queries_callbacks import LOOK_AGAIN, visible

FIELDS = (
    "pk", "about", "due_at", "owner", "owner__name", "queue__name", "position__name", "party", "party__name", "name", "number", "origin", "state", "created_at",
)  # fmt: skip

LOOKED_AT = timedelta(days=7)
"""So long one that was not reached stays in the list: somebody should look at it."""


def _first(rows: QuerySet[Callback], since: datetime, most: int) -> QuerySet[Callback, Any]:
    still = Q(state__in=Callback.OPEN) | Q(state__in=LOOK_AGAIN, closed_at__gte=since)
    return rows.filter(still).order_by(F("due_at").asc(nulls_first=True), "pk").values_list(*FIELDS)[:most]


_MINE = Kept(lambda since, people, *, most: _first(Callback.objects.filter(owner__in=people), since, most))


def callbacks(asked: Asked, most: int) -> list[Row]:
    """Those that the reader may see. One query."""
    since = timezone.now() - LOOKED_AT
    match asked.which:
        case "mine":
            found = _MINE(since, list(asked.people), most=most)
        case "position" if asked.position is not None:
            found = list(_first(visible(asked.user).filter(position=asked.position), since, most))
        case "unit" if asked.unit is not None:
            found = list(_first(visible(asked.user).filter(queue__unit=asked.unit), since, most))
        case _:
            return []
    origins, states = dict(Callback.Origin.choices), dict(Callback.State.choices)
    return [
        Row(
            kind="callback", number=pk, ref=str(pk), title=about or str(origins.get(origin, origin)), due=due or made, priority=4, owner=owner,
            owner_name=owner_name or "", stands=position or queue, party=party, party_name=party_name or name or number, what=str(_("Callback")),
            state=str(states.get(state, state)), made=made,
        )
        for pk, about, due, owner, owner_name, queue, position, party, party_name, name, number, origin, state, made in found
    ]  # fmt: skip


def take(user: Any, number: int, now: datetime) -> Outcome:
    before = Callback.objects.select_related("owner", "queue").filter(pk=number).first()
    try:
        came = actions.take(user, number, now=now)
    except PermissionDenied:
        if before is not None and before.owner is not None:
            return Outcome(False, Act(Came.TAKEN, name=str(before.owner)).words)
        raise
    return _outcome(came, before)


def give(user: Any, number: int, to: User | None, why: str, now: datetime) -> Outcome:
    before = Callback.objects.select_related("owner", "queue").filter(pk=number).first()
    return _outcome(actions.reassign(user, number, to.pk if to is not None else None, now=now), before)


def stand(user: Any, number: int, position: Position, why: str, now: datetime) -> Outcome:
    before = Callback.objects.select_related("owner", "queue").filter(pk=number).first()
    return _outcome(actions.stand(user, number, position, now=now), before, position.pk)


def _outcome(came: Act, before: Callback | None, position: int | None = None) -> Outcome:
    return Outcome(
        came.done,
        "" if came.done else came.words,
        moved=came.came is Came.DONE,
        old=before.owner_id if before else None,
        unit=before.queue.unit_id if before else None,
        position=position if position is not None else before.position_id if before else None,
    )


def open_of(people: Sequence[int]) -> Iterable[Open]:
    """One query."""
    rows: Iterable[Open] = Callback.objects.filter(owner__in=people, closed_at=None, state__in=Callback.OPEN).values_list("owner_id", "created_at", "due_at")
    return rows


offer(Kind("callback", _("Callbacks"), callbacks, take, give, open_of, order=40, stand=stand))
