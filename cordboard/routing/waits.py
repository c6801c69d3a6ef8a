"""The wait to announce: a band in minutes, from what is known of a queue now (see `estimate.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce

from cordboard.interactions.tell import stamp
from cordboard.routing import estimate
from cordboard.routing.matching import Settings
from cordboard.routing.models import AgentState, Entry, Queue, QueueMember

State = AgentState.State
AT_WORK = (State.READY, State.OFFERED, State.TALKING, State.WRAPUP)
OVERVIEW = timedelta(hours=4)
RECENT = 100
"""Handled contacts from which the handling time is drawn."""
_STEP = Settings().priority_step


def band(queue: Queue, entry: Entry, now: datetime) -> estimate.Band | None:
    """How long this entry will wait; None when there is nothing honest to say (nobody is at work, or more than an hour). Three queries."""
    return bands(queue, [entry], now)[entry.pk]


def bands(queue: Queue, entries: Iterable[Entry], now: datetime) -> dict[int, estimate.Band | None]:
    """For several entries of a queue. Three queries."""
    places = _places(queue)
    at_work, free = _people(queue)
    times = _handling(queue)
    found: dict[int, estimate.Band | None] = {}
    for entry in entries:
        place = sum(other <= _place(entry.waiting_since, entry.priority, entry.earlier) for number, other in places.items() if number != entry.pk) + 1
        made = estimate.band(place, at_work, times, free=free)
        found[entry.pk] = made if made is not None and made.high <= estimate.LONGEST_MINUTES else None
    return found


def _place(waiting_since: datetime, priority: int, earlier: int) -> float:
    """As the matcher orders them."""
    return stamp(waiting_since) - earlier + (priority - 1) * _STEP


def _places(queue: Queue) -> dict[int, float]:
    # Every open entry, then those of the queue: SQLite would rather read all that the queue ever had than the few that are open.
    rows = Entry.objects.filter(left_at=None, state=Entry.State.WAITING).values_list("pk", "queue_id", "waiting_since", "priority", "earlier")
    return {number: _place(since, priority, earlier) for number, of, since, priority, earlier in rows if of == queue.pk}


def _people(queue: Queue) -> tuple[int, int]:
    members = QueueMember.objects.filter(queue=queue, agent__is_active=True)
    counted = members.aggregate(
        at_work=Count("pk", filter=Q(agent__state__state__in=AT_WORK, agent__state__pending=False)),
        free=Count("pk", filter=Q(agent__state__state=State.READY, agent__state__pending=False)),
    )
    return int(counted["at_work"]), int(counted["free"])


def handling_by_queue(now: datetime, queues: Iterable[int] | None = None) -> dict[int, estimate.Handling]:
    """For a screen of all queues (None), or these: usual handling times of what entered in the last four hours. One query; queues without any are missing."""
    rows = Entry.objects.filter(entered_at__gte=now - OVERVIEW, state=Entry.State.ANSWERED, segment__ended_at__isnull=False, segment__accepted_at__isnull=False)
    if queues is not None:
        rows = rows.filter(queue_id__in=list(queues))
    took = ExpressionWrapper(Coalesce(F("segment__wrapped_up_at"), F("segment__ended_at")) - F("segment__accepted_at"), output_field=DurationField())
    found = {}
    for queue, mean, calls in rows.values("queue_id").annotate(mean=Avg(took), calls=Count("pk")).values_list("queue_id", "mean", "calls"):
        weight = estimate.USUAL_WEIGHT
        drawn = (max(0.0, mean.total_seconds()) * calls + estimate.USUAL_SECONDS * weight) / (calls + weight)
        found[queue] = estimate.Handling(drawn, min(calls, RECENT))
    return found


def _handling(queue: Queue) -> estimate.Handling:
    rows = (
        Entry.objects.filter(queue=queue, state=Entry.State.ANSWERED, segment__ended_at__isnull=False)
        .order_by("-pk")
        .values_list("segment__accepted_at", "segment__ended_at", "segment__wrapped_up_at")[:RECENT]
    )
    return estimate.handling(((wrapped or ended) - accepted).total_seconds() for accepted, ended, wrapped in rows if accepted is not None and ended is not None)
