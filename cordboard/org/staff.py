"""What other packages do when the account of somebody changes: an agent who leaves goes off the telephone, a new name goes onto the boards. Packages offer it in a
module `staff.py`:

    follow("routing", agent_follows)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What happened to an account."""

    MADE = "made"
    CHANGED = "changed"
    RENAMED = "renamed"
    CLOSED = "closed"
    OPENED = "opened"
    RESET = "reset"
    CHOSEN = "chosen"
    """The person has set a password with the one-time link."""


Follow = Callable[[Any, int, Change, datetime], None]
"""(by whom, whose account, what happened, now); in the caller's transaction, with events of its own."""

_FOLLOWERS: dict[str, Follow] = {}


def follow(code: str, act: Follow) -> None:
    """`act` is called with every change of an account. The same code again replaces it (a reload)."""
    _FOLLOWERS[code] = act


def changed(user: Any, number: int, what: Change, now: datetime) -> None:
    for act in _FOLLOWERS.values():
        act(user, number, what, now)
