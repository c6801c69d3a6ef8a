"""Listening in: silent monitoring, whisper coaching, barge-in. A supervisor's part is a segment of kind supervise, beside the agent's and of no effect on
the agent's state or figures; every beginning, change and end is in the log, which is the audit, on topics that the agent does not see.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import actions_segments as segments
from cordboard.interactions import events as told
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell
from cordboard.org.permissions import require
from cordboard.routing import actions_state as state
from cordboard.routing import supervision
from cordboard.routing.actions_call import queue_of
from cordboard.routing.models import AgentState
from cordboard.routing.permissions import LISTEN_IN

Mode = Segment.Mode


def supervise(user: Any, interaction: int, mode: str = Mode.LISTEN, *, agent: int | None = None, now: datetime | None = None) -> Act:
    """Listen to the agent who has the customer (or to `agent`, where several are in the conversation), whisper to them, or join. Asked again with another mode it
    changes live. Needs routing.listen_in, whose scope says whose calls. Came: done, already, not_now (nobody talks; or one works oneself), customer_gone,
    yourself, no_such."""
    scope = require(user, LISTEN_IN)
    now = now or timezone.now()
    if mode not in Mode.values:
        raise ValueError(f"no mode {mode!r}")
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        if row.ended_at is not None:
            return Act(Came.CUSTOMER_GONE, interaction)
        parts = segments._open_segments(interaction)
        mine = next((one for one in segments._supervisors(parts) if one.agent_id == user.pk), None)
        if mine is not None:
            return _change(mine, mode, Tell.of(user))
        watched = _watched(parts, agent)
        if watched is None or row.channel != Interaction.Channel.VOICE or watched.kind == Segment.Kind.MESSAGE:
            return Act(Came.NOT_NOW, interaction)
        if scope != "all" and (scope == "own" or user.unit_id is None or watched.agent.unit_id != user.unit_id):
            raise PermissionDenied(_("This colleague is not of your unit."))
        if any(one.agent_id == user.pk for one in parts):
            return Act(Came.YOURSELF, interaction)
        tell = Tell.of(user)
        if not _free(user.pk, tell, now):
            return Act(Came.NOT_NOW, interaction)
        queue = queue_of(watched)
        country = queue.unit.country if queue is not None and queue.unit is not None else ""
        notice = supervision.must_tell(queue.supervision_notice if queue is not None else supervision.BY_COUNTRY, country)
        made = Segment.objects.create(
            interaction=row,
            agent_id=user.pk,
            kind=Segment.Kind.SUPERVISE,
            mode=mode,
            supervises=watched,
            state=Segment.State.ACTIVE,
            offered_at=now,
            accepted_at=now,
        )
        tell.add(told.SUPERVISION_STARTED, **segments._supervision(made), mode=mode, notice=notice)
        tell.write()
    return Act(Came.DONE, interaction, made.pk)


def _watched(parts: list[Segment], agent: int | None) -> Segment | None:
    if agent is None:
        return segments._main(parts)
    return next((one for one in parts if one.agent_id == agent and one.state in segments.LIVE and one.kind != Segment.Kind.SUPERVISE), None)


def _change(mine: Segment, mode: str, tell: Tell) -> Act:
    if mine.mode == mode:
        return Act(Came.ALREADY, mine.interaction_id, mine.pk)
    before, mine.mode = str(mine.mode), mode
    mine.save(update_fields=["mode"])
    tell.add(told.SUPERVISION_CHANGED, **segments._supervision(mine), mode=mode, before=before)
    tell.write()
    return Act(Came.DONE, mine.interaction_id, mine.pk)


def _free(user: int, tell: Tell, now: datetime) -> bool:
    """Who listens in takes no contacts meanwhile: one who was ready is not ready from now on. False: in work."""
    row = state.lock_agents([user]).get(user)
    if row is None or row.state in (AgentState.State.OFFLINE, AgentState.State.NOT_READY):
        return not Segment.objects.filter(agent_id=user, state__in=segments.LIVE).exists()
    if row.state != AgentState.State.READY:
        return False
    state.not_ready(row, state.system_reason("supervising"), None, tell, now)
    return True


def stop_supervising(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The supervisor leaves. Came: done, already, not_yours."""
    require(user, LISTEN_IN)
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        mine = next((one for one in segments._supervisors(segments._open_segments(interaction)) if one.agent_id == user.pk), None)
        if mine is None:
            last = Segment.objects.filter(interaction=row, agent_id=user.pk, kind=Segment.Kind.SUPERVISE).order_by("-id").first()
            return Act(Came.ALREADY if last is not None else Came.NOT_YOURS, interaction, last.pk if last else None)
        tell = Tell.of(user)
        segments._end(mine, "left", tell, now)
        tell.write()
    return Act(Came.DONE, interaction, mine.pk)


def not_let_in(segment: int, cause: str, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The switch could not let the supervisor in: the customer could not be told, or the page did not connect."""
    now = now or timezone.now()
    with transaction.atomic():
        part = Segment.objects.filter(pk=segment, kind=Segment.Kind.SUPERVISE).first()
        if part is None or segments._locked(part.interaction_id) is None:
            return False
        part.refresh_from_db()
        if part.state not in segments.LIVE:
            return False
        tell = Tell(actor, cause)
        segments._end(part, cause, tell, now)
        tell.write()
    return True
