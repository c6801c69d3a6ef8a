"""Waiting contacts put into another order by hand: first, another priority, another queue. The wait itself is kept: it is the customer's."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_segments as segments
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require
from cordboard.routing import events, hours, policy, waits
from cordboard.routing.entries import close, enter, entry_fields, open_entry
from cordboard.routing.match import Settings
from cordboard.routing.models import Entry, Queue
from cordboard.routing.permissions import MANAGE
from cordboard.routing.scopes import may_manage
from cordboard.rules.published import published

FIRST, LAST = 1, 9


def set_priority(user: Any, interaction: int, priority: int) -> Act:
    """1 first, 9 last. Needs routing.manage. Came: done, already, not_now (it waits for nobody, or rings already), customer_gone."""
    if not FIRST <= priority <= LAST:
        raise ValueError(f"no priority {priority}")
    with transaction.atomic():
        entry, refused = _waiting(user, interaction)
        return refused if entry is None else _give(entry, priority, Tell.of(user))


def move_first(user: Any, interaction: int) -> Act:
    """Before all who wait in the same queue. Needs routing.manage. Came as with `set_priority`."""
    with transaction.atomic():
        entry, refused = _waiting(user, interaction)
        if entry is None:
            return refused
        step = _priority_step()
        others = Entry.objects.filter(queue_id=entry.queue_id, left_at=None, state=Entry.State.WAITING).exclude(pk=entry.pk)
        first = min((_place(*one, step) for one in others.values_list("waiting_since", "priority", "earlier")), default=None)
        if first is None or _place(entry.waiting_since, entry.priority, entry.earlier, step) < first:
            return Act(Came.ALREADY, interaction)
        # the highest priority whose place is before `first`: _place(since, p) = _place(since, 1) + (p - 1) * step < first
        before = math.ceil((first - _place(entry.waiting_since, 1, entry.earlier, step)) / step)
        return _give(entry, max(-32000, min(entry.priority, before)), Tell.of(user))


def move_to_queue(user: Any, interaction: int, queue: int, *, now: datetime | None = None) -> Act:
    """It waits in another queue, on that queue's terms, with its priority and the wait it has. In the figures it left the one and is a contact of the other.
    Needs routing.manage for both. Came as with `set_priority`, and no_such, closed (name)."""
    now = now or timezone.now()
    require(user, MANAGE)
    batch = policy.look_up(interaction, queue, now)
    with transaction.atomic():
        entry, refused = _waiting(user, interaction)
        if entry is None:
            return refused
        to = Queue.objects.filter(pk=queue).first()
        if to is None:
            return Act(Came.NO_SUCH, interaction)
        if to.pk == entry.queue_id:
            return Act(Came.ALREADY, interaction)
        may_manage(user, to.pk)
        if not to.open or not hours.is_open(to.hours, now):
            return Act(Came.CLOSED, interaction, name=to.name)
        tell = Tell.of(user)
        close(entry, Entry.State.LEFT, now)
        tell.add(events.LEFT, **entry_fields(entry), cause="moved")
        placed = policy.place(entry.interaction, to, now=now, keep_queue=True, batch=batch)
        made = enter(
            entry.interaction,
            to,
            tell,
            now,
            kind=entry.kind,
            counted=entry.counted,
            asked_by=entry.asked_by,
            excluded=entry.excluded,
            priority=entry.priority,
            target_seconds=placed.target,
            waiting_since=entry.waiting_since,
            requirements=placed.requirements,
            relaxation=placed.relaxation,
        )
        if (band := waits.band(to, made, now)) is not None:
            made.estimate_low, made.estimate_high = band.low, band.high
            made.save(update_fields=["estimate_low", "estimate_high"])
            tell.add(events.ESTIMATED, interaction=interaction, entry=made.pk, queue=to.pk, low=band.low, high=band.high)
        tell.write()
    return Act(Came.DONE, interaction)


def _waiting(user: Any, interaction: int) -> tuple[Entry | None, Act]:
    """The entry that waits, its interaction locked; else what to answer."""
    require(user, MANAGE)
    row = segments._locked(interaction)
    if row is None:
        return None, Act(Came.NO_SUCH, interaction)
    if row.ended_at is not None:
        return None, Act(Came.CUSTOMER_GONE, interaction)
    entry = open_entry(interaction)
    if entry is None or entry.state != Entry.State.WAITING or entry.kind == Segment.Kind.CONSULT or entry.only_id is not None:
        return None, Act(Came.NOT_NOW, interaction)
    may_manage(user, entry.queue_id)
    entry.interaction = row
    return entry, Act(Came.DONE, interaction)


def _give(entry: Entry, priority: int, tell: Tell) -> Act:
    if entry.priority == priority:
        return Act(Came.ALREADY, entry.interaction_id)
    entry.priority = priority
    entry.save(update_fields=["priority"])
    tell.add(events.ENTRY_CHANGED, **entry_fields(entry), priority=priority)
    tell.write()
    return Act(Came.DONE, entry.interaction_id)


def _priority_step() -> float:
    """Seconds of waiting that one step of priority is worth: said by the routing policy."""
    for one in published(policy.AREA):
        if one.compiled is not None:
            return Settings.of(one.compiled.parameters).priority_step
    return Settings().priority_step


def _place(waiting_since: datetime, priority: int, earlier: int, step: float) -> float:
    """As the matcher orders them."""
    return stamp(waiting_since) - earlier + (priority - 1) * step
