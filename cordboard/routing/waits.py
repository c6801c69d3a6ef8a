"""The wait to announce."""

from __future__ import annotations

from datetime import datetime

from cordboard.routing.models import Entry, Queue


def announce(queue: Queue, entry: Entry, now: datetime) -> tuple[int, int] | None:
    return None
