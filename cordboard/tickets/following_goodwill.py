"""What is asked of several goes on when one of them has answered."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_goodwill import advance


def follow(event: FeedEvent) -> None:
    advance(event.body["approval"])


subscribe("tickets.grants", ("interactions.approval_settled",), follow)
