"""Entries of queues: reading the open one, its fields for events, and the small changes that several acts share.

In the caller's transaction, with the interaction locked: an entry only changes under its interaction's lock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.routing import events
from cordboard.routing.match import earlier
from cordboard.routing.models import Entry, Queue

OPEN = (Entry.State.WAITING, Entry.State.OFFERED)


def open_entry(interaction: int) -> Entry | None:
    """The entry that waits or rings, with queue and segments. There is one at most."""
    return Entry.objects.select_related("queue", "segment__agent", "asked_by").filter(interaction_id=interaction, state__in=OPEN).first()


def last_entry(interaction: int) -> Entry | None:
    """The latest entry for the customer (no consult), open or not."""
    return Entry.objects.select_related("queue").filter(interaction_id=interaction).exclude(kind=Segment.Kind.CONSULT).order_by("-id").first()


def entry_fields(entry: Entry) -> dict[str, Any]:
    return {
        "interaction": entry.interaction_id,
        "entry": entry.pk,
        "queue": entry.queue_id,
        "kind": str(entry.kind),
        "counted": entry.counted,
        "entered_at": stamp(entry.entered_at),
        "waiting_since": stamp(entry.waiting_since),
    }


def offer_fields(entry: Entry, segment: Segment) -> dict[str, Any]:
    return {**entry_fields(entry), "segment": segment.pk, "agent": segment.agent_id}


def close(entry: Entry, state: str, now: datetime) -> float:
    """Answered, abandoned or left. Returns the seconds it was in this queue."""
    waited = max(0.0, (now - entry.entered_at).total_seconds())
    entry.state, entry.left_at, entry.offer_until = state, now, None
    target = entry.target_seconds or entry.queue.target_seconds
    if state == Entry.State.ANSWERED:
        entry.in_target = waited <= target
    elif state == Entry.State.ABANDONED:
        entry.in_target = waited <= target  # gave up within it: some formulas count those against nobody
        entry.short = waited < entry.queue.short_abandon_seconds
    entry.save(update_fields=["state", "left_at", "offer_until", "in_target", "short"])
    return waited


def exclude(entry: Entry, agent: int, until: datetime) -> None:
    entry.excluded = [one for one in entry.excluded if one["agent"] != agent] + [{"agent": agent, "until": stamp(until)}]


def back_to_waiting(entry: Entry, cause: str, tell: Tell) -> None:
    """The same entry waits again: same place, same wait."""
    entry.state, entry.segment, entry.offered_to, entry.offered_at, entry.offer_until = Entry.State.WAITING, None, None, None, None
    entry.save(update_fields=["state", "segment", "offered_to", "offered_at", "offer_until", "excluded", "only"])
    tell.add(events.RETURNED, **entry_fields(entry), priority=entry.priority, cause=cause, answered_before=False)


def enter(row: Interaction, queue: Queue, tell: Tell, now: datetime, **terms: Any) -> Entry:
    """A new entry of `row`, waiting. `terms` are fields of Entry."""
    target = terms.get("target_seconds")
    if target is not None:
        terms["earlier"] = earlier(queue.target_seconds, target)
    made = Entry.objects.create(
        interaction=row,
        queue=queue,
        channel=row.channel,
        entered_at=now,
        **{"waiting_since": now, "requirements": queue.requirements, "relaxation": queue.relaxation, **terms},
    )
    if row.queued_at is None:
        row.queued_at = now
        row.save(update_fields=["queued_at"])
    tell.add(events.ENTERED, **entry_fields(made), priority=made.priority, only=made.only_id, agent=None)
    return made


def waited_before(interaction: int) -> float:
    """Seconds that the customer has waited in queues of this centre already; a transfer keeps the place that gives."""
    spans = Entry.objects.filter(interaction_id=interaction, left_at__isnull=False).exclude(kind=Segment.Kind.CONSULT).values_list("entered_at", "left_at")
    return sum(max(0.0, (left - entered).total_seconds()) for entered, left in spans if left is not None)
