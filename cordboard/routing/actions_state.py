"""How an agent's row changes in the course of an act. For the other actions of routing: in the caller's transaction, the row locked by
`lock_agents` (after the interactions), events into the caller's `Tell`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from cordboard.events import presence
from cordboard.interactions.actions_segments import BESIDE
from cordboard.interactions.models import OutsideParty, Segment
from cordboard.interactions.tell import Tell, seconds, stamp
from cordboard.routing import events
from cordboard.routing.models import AgentState, NotReadyReason, StateLog

State = AgentState.State

SYSTEM_REASONS: dict[str, dict[str, str]] = {
    "no-answer": {"en": "Did not answer", "nl": "Niet opgenomen", "ru": "Нет ответа", "th": "ไม่ได้รับสาย", "zh-hans": "未接听"},
    "supervising": {"en": "Listening in", "nl": "Luistert mee", "ru": "Прослушивает разговор", "th": "กำลังฟังการสนทนา", "zh-hans": "正在监听"},
    "media-lost": {"en": "Connection lost", "nl": "Verbinding kwijt", "ru": "Связь потеряна", "th": "การเชื่อมต่อขาดหาย", "zh-hans": "连接中断"},
}
"""Reasons that the router sets by itself; they come into being with their first use."""


def lock_agents(agents: Iterable[int]) -> dict[int, AgentState]:
    """The rows of these agents, locked in the order of their ids. Agents without a row are missing."""
    ids = sorted(set(agents))
    rows = AgentState.objects.select_for_update(of=("self",)).select_related("reason", "pending_reason").filter(agent_id__in=ids).order_by("agent_id")
    return {row.agent_id: row for row in rows}


def system_reason(code: str) -> NotReadyReason:
    return NotReadyReason.objects.get_or_create(code=code, defaults={"names": SYSTEM_REASONS[code], "by_system": True, "order": 900})[0]


def heard(agent: int, now: datetime) -> bool:
    """Whether a page of the agent was heard within the grace."""
    return bool(presence.present([agent], now))


def change(
    row: AgentState,
    state: str,
    tell: Tell,
    now: datetime,
    *,
    reason: NotReadyReason | None = None,
    until: datetime | None = None,
    interaction: int | None = None,
) -> None:
    """Bring the row into `state`, keep it, log it, tell it. Counters and flags that the caller has set on the row are kept with it."""
    moved = row.state != state or row.reason_id != (reason.pk if reason else None)
    if moved or row.until != until:
        row.over_told_at = row.over_seen_at = None
    row.state, row.reason, row.until = state, reason, until
    if moved:
        row.since = now
        StateLog.objects.create(agent_id=row.agent_id, state=state, reason=reason, at=now)
    row.version += 1
    row.save()
    tell_state(row, tell, interaction)


def tell_state(row: AgentState, tell: Tell, interaction: int | None = None) -> None:
    tell.add(events.AGENT_STATE_CHANGED, **state_fields(row), interaction=interaction)


def state_fields(row: AgentState) -> dict[str, Any]:
    """The values of one agent as events and snapshots carry them."""
    return {
        "agent": row.agent_id,
        "state": str(row.state),
        "reason": row.reason.code if row.reason else None,
        "since": stamp(row.since),
        "until": seconds(row.until),
        "pending": row.pending,
        "pending_reason": row.pending_reason.code if row.pending_reason else None,
        "load": row.voice_load,
        "capacity": row.voice_capacity,
    }


def ring(row: AgentState, interaction: int, tell: Tell, now: datetime) -> None:
    row.voice_load += 1
    change(row, State.OFFERED, tell, now, interaction=interaction)


def talk(row: AgentState, interaction: int, tell: Tell, now: datetime) -> None:
    change(row, State.TALKING, tell, now, interaction=interaction)


def wrap(row: AgentState, interaction: int, tell: Tell, now: datetime) -> None:
    row.media_lost_at = None
    change(row, State.WRAPUP, tell, now, interaction=interaction)


def unring(row: AgentState, tell: Tell, now: datetime) -> None:
    """What rang is gone, by no fault of the agent's: ready as long as before."""
    _less(row)
    _idle(row, tell, now, row.idle_since or now)


def free(row: AgentState, tell: Tell, now: datetime) -> None:
    """The work is done: ready, or not ready when that was pending, or offline when no page was heard meanwhile."""
    _less(row)
    row.media_lost_at = None
    if not heard(row.agent_id, now):
        offline(row, tell, now)
    else:
        _idle(row, tell, now, now)


def can_take(row: AgentState) -> bool:
    """Whether a contact may be given to this agent in person: ready; or with another on hold, where the agent may have two. One query for the latter."""
    if row.pending or row.voice_load >= row.voice_capacity:
        return False
    if row.state == State.READY:
        return True
    busy = (Segment.State.OFFERED, Segment.State.ACTIVE, Segment.State.WRAPUP)
    return row.state == State.TALKING and not Segment.objects.filter(agent_id=row.agent_id, state__in=busy).exists()


