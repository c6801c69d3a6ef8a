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
from cordboard.interactions.finishing import in_the_way, what_follows
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require
from cordboard.routing import actions_outbound as outbound
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.entries import close, entry_fields, last_entry, offer_fields, open_entry
from cordboard.routing.handing import given_to, nobody_there, rings_still
from cordboard.routing.models import AgentState, Entry, Outgoing, Parked, Queue
from cordboard.routing.permissions import AGENT

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
        row = segments._locked(interaction)
        if row is not None and row.agent_id == user.pk and (rings := rings_still(row)) is not None:
            return rings
        if row is not None and _asks(interaction):
            return Act(Came.NOT_NOW, interaction)
        if row is not None and (mine := segments._main(segments._open_segments(interaction))) is not None and (refusal := nobody_there(mine)) is not None:
            return refusal
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


def put_aside(user: Any, interaction: int | None, now: datetime) -> None:
    """Whoever talks in one contact (None: one that is about to begin) has the others on hold: those in which the user is active now are held. In the caller's
    transaction."""
    talks = Segment.objects.filter(agent_id=user.pk, state=Segment.State.ACTIVE).exclude(kind=Segment.Kind.SUPERVISE)
    if interaction is not None:
        talks = talks.exclude(interaction_id=interaction)
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
    from cordboard.routing.actions_message import done as message_done
    from cordboard.routing.actions_transfer import leave_consult  # they use what is below

    if Segment.objects.filter(interaction_id=interaction, agent_id=user.pk, kind=Segment.Kind.MESSAGE).exists():
        return message_done(user, interaction, now=now)  # there is nobody on the line
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
            tell.add(told.HANG_UP_REQUESTED, interaction=interaction, segment=main.pk, agent=agent, then=what_follows(interaction))
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
        if first := in_the_way(interaction, user):
            return Act(Came.NOT_NOW, interaction, mine.pk, why=first)
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
