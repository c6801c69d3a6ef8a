"""Into a queue and out of it: entering by policy, leaving, opening and closing by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.flows import lookups
from cordboard.flows.lookups import Batch
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.actions_context import _set
from cordboard.interactions.models import ContextValue, Interaction, Segment
from cordboard.interactions.tell import Tell
from cordboard.routing import actions_state as state
from cordboard.routing import events, hours, policy, waits
from cordboard.routing.entries import close, enter, entry_fields, offer_fields, open_entry, waited_before
from cordboard.routing.models import Entry, Queue
from cordboard.routing.scopes import may_manage


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What came of entering a queue."""

    entry: int | None
    """None: nobody can take it now (closed, or the contact is gone)."""
    queue: str
    """Code of the queue that the policy chose; it need not be the one that was asked for."""
    closed: bool = False
    opens_at: datetime | None = None
    """When closed: the next opening, if there is one within two weeks."""
    low: int | None = None
    high: int | None = None
    """The wait to announce, in minutes, as a band; None when there is nothing honest to say yet."""
    gone: bool = False
    """The contact had ended before."""
    automated: str = ""
    """Code of the flow that has the word first: the contact is in no queue yet."""
    music: str = "default"


def enqueue(
    interaction: int,
    queue: str,
    *,
    values: Mapping[str, Any] | None = None,
    after_hours: bool = False,
    actor: str = "switch",
    now: datetime | None = None,
    look_up: str = lookups.WAIT,
    batch: Batch | None = None,
    may_automate: bool = False,
) -> Enqueued:
    """Put the interaction into the queue that the routing policy chooses, beginning from `queue` (a code). `values` are facts that the
    caller knows beside the context (IVR variables). The decision and its reasons are kept as a `Decision` of the interaction. Closed queues
    take nothing unless `after_hours`. Asked again while it waits, it answers with the entry that stands. `look_up` and `batch` as for `policy.place`. Raises Queue.DoesNotExist,
    and lookups.Waits where asked to. `may_automate`: who asks can run the automated service that the policy may send to; then no queue is entered, and asked again it is."""
    now = now or timezone.now()
    asked = Queue.objects.get(code=queue)
    seen = Interaction.objects.filter(pk=interaction, ended_at=None).first()
    if seen is None:
        return Enqueued(None, queue, gone=True)
    placed = policy.place(seen, asked, values=values or {}, now=now, look_up=look_up, batch=batch)  # before anything is locked: facts may take their time
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None or row.ended_at is not None:
            return Enqueued(None, queue, gone=True)
        standing = open_entry(interaction)
        if standing is not None:
            return _entered(standing)
        if row.state == Interaction.State.ACTIVE:
            return Enqueued(None, queue, gone=True)  # an agent has it: only a transfer may put it into a queue
        tell = Tell(actor)
        placed.do(row, tell, now)
        if placed.automated and may_automate:
            placed.file(interaction, now)
            _set(interaction, {policy.AUTOMATED: placed.automated}, by=ContextValue.By.RULE, user=None, tell=tell, now=now, write=True)
            return Enqueued(None, placed.queue.code, automated=placed.automated)
        if placed.automated:
            placed.sentences = [one for one in placed.sentences if one["code"] != "routing.automated"]
        if not after_hours and not (placed.queue.open and hours.is_open(placed.queue.hours, now)):
            placed.file(interaction, now)
            tell.write()
            opens = hours.next_opening(placed.queue.hours, now) if placed.queue.open else None
            return Enqueued(None, placed.queue.code, closed=True, opens_at=opens)
        entry = enter(
            row,
            placed.queue,
            tell,
            now,
            priority=placed.priority,
            target_seconds=placed.target,
            requirements=placed.requirements,
            relaxation=placed.relaxation,
            preferred=placed.preferred,
            preferred_until=now + timedelta(seconds=placed.preferred_seconds) if placed.preferred else None,
            waiting_since=now - timedelta(seconds=waited_before(interaction)),
        )
        band = waits.band(placed.queue, entry, now)
        if band is not None:
            entry.estimate_low, entry.estimate_high = band.low, band.high
            entry.save(update_fields=["estimate_low", "estimate_high"])
            tell.add(events.ESTIMATED, interaction=interaction, entry=entry.pk, queue=entry.queue_id, low=band.low, high=band.high)
        placed.file(interaction, now)
        segments._set_state(row, Interaction.State.WAITING, tell)
        tell.write()
    return _entered(entry)


def _entered(entry: Entry) -> Enqueued:
    return Enqueued(entry.pk, entry.queue.code, low=entry.estimate_low, high=entry.estimate_high, music=entry.queue.music)


def leave(interaction: int, cause: str, *, actor: str = "system", now: datetime | None = None) -> bool:
    """Take the contact out of its queue by our own will (cause: closed, elsewhere, callback, ended). The interaction goes on with the automated
    service; whoever ends it reports customer_left. An offer that rings is withdrawn. Returns whether it waited."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        entry = open_entry(interaction)
        if row is None or entry is None or entry.kind == Segment.Kind.CONSULT:
            return False
        tell = Tell(actor, cause)
        if entry.segment is not None:
            agents = state.lock_agents([entry.segment.agent_id])
            tell.add(events.OFFER_WITHDRAWN, **offer_fields(entry, entry.segment), cause=cause)
            segments._end(entry.segment, "withdrawn", tell, now)
            if (agent := agents.get(entry.segment.agent_id)) is not None:
                state.unring(agent, tell, now)
        close(entry, Entry.State.LEFT, now)
        tell.add(events.LEFT, **entry_fields(entry), cause=cause)
        segments._set_state(row, Interaction.State.AUTOMATED, tell)
        tell.write()
    return True


def set_open(user: Any, queue: int, open: bool) -> bool:
    """Close or open a queue by hand; what waits in it stays. Needs routing.manage, for this queue. Returns whether it changed."""
    may_manage(user, queue)
    with transaction.atomic():
        if not Queue.objects.filter(pk=queue).exclude(open=open).update(open=open):
            return False
        tell = Tell.of(user)
        tell.add(events.QUEUE_CHANGED, queue=queue, open=open, change="opened" if open else "closed")
        tell.write()
    return True
