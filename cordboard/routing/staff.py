"""Agents whose accounts change: who leaves is offline and off the boards at once, who is called otherwise is so on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.interactions.tell import Tell
from cordboard.org.staff import Change, follow
from cordboard.routing import actions_member as members
from cordboard.routing.actions_agent import leave_service, return_to_service
from cordboard.routing.models import AgentState, QueueMember

SHOWN = (Change.RENAMED, Change.CLOSED, Change.OPENED)


def agent_follows(user: Any, number: int, what: Change, now: datetime) -> None:
    """In the caller's transaction."""
    if what not in SHOWN or not (AgentState.objects.filter(agent=number).exists() or QueueMember.objects.filter(agent=number).exists()):
        return
    tell = Tell.of(user)
    if what is Change.CLOSED:
        leave_service(number, user, now)
    if what is Change.OPENED:
        return_to_service(number)
    members.tell_change(tell, number, str(what))


follow("routing", agent_follows)
