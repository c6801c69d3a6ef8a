"""An agent who has a contact is not heard any more: music for the customer, then a colleague who is in it already, or the head of the queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.entries import close, entry_fields, last_entry, offer_fields, open_entry, waited_before
from cordboard.routing.handing import given_to, hand_to_consulted
from cordboard.routing.models import AgentState, Entry, Queue

MEDIA_GRACE = timedelta(seconds=20)
"""How long the caller hears music for an agent whose media is gone, before the contact goes to somebody else."""
AT_HEAD = 1
"""Priority of a contact that had been answered and was lost by our side."""


def agent_media_lost(agent: int, interaction: int, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """Nothing was heard from the agent's side for ten seconds. The caller gets music; after 20 s more without agent_media_back the contact is
    back at the head of its queue (sweep_media)."""
    now = now or timezone.now()
    with transaction.atomic():
        if segments._locked(interaction) is None or not _live(interaction, agent):
            return False
        row = state.lock_agents([agent]).get(agent)
        if row is None or row.media_lost_at is not None:
            return False
        row.media_lost_at = now
        row.save(update_fields=["media_lost_at"])
        tell = Tell(actor)
        tell.add(events.AGENT_MEDIA_LOST, agent=agent, interaction=interaction, until=stamp(now + MEDIA_GRACE))
        tell.write()
    return True


def agent_media_back(agent: int, interaction: int, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The agent is heard again. True: still the agent's, bridge them; False: too late."""
    with transaction.atomic():
        if segments._locked(interaction) is None or not _live(interaction, agent):
            return False
        row = state.lock_agents([agent]).get(agent)
        if row is None:
            return False
        if row.media_lost_at is not None:
            row.media_lost_at = None
            row.save(update_fields=["media_lost_at"])
            tell = Tell(actor)
            tell.add(events.AGENT_MEDIA_BACK, agent=agent, interaction=interaction)
            tell.write()
    return True


def _live(interaction: int, agent: int) -> bool:
    return Segment.objects.filter(interaction_id=interaction, agent_id=agent, state__in=segments.LIVE).exists()


def sweep_media(now: datetime | None = None) -> int:
    """Agents whose media is gone for 20 s after agent_media_lost: their contact goes back to the queue. Returns how many."""
    now = now or timezone.now()
    lost = AgentState.objects.filter(media_lost_at__lte=now - MEDIA_GRACE).order_by("agent_id").values_list("agent_id", flat=True)
    done = 0
    for agent in list(lost):
        part = Segment.objects.filter(agent_id=agent, state__in=segments.LIVE).order_by("-id").first()
        if part is not None and lose_agent(part.interaction_id, agent, "media_lost", lost_before=now - MEDIA_GRACE, now=now):
            done += 1
    return done


def lose_agent(interaction: int, agent: int, cause: str, *, lost_before: datetime | None = None, actor: str = "worker", now: datetime | None = None) -> bool:
    """An agent who has the contact is not heard: not ready, or offline when the page is gone too. A consulted colleague who has spoken with the agent takes the customer over; otherwise the
    contact goes back to the head of its queue with its original wait. `lost_before`: only if the agent's media is gone since then. Returns
    whether anything changed."""
    from cordboard.routing.actions_transfer import leave

    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return False
        parts = segments._open_segments(interaction)
        mine = next((one for one in parts if one.agent_id == agent and one.state in segments.LIVE), None)
        if mine is None:
            return False
        agents = state.lock_agents(one.agent_id for one in parts)
        lost = agents.get(agent)
        if lost_before is not None and (lost is None or lost.media_lost_at is None or lost.media_lost_at > lost_before):
            return False
        tell = Tell(actor, cause)
        if mine.kind == Segment.Kind.SUPERVISE:
            segments._end(mine, cause, tell, now)
        elif mine.kind == Segment.Kind.CONSULT:
            leave(row, parts, cause, tell, now, lost=True)
        elif mine.kind == Segment.Kind.CONFERENCE:
            segments._end(mine, cause, tell, now)
            tell.add(events.CONFERENCE_LEFT, interaction=interaction, segment=mine.pk, agent=agent)
            if lost is not None:
                state.lose(lost, tell, now)
        else:
            consulted, members = segments._consulted(parts), segments._members(parts)
            segments._end(mine, cause, tell, now)
            if lost is not None:
                state.lose(lost, tell, now)
            if members:
                given_to(row, mine, members[0], tell, now)
            elif consulted is not None and consulted.state in segments.LIVE:
                hand_to_consulted(row, mine, consulted, tell, now)
            else:
                _back(row, parts, agent, cause, tell, now)
        tell.write()
    return True


