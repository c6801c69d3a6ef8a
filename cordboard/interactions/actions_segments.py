"""The life of segments and of the interaction as a whole.

The functions that begin with an underscore are for actions of this and higher packages (routing): they run in the caller's transaction with
the interaction locked by `_locked`, and add their events to the caller's `Tell`. The rest are acts of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import events
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.finishing import what_follows
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.permissions import HANDLE
from cordboard.interactions.tell import Tell, stamp
from cordboard.org.permissions import require

LIVE = (Segment.State.ACTIVE, Segment.State.HELD)
"""The agent has the customer (or the colleague, in a consult) on the line."""
OPEN = (Segment.State.OFFERED, *LIVE, Segment.State.WRAPUP)
BESIDE = (Segment.Kind.CONSULT, Segment.Kind.CONFERENCE, Segment.Kind.SUPERVISE)
"""Parts beside the one that has the customer."""


def _locked(interaction: int) -> Interaction | None:
    return Interaction.objects.select_for_update().filter(pk=interaction).first()


def _open_segments(interaction: int) -> list[Segment]:
    """Every open segment of a locked interaction, oldest first."""
    return list(Segment.objects.filter(interaction_id=interaction, state__in=OPEN).select_related("agent").order_by("id"))


def _main(segments: Sequence[Segment]) -> Segment | None:
    """The segment that has the customer: live, and not beside another."""
    return next((one for one in segments if one.state in LIVE and one.kind not in BESIDE), None)


def _consulted(segments: Sequence[Segment]) -> Segment | None:
    """The colleague's part of a consult, ringing or live."""
    return next((one for one in segments if one.kind == Segment.Kind.CONSULT and one.state in (Segment.State.OFFERED, *LIVE)), None)


def _members(segments: Sequence[Segment]) -> list[Segment]:
    """Who talks with the customer beside the one who has them, the longest first."""
    members = [one for one in segments if one.kind == Segment.Kind.CONFERENCE and one.state in LIVE]
    return sorted(members, key=lambda one: (one.accepted_at or one.offered_at, one.pk))


def _supervisors(segments: Sequence[Segment]) -> list[Segment]:
    return [one for one in segments if one.kind == Segment.Kind.SUPERVISE and one.state in LIVE]


def _fields(segment: Segment) -> dict[str, Any]:
    return {"interaction": segment.interaction_id, "segment": segment.pk, "agent": segment.agent_id, "kind": str(segment.kind)}


def _set_state(row: Interaction, new: str, tell: Tell, *, agent: int | None = None) -> None:
    """`agent`: who has it from now on; None leaves it."""
    old, had = str(row.state), row.agent_id
    row.state = new
    if agent is not None:
        row.agent_id = agent
    if (old, had) != (str(new), row.agent_id):
        row.save(update_fields=["state", "agent"])
        tell.add(events.STATE_CHANGED, interaction=row.pk, old=old, new=str(new), agent=row.agent_id)


def _offer(row: Interaction, agent: int, kind: str, now: datetime) -> Segment:
    """Told by routing.offer_made."""
    return Segment.objects.create(interaction=row, agent_id=agent, kind=kind, offered_at=now)


def _accept(row: Interaction, segment: Segment, tell: Tell, now: datetime) -> None:
    segment.state, segment.accepted_at = Segment.State.ACTIVE, now
    segment.save(update_fields=["state", "accepted_at"])
    if row.answered_at is None and segment.kind not in (*BESIDE, Segment.Kind.CALLBACK):  # of a callback it is the customer who answers
        row.answered_at = now
        row.save(update_fields=["answered_at"])
    tell.add(events.SEGMENT_ACCEPTED, **_fields(segment), accepted_at=stamp(now))


def _end(segment: Segment, cause: str, tell: Tell, now: datetime, wrapup_until: datetime | None = None) -> None:
    """The agent's part of the talk is over; with `wrapup_until` wrap-up follows, else the segment is done with."""
    if segment.state == Segment.State.HELD:
        _count_hold(segment, now)
    _count_away(segment, now)
    segment.ended_at, segment.end_cause, segment.wrapup_until = now, cause, wrapup_until
    segment.state = Segment.State.ENDED if wrapup_until is None else Segment.State.WRAPUP
    segment.save(update_fields=["state", "held_at", "held_seconds", "away_at", "away_seconds", "ended_at", "end_cause", "wrapup_until"])
    if segment.kind == Segment.Kind.SUPERVISE:  # told where the agent does not look
        tell.add(events.SUPERVISION_ENDED, **_supervision(segment), cause=cause, mode=segment.mode)
        return
    tell.add(events.SEGMENT_ENDED, **_fields(segment), cause=cause, wrapup_until=None if wrapup_until is None else stamp(wrapup_until))
    for supervisor in Segment.objects.filter(supervises=segment, state__in=LIVE):
        _end(supervisor, cause if cause == "customer_gone" else "agent_left", tell, now)


def _supervision(segment: Segment) -> dict[str, Any]:
    return {"interaction": segment.interaction_id, "segment": segment.pk, "agent": segment.agent_id, "of": segment.supervises_id}


def _wrap_up(segment: Segment, tell: Tell, now: datetime, *, overdue: bool) -> None:
    segment.state, segment.wrapped_up_at = Segment.State.ENDED, now
    segment.save(update_fields=["state", "wrapped_up_at"])
    tell.add(events.SEGMENT_WRAPPED_UP, **_fields(segment), overdue=overdue)


