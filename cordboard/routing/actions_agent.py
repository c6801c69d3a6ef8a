"""Agents' states: ready, not ready with a reason, pending, presence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordboard.interactions.acts import Act


def sign_in(user: Any, *, now: datetime | None = None) -> None:
    """The agent's desktop is open: Not ready (no reason) when it was Offline; else nothing changes."""
    raise NotImplementedError


def sign_out(user: Any, *, now: datetime | None = None) -> Act:
    """Offline at once when idle; an offer goes back first. In a call: not_now (the call must end before)."""
    raise NotImplementedError


def set_ready(user: Any, *, agent: int | None = None, now: datetime | None = None) -> Act:
    """Ready, or, while in work, no longer pending. `agent`: somebody else's state, which needs routing.supervise."""
    raise NotImplementedError


def set_not_ready(user: Any, reason: str, *, until: datetime | None = None, agent: int | None = None, now: datetime | None = None) -> Act:
    """Not ready with a reason's code; while in work pending until it is done. `until` defaults to the reason's minutes. An offer that rings
    stays: reject it, or accept and be pending."""
    raise NotImplementedError


def heartbeat(seen: Mapping[int, datetime]) -> None:
    """When each user's page was last heard. No event."""
    raise NotImplementedError


def sweep_presence(now: datetime | None = None) -> int:
    """Agents who are idle or ringing and were not heard for ten seconds go offline; their offers go back at once. Returns how many."""
    raise NotImplementedError


def expire_states(now: datetime | None = None) -> int:
    """Not-ready states with a time limit that is over are marked as over (event, no change of state). Returns how many."""
    raise NotImplementedError
