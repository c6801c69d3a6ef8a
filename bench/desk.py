"""The agent's desk at size: server time of its views with one million customers and five million contacts, on PostgreSQL.

    python -m bench.desk [--json] [--database URL] [--parties 1000000] [--requests 300] [--rebuild]

Without a database it keeps a PostgreSQL of its own in the temporary folder and fills it once (some minutes and gigabytes); later runs use what is
there. Each request goes through the whole of Django (middleware, session, permissions, template) in this process, for a customer drawn anew,
so that what is measured has not just been read. `p95_ms` by view: `shell` (the desk with a call open), `account` (account information), `history` (the
first page of the timeline), `overview` and `search`; `lookup_ms` is p95 of finding a customer by telephone number.
"""

from __future__ import annotations

import argparse
import os
import pwd
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.report import found, percentile, say
from cordboard.lib.testing.postgres import binaries, free_port

SEED = 20251117
KEPT = "cordboard-bench-desk"


@contextmanager
def server(kept: Path | None = None) -> Iterator[str]:
    """A PostgreSQL whose data stays in the temporary folder, or in `kept`; gives the address of its database."""
    import psycopg

    folder = kept or Path(tempfile.gettempdir()) / KEPT
    user = "postgres" if os.geteuid() == 0 else None
    if not (folder / "data" / "PG_VERSION").exists():
        folder.mkdir(exist_ok=True)
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        command = [binaries() / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "shared_buffers": "1GB", "effective_cache_size": "8GB",
        "max_wal_size": "8GB", "random_page_cost": "1.1", "checkpoint_timeout": "30min", "jit": "off",
    }  # fmt: skip
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([binaries() / "postgres", "-D", folder / "data", *arguments], stdout=log, stderr=log, user=user, cwd=folder)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                line = psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", autocommit=True)
                break
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        with line:
            if not line.execute("SELECT 1 FROM pg_database WHERE datname = 'cordboard'").fetchone():
                line.execute("CREATE DATABASE cordboard")
        yield f"postgresql://postgres:postgres@127.0.0.1:{port}/cordboard"
    finally:
        process.send_signal(signal.SIGINT)  # fast: does not wait for connections that an error left open
        process.wait(120)


