"""What other packages keep in step with a visit: a service order knows when its technician comes. They offer it in a module that is read at the start (lib.apps):

    follow("tickets", visit_changed)

so that whatever moves, ends or cancels a visit moves them too, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cordboard.appointments.models import Appointment

Follow = Callable[[Appointment, Any, datetime], None]
"""(the visit as it is now, by whom, now); in the caller's transaction, with events of its own."""

_FOLLOWERS: dict[str, Follow] = {}


def follow(code: str, act: Follow) -> None:
    """`act` is called after every change of a visit's time, person or state. The same code again replaces it (a reload)."""
    _FOLLOWERS[code] = act


def changed(row: Appointment, by: Any, now: datetime) -> None:
    for act in _FOLLOWERS.values():
        act(row, by, now)
