"""Events gathered in the course of one act and appended to the log in one statement at its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.events import log


def seconds(moment: datetime | None) -> float | None:
    """Since 1970, to the millisecond, as events carry times."""
    return None if moment is None else round(moment.timestamp(), 3)


def stamp(moment: datetime) -> float:
    return round(moment.timestamp(), 3)


class Tell:
    """What one act will tell. `write` inside the act's transaction, once, last."""

    def __init__(self, actor: str, why: str = "") -> None:
        self.actor = actor
        self.why = why
        self.events: list[tuple[str, dict[str, Any]]] = []

    @classmethod
    def of(cls, user: Any, why: str = "") -> Tell:
        return cls(f"user:{user.pk}", why)

    def add(self, kind: str, /, **fields: Any) -> None:
        self.events.append((kind, fields))

    def write(self) -> None:
        if self.events:
            log.record_all(self.events, actor=self.actor, why=self.why)
            self.events = []
