"""Free times: a search over 200 people and 30 days that are half booked, and 64 processes that book one and the same time.

    python -m bench.slots [--json] [--database sqlite|postgresql ...] [--searches 40]

Keys of the JSON: slots_ms (p95 of the whole search, reading the rows included, of the slower database), bookings_won (of 64 who book at the same moment, the worst round of
either database: 1 is right). The rest stands under "more": pure_ms is the search without reading, earliest_ms what an agent waits for three times to offer, first_ms the first search of a process (it is
among the others too), slots_cpu_ms what the process itself computed, whatever else the machine did. The process is made ready as those are that serve requests.
A database that cannot be started here is missing, and a line on stderr says so.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.report import found, percentile, say

STAFF, DAYS, AREAS, RIVALS, ROUNDS = 200, 30, 8, 64, 3
MONDAY = datetime(2027, 1, 4, 6, 0, tzinfo=UTC)


def measure(database: str, searches: int) -> dict[str, Any]:
    """In a process of its own. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="cb-slots-") as folder:
        environment = {
            **os.environ, "CORDBOARD_DATA": f"{folder}/data", "CORDBOARD_RUN": f"{folder}/run", "CORDBOARD_SECRET_KEY": "for measuring only",
            "DJANGO_SETTINGS_MODULE": "cordboard.settings",
        }  # fmt: skip
        environment.pop("CORDBOARD_DATABASE_URL", None)
        for part in ("data", "run"):
            Path(folder, part).mkdir()
        command = [sys.executable, "-m", "bench.slots", "--child", database, "--searches", str(searches)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=900)
        result: dict[str, Any] = json.loads(done.stdout.decode().strip().splitlines()[-1])
        return result


def _child(database: str, searches: int) -> dict[str, Any]:
    cluster = None
    if database == "postgresql":
        import psycopg

        from cordboard.lib.testing import postgres

        cluster = postgres.start(durable=True)
        with psycopg.connect(cluster.url(), autocommit=True) as line:
            line.execute("CREATE DATABASE cordboard")
        os.environ["CORDBOARD_DATABASE_URL"] = cluster.url("cordboard")
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        seeded = _seed()
        # as the Django processes do before they serve (cordboard/serve/django.py)
        from cordboard.lib.collector import settle
        from cordboard.serve.warm import warm

        warm()
        settle()
        return {**_search(seeded, searches), **_race()}
    finally:
        if cluster is not None:
            cluster.stop()


