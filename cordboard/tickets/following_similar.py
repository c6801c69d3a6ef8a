"""The index of like tickets follows what becomes of them."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_similar import keep, read_words
from cordboard.tickets.models_similar import SolvedTicket

KINDS = ("tickets.opened", "tickets.state_changed", "tickets.solution_said", "tickets.merged")


def follow(event: FeedEvent) -> None:
    number = event.body.get("ticket")
    if number is None:
        return
    if event.kind == "tickets.opened":
        read_words(number)
    elif event.kind != "tickets.solution_said" or SolvedTicket.objects.filter(pk=number).exists():
        keep(number)


subscribe("tickets.similar", KINDS, follow)
