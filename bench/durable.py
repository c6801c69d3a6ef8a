"""Durable assignments: how many offers a second the reservation of `routing/actions_reserve.py` writes, and how long a tick takes.

    python -m bench.durable [--database sqlite|postgresql] [--seconds 5] [--json]

Each database is measured in a process and with a data folder (or a server) of its own, thrown away afterwards, with every commit on the disk
(synchronous=FULL, fsync on). A tick is one transaction: locks, segments, entries, agents' states and their log, decisions with reasons, and one
event for each offer. The reading and matching of the router is not in it (see bench.routing).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

AGENTS = 2_000
CONTACTS = 10_000
BATCHES = (1, 10, 50, 100)
BUDGET_MS = 20.0
"""The longest a tick may take (p99)."""


def measure(database: str, seconds: float = 5.0) -> dict[str, Any]:
    """In a process of its own: {"durable_per_s", "tick_p99_ms", "batch", "by_batch": {batch: {...}}}. The figures of the batch that does most
    within the budget. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="cb-durable-") as folder:
        environment = {
            **os.environ,
            "CORDBOARD_DATA": f"{folder}/data",
            "CORDBOARD_RUN": f"{folder}/run",
            "CORDBOARD_SECRET_KEY": "for measuring only",
            "DJANGO_SETTINGS_MODULE": "cordboard.settings",
        }
        environment.pop("CORDBOARD_DATABASE_URL", None)
        for part in ("data", "run"):
            Path(folder, part).mkdir()
        command = [sys.executable, "-m", "bench.durable", "--child", database, "--seconds", str(seconds)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120 + 8 * seconds)
        found: dict[str, Any] = json.loads(done.stdout.decode().strip().splitlines()[-1])
        return found


def _child(database: str, seconds: float) -> dict[str, Any]:
    if database == "postgresql":
        import psycopg

        from cordboard.lib.testing import postgres

        cluster = postgres.start(durable=True)
        with psycopg.connect(cluster.url(), autocommit=True) as line:
            line.execute("CREATE DATABASE cordboard")
        os.environ["CORDBOARD_DATABASE_URL"] = cluster.url("cordboard")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    agents, queue = _seed()
    by_batch = {}
    for batch in BATCHES:
        by_batch[str(batch)] = _ticks(agents, queue, batch, seconds / len(BATCHES))
    fitting = [name for name, one in by_batch.items() if one["tick_p99_ms"] <= BUDGET_MS] or [min(by_batch, key=lambda name: by_batch[name]["tick_p99_ms"])]
    best = max(fitting, key=lambda name: by_batch[name]["durable_per_s"])
    return {**by_batch[best], "batch": int(best), "by_batch": by_batch}


def _seed() -> tuple[list[int], int]:
    from cordboard.org.models import User
    from cordboard.routing.models import AgentState, Queue

    now = datetime.now(UTC)
    queue = Queue.objects.create(code="bench", name="Bench")
    User.objects.bulk_create(User(username=f"agent{number}", name=f"Agent {number}") for number in range(AGENTS))
    agents = list(User.objects.order_by("pk").values_list("pk", flat=True))
    AgentState.objects.bulk_create(AgentState(agent_id=agent, state="ready", since=now, idle_since=now) for agent in agents)
    return agents, queue.pk


def _contacts(queue: int) -> list[int]:
    from django.db import connection

    from cordboard.interactions.models import Interaction
    from cordboard.routing.models import Entry

    now = datetime.now(UTC)
    rows = Interaction.objects.bulk_create(
        [Interaction(channel="voice", state="waiting", started_at=now, queued_at=now) for _ in range(CONTACTS)], batch_size=1_000
    )
    made = Entry.objects.bulk_create(
        [Entry(interaction=row, queue_id=queue, entered_at=now, waiting_since=now - timedelta(seconds=3)) for row in rows], batch_size=1_000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself within a minute
    return [one.pk for one in made]


REASONS = [
    {"code": "match.preferred_busy", "values": {"agent": 7, "role": "owner", "waited": 30}},
    {"code": "match.skills", "values": {"needs": [{"skill": "en", "least": 3, "has": 5}, {"skill": "dishwasher", "least": 2, "has": 3}]}},
    {"code": "match.longest_idle", "values": {"candidates": 3, "idle": 372}},
]


def _ticks(agents: list[int], queue: int, batch: int, seconds: float) -> dict[str, float]:
    from cordboard.routing.actions_reserve import Match, reserve
    from cordboard.routing.models import AgentState

    times: list[float] = []
    waiting: list[int] = []
    free: list[int] = []
    done = 0
    while sum(times) < seconds:
        if len(waiting) < batch:
            waiting += _contacts(queue)
        if len(free) < batch:
            AgentState.objects.update(state="ready", voice_load=0)
            free = list(agents)
        matches = [Match(waiting.pop(), free.pop(), REASONS) for _ in range(batch)]
        begun = time.perf_counter()
        won = len(reserve(matches, datetime.now(UTC)).won)
        times.append(time.perf_counter() - begun)
        if won != batch:
            raise AssertionError(f"{batch - won} of {batch} were lost with nobody else about")
        done += won
    times.sort()
    return {
        "durable_per_s": round(done / sum(times)),
        "tick_p50_ms": round(times[len(times) // 2] * 1000, 2),
        "tick_p99_ms": round(times[min(len(times) - 1, int(len(times) * 0.99))] * 1000, 2),
        "ticks": len(times),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    if given.child:
        print(json.dumps(_child(given.child, given.seconds)))
        return
    found = {database: measure(database, given.seconds) for database in given.database or ("sqlite", "postgresql")}
    if given.json:
        print(json.dumps(found))
        return
    print(f"{'database':<12}{'batch':>6}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for database, one in found.items():
        for batch, row in one["by_batch"].items():
            print(f"{database:<12}{batch:>6}{row['durable_per_s']:>10,}{row['tick_p50_ms']:>9}{row['tick_p99_ms']:>9}")


if __name__ == "__main__":
    main()
