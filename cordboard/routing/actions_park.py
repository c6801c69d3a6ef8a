"""Parking: the customer waits to music at a place with a number, anybody may pick them up there. Nobody does: it rings back at the parker, then it goes
to its queue. So a parked call always has an owner: its place, then the parker, then the queue.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions import prohibitions
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.actions_call import close_parked, lock_with_others, put_aside, queue_of
from cordboard.routing.actions_transfer import ring_at
from cordboard.routing.entries import enter, open_entry, waited_before
from cordboard.routing.handing import had_by, nobody_there, rings_still
from cordboard.routing.models import AgentState, Parked, Queue
from cordboard.routing.permissions import AGENT

FIRST_PLACE, PLACES = 701, 99


def park(user: Any, interaction: int, note: str = "", *, now: datetime | None = None) -> Act:
    """The customer waits to music at a place; the agent is free at once. `name` of what came is the place. Came: done, already, not_now (somebody is
    consulted or in a conference, or every place is taken), not_yours, customer_gone."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            standing = Parked.objects.filter(interaction_id=interaction, by_id=user.pk, ended_at=None).first()
            return Act(Came.ALREADY, interaction, name=str(standing.place)) if standing is not None else refused
        if (refusal := rings_still(row) or nobody_there(main)) is not None:
            return refusal
        if (forbidden := prohibitions.refused(interaction, "park")) is not None:
            return forbidden
        if segments._consulted(parts) or segments._members(parts) or outside._open_outside(interaction) or open_entry(interaction) is not None:
            return Act(Came.NOT_NOW, interaction, main.pk)
        queue = queue_of(main) or Queue.objects.order_by("id").first()
        place = _place()
        if queue is None or place is None:
            return Act(Came.NOT_NOW, interaction, main.pk)
        agents = state.lock_agents([user.pk])
        tell = Tell.of(user)
        until = now + timedelta(seconds=queue.park_seconds)
        made = Parked.objects.create(interaction=row, place=place, by_id=user.pk, queue=queue, note=note[:120], parked_at=now, until=until)
        tell.add(events.PARKED, interaction=interaction, parked=made.pk, place=place, queue=queue.pk, agent=user.pk, until=stamp(until))
        segments._end(main, "parked", tell, now)
        if (agent := agents.get(user.pk)) is not None:
            state.free(agent, tell, now)
        segments._set_state(row, Interaction.State.WAITING, tell)
        tell.write()
    return Act(Came.DONE, interaction, main.pk, str(place))


def _place() -> int | None:
    """The lowest place that is free. Two who park in the same moment: the constraint lets one through, the other tries again by hand."""
    taken = set(Parked.objects.filter(ended_at=None).values_list("place", flat=True))
    return next((place for place in range(FIRST_PLACE, FIRST_PLACE + PLACES) if place not in taken), None)


def pick_up(user: Any, place: int, *, now: datetime | None = None) -> Act:
    """Take the call that is parked at `place`. Came: done, already, no_such (nobody waits there), not_now (one works on something else)."""
    require(user, AGENT)
    now = now or timezone.now()
    standing = Parked.objects.filter(place=place, ended_at=None).values_list("interaction_id", flat=True).first()
    if standing is None:
        mine = Parked.objects.filter(place=place, outcome=Parked.Outcome.PICKED_UP).order_by("-id").values_list("interaction_id", flat=True).first()
        if mine is not None and Segment.objects.filter(interaction_id=mine, agent_id=user.pk, state__in=segments.LIVE).exists():
            return Act(Came.ALREADY, mine)
        return Act(Came.NO_SUCH)
    with transaction.atomic():
        row, others = lock_with_others(user.pk, standing)
        agent = state.lock_agents([user.pk]).get(user.pk)
        if row is None or agent is None or not _free(agent, bool(others)):
            return Act(Came.NOT_NOW, standing)
        if others:
            put_aside(user, standing, now)
        tell = Tell.of(user)
        if close_parked(standing, Parked.Outcome.PICKED_UP, tell, now, user.pk) is None:
            return Act(Came.NO_SUCH, standing)  # somebody was faster, or the customer hung up
        made = Segment.objects.create(
            interaction=row, agent_id=user.pk, kind=Segment.Kind.TRANSFER, state=Segment.State.ACTIVE, offered_at=now, accepted_at=now
        )
        tell.add(events.PICKED_UP, interaction=standing, segment=made.pk, agent=user.pk, kind=str(made.kind), accepted_at=stamp(now))
        segments._set_state(row, Interaction.State.ACTIVE, tell, agent=user.pk)
        agent.voice_load += 1
        agent.idle_since = None
        state.talk(agent, standing, tell, now)
        tell.write()
    return Act(Came.DONE, standing, made.pk)


def _free(agent: AgentState, talks: bool) -> bool:
    """Whoever is signed in and not in work may pick up; who may have two contacts also in the middle of one."""
    if agent.state in (AgentState.State.READY, AgentState.State.NOT_READY):
        return True
    return agent.state == AgentState.State.TALKING and agent.voice_load < agent.voice_capacity and (talks or agent.voice_load > 0)


def sweep_parked(now: datetime | None = None, *, limit: int = 100) -> int:
    """Parked calls that nobody wanted ring back at the parker, or go to their queue, at the head, when the parker is not free. Returns how many."""
    now = now or timezone.now()
    due = list(Parked.objects.filter(ended_at=None, until__lte=now).order_by("interaction_id").values_list("interaction_id", flat=True)[:limit])
    return sum(_back(interaction, now) for interaction in due)


def _back(interaction: int, now: datetime) -> bool:
    with transaction.atomic():
        row = segments._locked(interaction)
        standing = Parked.objects.filter(interaction_id=interaction, ended_at=None, until__lte=now).first()
        if row is None or row.ended_at is not None or standing is None:
            return False
        agent = state.lock_agents([standing.by_id]).get(standing.by_id)
        free = agent is not None and state.can_take(agent)
        tell = Tell("worker", "nobody picked it up")
        outcome = Parked.Outcome.RUNG_BACK if free else Parked.Outcome.QUEUED
        close_parked(interaction, outcome, tell, now, standing.by_id if free else None)
        terms: dict[str, Any] = {"only_id": standing.by_id, "requirements": [], "relaxation": []} if free else {}
        waiting_since = now - timedelta(seconds=waited_before(interaction) + (now - standing.parked_at).total_seconds())
        entry = enter(row, standing.queue, tell, now, kind=Segment.Kind.TRANSFER, counted=False, priority=1, waiting_since=waiting_since, **terms)
        if free and agent is not None:
            ring_at(row, entry, agent, tell, now)
            segments._set_state(row, Interaction.State.OFFERED, tell)
        else:
            segments._set_state(row, Interaction.State.WAITING, tell)
        tell.write()
    return True
