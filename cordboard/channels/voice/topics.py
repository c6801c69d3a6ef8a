"""The live topic of telephony: trunks and recordings, for those who watch the centre."""

from __future__ import annotations

from typing import Any

from cordboard.channels.voice import board
from cordboard.events.topics import topic
from cordboard.org.permissions import user_may
from cordboard.routing.board import day_began
from cordboard.routing.permissions import WATCH


def _may_watch(user: Any, key: str) -> bool:
    return key == "" and user_may(user, WATCH) is not None


def _values(user: Any, key: str) -> dict[str, Any]:
    return board.snapshot(day_began(user))


topic("telephony", allowed=_may_watch, values=_values)
