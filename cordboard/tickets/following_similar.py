"""The index of like tickets follows what becomes of them."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_similar import keep, read_words
from cordboard.tickets.models_similar import SolvedTicket

KINDS = ("tickets.opened", "tickets.edited", "tickets.state_changed", "tickets.solution_said", "tickets.merged", "tickets.move_undone")
READ_BY = {"title", "text", "product"}
"""Fields of a ticket whose change gives it other words, or another family."""


def follow(event: FeedEvent) -> None:
    number = event.body.get("ticket")
    if number is None:
        return
    if event.kind == "tickets.opened" or (event.kind == "tickets.edited" and READ_BY & set(event.body["fields"])):
        read_words(number)
    if event.kind in ("tickets.opened", "tickets.edited", "tickets.solution_said") and not SolvedTicket.objects.filter(pk=number).exists():
        return
    for one in (number, event.body["other"]) if event.kind == "tickets.move_undone" else (number,):
        keep(one)


subscribe("tickets.similar", KINDS, follow)
