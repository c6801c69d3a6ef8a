"""The search index follows the log: whatever is written on a ticket, its words are looked at."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_search import index

_WITH_WORDS = ("opened", "noted", "replied", "received", "edited", "moved", "merged", "split", "move_undone")
"""What brings words to a ticket; what is merely done with it does not."""
WITH_WORDS = [f"tickets.{one}" for one in _WITH_WORDS]


def followed(event: FeedEvent) -> None:
    message = next((event.body[name] for name in ("message", "note") if isinstance(event.body.get(name), int)), None)
    for name in ("ticket", "other"):  # what was merged into another, or split off from it, has words for both
        if isinstance(event.body.get(name), int):
            index(event.body[name], message=message)


subscribe("tickets.search", WITH_WORDS, followed, from_beginning=True)