def _back(row: Interaction, parts: list[Segment], agent: int | None, cause: str, tell: Tell, now: datetime) -> None:
    """Back to the head of the queue, as one that was answered before. A consult that rings or waits is over."""
    for party in outside._open_outside(row.pk):
        outside._outside_over(party, cause, tell, now)
    entry = open_entry(row.pk)
    if entry is not None and entry.kind == Segment.Kind.CONSULT:
        close(entry, Entry.State.LEFT, now)
        tell.add(events.LEFT, **entry_fields(entry), cause=cause)
        if entry.segment is not None:
            tell.add(events.OFFER_WITHDRAWN, **offer_fields(entry, entry.segment), cause=cause)
            segments._end(entry.segment, "withdrawn", tell, now)
            ringing = state.lock_agents([entry.segment.agent_id]).get(entry.segment.agent_id)
            if ringing is not None:
                state.unring(ringing, tell, now)
        entry = None
    if entry is None:
        before = last_entry(row.pk)
        queue = before.queue if before is not None else Queue.objects.order_by("id").first()
        if queue is None:
            raise RuntimeError("a contact was lost by its agent and the centre has no queue")
        entry = Entry.objects.create(
            interaction=row,
            queue=queue,
            channel=row.channel,
            kind=Segment.Kind.MESSAGE if before is not None and before.kind == Segment.Kind.MESSAGE else Segment.Kind.OFFER,
            counted=False,
            priority=min(AT_HEAD, before.priority) if before is not None else AT_HEAD,
            requirements=before.requirements if before is not None else queue.requirements,
            relaxation=before.relaxation if before is not None else queue.relaxation,
            excluded=[{"agent": agent, "until": stamp(now + MEDIA_GRACE)}] if agent is not None else [],
            entered_at=now,
            waiting_since=before.waiting_since if before is not None else now - timedelta(seconds=waited_before(row.pk)),
        )
        tell.add(events.RETURNED, **entry_fields(entry), priority=entry.priority, cause=cause, answered_before=True)
    segments._set_state(row, Interaction.State.WAITING, tell)


def return_to_queue(interaction: int, cause: str, *, actor: str = "system", now: datetime | None = None) -> bool:
    """Nobody has the customer any more by our own fault (media_lost, agent_gone, failed): back to the head of its queue with its original wait.
    Returns whether it waits (or rings) now; False when the customer is gone."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None or row.ended_at is not None:
            return False
        parts = segments._open_segments(interaction)
        main = segments._main(parts)
        if main is None and (standing := open_entry(interaction)) is not None and standing.kind != Segment.Kind.CONSULT:
            return True
        tell = Tell(actor, cause)
        agents = state.lock_agents(one.agent_id for one in parts)
        if main is not None:
            segments._end(main, cause, tell, now)
            if (agent := agents.get(main.agent_id)) is not None:
                state.free(agent, tell, now)
        consulted, members = segments._consulted(parts), segments._members(parts)
        if main is not None and members:
            given_to(row, main, members[0], tell, now)
        elif main is not None and consulted is not None and consulted.state in segments.LIVE:
            hand_to_consulted(row, main, consulted, tell, now)
        else:
            _back(row, parts, main.agent_id if main else None, cause, tell, now)
        tell.write()
    return True
