"""Handing over: blind transfer, consult (warm transfer), to an agent or a queue of this centre.

A consult is one more segment beside the main one, which is on hold meanwhile. Completing it makes it the main one. Whoever is asked in person
rings at once, in the same transaction; whoever a queue gives is found by the router.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.flows.lookups import Batch
from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions import prohibitions
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.models import Position, User
from cordboard.org.permissions import require
from cordboard.routing import actions_state as state
from cordboard.routing import events, hours, policy
from cordboard.routing.actions_call import queue_of, to_wrapup
from cordboard.routing.actions_outside import call_off
from cordboard.routing.entries import close, enter, entry_fields, offer_fields, open_entry, waited_before
from cordboard.routing.handing import MOST, given_to, had_by, hand_to_consulted, hand_to_outside, nobody_there, rings_still, size
from cordboard.routing.models import AgentState, Entry, Queue
from cordboard.routing.permissions import AGENT


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: one of these.

    :raises ValueError: none, or more than one.
    """

    agent: int | None = None
    queue: int | None = None
    position: int | None = None

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.agent, self.queue, self.position)) != 1:
            raise ValueError("to an agent, a queue or a position")


@dataclass(slots=True)
class _Target:
    """Whom it goes to: an agent who can take it now, or a queue that is open."""

    agent: AgentState | None
    queue: Queue
    """Of an agent: the queue that the contact came through, whose terms hold."""


FORBIDDEN_AS: dict[str, str] = {Segment.Kind.TRANSFER: "transfer", Segment.Kind.CONSULT: "consult", Segment.Kind.CONFERENCE: "conference"}
"""The acts as rules name them when they forbid one."""


def transfer(
    user: Any, interaction: int, *, to_agent: int | None = None, to_queue: int | None = None, to_position: int | None = None, now: datetime | None = None
) -> Act:
    """Blind transfer: the customer hears music, the colleague's telephone rings (at once) or the queue's does (by the router); the giver is in
    wrap-up. To a position: to whoever holds it and is free, else to its deputy. Came: done, yourself, not_free (name), closed (name), nobody (name), circle
    (name: they had it twice), no_such, customer_gone, not_yours, not_now (in a conference one leaves, or invites)."""
    return _hand(user, interaction, Segment.Kind.TRANSFER, Target(to_agent, to_queue, to_position), now or timezone.now())


def consult(
    user: Any, interaction: int, *, to_agent: int | None = None, to_queue: int | None = None, to_position: int | None = None, now: datetime | None = None
) -> Act:
    """Begin a warm transfer: the customer is on hold, the colleague (or whoever the queue gives) is rung. Came as with `transfer`."""
    return _hand(user, interaction, Segment.Kind.CONSULT, Target(to_agent, to_queue, to_position), now or timezone.now())


def invite(
    user: Any, interaction: int, *, to_agent: int | None = None, to_queue: int | None = None, to_position: int | None = None, now: datetime | None = None
) -> Act:
    """Ask one more into the conversation: the talk goes on while it rings, and who accepts is in it at once. Came as with `transfer`, and full."""
    return _hand(user, interaction, Segment.Kind.CONFERENCE, Target(to_agent, to_queue, to_position), now or timezone.now())


