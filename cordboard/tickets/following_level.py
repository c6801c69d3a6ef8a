"""A ticket follows the call that was handed on with it: whoever takes the call has it; nobody takes it, and it stays where it was."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.interactions.models import Segment
from cordboard.tickets.actions_level import dropped, taken

KINDS = ("interactions.segment_accepted", "routing.consult_completed", "routing.consult_backed_out", "interactions.ended")


def follow(event: FeedEvent) -> None:
    number = event.body["interaction"]
    match event.kind:
        case "interactions.segment_accepted":
            if event.body["kind"] not in (Segment.Kind.CONSULT, Segment.Kind.CONFERENCE):  # who is consulted has not taken it yet
                taken(number, event.body["agent"])
        case "routing.consult_completed":
            if event.body["to_agent"] is not None:
                taken(number, event.body["to_agent"])
        case _:
            dropped(number)


subscribe("tickets.levels", KINDS, follow)
