"""The offer: accepted, rejected, not answered, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.interactions.acts import Act


def accept_offer(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent takes what rings. Came: done, already, taken (name), expired, withdrawn, customer_gone, not_yours. Kinds offer and transfer
    make the agent the interaction's; a consult leaves it with the one who asked."""
    raise NotImplementedError


def reject_offer(user: Any, interaction: int, reason: str = "", *, now: datetime | None = None) -> Act:
    """The agent does not take it: it goes on to the next, the agent stays ready and is passed over for this contact for a while."""
    raise NotImplementedError


def withdraw_offer(interaction: int, cause: str, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """The offer cannot be kept (the agent's page did not connect, say: cause agent_unreachable): back to the head of the queue; the agent is set not ready. Returns whether one rang."""
    raise NotImplementedError


def expire_offers(now: datetime | None = None, *, limit: int = 200) -> int:
    """Offers whose ring time is over (RONA): the agent not ready, the contact back at the head with its original wait. Returns how many."""
    raise NotImplementedError
