"""The live topic of satisfaction: what customers said today, for those who watch the centre. No event carries a rating, so that the log says nothing of who rated whom how: every
event of the topic has the figures read afresh."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.guidance.events import SATISFACTION
from cordboard.guidance.queries_satisfaction import Satisfaction, given_since
from cordboard.org.permissions import user_may
from cordboard.routing.board import day_began, queues_of
from cordboard.routing.permissions import WATCH


def _may_watch(user: Any, key: str) -> bool:
    return key == "" and user_may(user, WATCH) is not None


def _values(user: Any, key: str) -> dict[str, Any]:
    """Five queries."""
    found = given_since(day_began(user), queues=queues_of(user), unit=user.unit_id)
    return {**_said(found.whole), "queues": {str(queue): _said(each) for queue, each in found.queues.items()}}


def _said(one: Satisfaction) -> dict[str, Any]:
    return {"mean": round(one.mean, 2) if one.mean is not None else None, "number": one.number, "low": one.low}


topic(SATISFACTION, allowed=_may_watch, values=_values)
