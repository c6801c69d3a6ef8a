"""What happens to a contact that an agent has: hold, hang up, customer gone, media lost, wrap-up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.interactions.acts import Act


def hold(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The customer hears music."""
    raise NotImplementedError


def resume(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Back to the customer. While a colleague is consulted: not_now."""
    raise NotImplementedError


def hang_up(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent hangs up: the switch is asked to (interactions.hang_up_requested) and reports customer_left; a consulted colleague only
    leaves the consult."""
    raise NotImplementedError


def customer_left(interaction: int, cause: str = "customer", *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The customer's leg is gone, at whatever moment: waiting becomes abandoned, an offer is withdrawn, a talk goes to wrap-up, a consult
    ends. cause: customer, agent (we hung up), failed, ... Returns False when it had ended before."""
    raise NotImplementedError


def agent_left(agent: int, interaction: int, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The agent's leg ended by the agent's own device (not by the buttons here). In the main talk: as if Hang up had been pressed; in a
    consult: the colleague leaves. Returns whether anything changed."""
    raise NotImplementedError


def agent_media_lost(agent: int, interaction: int, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """Nothing was heard from the agent's side for ten seconds. The caller gets music; after 20 s more without agent_media_back the contact is
    back at the head of its queue (sweep_media)."""
    raise NotImplementedError


def agent_media_back(agent: int, interaction: int, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The agent is heard again. True: still the agent's, bridge them; False: too late."""
    raise NotImplementedError


def sweep_media(now: datetime | None = None) -> int:
    """Agents whose media is gone for 20 s after agent_media_lost: offline, the contact back to the queue. Returns how many."""
    raise NotImplementedError


def wrap_up(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent is done with it: ready again, or not ready when that was pending. The last one closes the interaction."""
    raise NotImplementedError


def extend_wrapup(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """More time, once."""
    raise NotImplementedError


def sweep_wrapup(now: datetime | None = None, *, limit: int = 200) -> int:
    """Wrap-ups whose time is over are closed. Returns how many."""
    raise NotImplementedError
