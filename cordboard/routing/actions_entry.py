"""Into a queue and out of it: entering by policy, leaving, coming back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What came of entering a queue."""

    entry: int | None
    """None: nobody can take it now (closed, or the contact is gone)."""
    queue: str
    """Code of the queue that the policy chose; it need not be the one that was asked for."""
    closed: bool = False
    opens_at: datetime | None = None
    """When closed: the next opening, if there is one within two weeks."""
    low: int | None = None
    high: int | None = None
    """The wait to announce, in minutes, as a band; None when there is nothing honest to say yet."""
    gone: bool = False
    """The contact had ended before."""
    music: str = "default"


def enqueue(
    interaction: int, queue: str, *, values: Mapping[str, Any] | None = None, after_hours: bool = False, actor: str = "switch", now: datetime | None = None
) -> Enqueued:
    """Put the interaction into the queue that the routing policy chooses, beginning from `queue` (a code). `values` are facts that the
    caller knows beside the context (IVR variables). The decision and its reasons are kept as a `Decision` of the interaction. Closed queues
    take nothing unless `after_hours`. Asked again while it waits, it answers with the entry that stands."""
    raise NotImplementedError


def leave(interaction: int, cause: str, *, actor: str = "system", now: datetime | None = None) -> bool:
    """Take the contact out of its queue by our own will (cause: closed, elsewhere, callback, ended). The interaction goes on, without agent.
    An offer that rings is withdrawn. Returns whether it waited."""
    raise NotImplementedError


def return_to_queue(interaction: int, cause: str, *, actor: str = "system", now: datetime | None = None) -> bool:
    """An agent who had it is lost (media_lost, agent_gone, failed): back to the head of its queue with its original wait. Returns whether it
    waits again; False when the customer is gone or somebody else has it."""
    raise NotImplementedError


def set_open(user: Any, queue: int, open: bool, *, now: datetime | None = None) -> None:
    """Close or open a queue by hand. Needs routing.manage."""
    raise NotImplementedError
