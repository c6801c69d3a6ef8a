"""Agents' states: ready, not ready with a reason, pending, presence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cordboard.events import presence
from cordboard.events.models import Presence
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Segment
from cordboard.interactions.tell import Tell, stamp
from cordboard.lib.kept import Kept
from cordboard.org.permissions import require
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.actions_offer import agent_gone
from cordboard.routing.entries import open_entry
from cordboard.routing.models import AgentState, NotReadyReason
from cordboard.routing.permissions import AGENT
from cordboard.routing.scopes import may_set

State = AgentState.State
IN_WORK = (State.OFFERED, State.TALKING, State.WRAPUP)

HEARD_JUST_NOW = timedelta(seconds=4)
"""Well within the grace that a silent page has (`presence.GRACE`): the new page is heard itself before that runs out."""
_HEARD = Kept(
    lambda agent, since: (
        AgentState.objects.filter(agent_id=agent)
        .exclude(state=State.OFFLINE)
        .filter(Exists(Presence.objects.filter(user=OuterRef("agent_id"), seen_at__gte=since)))
        .values_list("agent_id", flat=True)
    )
)


def sign_in(user: Any, *, back: bool = False, now: datetime | None = None) -> None:
    """The agent's desktop is open: Not ready (no reason) when it was Offline; else nothing changes. Whom a manager has signed out stays so, however often the
    page is opened, until an act of the agent's own (`back`). A desk that was heard a moment ago, and is not Offline, has nothing to write: its page is
    fetched far more often than it is opened."""
    require(user, AGENT)
    now = now or timezone.now()
    if _HEARD.first(user.pk, now - HEARD_JUST_NOW):
        return
    with transaction.atomic():
        AgentState.objects.get_or_create(agent_id=user.pk, defaults={"since": now})
        presence.heard([user.pk], now)
        row = state.lock_agents([user.pk])[user.pk]
        if row.state == State.OFFLINE and (back or row.signed_out_at is None):
            row.signed_out_at = row.signed_out_by_id = None
            tell = Tell.of(user)
            state.not_ready(row, None, None, tell, now)
            tell.write()


def come_back(user: Any, *, now: datetime | None = None) -> Act:
    """Not ready again after a manager's sign-out, by the agent's own will. Came: done, already (one is not offline)."""
    require(user, AGENT)
    if AgentState.objects.filter(agent_id=user.pk).exclude(state=State.OFFLINE).exists():
        return Act(Came.ALREADY)
    sign_in(user, back=True, now=now)
    return Act(Came.DONE)


def sign_out(user: Any, *, agent: int | None = None, now: datetime | None = None) -> Act:
    """Offline at once when idle; an offer goes back first. In a call or in wrap-up: not_now (that must end before). `agent`: somebody else, which
    needs routing.supervise and holds until they come back themselves."""
    now = now or timezone.now()
    if agent is not None and agent != user.pk:
        may_set(user, agent)
    else:
        require(user, AGENT)
    with transaction.atomic():
        if agent is not None and agent != user.pk:
            return _go_offline(agent, Tell.of(user), now, by=user.pk)
        return _go_offline(user.pk, Tell.of(user), now)


def _go_offline(agent: int, tell: Tell, now: datetime, *, by: int | None = None) -> Act:
    """Lock what rings, then the agent; look again under the locks. `by`: the manager who does it."""
    rings = list(Segment.objects.filter(agent_id=agent, state=Segment.State.OFFERED).order_by("interaction_id").values_list("interaction_id", flat=True))
    locked = {interaction: segments._locked(interaction) for interaction in rings}
    row = state.lock_agents([agent]).get(agent)
    if row is None or row.state == State.OFFLINE:
        return Act(Came.ALREADY)
    if row.state in (State.TALKING, State.WRAPUP):
        return Act(Came.NOT_NOW)
    if by is not None:
        row.signed_out_at, row.signed_out_by_id = now, by
    if row.state == State.OFFERED:
        for interaction, contact in locked.items():
            entry = open_entry(interaction)
            if contact is not None and entry is not None and entry.offered_to_id == agent and entry.segment is not None:
                agent_gone(contact, entry, row, tell, now)
                tell.write()
                return Act(Came.DONE)
        return Act(Came.NOT_NOW)  # it began to ring this instant, or a row is held by the act that ends it: try again
    state.offline(row, tell, now)
    tell.write()
    return Act(Came.DONE)


def leave_service(agent: int, by: Any, now: datetime) -> None:
    """The agent's account is closed: offline at once, what rings goes back. A call or wrap-up that stands ends by itself, and nothing comes after it. In the caller's
    transaction."""
    tell = Tell.of(by)
    if _go_offline(agent, tell, now, by=by.pk).came is not Came.NOT_NOW:
        return
    row = state.lock_agents([agent])[agent]
    row.pending, row.pending_reason, row.signed_out_at, row.signed_out_by_id = True, None, now, by.pk
    state.change(row, row.state, tell, now, reason=row.reason, until=row.until)
    tell.write()


def return_to_service(agent: int) -> None:
    """The account is open again: the next opening of a desktop signs the agent in. In the caller's transaction."""
    AgentState.objects.filter(agent=agent).update(signed_out_at=None, signed_out_by=None)