def _hand(user: Any, interaction: int, kind: str, target: Target, now: datetime) -> Act:
    require(user, AGENT)
    batch = policy.look_up(interaction, target.queue, now)
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        if (forbidden := prohibitions.refused(interaction, FORBIDDEN_AS[kind])) is not None:
            return forbidden
        if (refusal := rings_still(row) or (nobody_there(main) if kind != Segment.Kind.TRANSFER else None)) is not None:
            return refusal
        parties = outside._open_outside(interaction)
        joins = kind == Segment.Kind.CONFERENCE
        if segments._consulted(parts) is not None or open_entry(interaction) is not None or outside._consulted_outside(parties) is not None:
            return Act(Came.NOT_NOW, interaction, main.pk)
        if (segments._members(parts) or parties) and not joins:
            return Act(Came.NOT_NOW, interaction, main.pk)
        if joins and size(parts, parties) >= MOST:
            return Act(Came.FULL, interaction, main.pk)
        to_agent, to_queue = target.agent, target.queue
        if target.position is not None:
            to_agent, name = _holder(user, target.position)
            if to_agent is None:
                return Act(Came.NOBODY if name else Came.NO_SUCH, interaction, main.pk, name)
        agents = state.lock_agents([user.pk, *([to_agent] if to_agent is not None else [])])
        found = _target(user, main, to_agent, to_queue, agents, now)
        if isinstance(found, Act):
            return found
        if kind == Segment.Kind.TRANSFER and (name := circles(interaction, to_agent, to_queue)):
            return Act(Came.CIRCLE, interaction, main.pk, name)
        tell = Tell.of(user)
        if kind == Segment.Kind.TRANSFER:
            to_wrapup(main, "transferred", agents.get(user.pk), tell, now)
        elif not joins:
            segments._hold(main, tell, now)
        entry = _entry(row, main, Segment.Kind.CONSULT if joins else kind, found, tell, now, batch, joins=joins)
        names = {"interaction": interaction, "segment": main.pk, "agent": user.pk, "to_agent": to_agent, "to_queue": to_queue, "entry": entry.pk}
        tell.add(events.TRANSFERRED if kind == Segment.Kind.TRANSFER else events.CONSULT_STARTED, **names)
        if found.agent is not None:
            ring_at(row, entry, found.agent, tell, now)
        if kind == Segment.Kind.TRANSFER:
            segments._set_state(row, Interaction.State.OFFERED if found.agent else Interaction.State.WAITING, tell)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def _target(user: Any, main: Segment, to_agent: int | None, to_queue: int | None, agents: dict[int, AgentState], now: datetime) -> _Target | Act:
    if to_queue is not None:
        queue = Queue.objects.filter(pk=to_queue).first()
        if queue is None:
            return Act(Came.NO_SUCH, main.interaction_id, main.pk)
        if not queue.open or not hours.is_open(queue.hours, now):
            return Act(Came.CLOSED, main.interaction_id, main.pk, queue.name)
        return _Target(None, queue)
    assert to_agent is not None
    if to_agent == user.pk:
        return Act(Came.YOURSELF, main.interaction_id, main.pk)
    colleague = User.objects.filter(pk=to_agent, is_active=True).first()
    if colleague is None:
        return Act(Came.NO_SUCH, main.interaction_id, main.pk)
    agent = agents.get(to_agent)
    if agent is None or not state.can_take(agent):
        return Act(Came.NOT_FREE, main.interaction_id, main.pk, str(colleague))
    through = queue_of(main) or Queue.objects.order_by("id").first()
    if through is None:
        return Act(Came.NO_SUCH, main.interaction_id, main.pk)
    return _Target(agent, through)


TWICE = 2
"""So often may one agent or queue get a contact by transfer; then it goes round in circles."""


def circles(interaction: int, to_agent: int | None, to_queue: int | None) -> str:
    """The name of the agent or queue that had the contact by transfer so often that one more would be a circle, "" when it may go there. One query, two when
    it may not."""
    entries = Entry.objects.filter(interaction_id=interaction, kind=Segment.Kind.TRANSFER, asked_by__isnull=False)
    if to_agent is not None:
        had = Segment.objects.filter(interaction_id=interaction, agent_id=to_agent, kind=Segment.Kind.TRANSFER, end_cause="transferred").count()
        return str(User.objects.get(pk=to_agent)) if had >= TWICE else ""
    if to_queue is None:
        return ""
    return str(Queue.objects.get(pk=to_queue)) if entries.filter(queue_id=to_queue, only=None).count() >= TWICE else ""


def _holder(user: Any, position: int) -> tuple[int | None, str]:
    """Who holds the position and can take a contact (the longest idle first), else who holds its deputy's; else whoever holds it, so that the refusal names
    somebody. (None, name) when nobody does. Two queries, two more for the deputy."""
    place = Position.objects.filter(pk=position).first()
    if place is None:
        return None, ""
    first: int | None = None
    for one in (place.pk, place.deputy_id):
        if one is None:
            continue
        holders = list(User.objects.filter(position_id=one, is_active=True).exclude(pk=user.pk).order_by("pk").values_list("pk", flat=True))
        rows = AgentState.objects.filter(agent_id__in=holders, state=AgentState.State.READY, pending=False).order_by("idle_since", "agent_id")
        free = rows.values_list("agent_id", flat=True).first()
        if free is not None:
            return free, place.name
        first = first if first is not None else next(iter(holders), None)
    return first, place.name


