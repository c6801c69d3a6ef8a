"""A message that a caller left, as a contact: it waits in the queue, is offered like a call, and whoever takes it hears it, calls back, or is done with it.

The contact has no call of its own: what is heard is the recording (`channels/voice`). The callback that the message promised waits for it, and goes on with what
comes of it: dialled, tried again by the policy, or done.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_segments as segments
from cordboard.interactions import events as told
from cordboard.interactions.actions_context import file_decision, newest
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Segment, SubjectChange
from cordboard.interactions.tell import Tell
from cordboard.org.permissions import require
from cordboard.routing import actions_outbound as outbound
from cordboard.routing import actions_state as state
from cordboard.routing import events_outbound as events
from cordboard.routing.handing import had_by
from cordboard.routing.models import Callback
from cordboard.routing.permissions import AGENT, DIAL

State = Callback.State
KIND = Segment.Kind.MESSAGE


def open_message(row: Callback, tell: Tell, now: datetime) -> Interaction:
    """The contact by which a message is offered. In the caller's transaction; the entry is the caller's."""
    contact = Interaction.objects.create(
        channel=Interaction.Channel.VOICE, direction=Interaction.Direction.INBOUND, state=Interaction.State.WAITING, from_address=row.number,
        to_address=row.queue.caller_id, reporter_id=row.party_id, subject_id=row.party_id, language=row.language, headline=row.about, started_at=now,
        identified_by=Interaction.IdentifiedBy.ANI if row.party_id is not None else Interaction.IdentifiedBy.NOBODY,
    )  # fmt: skip
    tell.add(told.OPENED, interaction=contact.pk, channel=str(contact.channel), direction=str(contact.direction), state=str(contact.state))
    if row.party_id is not None:
        SubjectChange.objects.create(interaction=contact, new_id=row.party_id, why=contact.identified_by, at=now)
        tell.add(told.IDENTIFIED, interaction=contact.pk, party=row.party_id, by=str(contact.identified_by), candidates=1, agent=None)
    context: dict[str, Any] = newest(row.asked_in_id) if row.asked_in_id is not None else {}
    outbound.keep_context(contact, {**context, "callback": row.pk}, now)
    file_decision(contact.pk, "routing", [{"code": "routing.callback_voicemail", "values": {}, "rule": ""}], now=now)
    return contact


def call_back(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Who has heard the message calls: the contact is over, the dialled call is the next (`interaction` of what came). Came as with `dial`, and not_yours, not_now (it
    is no message). Needs routing.dial."""
    require(user, DIAL)
    now = now or timezone.now()
    with transaction.atomic():
        row, _parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        promised = Callback.objects.select_for_update().filter(attempt=interaction, state=State.QUEUED).first()
        if main.kind != KIND or promised is None:
            return Act(Came.NOT_NOW, interaction, main.pk)
        agent = state.lock_agents([user.pk]).get(user.pk)
        tell = Tell.of(user)
        segments._end(main, "called_back", tell, now)
        if agent is not None:
            state.free(agent, tell, now)
        promised.state, promised.attempt = State.DIALLING, None
        _save(promised)
        segments._customer_gone(row, "called_back", tell, now)
        tell.write()
        act = outbound.dial(user, promised.number, queue=promised.queue_id, party=row.subject_id, callback=promised, now=now)
        if act.came != Came.DONE or act.interaction is None:
            transaction.set_rollback(True)
            return act
        promised.attempt_id = act.interaction
        _save(promised)
        dialled = Interaction.objects.get(pk=act.interaction)
        outbound.keep_context(dialled, {**newest(interaction), "callback": promised.pk}, now)
        more = Tell.of(user)
        more.add(events.CALLBACK_CHANGED, **_fields(promised), change="taken", due=None, old_owner=promised.owner_id)
        more.write()
    return act


def done(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Heard, and nobody need be called: the promise is kept, the agent in wrap-up. Came: done, already, not_yours, not_now (it is no message)."""
    from cordboard.routing.actions_call import to_wrapup

    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, _parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            last = Segment.objects.filter(interaction=interaction, agent=user, kind=KIND).order_by("-pk").first()
            return Act(Came.ALREADY, interaction, last.pk) if last is not None and last.end_cause == "heard" else refused
        if main.kind != KIND:
            return Act(Came.NOT_NOW, interaction, main.pk)
        tell = Tell.of(user)
        to_wrapup(main, "heard", state.lock_agents([user.pk]).get(user.pk), tell, now)
        promised = Callback.objects.select_for_update().filter(attempt=interaction, state=State.QUEUED).first()
        if promised is not None:
            promised.state, promised.closed_at, promised.due_at, promised.attempt = State.DONE, now, None, None
            _save(promised)
            tell.add(events.CALLBACK_CHANGED, **_fields(promised), change="done", due=None, old_owner=promised.owner_id)
        segments._customer_gone(row, "heard", tell, now)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def _fields(row: Callback) -> dict[str, Any]:
    return {"callback": row.pk, "queue": row.queue_id, "owner": row.owner_id, "state": str(row.state)}


def _save(row: Callback) -> None:
    row.version += 1
    row.save()
