"""Deadlines follow what is changed elsewhere: a customer's value segment. And the clock: steps that are due are taken every second."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.lib.clock import every
from cordboard.parties.queries import ids_of
from cordboard.tickets import actions_sla, catching_up, escalation_policies, queries_sla, states
from cordboard.tickets.models import Ticket
from cordboard.tickets.sweeper import sweep
from cordboard.tickets.tasks_sla import compute_again

EVERY = 1.0
CHUNK = 50


_WHY = {"tickets.given": "given", "tickets.moved": "moved"}


def ticket_changed(event: FeedEvent) -> None:
    """Whoever changed a ticket, and by whatever way (a bulk change, its undo, another level): its clocks follow. Idempotent: settled again it is the same."""
    _settle([event.body["ticket"]], _WHY.get(event.kind, "changed"))


def segment_changed(event: FeedEvent) -> None:
    """Open tickets of a customer whose value segment became another."""
    rows = Ticket.objects.filter(party__in=ids_of(event.body["party"]), state__in=states.OPEN)
    _settle(list(rows.order_by("pk").values_list("pk", flat=True)), "segment")


def _settle(numbers: list[int], why: str) -> None:
    for start in range(0, len(numbers), CHUNK):
        with transaction.atomic():
            for ticket in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=numbers[start : start + CHUNK]).order_by("pk"):
                actions_sla.settle(ticket, why, now=timezone.now())


def policies_changed(event: FeedEvent) -> None:
    """Policies of the area "escalation" name other moments now: steps are planned anew. Those of the area "tickets" choose other service levels."""
    why = {escalation_policies.AREA: "policy", queries_sla.AREA: "level_policy"}.get(event.body["area"])
    if why is not None:
        compute_again.enqueue(why)


def unit_changed(event: FeedEvent) -> None:
    """Its time zone, country or place in the tree may be another: calendars go by them."""
    if event.body["change"] == "changed":
        compute_again.enqueue("unit", unit=event.body["unit"])


subscribe("tickets.escalation_policies", ("rules.published", "rules.retired"), policies_changed)
subscribe("tickets.calendars_of_units", ("org.unit_changed",), unit_changed)
subscribe("tickets.service_levels", ("parties.value_set",), segment_changed)
subscribe("tickets.clocks", ("tickets.given", "tickets.moved", "tickets.edited", "tickets.state_changed"), ticket_changed)
every(EVERY, "tickets.escalation", sweep)
every(catching_up.EVERY, "tickets.catching_up", catching_up.catch_up)
