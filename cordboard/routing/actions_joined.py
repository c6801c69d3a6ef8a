"""A customer calls in while a callback is owed: nobody dials who is on the line, and a call that an agent answers settles the queue's promise.

A personal promise of a colleague stays theirs: the screen says so, and whoever answers may settle it. Each callback in a transaction of its own, after the one
in which the call was answered: the contact of a try that waits must not be locked after agents. What is missed between the two, the sweep does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_segments as segments
from cordboard.interactions import events as told
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContextValue, Interaction, Segment
from cordboard.interactions.tell import Tell, seconds
from cordboard.org.permissions import require
from cordboard.routing import dialling
from cordboard.routing import events_outbound as events
from cordboard.routing.actions_outbound import keep_context
from cordboard.routing.models import Callback
from cordboard.routing.permissions import AGENT

SETTLED, OPEN = "callback_settled", "callback_open"
"""What a call's context says of promises: {"callback": id, "asked_at": and "due": seconds since 1970, "owner": name, "about": one line}."""

State = Callback.State
WAITING = (State.SCHEDULED, State.QUEUED)


def on_the_line(owed: Iterable[Callback]) -> set[int]:
    """The ids of those callbacks whose customer calls us at this moment; the call in which it was asked for does not count, it is being said goodbye to. One query."""
    waiting = list(owed)
    if not waiting:
        return set()
    inbound = Interaction.objects.filter(channel=Interaction.Channel.VOICE, direction=Interaction.Direction.INBOUND)
    calls = inbound.filter(ended_at=None, from_address__in={one.number for one in waiting}).exclude(state=Interaction.State.ENDED)
    now = set(calls.exclude(entries__kind=Segment.Kind.MESSAGE).values_list("from_address", "pk"))
    return {one.pk for one in waiting if any(number == one.number and call != one.asked_in_id for number, call in now)}


def settled_by(callback: Callback) -> Interaction | None:
    """The call in that an agent has answered since the promise was made. Of a personal one only its owner's counts. One query."""
    calls = Interaction.objects.filter(direction=Interaction.Direction.INBOUND, from_address=callback.number, answered_at__gt=callback.created_at)
    if callback.owner_id is not None:
        calls = calls.filter(segments__agent=callback.owner_id, segments__accepted_at__gt=callback.created_at)
    return calls.exclude(pk=callback.asked_in_id or 0).exclude(segments__kind=Segment.Kind.MESSAGE).order_by("-answered_at").first()


def call_answered(interaction: int, *, now: datetime | None = None) -> int:
    """An agent has the customer: the callbacks that this call settles are closed, with the truth. Returns how many."""
    now = now or timezone.now()
    row = Interaction.objects.filter(pk=interaction, direction=Interaction.Direction.INBOUND, channel=Interaction.Channel.VOICE).first()
    if row is None or not row.from_address:
        return 0
    owed = Callback.objects.filter(number=row.from_address, state__in=WAITING, created_at__lt=row.answered_at or now).exclude(asked_in=interaction)
    found = list(owed.select_related("owner").order_by("-created_at"))
    if not found:
        return 0
    settles = dialling.terms().call_settles
    done, values = 0, {}
    for callback in found:
        name = OPEN
        if settles and callback.owner_id in (None, row.agent_id) and close_by(callback.pk, interaction, now=now):
            done, name = done + 1, SETTLED
        values[name] = _about(callback)
    with transaction.atomic():  # the agent's screen tells of the oldest of each; the rest are on the customer's page
        keep_context(row, values, now)
        tell = Tell("system")
        tell.add(told.CONTEXT_SET, interaction=interaction, names=sorted(values), by=str(ContextValue.By.SYSTEM), agent=row.agent_id)
        tell.write()
    return done


def _about(callback: Callback) -> dict[str, Any]:
    return {
        "callback": callback.pk,
        "asked_at": seconds(callback.created_at),
        "due": seconds(callback.due_at),
        "owner": str(callback.owner) if callback.owner is not None else "",
        "about": callback.about,
    }


def close_by(callback: int, interaction: int, *, user: Any = None, now: datetime | None = None) -> bool:
    """The call `interaction` settles it: a try that waits is not made. One that is being dialled this moment goes on. Returns whether it was open."""
    from cordboard.routing.actions_callback import _end_try, _fields, _save

    now = now or timezone.now()
    attempt = Callback.objects.filter(pk=callback).values_list("attempt_id", flat=True).first()
    with transaction.atomic():
        contact = segments._locked(attempt) if attempt is not None else None
        row = Callback.objects.select_for_update().filter(pk=callback, state__in=WAITING).first()
        if row is None or row.attempt_id != attempt:
            return False
        row.state, row.outcome, row.closed_at, row.due_at, row.attempt = State.DONE, Callback.CALLED_IN, now, None, None
        row.settled_in_id = interaction
        _save(row)
        tell = Tell.of(user) if user is not None else Tell("system", "the customer called in")
        tell.add(events.CALLBACK_CHANGED, **_fields(row), change="called_in", due=None, old_owner=row.owner_id)
        if contact is not None:
            _end_try(contact, tell, now)
        tell.write()
    return True


def settle(user: Any, interaction: int, callback: int, *, now: datetime | None = None) -> Act:
    """The agent who has the customer says that this call settles a promise, whosever it was. Came: done, already, not_yours, no_such."""
    require(user, AGENT)
    row = Interaction.objects.filter(pk=interaction).first()
    if row is None or not Segment.objects.filter(interaction=row, agent=user, accepted_at__isnull=False).exists():
        return Act(Came.NOT_YOURS, interaction)
    found = Callback.objects.select_related("owner").filter(pk=callback, number=row.from_address).first()
    if found is None:
        return Act(Came.NO_SUCH, interaction)
    if close_by(callback, interaction, user=user, now=now):
        with transaction.atomic():  # the screen says from now on that this call settles it
            keep_context(row, {SETTLED: _about(found)}, now or timezone.now())
            tell = Tell.of(user)
            tell.add(told.CONTEXT_SET, interaction=interaction, names=[SETTLED], by=str(ContextValue.By.SYSTEM), agent=row.agent_id)
            tell.write()
        return Act(Came.DONE, interaction)
    return Act(Came.ALREADY if found.closed_at is not None else Came.NOT_NOW, interaction)
