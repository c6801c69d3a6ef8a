"""The search index follows the log: whatever is said of a ticket, its words are looked at."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_search import index

WORDLESS = frozenset({"tickets.state_changed", "tickets.given", "tickets.linked", "tickets.bulk_asked", "tickets.bulk_ended", "tickets.view_changed"})
"""Events that bring no words."""


def followed(event: FeedEvent) -> None:
    ticket = event.body.get("ticket")
    if event.kind in WORDLESS or not isinstance(ticket, int):
        return
    message = next((event.body[name] for name in ("message", "note") if isinstance(event.body.get(name), int)), None)
    index(ticket, message=message)


subscribe("tickets.search", ["tickets.*"], followed, from_beginning=True)
