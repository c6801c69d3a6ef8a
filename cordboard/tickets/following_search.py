"""The search index follows the log: whatever is written on a ticket, its words are looked at."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_search import index

_WITH_WORDS = ("opened", "noted", "replied", "received", "edited", "moved", "merged", "split", "move_undone")
"""What brings words to a ticket; what is merely done with it does not."""
WITH_WORDS = [f"tickets.{one}" for one in _WITH_WORDS]


def followed(event: FeedEvent) -> None:
    ticket = event.body.get("ticket")
    if not isinstance(ticket, int):
        return
    message = next((event.body[name] for name in ("message", "note") if isinstance(event.body.get(name), int)), None)
    index(ticket, message=message)


subscribe("tickets.search", WITH_WORDS, followed, from_beginning=True)
