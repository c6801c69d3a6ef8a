"""Service staff whose accounts change: who leaves is offered no visits, and the secret address of the calendar holds no longer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.appointments.actions_feed import left
from cordboard.org.staff import Change, follow


def staff_follows(user: Any, number: int, what: Change, now: datetime) -> None:
    """In the caller's transaction. That no visits are booked any more follows from the closed account itself (queries.people)."""
    if what is Change.CLOSED:
        left(user, number, now)


follow("appointments", staff_follows)