def set_ready(user: Any, *, agent: int | None = None, now: datetime | None = None) -> Act:
    """Ready, or, while in work, no longer pending. Who was offline (the page slept) is signed in by it. `agent`: somebody else's state, which
    needs routing.supervise."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _row(user, agent, now)
        if row is None or row.state == State.OFFLINE:
            return Act(Came.NOT_NOW)
        tell = Tell.of(user)
        if row.state in IN_WORK:
            if not row.pending:
                return Act(Came.ALREADY)
            row.pending, row.pending_reason = False, None
            state.change(row, row.state, tell, now, reason=row.reason, until=row.until)
        elif row.state == State.READY:
            return Act(Came.ALREADY)
        else:
            row.idle_since = now
            state.change(row, State.READY, tell, now)
        tell.write()
    return Act(Came.DONE)


def set_not_ready(user: Any, reason: str = "", *, until: datetime | None = None, agent: int | None = None, now: datetime | None = None) -> Act:
    """Not ready with a reason's code ("": none); while in work pending until it is done. `until` defaults to the reason's minutes. An offer that
    rings stays: reject it, or accept and be pending."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _row(user, agent, now)
        if row is None or row.state == State.OFFLINE:
            return Act(Came.NOT_NOW)
        why = NotReadyReason.objects.filter(code=reason, by_system=False).first() if reason else None
        if reason and why is None:
            return Act(Came.NO_SUCH)
        tell = Tell.of(user)
        if row.state in IN_WORK:
            if row.pending and row.pending_reason_id == (why.pk if why else None):
                return Act(Came.ALREADY)
            row.pending, row.pending_reason = True, why
            state.change(row, row.state, tell, now, reason=row.reason, until=row.until)
        elif row.state == State.NOT_READY and row.reason_id == (why.pk if why else None) and until is None:
            return Act(Came.ALREADY)
        else:
            state.not_ready(row, why, until or state.expiry(why, now), tell, now)
        tell.write()
    return Act(Came.DONE)


def _row(user: Any, agent: int | None, now: datetime) -> AgentState | None:
    """The locked row of the user, or of the colleague whom the user may set. Whoever acts is there: oneself is signed in by it."""
    if agent is not None and agent != user.pk:
        may_set(user, agent)
    else:
        sign_in(user, back=True, now=now)
    wanted = agent if agent is not None else user.pk
    return state.lock_agents([wanted]).get(wanted)


def see_over(user: Any, *, now: datetime | None = None) -> Act:
    """The agent has seen that the time of the present state is over: the reminder goes, the state stays. Not over: not_now."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row = state.lock_agents([user.pk]).get(user.pk)
        if row is None or not state.is_over(row, now) or row.until is None:
            return Act(Came.NOT_NOW)
        if row.over_seen_at is not None:
            return Act(Came.ALREADY)
        row.over_seen_at = now
        row.save(update_fields=["over_seen_at"])
        tell = Tell.of(user)
        tell.add(events.AGENT_OVER_SEEN, agent=user.pk, until=stamp(row.until))
        tell.write()
    return Act(Came.DONE)


def sweep_over(now: datetime | None = None) -> int:
    """Not-ready states whose time has passed are told, once each: the desktop reminds the agent. Nobody is set ready by it (decision 0013).
    Returns how many."""
    now = now or timezone.now()
    due = AgentState.objects.filter(state=State.NOT_READY, until__lte=now, over_told_at=None).order_by("agent_id").values_list("agent_id", flat=True)
    return sum(_tell_over(agent, now) for agent in list(due))


def _tell_over(agent: int, now: datetime) -> bool:
    with transaction.atomic():
        row = state.lock_agents([agent]).get(agent)
        if row is None or row.until is None or row.over_told_at is not None or not state.is_over(row, now):
            return False  # the agent came back, or another worker told it
        row.over_told_at = now
        row.save(update_fields=["over_told_at"])
        tell = Tell("worker", "its time has passed")
        tell.add(events.AGENT_OVER, agent=agent, reason=row.reason.code if row.reason else None, since=stamp(row.since), until=stamp(row.until))
        tell.write()
    return True


def sweep_presence(now: datetime | None = None) -> int:
    """Agents who are idle or ringing and whose page was not heard within `presence.GRACE` go offline; their offers go back at once. Whoever is in a call or in
    wrap-up stays: media decides there, and `actions_state.free` looks when the work ends. Returns how many."""
    now = now or timezone.now()
    idle = (State.READY, State.NOT_READY, State.OFFERED)
    agents = list(AgentState.objects.filter(state__in=idle).order_by("agent_id").values_list("agent_id", flat=True))
    here = presence.present(agents, now)
    done = 0
    for agent in agents:
        if agent in here:
            continue
        with transaction.atomic():
            if not state.heard(agent, now) and _go_offline(agent, Tell("worker", "its page was not heard"), now).came == Came.DONE:
                done += 1
    return done
