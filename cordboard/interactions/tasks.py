"""By the clock: approvals that nobody gave in time."""

from __future__ import annotations

from cordboard.interactions.actions_approval import expire
from cordboard.lib.clock import every

every(30.0, "interactions.approvals", expire)
