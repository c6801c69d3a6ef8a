"""When the guidance rules are asked: as soon as it is known, or becomes other, whom the contact is about and why. In the worker, milliseconds
after the event: long before the contact rings at somebody."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.guidance.actions import evaluate

KINDS = ("interactions.identified", "interactions.subject_changed", "interactions.reporter_set", "interactions.context_set")


def follow(event: FeedEvent) -> None:
    evaluate(event.body["interaction"])


subscribe("guidance.rules", KINDS, follow)
