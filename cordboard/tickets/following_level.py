"""A ticket follows the call that was handed on with it: whoever takes the call has it; nobody takes it, and it stays where it was."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.interactions.models import Segment
from cordboard.tickets.actions_level import dropped, taken

KINDS = ("interactions.segment_accepted", "routing.consult_completed", "routing.consult_backed_out", "interactions.ended")


def follow(event: FeedEvent) -> None:
    """Whoever took the call before it was handed on, and of whom the worker hears late, has taken nothing of that: only a colleague's giving counts whenever it is heard. The
    end of the call is the end in any case, also where a clock was set back."""
    number = event.body["interaction"]
    match event.kind:
        case "interactions.segment_accepted":
            kind, agent = event.body["kind"], event.body["agent"]
            if kind not in (Segment.Kind.CONSULT, Segment.Kind.CONFERENCE):  # who is consulted has not taken it yet
                taken(number, agent, until=None if kind == Segment.Kind.TRANSFER else event.at)
                dropped(number, by=agent, until=event.at)  # nobody else took it, and it came back to who gave it
        case "routing.consult_completed":
            if event.body["to_agent"] is not None:
                taken(number, event.body["to_agent"])
        case "routing.consult_backed_out":
            dropped(number, until=event.at)
        case _:
            dropped(number)


subscribe("tickets.levels", KINDS, follow)