def _entry(row: Interaction, main: Segment, kind: str, target: _Target, tell: Tell, now: datetime, batch: Batch | None, *, joins: bool = False) -> Entry:
    if target.agent is not None:
        terms: dict[str, Any] = {"counted": False, "only_id": target.agent.agent_id, "requirements": [], "relaxation": []}
    else:
        placed = policy.place(row, target.queue, now=now, keep_queue=True, batch=batch)
        terms = {"requirements": placed.requirements, "relaxation": placed.relaxation, "priority": placed.priority}
        terms["counted"] = kind == Segment.Kind.TRANSFER
        terms["target_seconds"] = placed.target
        placed.do(row, tell, now)
        placed.file(row.pk, now)
    if kind == Segment.Kind.TRANSFER:  # the customer has waited before: it counts
        terms["waiting_since"] = now - timedelta(seconds=waited_before(row.pk))
    # the one who gives it away must not get it back from the queue
    terms["excluded"] = [{"agent": main.agent_id, "until": stamp(now + timedelta(hours=4))}]
    if main.kind == Segment.Kind.MESSAGE:  # it stays one, and is in no figure of calls
        kind, terms["counted"] = Segment.Kind.MESSAGE, False
    return enter(row, target.queue, tell, now, kind=kind, asked_by=main, joins=joins, **terms)


def ring_at(row: Interaction, entry: Entry, agent: AgentState, tell: Tell, now: datetime) -> None:
    segment = segments._offer(row, agent.agent_id, entry.kind, now)
    until = now + timedelta(seconds=entry.queue.ring_seconds)
    entry.state, entry.segment, entry.offered_to_id, entry.offered_at, entry.offer_until = Entry.State.OFFERED, segment, agent.agent_id, now, until
    entry.save(update_fields=["state", "segment", "offered_to", "offered_at", "offer_until"])
    state.ring(agent, row.pk, tell, now)
    tell.add(
        events.OFFER_MADE,
        **offer_fields(entry, segment),
        offered_at=stamp(now),
        until=stamp(until),
        load=agent.voice_load,
        auto=entry.queue.auto_answer,
    )