LINES = 2
"""Contacts that an agent may have on the telephone by own doing: one spoken, one on hold."""


APART = (*BESIDE, Segment.Kind.MESSAGE)
"""Parts beside which nobody calls out: whoever hears a message calls its customer back, or is done with it."""


def may_call_out(row: AgentState) -> bool:
    """Whether the agent may begin a call. The capacity limits what is given to an agent, not what the agent begins: whoever talks puts that on hold and calls somebody
    else meanwhile, and whoever wraps up may call at once. Not while it rings, here or at the customer, and not with a colleague or somebody outside in the call. Three
    queries at most."""
    if row.state in (State.READY, State.NOT_READY):
        return True
    if row.state not in (State.TALKING, State.WRAPUP):
        return False
    own = Segment.objects.filter(agent_id=row.agent_id).exclude(state=Segment.State.ENDED)
    parts = list(own.select_related("interaction"))
    if len(parts) >= LINES or any(part.state == Segment.State.OFFERED or part.kind in APART or _calls_still(part) for part in parts):
        return False
    talks = [part.interaction_id for part in parts]
    with_others = Segment.objects.filter(interaction_id__in=talks).exclude(agent_id=row.agent_id).exclude(kind=Segment.Kind.SUPERVISE)
    live = (Segment.State.OFFERED, Segment.State.ACTIVE, Segment.State.HELD)
    outside = OutsideParty.objects.filter(interaction_id__in=talks).exclude(state=OutsideParty.State.ENDED)
    return not with_others.filter(state__in=live).exists() and not outside.exists()


def _calls_still(part: Segment) -> bool:
    row = part.interaction
    return part.state == Segment.State.ACTIVE and row.direction == row.Direction.OUTBOUND and row.answered_at is None


_WORK = {
    Segment.State.ACTIVE: State.TALKING,
    Segment.State.HELD: State.TALKING,
    Segment.State.OFFERED: State.OFFERED,
    Segment.State.WRAPUP: State.WRAPUP,
}


def _other_work(row: AgentState, tell: Tell, now: datetime) -> bool:
    """One of two contacts is done with: the agent is in the other one."""
    if row.voice_load <= 0:
        return False
    parts = Segment.objects.filter(agent_id=row.agent_id, state__in=list(_WORK)).exclude(kind=Segment.Kind.SUPERVISE)
    found = {part.state: part.interaction_id for part in parts}
    for code, wanted in _WORK.items():
        if code in found:
            change(row, wanted, tell, now, interaction=found[code])
            return True
    return False


def _idle(row: AgentState, tell: Tell, now: datetime, idle_since: datetime) -> None:
    if _other_work(row, tell, now):
        return
    if row.pending:
        not_ready(row, row.pending_reason, expiry(row.pending_reason, now), tell, now)
    else:
        row.idle_since = idle_since
        change(row, State.READY, tell, now)


def not_ready(row: AgentState, reason: NotReadyReason | None, until: datetime | None, tell: Tell, now: datetime) -> None:
    row.pending, row.pending_reason, row.idle_since = False, None, None
    change(row, State.NOT_READY, tell, now, reason=reason, until=until)


def punish(row: AgentState, code: str, tell: Tell, now: datetime) -> None:
    """What rang was not answered, or the agent is not heard: not ready with the system's reason, until the agent says otherwise."""
    _less(row)
    not_ready(row, system_reason(code), None, tell, now)


def lose(row: AgentState, tell: Tell, now: datetime) -> None:
    """The agent had a contact and is not heard any more: not ready until the agent says otherwise, offline when the page is gone too."""
    row.media_lost_at = None
    if heard(row.agent_id, now):
        punish(row, "media-lost", tell, now)
    else:
        offline(row, tell, now)


def offline(row: AgentState, tell: Tell, now: datetime) -> None:
    """Whoever had two contacts has none any more: wrapping up the second changes nothing of the load of somebody who is not there."""
    row.voice_load = 0
    row.pending, row.pending_reason, row.idle_since, row.media_lost_at = False, None, None, None
    change(row, State.OFFLINE, tell, now)


def expiry(reason: NotReadyReason | None, now: datetime) -> datetime | None:
    return now + timedelta(minutes=reason.minutes) if reason is not None and reason.minutes else None


def is_over(row: AgentState, now: datetime) -> bool:
    """Whether the agent is in a not-ready state longer than it was meant to last."""
    return row.state == State.NOT_READY and row.until is not None and row.until <= now


def _less(row: AgentState) -> None:
    row.voice_load = max(0, row.voice_load - 1)
