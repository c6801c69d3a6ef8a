"""Handing over: blind transfer, consult (warm transfer), to an agent or a queue of this centre."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.interactions.acts import Act


def transfer(user: Any, interaction: int, *, to_agent: int | None = None, to_queue: int | None = None, now: datetime | None = None) -> Act:
    """Blind transfer: the customer hears music, the colleague's telephone rings (at once) or the queue's does (by the router); the giver is in
    wrap-up. Came: done, yourself, not_free (name), closed (name), no_such, customer_gone, not_yours, not_now."""
    raise NotImplementedError


def consult(user: Any, interaction: int, *, to_agent: int | None = None, to_queue: int | None = None, now: datetime | None = None) -> Act:
    """Begin a warm transfer: the customer is on hold, the colleague (or whoever the queue gives) is rung. Came as with `transfer`."""
    raise NotImplementedError


def complete_consult(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The colleague has the customer; the giver is in wrap-up. While it still rings it becomes a blind transfer."""
    raise NotImplementedError


def back_out_of_consult(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent is with the customer again, the colleague out."""
    raise NotImplementedError


def leave_consult(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The consulted colleague leaves; the customer stays on hold with the agent who asked."""
    raise NotImplementedError
