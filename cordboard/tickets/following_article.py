"""Solved requests become drafts by themselves, in the worker, once."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_article import draft_by_itself
from cordboard.tickets.states import DONE


def solved(event: FeedEvent) -> None:
    if event.body["new"] in DONE:
        draft_by_itself(event.body["ticket"])


subscribe("tickets.knowledge", ("tickets.state_changed",), solved)