def _hold(segment: Segment, tell: Tell, now: datetime) -> None:
    if segment.state != Segment.State.HELD:
        segment.state, segment.held_at = Segment.State.HELD, now
        segment.save(update_fields=["state", "held_at"])
        tell.add(events.SEGMENT_HELD, **_fields(segment), held_at=stamp(now))


def _resume(segment: Segment, tell: Tell, now: datetime) -> None:
    if segment.state == Segment.State.HELD:
        _count_hold(segment, now)
        segment.state = Segment.State.ACTIVE
        segment.save(update_fields=["state", "held_at", "held_seconds"])
        tell.add(events.SEGMENT_RESUMED, **_fields(segment), held_seconds=segment.held_seconds)


def _count_hold(segment: Segment, now: datetime) -> None:
    if segment.held_at is not None:
        segment.held_seconds = round(segment.held_seconds + max(0.0, (now - segment.held_at).total_seconds()), 3)
    segment.held_at = None


def _count_away(segment: Segment, now: datetime) -> None:
    if segment.away_at is not None:
        segment.away_seconds = round(segment.away_seconds + max(0.0, (now - segment.away_at).total_seconds()), 3)
    segment.away_at = None


def _customer_gone(row: Interaction, cause: str, tell: Tell, now: datetime) -> None:
    """The customer left. Segments were ended before; if one is still in wrap-up the interaction waits for it, else it is closed."""
    row.ended_at, row.end_cause = now, cause
    row.save(update_fields=["ended_at", "end_cause"])
    tell.add(events.ENDED, interaction=row.pk, cause=cause, agent=row.agent_id)
    _close_when_done(row, tell, now)


def _close_when_done(row: Interaction, tell: Tell, now: datetime) -> bool:
    """Close an interaction whose customer is gone and whose agents are done. Returns whether it is closed."""
    if row.ended_at is None:
        return False
    if Segment.objects.filter(interaction=row, state__in=OPEN).exists():
        _set_state(row, Interaction.State.WRAPUP, tell)
        return False
    if row.closed_at is None:
        row.closed_at = now
        row.save(update_fields=["closed_at"])
        _set_state(row, Interaction.State.ENDED, tell)
        tell.add(events.CLOSED, interaction=row.pk, agent=row.agent_id)
    return True


# ---- acts -----------------------------------------------------------------------------------------------------


def hold(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The customer hears music. Only the agent who has the customer may."""
    require(user, HANDLE)
    now = now or timezone.now()
    with transaction.atomic():
        segment, refused = _mine(user, interaction)
        if segment is None:
            return refused
        if segment.state == Segment.State.HELD:
            return Act(Came.ALREADY, interaction, segment.pk)
        tell = Tell.of(user)
        _hold(segment, tell, now)
        tell.write()
    return Act(Came.DONE, interaction, segment.pk)


def resume(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Back to the customer. While a colleague is consulted that is for `back_out_of_consult`: not_now."""
    require(user, HANDLE)
    now = now or timezone.now()
    with transaction.atomic():
        segment, refused = _mine(user, interaction)
        if segment is None:
            return refused
        if segment.state != Segment.State.HELD:
            return Act(Came.ALREADY, interaction, segment.pk)
        if _consulted(_open_segments(interaction)) is not None:
            return Act(Came.NOT_NOW, interaction, segment.pk)
        tell = Tell.of(user)
        _resume(segment, tell, now)
        tell.write()
    return Act(Came.DONE, interaction, segment.pk)


def customer_away(interaction: int, away: bool, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The customer's own side keeps us on hold (their exchange, say), or takes us back: the agents see it, and the time is counted with their parts. Returns whether
    anybody was concerned."""
    now = now or timezone.now()
    with transaction.atomic():
        if _locked(interaction) is None:
            return False
        tell = Tell(actor)
        for part in _open_segments(interaction):
            if part.state not in LIVE or part.kind == Segment.Kind.SUPERVISE or (part.away_at is not None) == away:
                continue
            if away:
                part.away_at = now
            else:
                _count_away(part, now)
            part.save(update_fields=["away_at", "away_seconds"])
            tell.add(events.CUSTOMER_AWAY, **_fields(part), away=away, away_seconds=part.away_seconds)
        told = bool(tell.events)
        tell.write()
    return told


def request_hang_up(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Ask the switch to hang up; it reports that the customer is gone. Asked again, it is told again: the switch may have been dead."""
    require(user, HANDLE)
    with transaction.atomic():
        segment, refused = _mine(user, interaction)
        if segment is None:
            return refused
        tell = Tell.of(user)
        tell.add(events.HANG_UP_REQUESTED, interaction=interaction, segment=segment.pk, agent=user.pk, then=what_follows(interaction))
        tell.write()
    return Act(Came.DONE, interaction, segment.pk)


def _mine(user: Any, interaction: int) -> tuple[Segment | None, Act]:
    """The user's segment that has the customer, the interaction locked; or why there is none."""
    row = _locked(interaction)
    if row is None:
        return None, Act(Came.NO_SUCH, interaction)
    main = _main(_open_segments(interaction))
    if main is not None and main.agent_id == user.pk:
        return main, Act(Came.DONE, interaction, main.pk)
    if row.ended_at is not None:
        return None, Act(Came.CUSTOMER_GONE, interaction)
    return None, Act(Came.NOT_YOURS, interaction)
