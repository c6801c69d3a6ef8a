"""Computing the deadlines of open tickets again, in chunks, after a calendar, a service level, a policy or a unit was changed. Done twice, it is as done once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_tasks import task

from cordboard.org.models import Unit
from cordboard.tickets import actions_sla, states
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import TicketClock

CHUNK = 30
"""Tickets in one transaction: what else writes waits for no more than tens of milliseconds."""
ROUNDS = 10
"""Chunks in one job; the rest is enqueued anew, so that other jobs have their turn in between."""


POLICIES = ("policy", "level_policy")
"""Causes for which all open tickets are looked at: policies may choose another service level, and other moments of what was promised too."""


@task()
def compute_again(why: str, plan: str = "", after: int = 0, unit: int = 0) -> int:
    """Open tickets with numbers of rows after `after`: those whose clocks run by `plan` (any, where none is named), and those without a running clock, which may get one now. `unit`: of
    it and the units below. Returns how many were looked at."""
    running = TicketClock.objects.filter(ticket=OuterRef("pk"), ended_at=None)
    rows = Ticket.objects.filter(state__in=states.OPEN, merged_into=None)
    if why not in POLICIES:  # no service level and no calendar moves a moment that was promised; its steps do follow the policies
        moved = running.filter(fixed=False)
        rows = rows.filter(Exists(moved.filter(plan=plan) if plan else moved) | ~Exists(running))
    if unit:
        rows = rows.filter(unit__in=_below(unit))
    count = 0
    for _round in range(ROUNDS):
        numbers = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not numbers:
            return count
        with transaction.atomic():
            for ticket in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk"):
                now = timezone.now()
                if not actions_sla.catch_up(ticket, now=now):  # one that had none gets them without an alarm about what has passed
                    actions_sla.settle(ticket, why, now=now)
        count, after = count + len(numbers), numbers[-1]
    compute_again.enqueue(why, plan, after, unit)
    return count


def _below(unit: int) -> set[int]:
    """A unit and all below it. One query."""
    below: dict[int | None, list[int]] = {}
    for pk, parent in Unit.objects.values_list("pk", "parent_id"):
        below.setdefault(parent, []).append(pk)
    found, todo = {unit}, [unit]
    while todo:
        new = [one for one in below.get(todo.pop(), ()) if one not in found]
        found.update(new)
        todo += new
    return found
