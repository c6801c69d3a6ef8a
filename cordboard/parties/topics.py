"""Live topics of customers: who may see one may hear of its changes."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.org.permissions import user_may
from cordboard.parties.queries import visible


def _may_see(user: Any, key: str) -> bool:
    if not key.isdigit():
        return False
    return user_may(user, "parties.view") == "all" or visible(user).filter(pk=int(key)).exists()


topic("party", allowed=_may_see)
