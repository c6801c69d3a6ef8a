"""Service levels: deadlines a second, and escalation steps that a sweeper claims and takes a second.

    python -m bench.sla [--json] [--quick] [--database sqlite|postgresql] [--sweepers N]

Keys of the JSON: deadlines_per_s (deadlines in working time over a calendar with breaks, holidays and exceptions, pauses among them; CPU seconds of one core), claims_per_s
(steps claimed and taken from 100,000 tickets that are due at once: each marks its breach, every tenth raises the priority and every hundredth tells the owner; wall seconds).
"claims_per_cpu_s" is the same by the time that our process itself computed; "compile_ms" is what the first deadline of a calendar costs, "settle_ms" (p95) what one change of a ticket costs its clocks. Ends by itself after a minute or two; `--quick` takes 5,000 tickets.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.report import found, percentile, say

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
OFFICE = (("09:00", "12:30"), ("13:00", "17:30"))
TICKETS, QUICK = 100_000, 5_000
DEADLINES = 200_000
CHUNK = 500


def deadlines(count: int) -> tuple[int, float]:
    """(a second of one core, milliseconds that compiling costs)."""
    from cordboard.lib.opening import DAYS, public_holidays
    from cordboard.tickets import sla
    from cordboard.tickets.calendar import Timeline, Week

    exceptions = {date(2026, 12, day): ((("09:00", "12:00"),), "short") for day in (24, 31)}
    week = Week("Europe/Amsterdam", dict.fromkeys(DAYS[:5], OFFICE), "NL", exceptions)
    for year in range(2025, 2030):
        public_holidays("NL", year)
    begun = time.process_time()
    line = Timeline(week)
    line.add_working(NOW, 8 * 3600)
    compiled = time.process_time() - begun
    draw = random.Random(5)
    asked = []
    for _ in range(count):
        start = NOW + timedelta(minutes=draw.randrange(500_000))
        pause = (sla.Span(start + timedelta(hours=3), start + timedelta(hours=draw.randrange(4, 90))),) if draw.random() < 0.2 else ()
        asked.append((start, 60 * draw.choice((30, 60, 240, 480, 1440, 4800)), pause))
    begun = time.process_time()
    for start, seconds, pauses in asked:
        if line.add_working(start, seconds + (sla.paused(line, start, pauses) if pauses else 0)) is None:
            raise AssertionError("no deadline")
    return int(count / (time.process_time() - begun)), 1000 * compiled


def fill(count: int) -> None:
    """Tickets whose deadlines have passed, with their steps, as rows."""
    from django.db import transaction

    from cordboard.org.models import Unit, User
    from cordboard.tickets.models import Ticket
    from cordboard.tickets.models_sla import EscalationStep, ServicePlan, TicketClock

    unit = Unit.objects.create(name="Service", code="bench-service", timezone="Europe/Amsterdam")
    owners = [User.objects.create(username=f"agent{number}", name=f"Agent {number}", unit=unit) for number in range(20)]
    unit.head = owners[0]
    unit.save()
    ServicePlan.objects.update_or_create(code="standard", defaults={"name": "Standard", "targets": {"": {"resolution": "8h"}}, "around_the_clock": True})
    for start in range(0, count, CHUNK):
        with transaction.atomic():
            opened = NOW - timedelta(days=1)
            due = opened + timedelta(hours=8)
            rows = [
                Ticket(number=1_000_000 + at, kind="incident", title=f"Ticket {at}", owner=owners[at % 20], unit=unit, opened_at=opened, due_at=due)
                for at in range(start, min(count, start + CHUNK))
            ]
            Ticket.objects.bulk_create(rows)
            clocks = [
                TicketClock(
                    ticket=row, kind="resolution", plan="standard", plan_name="Standard", target="8h", target_seconds=28800, started_at=opened, due_at=due
                )
                for row in rows
            ]
            TicketClock.objects.bulk_create(clocks)
            steps = []
            for at, clock in enumerate(clocks, start):
                steps.append(EscalationStep(ticket_id=clock.ticket_id, clock=clock, key="breach:1", terms={"clock": "resolution", "do": "breach"}, at=due))
                if at % 10 == 0:
                    do = "notify_owner" if at % 100 == 0 else "raise_priority"
                    steps.append(
                        EscalationStep(
                            ticket_id=clock.ticket_id, clock=clock, key=do, terms={"clock": "resolution", "percent": 80, "do": do}, at=due - timedelta(hours=1)
                        )
                    )
            EscalationStep.objects.bulk_create(steps)


def claims(sweepers: int) -> tuple[int, float, float, float]:
    """(steps taken, wall seconds, p95 milliseconds of a batch in this process, seconds of a processor of it)."""
    from django.db import OperationalError

    from cordboard.tickets import sweeper
    from cordboard.tickets.models_sla import EscalationStep

    planned = EscalationStep.objects.filter(state="planned")
    total = planned.count()
    others = [subprocess.Popen([sys.executable, "-m", "bench.sla", "--sweep"], stdout=subprocess.DEVNULL) for _ in range(sweepers - 1)]
    begun, busy, times = time.perf_counter(), time.process_time(), []
    while True:
        at = time.perf_counter()
        try:
            if not sweeper.take(NOW) and not planned.exists():
                break
        except OperationalError:  # SQLite's one writer is another sweep: as the worker does, again
            continue
        times.append(1000 * (time.perf_counter() - at))
    for one in others:
        one.wait(60)
    busy = time.process_time() - busy
    return total - planned.count(), time.perf_counter() - begun, percentile(times, 95), busy


def settle(count: int = 300) -> float:
    """p95 milliseconds: one ticket's clocks computed again."""
    from django.db import transaction

    from cordboard.tickets import actions_sla
    from cordboard.tickets.models import Ticket

    times = []
    for ticket in Ticket.objects.select_related("unit").order_by("pk")[:count]:
        begun = time.perf_counter()
        with transaction.atomic():
            actions_sla.settle(ticket, "changed", now=NOW)
        times.append(1000 * (time.perf_counter() - begun))
    return percentile(times, 95)


