"""Live topics of tickets: who may see one may hear of its changes."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.org.permissions import user_may
from cordboard.tickets.queries import visible


def _may_see(user: Any, key: str) -> bool:
    if not key.isdigit():
        return False
    return user_may(user, "tickets.view") == "all" or visible(user).filter(pk=int(key)).exists()


topic("ticket", allowed=_may_see)
topic("tickets", allowed=lambda user, key: not key and user_may(user, "tickets.view") == "all")

import cordboard.tickets.topics_service  # noqa: E402, F401  cases and service orders
