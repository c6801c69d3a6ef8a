"""Computing the deadlines of open tickets again, in chunks, after a calendar or a service level was changed. Done twice, it is as done once."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from cordboard.tickets import actions_sla, states
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import TicketClock

CHUNK = 30
"""Tickets in one transaction: what else writes waits for no more than tens of milliseconds."""
ROUNDS = 10
"""Chunks in one job; the rest is enqueued anew, so that other jobs have their turn in between."""


@task()
def compute_again(why: str, plan: str = "", after: int = 0) -> int:
    """Open tickets with numbers of rows after `after`, whose clocks run by `plan`, or by any. Returns how many were looked at."""
    clocks = TicketClock.objects.filter(ended_at=None, ticket__state__in=states.OPEN)
    if why != "policy":  # no service level and no calendar moves a moment that was promised; its steps do follow the policies
        clocks = clocks.filter(fixed=False)
    if plan:
        clocks = clocks.filter(plan=plan)
    count = 0
    for _round in range(ROUNDS):
        numbers = sorted(clocks.filter(ticket__gt=after).order_by("ticket").values_list("ticket", flat=True).distinct()[:CHUNK])
        if not numbers:
            return count
        with transaction.atomic():
            for ticket in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk"):
                actions_sla.settle(ticket, why, now=timezone.now())
        count, after = count + len(numbers), numbers[-1]
    compute_again.enqueue(why, plan, after)
    return count
