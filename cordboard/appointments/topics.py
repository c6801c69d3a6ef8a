"""Live topics of appointments: who may see a calendar may hear that something changed in it; the rows are asked for with the reader's own scope."""

from __future__ import annotations

from typing import Any

from cordboard.appointments.permissions import VIEW
from cordboard.appointments.queries import visible
from cordboard.events.topics import topic
from cordboard.org.permissions import user_may


def _may_see(user: Any, key: str) -> bool:
    return key.isdigit() and visible(user).filter(pk=int(key)).exists()


def _any(user: Any, key: str) -> bool:
    return user_may(user, VIEW) is not None


topic("appointment", allowed=_may_see)
topic("appointments", allowed=_any)