def timed(times: int, act: Callable[[int], Any]) -> list[float]:
    """Milliseconds of each of so many runs, after a tenth of them unmeasured."""
    for place in range(max(5, times // 10)):
        act(-1 - place)
    spent = []
    for place in range(times):
        begun = time.perf_counter()
        act(place)
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def prepare(parties: int, rebuild: bool) -> None:
    """Bring the database to the version of the program and fill it, where that is not done."""
    from django.core.management import call_command
    from django.db import connection

    from bench import desk_data
    from cordboard.demo import centre, knowledge
    from cordboard.demo.trade import products

    with connection.cursor() as cursor:
        if desk_data.outdated(cursor):
            say("The tables are of another version: they are made anew.")
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    with connection.cursor() as cursor:
        there = desk_data.made(cursor)
        if there == parties and not rebuild:
            say(f"Using the {there:,} customers that are there.")
            if indexes := desk_data.make_indexes(cursor):
                say(f"{indexes} indexes were made anew.")
                cursor.execute("ANALYZE")
            return
        say(f"Making {parties:,} customers and {parties * 5:,} contacts.")
        centre.build()
        knowledge.build()
        products()
        desk_data.make(cursor, parties, say)


def measure(parties: int, requests: int) -> dict[str, Any]:
    """The figures: {"p95_ms": {view: ms}, "p50_ms": {view: ms}, "lookup_ms": ms, "parties", "interactions", "requests"}."""
    from django.test import Client
    from django.utils import timezone

    from cordboard.interactions.models import Interaction, Segment
    from cordboard.org.models import User
    from cordboard.parties.models import Party
    from cordboard.parties.queries import identify
    from cordboard.parties.search import search

    rng = random.Random(SEED)
    emma = User.objects.get(username="emma")
    client = Client()
    client.force_login(emma)
    now = timezone.now()
    Segment.objects.filter(agent=emma).exclude(state=Segment.State.ENDED).delete()
    call = Interaction.objects.create(
        channel="voice",
        state="active",
        identified_by="ani",
        from_address="+31205550123",
        to_address="100",
        agent=emma,
        language="en",
        started_at=now,
        answered_at=now,
    )
    Segment.objects.create(interaction=call, agent=emma, state="active", offered_at=now, accepted_at=now)

    def get(address: str) -> Callable[[int], None]:
        def act(_place: int) -> None:
            response = client.get(address.format(call=call.pk))
            if response.status_code != 200:
                raise RuntimeError(f"{address}: {response.status_code}")

        return act

    def with_customer(act: Callable[[int], None]) -> list[float]:
        spent = []
        for place in range(requests + requests // 10):
            # a tenth of the customers have half of the contacts: so have callers
            party = rng.randint(1, max(1, parties // 10)) if rng.random() < 0.5 else rng.randint(1, parties)
            Interaction.objects.filter(pk=call.pk).update(subject=party, reporter=party)
            begun = time.perf_counter()
            act(place)
            if place >= requests // 10:
                spent.append((time.perf_counter() - begun) * 1000)
        return spent

    fragments = "/desk/fragments/?interaction={call}&names="
    views = {
        "shell": "/desk/?interaction={call}",
        "account": fragments + "account",
        "history": fragments + "work&tab=history",
        "overview": fragments + "work&tab=overview",
    }
    try:
        times = {name: with_customer(get(address)) for name, address in views.items()}
        names = [name.rsplit(" ", 1)[0] for name in Party.objects.filter(pk__in=[rng.randint(1, parties) for _ in range(60)]).values_list("name", flat=True)]
        typed = [*names, *(f"+3197{rng.randint(1, parties):09d}" for _ in range(20)), *(str(50_000_000 + rng.randint(1, parties)) for _ in range(20))]
        times["search"] = timed(min(requests, 100), lambda place: search(emma, typed[place % len(typed)]))
        numbers = [f"+3197{rng.randint(1, parties):09d}" for _ in range(requests * 4)]

        def look_up(place: int) -> None:
            if identify(numbers[place]).party is None:
                raise RuntimeError(f"{numbers[place]} was not found")

        lookups = timed(requests * 3, look_up)
    finally:
        Segment.objects.filter(interaction=call).delete()
        call.delete()
    return {
        "p95_ms": {name: round(percentile(spent, 95), 2) for name, spent in times.items()},
        "p50_ms": {name: round(percentile(spent, 50), 2) for name, spent in times.items()},
        "lookup_ms": round(percentile(lookups, 95), 3),
        "parties": parties,
        "interactions": parties * 5,
        "requests": requests,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--database", default="", help="postgresql://... of a database that may be filled (default: one of its own)")
    parser.add_argument("--parties", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=300, help="for each view")
    parser.add_argument("--rebuild", action="store_true", help="make the data anew")
    options = parser.parse_args()
    if options.database:
        return _run(options, options.database)
    with server() as address:
        return _run(options, address)


def _run(options: argparse.Namespace, address: str) -> int:
    with tempfile.TemporaryDirectory(prefix="cb-desk-") as folder:
        os.environ.update(
            CORDBOARD_DATABASE_URL=address, CORDBOARD_DATA=f"{folder}/data", CORDBOARD_RUN=f"{folder}/run", CORDBOARD_SECRET_KEY="for measuring only",
            DJANGO_SETTINGS_MODULE="cordboard.settings",
        )  # fmt: skip
        for part in ("data", "run"):
            Path(folder, part).mkdir()
        import django

        django.setup()
        from django.urls import get_resolver

        from cordboard.lib.collector import settle

        _ = get_resolver().url_patterns
        settle()  # as the processes that serve it do
        from django.db import connections

        try:
            prepare(options.parties, options.rebuild)
            figures = measure(options.parties, options.requests)
        finally:
            connections.close_all()
    rows = [["view", "p50 ms", "p95 ms"], *([name, f"{figures['p50_ms'][name]:.1f}", f"{figures['p95_ms'][name]:.1f}"] for name in figures["p95_ms"])]
    rows.append(["look-up by number", "", f"{figures['lookup_ms']:.2f}"])
    found(f"The desk at {options.parties:,} customers and {options.parties * 5:,} contacts", figures, rows, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
