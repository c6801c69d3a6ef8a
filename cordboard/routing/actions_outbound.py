"""Calling out: an agent dials; the switch reports how it goes; what came of it is kept with the interaction.

The agent is Talking from the moment of dialling: to the system that is the call, and nothing else may be offered. The interaction counts as answered when
the customer answers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import actions_segments as segments
from cordboard.interactions import events as told
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContextValue, Interaction, Segment, SubjectChange
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require
from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.routing import actions_state as state
from cordboard.routing import dialling
from cordboard.routing import events_outbound as events
from cordboard.routing.models import AgentState, Callback, Entry, Outgoing, Queue, QueueMember
from cordboard.routing.permissions import DIAL
from cordboard.routing.scopes import manages

State = AgentState.State
Outcome = Outgoing.Outcome

BEGIN_WITHIN = timedelta(seconds=15)
"""How long a dialling may wait for a switch to take it up."""


def dial(user: Any, number: str, *, queue: int | None = None, party: int | None = None, callback: Callback | None = None, now: datetime | None = None) -> Act:
    """Call `number`, written in any way, on behalf of a queue (the user's first when none is named), whose caller id is shown. Whoever talks with another customer
    has them on hold from then on (`actions_state.may_call_out`). Came: done (with the interaction), not_dialled (why), not_now, no_such (the queue), not_yours (one
    neither serves nor manages it). Needs routing.dial."""
    require(user, DIAL)
    now = now or timezone.now()
    verdict = dialling.verdict_for(user, number, now=now)
    if verdict.why is not None:
        return Act(Came.NOT_DIALLED, name=dialling.words(verdict.why, verdict.by))
    behalf = _queue(user, queue)
    if behalf is None and queue is not None:
        return Act(Came.NO_SUCH)
    if behalf is not None and callback is None and not _may_speak_for(user, behalf):
        return Act(Came.NOT_YOURS, why=_("You do not serve the queue %(name)s, so you cannot call on its behalf.") % {"name": behalf.name})
    ring = round(dialling.terms().ring)
    with transaction.atomic():
        _lock_talks(user)
        agent = state.lock_agents([user.pk]).get(user.pk)
        if agent is None or not state.may_call_out(agent):
            return Act(Came.NOT_NOW)
        _put_aside(user, now)
        tell = Tell.of(user)
        row = _open(verdict.number, behalf, party, Interaction.State.ACTIVE, tell, now)
        Outgoing.objects.create(
            interaction=row, number=verdict.number, caller_id=row.from_address, queue=behalf, callback=callback, ring_seconds=ring, asked_at=now
        )
        segment = Segment.objects.create(
            interaction=row, agent_id=user.pk, kind=Segment.Kind.OUTBOUND, state=Segment.State.ACTIVE, offered_at=now, accepted_at=now
        )
        row.agent_id = user.pk
        row.save(update_fields=["agent"])
        tell.add(told.STATE_CHANGED, interaction=row.pk, old="", new=str(row.state), agent=user.pk)
        tell.add(told.SEGMENT_ACCEPTED, **segments._fields(segment), accepted_at=stamp(now))
        if agent.state == State.NOT_READY and not agent.pending:  # back to where they were
            agent.pending, agent.pending_reason = True, agent.reason
        agent.voice_load += 1
        state.talk(agent, row.pk, tell, now)
        request(segment, behalf, tell)
        tell.write()
    return Act(Came.DONE, row.pk, segment.pk)


def _lock_talks(user: Any) -> None:
    """Interactions are locked before agents, in the order of their ids."""
    talks = Segment.objects.filter(agent_id=user.pk, state=Segment.State.ACTIVE).values_list("interaction_id", flat=True)
    for interaction in sorted(talks):
        segments._locked(interaction)


def _put_aside(user: Any, now: datetime) -> None:
    from cordboard.routing.actions_call import put_aside  # it reports to `over`

    put_aside(user, None, now)


def _queue(user: Any, queue: int | None) -> Queue | None:
    if queue is not None:
        return Queue.objects.filter(pk=queue).first()
    membership = QueueMember.objects.select_related("queue").filter(agent_id=user.pk).order_by("queue_id").first()
    return membership.queue if membership is not None else None


def _may_speak_for(user: Any, queue: Queue) -> bool:
    """Whoever serves the queue, has a contact of it now or a promise to keep for it, and whoever manages it. A callback says itself on whose behalf it is."""
    if QueueMember.objects.filter(agent_id=user.pk, queue=queue).exists() or manages(user, queue.pk):
        return True
    own = Segment.objects.filter(agent_id=user.pk).exclude(state=Segment.State.ENDED).values("interaction")
    return Entry.objects.filter(queue=queue, interaction__in=own).exists() or Callback.objects.filter(queue=queue, owner_id=user.pk, closed_at=None).exists()


def _open(number: str, queue: Queue | None, party: int | None, as_state: str, tell: Tell, now: datetime, language: str = "") -> Interaction:
    """An interaction that we begin: from our number to theirs, about the customer named, else about the one to whom the number belongs."""
    if party is None:
        found = parties.identify(number).parties
        party = found[0].pk if len(found) == 1 else None
        by = Interaction.IdentifiedBy.ANI if party is not None else Interaction.IdentifiedBy.NOBODY
    else:
        by = Interaction.IdentifiedBy.AGENT
    known = Party.objects.only("languages").filter(pk=party).first() if party is not None else None
    row = Interaction.objects.create(
        channel=Interaction.Channel.VOICE,
        direction=Interaction.Direction.OUTBOUND,
        state=as_state,
        from_address=queue.caller_id if queue is not None else "",
        to_address=number,
        reporter_id=party,
        subject_id=party,
        identified_by=by,
        language=language or (known.language if known is not None else ""),
        started_at=now,
    )
    tell.add(told.OPENED, interaction=row.pk, channel=str(row.channel), direction=str(row.direction), state=str(row.state))
    if party is not None:
        SubjectChange.objects.create(interaction=row, new_id=party, why=by, at=now)
        tell.add(told.IDENTIFIED, interaction=row.pk, party=party, by=str(by), candidates=1, agent=None)
    return row


def keep_context(row: Interaction, values: dict[str, Any], now: datetime) -> None:
    """What was known where the callback was asked for goes with it."""
    ContextValue.objects.bulk_create(ContextValue(interaction=row, name=name, value=value, by=ContextValue.By.SYSTEM, at=now) for name, value in values.items())


def request(segment: Segment, queue: Queue | None, tell: Tell) -> None:
    """The agent is ready for it: the switch connects the agent and calls the customer. In the caller's transaction."""
    tell.add(
        events.DIAL_REQUESTED,
        interaction=segment.interaction_id,
        segment=segment.pk,
        agent=segment.agent_id,
        kind=str(segment.kind),
        queue=queue.pk if queue is not None else None,
    )


# ---- what the switch reports ------------------------------------------------------------------------------------------


def begun(interaction: int, now: datetime) -> bool:
    """A switch takes it up: only one does. In the caller's transaction or its own."""
    return bool(Outgoing.objects.filter(interaction=interaction, asked_at__isnull=False, begun_at=None, outcome="").update(begun_at=now))


def rings(interaction: int, *, trunk: str = "", actor: str = "switch", now: datetime | None = None) -> bool:
    """The customer's telephone rings; `trunk` is the one that was chosen."""
    return _progress(interaction, "rings", "rang_at", actor, now or timezone.now(), trunk)


def answered(interaction: int, *, trunk: str = "", actor: str = "switch", now: datetime | None = None) -> bool:
    """The customer has answered: the talk begins. `trunk` carries it."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None or not _progress(interaction, "answered", "answered_at", actor, now, trunk):
            return False
        if row.answered_at is None:
            row.answered_at = now
            row.save(update_fields=["answered_at"])
    return True


def _progress(interaction: int, step: str, field: str, actor: str, now: datetime, trunk: str = "") -> bool:
    known = {"trunk": trunk[:40]} if trunk else {}
    with transaction.atomic():
        if not Outgoing.objects.filter(interaction=interaction, outcome="", **{field: None}).update(**{field: now}, **known):
            return False
        agent = Interaction.objects.values_list("agent_id", flat=True).get(pk=interaction)
        tell = Tell(actor)
        tell.add(events.DIAL_PROGRESS, interaction=interaction, step=step, agent=agent)
        tell.write()
    return True


def over(row: Interaction, cause: str, tell: Tell, now: datetime) -> None:
    """The contact is over, however: what came of the dialling is kept, and a callback goes on or is done. In the transaction of `customer_left`, the interaction locked."""
    out = Outgoing.objects.select_related("callback").filter(interaction=row).first()
    if out is None:
        return
    if out.outcome in HEARD.values():
        pass  # told before, by ear
    elif out.answered_at is not None:
        out.outcome = Outcome.ANSWERED
    elif cause in Outcome.values:
        out.outcome = cause
    else:
        out.outcome = Outcome.CANCELLED if cause in ("agent", "customer", "cancelled") else Outcome.FAILED
    out.save(update_fields=["outcome"])
    tell.add(events.DIAL_ENDED, interaction=row.pk, outcome=str(out.outcome), agent=row.agent_id, queue=out.queue_id)
    if out.callback_id is not None:
        from cordboard.routing.actions_callback import tried  # it makes attempts by what is above

        tried(out, cause, tell, now)


HEARD = {"voicemail": Outcome.VOICEMAIL, "beep": Outcome.VOICEMAIL, "busy": Outcome.BUSY, "unobtainable": Outcome.UNKNOWN_NUMBER}
"""What is heard after the answer, and what came of the call then: exchanges exist that answer with a tone in place of a cause."""


def answered_by(interaction: int, what: str, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """Who or what answered, as it sounds: person, voicemail, beep, busy, unobtainable, fax, silence. Kept with the contact; of a machine or a tone the outcome says so, and a
    callback is tried again. What is heard later corrects what was heard before."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        out = Outgoing.objects.filter(interaction=interaction).first() if row is not None else None
        if row is None or out is None or row.ended_at is not None or out.outcome not in ("", *HEARD.values()):
            return False
        out.outcome = HEARD.get(what, "")
        out.save(update_fields=["outcome"])
        keep_context(row, {"answered_by": what}, now)
        tell = Tell(actor)
        tell.add(told.CONTEXT_SET, interaction=interaction, names=["answered_by"], by=str(ContextValue.By.SYSTEM), agent=None)
        tell.add(events.DIAL_PROGRESS, interaction=interaction, step=what, agent=row.agent_id)
        tell.write()
    return True


def sweep_dials(now: datetime | None = None) -> int:
    """Diallings that no switch took up (none was there) are over: the agent is told, a callback is tried again. Returns how many."""
    from cordboard.routing.actions_call import customer_left  # it reports to `over`

    now = now or timezone.now()
    late = Outgoing.objects.filter(begun_at=None, outcome="", asked_at__lt=now - BEGIN_WITHIN, interaction__ended_at=None).order_by("interaction_id")
    return sum(customer_left(interaction, "failed", actor="worker", now=now) for interaction in list(late.values_list("interaction_id", flat=True)[:100]))