def complete_consult(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The colleague has the customer; the giver is in wrap-up. While it still rings or waits it becomes a blind transfer."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            last = Segment.objects.filter(interaction_id=interaction, agent_id=user.pk).order_by("-id").first()
            if refused.came == Came.NOT_YOURS and last is not None and last.end_cause == "transferred":
                return Act(Came.ALREADY, interaction, last.pk)
            return refused
        if (forbidden := prohibitions.refused(interaction, "transfer")) is not None:
            return forbidden
        consulted, entry = segments._consulted(parts), open_entry(interaction)
        party = outside._consulted_outside(outside._open_outside(interaction))
        if consulted is None and entry is None and party is None:
            return Act(Came.NOT_NOW, interaction, main.pk)
        agents = state.lock_agents(one.agent_id for one in parts)
        tell = Tell.of(user)
        if party is not None:
            if party.state in outside.ON_LINE:
                to_wrapup(main, "transferred", agents.get(user.pk), tell, now)
                hand_to_outside(row, main, party, tell)
            else:  # it rings still: the customer is the agent's until they answer
                outside._outside_is(party, tell, purpose=OutsideParty.Purpose.TRANSFER)
            tell.write()
            return Act(Came.DONE, interaction, main.pk)
        to_wrapup(main, "transferred", agents.get(user.pk), tell, now)
        if consulted is not None and consulted.state in segments.LIVE:
            hand_to_consulted(row, main, consulted, tell, now)
        elif members := segments._members(parts):  # somebody has been asked to join who does not answer yet: the rest talk on
            given_to(row, main, members[0], tell, now)
        else:
            assert entry is not None
            entry.kind, entry.joins = Segment.Kind.TRANSFER, False
            entry.save(update_fields=["kind", "joins"])
            if consulted is not None:
                consulted.kind = Segment.Kind.TRANSFER
                consulted.save(update_fields=["kind"])
            to_agent = consulted.agent_id if consulted is not None else None
            to_queue = entry.queue_id if consulted is None else None
            tell.add(events.ENTERED, **entry_fields(entry), priority=entry.priority, only=entry.only_id, agent=to_agent)
            tell.add(events.TRANSFERRED, interaction=interaction, segment=main.pk, agent=user.pk, to_agent=to_agent, to_queue=to_queue, entry=entry.pk)
            segments._set_state(row, Interaction.State.OFFERED if consulted is not None else Interaction.State.WAITING, tell)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def back_out_of_consult(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent is with the customer again; the colleague, or the number that was dialled, is out."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        consulted, entry = segments._consulted(parts), open_entry(interaction)
        party = outside._consulted_outside(outside._open_outside(interaction))
        if consulted is None and entry is None and party is None and any(one.state not in outside.ON_LINE for one in outside._open_outside(interaction)):
            return call_off(user, interaction, now=now)
        if consulted is None and entry is None and party is None:
            return Act(Came.ALREADY if main.state == Segment.State.ACTIVE else Came.NOT_NOW, interaction, main.pk)
        tell = Tell.of(user)
        if party is not None:
            outside._outside_over(party, "backed_out", tell, now)
        agents = state.lock_agents(one.agent_id for one in parts)
        if entry is not None:
            close(entry, Entry.State.LEFT, now)
            tell.add(events.LEFT, **entry_fields(entry), cause="backed_out")
        if consulted is not None:
            agent = agents.get(consulted.agent_id)
            rang = consulted.state == Segment.State.OFFERED
            if rang and entry is not None:
                tell.add(events.OFFER_WITHDRAWN, **offer_fields(entry, consulted), cause="backed_out")
            segments._end(consulted, "withdrawn" if rang else "backed_out", tell, now)
            if agent is not None:
                (state.unring if rang else state.free)(agent, tell, now)
        segments._resume(main, tell, now)
        if party is None:
            _backed_out(row, main, consulted, "backed_out", tell)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def leave_consult(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The consulted colleague leaves; the customer stays on hold with the agent who asked."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        parts = segments._open_segments(interaction)
        consulted = segments._consulted(parts)
        if consulted is None or consulted.agent_id != user.pk:
            last = Segment.objects.filter(interaction=row, agent_id=user.pk, kind=Segment.Kind.CONSULT).order_by("-id").first()
            return Act(Came.ALREADY if last is not None else Came.NOT_YOURS, interaction, last.pk if last else None)
        if consulted.state not in segments.LIVE:
            return Act(Came.NOT_NOW, interaction, consulted.pk)
        tell = Tell.of(user)
        leave(row, parts, "colleague_left", tell, now)
        tell.write()
    return Act(Came.DONE, interaction, consulted.pk)


def leave(row: Interaction, parts: list[Segment], cause: str, tell: Tell, now: datetime, *, lost: bool = False) -> None:
    """The colleague's live part of a consult ends; the asking agent keeps the customer on hold. In the caller's transaction."""
    main, consulted = segments._main(parts), segments._consulted(parts)
    assert consulted is not None
    agent = state.lock_agents([consulted.agent_id]).get(consulted.agent_id)
    segments._end(consulted, cause, tell, now)
    if agent is not None:
        (state.lose if lost else state.free)(agent, tell, now)
    if main is not None:
        _backed_out(row, main, consulted, cause, tell)


def _backed_out(row: Interaction, main: Segment, consulted: Segment | None, cause: str, tell: Tell) -> None:
    tell.add(
        events.CONSULT_BACKED_OUT,
        interaction=row.pk,
        segment=main.pk,
        agent=main.agent_id,
        to_agent=consulted.agent_id if consulted is not None else None,
        to_queue=None,
        to_segment=consulted.pk if consulted is not None else None,
        cause=cause,
    )