def measure(count: int, sweepers: int, database: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    per_second, compiled = deadlines(DEADLINES if count == TICKETS else DEADLINES // 4)
    say(f"{per_second:,} deadlines a second")
    call_command("migrate", verbosity=0)
    fill(count)
    say(f"{count:,} tickets are due")
    taken, seconds, batch, busy = claims(sweepers)
    return {
        "deadlines_per_s": per_second,
        "claims_per_s": round(taken / seconds),
        "more": {
            "compile_ms": round(compiled, 1),
            "batch_p95_ms": round(batch, 1),
            "claims_per_cpu_s": round(taken / busy) if sweepers == 1 else None,
            "settle_ms": round(settle(), 1),
            "tickets": count,
            "steps": taken,
            "sweepers": sweepers,
            "database": database,
        },
    }


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.sla", description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--sweepers", type=int, default=1, choices=(1, 2, 4))
    options.add_argument("--sweep", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "cordboard.settings"
    if given.sweep:
        import django

        django.setup()
        claims(1)
        return
    folder = Path(tempfile.mkdtemp(prefix="cordboard-sla-"))
    os.environ.update(CORDBOARD_DATA=str(folder), CORDBOARD_RUN=str(folder / "run"), CORDBOARD_SECRET_KEY="for measuring only", CORDBOARD_DATABASE_URL="")
    (folder / "run").mkdir()
    cluster = None
    try:
        if given.database == "postgresql":
            from cordboard.lib.testing import postgres

            cluster = postgres.start()
            os.environ["CORDBOARD_DATABASE_URL"] = cluster.url()
        figures = measure(QUICK if given.quick else TICKETS, given.sweepers, given.database)
        more = figures["more"]
        rows = [
            ("figure", "found", "aim"),
            ("deadlines a second", f"{figures['deadlines_per_s']:,}", "50,000"),
            ("steps claimed and taken a second", f"{figures['claims_per_s']:,}", ""),
            ("  of our process's processor time alone", f"{more['claims_per_cpu_s']:,}" if more["claims_per_cpu_s"] else "", ""),
            ("a batch of the sweeper, p95", f"{more['batch_p95_ms']} ms", "50 ms"),
            ("a ticket's clocks again, p95", f"{more['settle_ms']} ms", ""),
        ]
        found(f"Service levels, {more['tickets']:,} tickets on {given.database}, {given.sweepers} sweepers", figures, rows, as_json=given.json)
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
