"""Open tickets that were there before deadlines were rows (migration 0007) get theirs. A worker goes through all tickets once after it starts, a window of numbers at a time, so that no
look is long; what has its deadlines is passed over. Done twice, it is as done once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from cordboard.tickets import actions_sla
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import TicketClock

EVERY = 2.0
"""Seconds between two windows."""
WINDOW = 5_000
"""Numbers of rows in one look."""
CHUNK = 30
"""Tickets in one transaction: what else writes waits for no more than tens of milliseconds."""


@dataclass(slots=True)
class Walk:
    """How far this process has come."""

    after: int = 0
    done: bool = False

    def step(self, now: datetime | None = None) -> int:
        """One window. Returns how many tickets got their deadlines. One query, two at the end, and those of the tickets that lack them."""
        if self.done:
            return 0
        missing = Ticket.objects.filter(pk__gt=self.after, pk__lte=self.after + WINDOW, resolved_at=None, merged_into=None)
        missing = missing.filter(~Exists(TicketClock.objects.filter(ticket=OuterRef("pk"))))
        numbers = sorted(missing.values_list("pk", flat=True))
        count = 0
        for start in range(0, len(numbers), CHUNK):
            with transaction.atomic():
                for ticket in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=numbers[start : start + CHUNK]).order_by("pk"):
                    count += actions_sla.catch_up(ticket, now=now or timezone.now())
        self.after += WINDOW
        self.done = self.after >= (Ticket.objects.aggregate(last=Max("pk"))["last"] or 0)
        return count


walk = Walk()


def catch_up() -> int:
    """The next window of this process's walk."""
    return walk.step()
