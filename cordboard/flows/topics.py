"""What pages about flows may listen to: "flows" for the list, "flow:service-line" for one."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.flows.permissions import VIEW
from cordboard.lib.permissions import user_may


def _may_see(user: Any, key: str) -> bool:
    return user_may(user, VIEW) is not None


topic("flows", allowed=_may_see)
topic("flow", allowed=_may_see)
