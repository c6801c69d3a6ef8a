"""What pages about policies may listen to: "policies" for the list, "policy:voice" for one."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.lib.permissions import user_may
from cordboard.rules.permissions import VIEW


def _may_see(user: Any, key: str) -> bool:
    return user_may(user, VIEW) is not None


topic("policies", allowed=_may_see)
topic("policy", allowed=_may_see)
