"""What happens to a contact that an agent has: hang up, customer gone, media lost, wrap-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions import events as told
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require
from cordboard.routing import actions_outbound as outbound
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.entries import close, entry_fields, last_entry, offer_fields, open_entry, waited_before
from cordboard.routing.handing import given_to, hand_to_consulted
from cordboard.routing.models import AgentState, Entry, Outgoing, Parked, Queue
from cordboard.routing.permissions import AGENT

MEDIA_GRACE = timedelta(seconds=20)
"""How long the caller hears music for an agent whose media is gone, before the contact goes to somebody else."""
AT_HEAD = 1
"""Priority of a contact that had been answered and was lost by our side."""
DEFAULT_WRAPUP = 60


def resume(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Back to the customer. While a colleague is consulted, or waited for in a queue, that is for `back_out_of_consult`: not_now."""
    require(user, AGENT)
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is not None and row.agent_id == user.pk and waits_for_another(interaction):
            return Act(Came.NOT_NOW, interaction)
        came = segments.resume(user, interaction, now=now)
        if came.done:
            put_aside(user, interaction, now or timezone.now())
            _talks_again(user, interaction, now or timezone.now())
        return came


def hold(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The customer hears music. During a consultation one swaps instead: not_now."""
    with transaction.atomic():
        if segments._locked(interaction) is not None and _asks(interaction):
            return Act(Came.NOT_NOW, interaction)
        return segments.hold(user, interaction, now=now)


def _asks(interaction: int) -> bool:
    """Whether a colleague or somebody outside is asked while the customer waits."""
    consulted = segments._consulted(segments._open_segments(interaction))
    return (consulted is not None and consulted.state in segments.LIVE) or outside._consulted_outside(outside._open_outside(interaction)) is not None


def waits_for_another(interaction: int) -> bool:
    """Whether a queue looks for a colleague, or a number is dialled in whose hands the customer is to come."""
    entry = open_entry(interaction)
    return (entry is not None and not entry.joins) or any(one.purpose != OutsideParty.Purpose.CONFERENCE for one in outside._open_outside(interaction))


# ---- two contacts at once -----------------------------------------------------------------------------------------


def lock_with_others(user: int, interaction: int) -> tuple[Interaction | None, list[int]]:
    """The interaction locked, and the others in which the user talks, in the order of their ids."""
    talks = Segment.objects.filter(agent_id=user, state=Segment.State.ACTIVE).exclude(kind=Segment.Kind.SUPERVISE).exclude(interaction_id=interaction)
    others = sorted(talks.values_list("interaction_id", flat=True))
    locked = {one: segments._locked(one) for one in sorted([*others, interaction])}
    return locked[interaction], others


def put_aside(user: Any, interaction: int, now: datetime) -> None:
    """Whoever talks in one contact has the others on hold: those in which the user is active now are held. In the caller's transaction."""
    talks = Segment.objects.filter(agent_id=user.pk, state=Segment.State.ACTIVE).exclude(kind=Segment.Kind.SUPERVISE).exclude(interaction_id=interaction)
    tell = Tell.of(user)
    for part in talks.order_by("interaction_id"):
        if segments._locked(part.interaction_id) is not None:
            segments._hold(part, tell, now)
    tell.write()


def _talks_again(user: Any, interaction: int, now: datetime) -> None:
    """An agent in wrap-up of one contact who goes back to another is talking."""
    agent = state.lock_agents([user.pk]).get(user.pk)
    if agent is not None and agent.state == AgentState.State.WRAPUP:
        tell = Tell.of(user)
        state.talk(agent, interaction, tell, now)
        tell.write()


# ---- hang up --------------------------------------------------------------------------------------------------


def hang_up(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent hangs up: the switch is asked to (interactions.hang_up_requested) and reports customer_left; a consulted colleague only
    leaves the consult, and one of several agents in a conference only the conference."""
    from cordboard.routing.actions_conference import leave_conference
    from cordboard.routing.actions_transfer import leave_consult  # they use what is below

    live = Segment.objects.filter(interaction_id=interaction, state__in=segments.LIVE)
    if live.filter(kind=Segment.Kind.CONFERENCE).exists() and live.filter(agent_id=user.pk).exclude(kind=Segment.Kind.SUPERVISE).exists():
        return leave_conference(user, interaction, now=now)
    consulted = Segment.objects.filter(interaction_id=interaction, agent_id=user.pk, kind=Segment.Kind.CONSULT, state__in=segments.LIVE)
    if consulted.exists():
        return leave_consult(user, interaction, now=now)
    return segments.request_hang_up(user, interaction, now=now)


def agent_left(agent: int, interaction: int, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The agent's leg ended by the agent's own device (not by the buttons here). In the main talk: as if Hang up had been pressed; in a
    consult: the colleague leaves. Returns whether anything changed."""
    from cordboard.routing.actions_transfer import leave

    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return False
        parts = segments._open_segments(interaction)
        tell = Tell(actor)
        main, consulted = segments._main(parts), segments._consulted(parts)
        members = segments._members(parts)
        if consulted is not None and consulted.agent_id == agent and consulted.state in segments.LIVE:
            leave(row, parts, "colleague_left", tell, now)
        elif (mine := next((one for one in members if one.agent_id == agent), None)) is not None:
            to_wrapup(mine, "left", state.lock_agents([agent]).get(agent), tell, now)
            tell.add(events.CONFERENCE_LEFT, interaction=interaction, segment=mine.pk, agent=agent)
        elif main is not None and main.agent_id == agent and members:
            to_wrapup(main, "left", state.lock_agents([agent]).get(agent), tell, now)
            given_to(row, main, members[0], tell, now)
        elif main is not None and main.agent_id == agent:
            tell.add(told.HANG_UP_REQUESTED, interaction=interaction, segment=main.pk, agent=agent)
        else:
            return False
        tell.write()
    return True


def customer_left(interaction: int, cause: str = "customer", *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The customer's leg is gone, at whatever moment: waiting becomes abandoned, an offer is withdrawn, a talk goes to wrap-up, a consult
    ends. cause: customer, agent (we hung up), closed, failed, ... Returns False when it had ended before."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None or row.ended_at is not None:
            return False
        parts, entry = segments._open_segments(interaction), open_entry(interaction)
        agents = state.lock_agents(one.agent_id for one in parts)
        main, consulted = segments._main(parts), segments._consulted(parts)
        tell = Tell(actor)
        if entry is not None:
            _entry_over(entry, cause, tell, now)
            if entry.kind != Segment.Kind.CONSULT and cause == "customer":
                cause = "abandoned"
        for part in parts:
            agent = agents.get(part.agent_id)
            if part.state == Segment.State.OFFERED:
                if entry is not None and entry.segment_id == part.pk:
                    tell.add(events.OFFER_WITHDRAWN, **offer_fields(entry, part), cause="customer_gone")
                segments._end(part, "withdrawn", tell, now)
                if agent is not None:
                    state.unring(agent, tell, now)
            elif part.kind == Segment.Kind.SUPERVISE:
                continue  # ends with the part of the agent
            elif part.state in segments.LIVE:
                if part.kind == Segment.Kind.CONSULT:
                    segments._end(part, "customer_gone", tell, now)
                    if agent is not None:
                        state.free(agent, tell, now)
                else:
                    to_wrapup(part, "hung_up" if cause == "agent" else "customer_gone", agent, tell, now)
        if main is not None and (consulted is not None or (entry is not None and entry.kind == Segment.Kind.CONSULT)):
            tell.add(
                events.CONSULT_BACKED_OUT,
                interaction=interaction,
                segment=main.pk,
                agent=main.agent_id,
                to_agent=consulted.agent_id if consulted else None,
                to_queue=None,
                to_segment=consulted.pk if consulted else None,
                cause="customer_gone",
            )
        if row.direction == Interaction.Direction.OUTBOUND:
            outbound.over(row, cause, tell, now)
        for party in outside._open_outside(interaction):
            outside._outside_over(party, "customer_gone", tell, now)
        close_parked(interaction, Parked.Outcome.GONE, tell, now)
        segments._customer_gone(row, cause, tell, now)
        tell.write()
    return True


def close_parked(interaction: int, outcome: str, tell: Tell, now: datetime, agent: int | None = None) -> Parked | None:
    """The call is in its place no more. In the caller's transaction, the interaction locked."""
    parked = Parked.objects.select_related("queue").filter(interaction_id=interaction, ended_at=None).first()
    if parked is not None:
        parked.ended_at, parked.outcome = now, outcome
        parked.save(update_fields=["ended_at", "outcome"])
        tell.add(events.UNPARKED, interaction=interaction, parked=parked.pk, place=parked.place, outcome=str(outcome), agent=agent)
    return parked


def _entry_over(entry: Entry, cause: str, tell: Tell, now: datetime) -> None:
    """The customer left while the entry was open: abandoned, unless it was a consult's or we ended the contact ourselves."""
    if entry.kind == Segment.Kind.CONSULT or cause != "customer":
        close(entry, Entry.State.LEFT, now)
        tell.add(events.LEFT, **entry_fields(entry), cause="customer_gone" if cause == "customer" else cause)
        return
    wait = close(entry, Entry.State.ABANDONED, now)
    tell.add(events.ABANDONED, **entry_fields(entry), wait=round(wait, 3), short=bool(entry.short))


# ---- wrap-up --------------------------------------------------------------------------------------------------


def to_wrapup(segment: Segment, cause: str, agent: AgentState | None, tell: Tell, now: datetime) -> None:
    """The talk is over: wrap-up for as long as the queue gives, or nothing when it gives none. In the caller's transaction."""
    queue = queue_of(segment)
    allowed = queue.wrapup_seconds if queue is not None else DEFAULT_WRAPUP
    if allowed <= 0:
        segments._end(segment, cause, tell, now)
        if agent is not None:
            state.free(agent, tell, now)
        return
    segments._end(segment, cause, tell, now, now + timedelta(seconds=allowed))
    if agent is not None:
        state.wrap(agent, segment.interaction_id, tell, now)


def queue_of(segment: Segment) -> Queue | None:
    """The queue through which the segment came."""
    entry = Entry.objects.select_related("queue").filter(interaction_id=segment.interaction_id, segment_id=segment.pk).order_by("-id").first()
    entry = entry or last_entry(segment.interaction_id)
    if entry is not None:
        return entry.queue
    out = Outgoing.objects.select_related("queue").filter(interaction_id=segment.interaction_id).first()
    return out.queue if out is not None else None


def wrap_up(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent is done with it: ready again, or not ready when that was pending. The last one closes the interaction."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        mine = Segment.objects.filter(interaction_id=interaction, agent_id=user.pk).order_by("-id").first()
        if mine is None:
            return Act(Came.NOT_YOURS, interaction)
        if mine.state == Segment.State.ENDED:
            return Act(Came.ALREADY, interaction, mine.pk)
        if mine.state != Segment.State.WRAPUP:
            return Act(Came.NOT_NOW, interaction, mine.pk)
        _wrapped_up(row, mine, Tell.of(user), now, overdue=False)
    return Act(Came.DONE, interaction, mine.pk)


def _wrapped_up(row: Interaction, segment: Segment, tell: Tell, now: datetime, *, overdue: bool) -> None:
    agent = state.lock_agents([segment.agent_id]).get(segment.agent_id)
    segments._wrap_up(segment, tell, now, overdue=overdue)
    if agent is not None and (agent.state == AgentState.State.WRAPUP or agent.voice_load > 1):
        state.free(agent, tell, now)
    segments._close_when_done(row, tell, now)
    tell.write()


def extend_wrapup(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """More time, once."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        if segments._locked(interaction) is None:
            return Act(Came.NO_SUCH, interaction)
        mine = Segment.objects.filter(interaction_id=interaction, agent_id=user.pk, state=Segment.State.WRAPUP).first()
        if mine is None or mine.wrapup_until is None:
            return Act(Came.NOT_NOW, interaction)
        if mine.wrapup_extended:
            return Act(Came.ALREADY, interaction, mine.pk)
        queue = queue_of(mine)
        extension = queue.wrapup_extension_seconds if queue is not None else DEFAULT_WRAPUP
        mine.wrapup_extended = True
        mine.wrapup_until = max(mine.wrapup_until, now) + timedelta(seconds=extension)
        mine.save(update_fields=["wrapup_extended", "wrapup_until"])
        tell = Tell.of(user)
        tell.add(told.WRAPUP_EXTENDED, interaction=interaction, segment=mine.pk, agent=user.pk, kind=str(mine.kind), wrapup_until=stamp(mine.wrapup_until))
        tell.write()
    return Act(Came.DONE, interaction, mine.pk)


def sweep_wrapup(now: datetime | None = None, *, limit: int = 200) -> int:
    """Wrap-ups whose time is over are closed. Returns how many."""
    now = now or timezone.now()
    due = Segment.objects.filter(state=Segment.State.WRAPUP, wrapup_until__lte=now).order_by("wrapup_until").values_list("interaction_id", "pk")[:limit]
    done = 0
    for interaction, segment in sorted(due):
        with transaction.atomic():
            row = segments._locked(interaction)
            part = Segment.objects.filter(pk=segment, state=Segment.State.WRAPUP, wrapup_until__lte=now).first()
            if row is not None and part is not None:
                _wrapped_up(row, part, Tell("worker", "wrap-up time over"), now, overdue=True)
                done += 1
    return done


# ---- media ----------------------------------------------------------------------------------------------------


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
