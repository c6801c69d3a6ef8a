"""A service desk in processes of its own, for tests that kill sweepers: `python -m cordboard.tickets.tests.escalating prepare | sweep | check`.

The environment says where the database is. `sweep` follows no lease, so that several work at once; with DIE=<claimed|acted|after>:<n> it kills itself in its n-th batch: when the
steps are its own and nothing is done, when all is done and nothing is committed, or right after the commit."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import timedelta
from typing import Any

TICKETS = 24
BATCH = 6
STEPS = [
    {"clock": "resolution", "percent": 50, "do": "notify_owner"},
    {"clock": "resolution", "percent": 80, "do": "raise_priority"},
    {"clock": "resolution", "before": 5, "do": "to_head"},
]


def prepare() -> None:
    """Tickets that are past everything. Into a database that has its tables."""
    from django.utils import timezone

    from cordboard.org.tests.people import person, unit
    from cordboard.tickets import actions
    from cordboard.tickets.models_sla import ServicePlan

    desk = unit()
    carol = person("carol", {"tickets.view": "all"}, unit=desk)
    desk.head = carol
    desk.save()
    alice = person("alice", {"tickets.open": "all", "tickets.change": "all"}, unit=desk)
    values = {"name": "An hour", "targets": {"": {"resolution": "1h"}}, "steps": STEPS, "around_the_clock": True}
    ServicePlan.objects.update_or_create(code="standard", defaults=values)
    for number in range(TICKETS):
        actions.open_ticket(alice, title=f"E{number}", now=timezone.now() - timedelta(hours=3))


def sweep() -> None:
    from django.db import OperationalError
    from django.utils import timezone

    from cordboard.tickets import sweeper
    from cordboard.tickets.models_sla import EscalationStep

    where, _, count = os.environ.get("DIE", "never:0").partition(":")
    batches = 0
    perform = sweeper._perform

    def die_at(place: str) -> None:
        if place == where and batches >= int(count):
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(*given: Any, **named: Any) -> None:
        nonlocal batches
        batches += 1
        die_at("claimed")
        perform(*given, **named)
        die_at("acted")

    sweeper._perform = dying
    while EscalationStep.objects.filter(state="planned", at__isnull=False).exists():
        try:
            sweeper.take(timezone.now(), batch=BATCH)
        except OperationalError:  # another sweep holds the database: as the worker does, again in a moment
            time.sleep(0.05)
            continue
        die_at("after")


def check() -> None:
    from django.db.models import Count

    from cordboard.events.models import Event
    from cordboard.routing.models import Broadcast
    from cordboard.tickets.models import Ticket
    from cordboard.tickets.models_sla import EscalationStep, TicketClock

    per_step: dict[int, int] = {}
    for event in Event.objects.filter(kind="tickets.escalated"):
        per_step[event.body["step"]] = per_step.get(event.body["step"], 0) + 1
    usual = set(Ticket.objects.values_list("priority", "owner__username", "version"))
    print(
        json.dumps(
            {
                "steps": EscalationStep.objects.count(),
                "left": EscalationStep.objects.exclude(state="taken").count(),
                "claims": EscalationStep.objects.values("claim").annotate(n=Count("pk")).filter(n__gt=BATCH).count(),
                "told_once": sorted(set(per_step.values())),
                "told": len(per_step),
                "notices": Broadcast.objects.count(),
                "given": Event.objects.filter(kind="tickets.given").count(),
                "breached": Event.objects.filter(kind="tickets.breached").count(),
                "clocks": TicketClock.objects.exclude(breached_at=None).count(),
                "tickets": sorted(map(list, usual)),
            }
        )
    )


if __name__ == "__main__":
    import django

    django.setup()
    {"prepare": prepare, "sweep": sweep, "check": check}[sys.argv[1]]()