def _seed() -> Any:
    from django.db import connection

    from cordboard.appointments.models import Appointment, Area, Hours, Staff, VisitKind
    from cordboard.org.models import Unit, User

    dice = random.Random(7)
    unit = Unit.objects.create(name="Field service", code="bench-field", country="NL", timezone="Europe/Amsterdam")
    areas = [Area.objects.create(code=f"area{n}", name=f"Area {n}", prefixes=[str(n)], travel_within=15, travel_between=30) for n in range(AREAS)]
    User.objects.bulk_create(User(username=f"tech{n}", name=f"Technician {n}", unit=unit) for n in range(STAFF))
    staff = Staff.objects.bulk_create(Staff(user=user, timezone="Europe/Amsterdam") for user in User.objects.order_by("pk"))
    Staff.areas.through.objects.bulk_create(Staff.areas.through(staff=one, area=area) for one in staff for area in areas)
    Hours.objects.bulk_create(
        Hours(staff=one, weekday=day, opens=opens, closes=closes) for one in staff for day in range(5) for opens, closes in ((480, 720), (750, 1020))
    )
    kind = VisitKind.objects.create(code="repair", names={"en": "Repair"}, minutes=60)
    rows = []
    for one in staff:
        for day in range(DAYS):
            begin = MONDAY + timedelta(days=day, hours=1)
            if begin.weekday() < 5:
                for hour in (0, 3, 5, 7):  # four of the day's eight and a half hours
                    at = begin + timedelta(hours=hour, minutes=15 * dice.randrange(3))
                    rows.append(_row(one, kind, dice.choice(areas), at, len(rows)))
    Appointment.objects.bulk_create(rows, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return kind, areas, staff


def _row(staff: Any, kind: Any, area: Any, at: datetime, number: int) -> Any:
    from cordboard.appointments import slots
    from cordboard.appointments.models import Appointment

    start = slots.minute(at)
    return Appointment(
        uid=f"bench-{number}", staff=staff, kind=kind, area=area, state="booked", starts_at=at, ends_at=at + timedelta(hours=1), starts_minute=start,
        ends_minute=start + 60, made_at=MONDAY,
    )  # fmt: skip


def _search(seeded: Any, searches: int) -> dict[str, Any]:
    from cordboard.appointments import queries, slots
    from cordboard.appointments.models import Appointment

    kind, areas, _staff = seeded
    until = MONDAY + timedelta(days=DAYS)
    dice = random.Random(3)
    whole: list[float] = []
    pure: list[float] = []
    first: list[float] = []
    busy: list[float] = []
    windows, cold = 0, 0.0
    for turn in range(searches):
        area = dice.choice(areas).pk
        cpu = time.process_time()
        took, windows = _timed(lambda area=area: len(queries.free(kind, area, MONDAY, until, MONDAY)))
        cpu = (time.process_time() - cpu) * 1000
        early, _n = _timed(lambda area=area: len(queries.earliest(kind, area, MONDAY)))
        whole.append(took)
        first.append(early)
        busy.append(cpu)
        if turn == 0:
            cold = took
    what = queries.wanted(kind, areas[0].pk, MONDAY, until)
    people, way = queries.people(what.earliest, what.latest, MONDAY, area=what.area), queries.travel()
    for _ in range(searches):
        pure.append(_timed(lambda: slots.windows(people, what, way))[0])
    return {
        "slots_ms": round(percentile(whole, 95), 1), "slots_p50_ms": round(percentile(whole, 50), 1), "slots_cpu_ms": round(percentile(busy, 50), 1), "first_ms": round(cold, 1), "pure_ms": round(percentile(pure, 95), 1),
        "earliest_ms": round(percentile(first, 95), 1), "booked": Appointment.objects.count(), "windows": windows,
        "starts": sum(1 for _one in slots.each(slots.windows(people, what, way))),
    }  # fmt: skip


def _timed(do: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = do()
    return (time.perf_counter() - begun) * 1000, result


def _race() -> dict[str, Any]:
    """64 processes, each with a connection of its own, book the same hour of the same person, or one that overlaps with it; three times."""
    from django.db import connections

    from cordboard.appointments.models import Appointment, Staff, VisitKind

    staff, kind = Staff.objects.order_by("pk").first(), VisitKind.objects.get()
    assert staff is not None
    won, took = [], []
    for round_ in range(ROUNDS):
        start = datetime(2027, 3, 1 + round_, 9, 0, tzinfo=UTC)
        connections.close_all()
        context = multiprocessing.get_context("fork")
        gate, said = context.Barrier(RIVALS + 1), context.Queue()
        rivals = [context.Process(target=_rival, args=(gate, said, staff.pk, kind.pk, start + timedelta(minutes=15 * (n % 3)))) for n in range(RIVALS)]
        for one in rivals:
            one.start()
        gate.wait(120)
        begun = time.perf_counter()
        answers = [said.get(timeout=120) for _ in rivals]
        took.append((time.perf_counter() - begun) * 1000)
        for one in rivals:
            one.join(60)
        if wrong := [one for one in answers if one not in ("won", "taken")]:
            raise AssertionError(f"{len(wrong)} of {RIVALS} failed: {wrong[:3]}")
        rows = Appointment.objects.filter(staff=staff, starts_at__gte=start, starts_at__lt=start + timedelta(hours=8)).count()
        if rows != answers.count("won"):
            raise AssertionError(f"{rows} rows for {answers.count('won')} who were told that they have it")
        won.append(rows)
    return {"bookings_won": max(won) if min(won) == 1 else min(won), "rounds": won, "race_ms": round(max(took))}


def _rival(gate: Any, said: Any, staff: int, kind: int, start: datetime) -> None:
    from django.db import connection

    from cordboard.appointments import actions
    from cordboard.appointments.models import VisitKind

    what = actions.Visit(VisitKind.objects.get(pk=kind))
    what = actions.Visit(what.kind, area=_any_area())
    connection.ensure_connection()
    gate.wait(120)
    try:
        actions.book(what, staff, start, now=MONDAY)
        said.put("won")
    except actions.NotFree as problem:
        said.put(",".join(problem.why))
    except Exception as problem:  # noqa: BLE001  told above
        said.put(repr(problem))


def _any_area() -> Any:
    from cordboard.appointments.models import Area

    return Area.objects.order_by("pk").first()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slots", description="Benchmark of free times and bookings.")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--searches", type=int, default=40)
    parser.add_argument("--child", choices=("sqlite", "postgresql"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(_child(given.child, given.searches)))
        return
    more: dict[str, Any] = {}
    for database in given.database or ("sqlite", "postgresql"):
        say(f"{database}: {STAFF} people, {DAYS} days ...")
        try:
            more[database] = measure(database, given.searches)
        except (subprocess.SubprocessError, OSError, ValueError) as problem:
            say(f"Left out {database}: it could not be measured here ({problem}).")
    if not more:
        sys.exit("no database could be measured")
    figures = {"slots_ms": max(one["slots_ms"] for one in more.values()), "bookings_won": max(one["bookings_won"] for one in more.values())}
    rows = [["", *more, "aim"]]
    for key, words, aim in (
        ("slots_ms", "all free times, rows read, p95 ms", "50"), ("slots_p50_ms", "  p50", ""), ("slots_cpu_ms", "  CPU of our process, p50 ms", ""), ("first_ms", "  the first of a process, ms", ""), ("pure_ms", "  the search alone, p95 ms", ""),
        ("earliest_ms", "three to offer, p95 ms", ""), ("booked", "visits that stand", ""), ("starts", "free beginnings found", ""),
        ("bookings_won", f"of {RIVALS} who book one time at once", "1"), ("race_ms", "  all told within, ms", ""),
    ):  # fmt: skip
        rows.append([words, *(f"{one[key]:,}" for one in more.values()), aim])
    found("Free times", {**figures, "more": more}, rows, as_json=given.json)


if __name__ == "__main__":
    main()
