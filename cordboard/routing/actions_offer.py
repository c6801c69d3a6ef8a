"""The offer: accepted, rejected, not answered, taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions as interactions
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require
from cordboard.routing import actions_callback as callback
from cordboard.routing import actions_joined as joined
from cordboard.routing import actions_outbound as outbound
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.actions_call import lock_with_others, put_aside
from cordboard.routing.entries import back_to_waiting, close, entry_fields, exclude, offer_fields, open_entry
from cordboard.routing.models import AgentState, Entry, Outgoing
from cordboard.routing.permissions import AGENT
from cordboard.routing.rejection import REJECTIONS

PASSED_OVER = timedelta(seconds=60)
"""How long an agent who rejected or did not answer a contact is passed over for it."""


def accept_offer(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent takes what rings. Came: done, already, taken (name), expired, withdrawn, customer_gone, not_yours. Kinds offer and transfer
    make the agent the interaction's; a consult leaves it with the one who asked."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, others = lock_with_others(user.pk, interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        parts = segments._open_segments(interaction)
        mine = next((one for one in parts if one.agent_id == user.pk and one.state == Segment.State.OFFERED), None)
        entry = open_entry(interaction)
        if mine is None or entry is None or entry.segment_id != mine.pk:
            return _why_not(user, row, parts)
        if others:
            put_aside(user, interaction, now)
        agent = state.lock_agents([user.pk])[user.pk]
        tell = Tell.of(user)
        if entry.joins:
            mine.kind = Segment.Kind.CONFERENCE
            mine.save(update_fields=["kind"])
        segments._accept(row, mine, tell, now)
        wait = close(entry, Entry.State.ANSWERED, now)
        tell.add(
            events.OFFER_ACCEPTED,
            **{**offer_fields(entry, mine), "kind": str(mine.kind)},
            accepted_at=stamp(now),
            wait=round(wait, 3),
            in_target=bool(entry.in_target),
        )
        if mine.kind not in segments.BESIDE:
            segments._set_state(row, Interaction.State.ACTIVE, tell, agent=user.pk)
        state.talk(agent, interaction, tell, now)
        if mine.kind == Segment.Kind.CALLBACK:
            Outgoing.objects.filter(interaction=interaction).update(asked_at=now)
            callback.dialled(interaction, user, tell)
            outbound.request(mine, entry.queue, tell)
        tell.write()
    if mine.kind == Segment.Kind.OFFER:
        joined.call_answered(interaction, now=now)
    return Act(Came.DONE, interaction, mine.pk)


def _why_not(user: Any, row: Interaction, parts: list[Segment]) -> Act:
    """Nothing rings at this user for this interaction: what happened instead."""
    live = next((one for one in parts if one.agent_id == user.pk and one.state in segments.LIVE), None)
    if live is not None:
        return Act(Came.ALREADY, row.pk, live.pk)
    if row.ended_at is not None:
        return Act(Came.CUSTOMER_GONE, row.pk)
    last = Segment.objects.filter(interaction=row, agent_id=user.pk).order_by("-id").first()
    if last is None:
        return Act(Came.NOT_YOURS, row.pk)
    main = segments._main(parts)
    if main is not None and last.end_cause in ("no_answer", "rejected"):
        return Act(Came.TAKEN, row.pk, name=str(main.agent))
    if last.end_cause == "no_answer":
        return Act(Came.EXPIRED, row.pk)
    if last.end_cause == "withdrawn":
        return Act(Came.WITHDRAWN, row.pk)
    return Act(Came.NOT_NOW, row.pk)


def reject_offer(user: Any, interaction: int, reason: str = "", *, now: datetime | None = None) -> Act:
    """The agent does not take it: it goes on to the next, the agent stays ready and is passed over for this contact for a while. `reason` is a
    code of `rejection.py` or "" for none; another: no_such."""
    require(user, AGENT)
    now = now or timezone.now()
    if reason and reason not in REJECTIONS:
        return Act(Came.NO_SUCH, interaction)
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        parts = segments._open_segments(interaction)
        mine = next((one for one in parts if one.agent_id == user.pk and one.state == Segment.State.OFFERED), None)
        entry = open_entry(interaction)
        if mine is None or entry is None or entry.segment_id != mine.pk:
            last = Segment.objects.filter(interaction=row, agent_id=user.pk).order_by("-id").first()
            if last is not None and last.end_cause == "rejected":
                return Act(Came.ALREADY, interaction, last.pk)
            return _why_not(user, row, parts)
        agent = state.lock_agents([user.pk])[user.pk]
        tell = Tell.of(user)
        tell.add(events.OFFER_REJECTED, **offer_fields(entry, mine), reason=reason)
        segments._end(mine, "rejected", tell, now)
        if reason:
            mine.end_reason = reason
            mine.save(update_fields=["end_reason"])
            said = {"code": "routing.rejected", "values": {"agent": user.pk, "why": reason}}
            interactions.file_decision(interaction, "match", [said], now=now)
        state.unring(agent, tell, now)
        _on(row, entry, mine, "rejected", tell, now)
        tell.write()
    return Act(Came.DONE, interaction, mine.pk)


def withdraw_offer(interaction: int, cause: str, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The offer cannot be kept since the agent cannot be reached (the page did not connect, the microphone was refused): back to the head of
    the queue, the agent not ready with the system's reason. Returns whether one rang."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        entry = open_entry(interaction)
        if row is None or entry is None or entry.segment is None:
            return False
        agents = state.lock_agents([entry.segment.agent_id])
        tell = Tell(actor)
        segment = entry.segment
        tell.add(events.OFFER_WITHDRAWN, **offer_fields(entry, segment), cause=cause)
        segments._end(segment, "withdrawn", tell, now)
        state.punish(agents[segment.agent_id], "media-lost", tell, now)
        _on(row, entry, segment, cause, tell, now)
        tell.write()
    return True


def expire_offers(now: datetime | None = None, *, limit: int = 200) -> int:
    """Offers whose ring time is over (RONA): the agent not ready, the contact back at the head with its original wait. Returns how many."""
    now = now or timezone.now()
    due = list(Entry.objects.filter(state=Entry.State.OFFERED, offer_until__lte=now).order_by("offer_until").values_list("interaction_id", flat=True)[:limit])
    return sum(_expire(interaction, now) for interaction in sorted(due))


def _expire(interaction: int, now: datetime) -> bool:
    with transaction.atomic():
        row = segments._locked(interaction)
        entry = open_entry(interaction)
        if row is None or entry is None or entry.segment is None or entry.offer_until is None or entry.offer_until > now:
            return False  # accepted or gone in the meantime
        segment = entry.segment
        agents = state.lock_agents([segment.agent_id])
        tell = Tell("worker", "no answer")
        tell.add(events.OFFER_EXPIRED, **offer_fields(entry, segment))
        segments._end(segment, "no_answer", tell, now)
        state.punish(agents[segment.agent_id], "no-answer", tell, now)
        _on(row, entry, segment, "no_answer", tell, now)
        tell.write()
    return True


def agent_gone(row: Interaction, entry: Entry, agent: AgentState, tell: Tell, now: datetime) -> None:
    """The agent at whom it rings went offline: the offer goes on at once. In the caller's transaction."""
    segment = entry.segment
    assert segment is not None
    tell.add(events.OFFER_WITHDRAWN, **offer_fields(entry, segment), cause="agent_gone")
    segments._end(segment, "withdrawn", tell, now)
    state.offline(agent, tell, now)
    _on(row, entry, segment, "agent_gone", tell, now)


def _on(row: Interaction, entry: Entry, segment: Segment, cause: str, tell: Tell, now: datetime) -> None:
    """The offer came to nothing: the contact goes on to the next. A colleague asked in person who does not answer ends the consult; a contact
    given in person goes to its queue, since the giver has let go of it."""
    if entry.kind == Segment.Kind.CONSULT and entry.only_id is not None:
        close(entry, Entry.State.LEFT, now)
        tell.add(events.LEFT, **entry_fields(entry), cause=cause)
        asker = entry.asked_by
        if asker is not None:
            tell.add(
                events.CONSULT_BACKED_OUT,
                interaction=row.pk,
                segment=asker.pk,
                agent=asker.agent_id,
                to_agent=segment.agent_id,
                to_queue=None,
                to_segment=segment.pk,
                cause=cause,
            )
        return
    exclude(entry, segment.agent_id, now + PASSED_OVER)
    entry.only_id = None
    back_to_waiting(entry, cause, tell)
    if entry.kind != Segment.Kind.CONSULT:
        segments._set_state(row, Interaction.State.WAITING, tell)
