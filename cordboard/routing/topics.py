"""Live topics of routing: the board, each queue, and what an agent's directory shows: the colleagues' states, the calls that are parked."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.org.permissions import user_may
from cordboard.routing import board
from cordboard.routing.models import QueueMember
from cordboard.routing.permissions import AGENT, WATCH


def _may_watch(user: Any, key: str) -> bool:
    return user_may(user, WATCH) is not None


def _may_see_queue(user: Any, key: str) -> bool:
    """Who watches, and the queue's own agents: their screen says how many wait."""
    if not key.isdigit():
        return False
    if _may_watch(user, key):
        return True
    return user_may(user, AGENT) is not None and QueueMember.objects.filter(queue_id=int(key), agent_id=user.pk).exists()


def _takes_contacts(user: Any, key: str) -> bool:
    return user_may(user, AGENT) is not None


def _board(user: Any, key: str) -> dict[str, Any]:
    return board.of_user(user)


def _queue(user: Any, key: str) -> dict[str, Any]:
    """The same form, with one queue and no agents."""
    return board.snapshot(board.day_began(user), [int(key)], agents=False)


topic("board", allowed=_may_watch, values=_board)
topic("colleagues", allowed=_takes_contacts)
topic("parked", allowed=_takes_contacts)
topic("queue", allowed=_may_see_queue, values=_queue)
