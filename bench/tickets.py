"""The service desk at size: lists, details, changes, searches and work lists of a million tickets, over HTTP.

    python -m bench.tickets [--tickets 1000000] [--messages 5000000] [--database sqlite|postgresql] [--requests 200] [--seconds 120] [--rate 300] [--processes 2] [--json]

The data are made inside the database (bench/tickets_data.py) in a temporary folder, or kept in `--keep FOLDER` for later runs. The centre's Django processes serve them as in
life, at a loopback address. First requests come one at a time, each for a ticket, a view or words drawn anew: `list_ms`, `detail_ms`, `save_ms`, `search_ms`, `worklist_ms` are p95 from
the request to the whole answer, with the way through a socket and what waiting for a busy machine adds; `cpu_ms` is what a request costs the Django processes and the database in
time of a processor, on the mean, whatever else the machine did. A detail is the whole page as a browser opens it in a new window; within the desk, where the shell stands, less is asked for. Then they come mixed (30 % lists, 40 % details, 10 % each of changes, searches and work lists), `--rate` a second for `--seconds`, whether or not the
answers keep up: `sustained_rps` is how many were answered well within that time, `sustained_p95_ms` counts from the moment at which a request was due. Without `--database` both are measured, and each figure is the worse.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from bench.calls import cpu
from bench.desk import server
from bench.report import found, percentile, say

SEED = 20261117
MIX = {"list": 30, "detail": 40, "save": 10, "search": 10, "worklist": 10}
CLIENTS = 24
KINDS = tuple(MIX)


@dataclass(frozen=True, slots=True)
class Given:
    """What the prepared centre offers to the requests."""

    cookie: str
    token: str
    views: list[str]
    words: list[str]
    tickets: int
    first: int
    """the lowest ticket number"""


class Draw:
    """Requests drawn anew: (method, path, body, headers)."""

    def __init__(self, given: Given, seed: int) -> None:
        self.given, self.rng = given, random.Random(seed)
        self.lock = threading.Lock()
        self.saved: set[int] = set()

    def one(self, kind: str) -> tuple[str, str, bytes | None, dict[str, str]]:
        given = self.given
        seen = {"Cookie": f"sessionid={given.cookie}"}
        with self.lock:
            number = given.first + self.rng.randrange(given.tickets)
            if kind == "save":
                while number in self.saved:  # each is changed once: the version that was seen is the first
                    number = given.first + self.rng.randrange(given.tickets)
                self.saved.add(number)
            word, view, priority = self.rng.choice(given.words), self.rng.choice(given.views), self.rng.randrange(6, 10)
        match kind:
            case "list":
                return "GET", f"/tickets/?view={view}", None, seen
            case "detail":
                return "GET", f"/tickets/{number}/", None, seen
            case "search":
                return "GET", f"/tickets/?q={word}", None, {**seen, "HX-Target": "ticket-list", "HX-Request": "true"}
            case "worklist":
                return "GET", "/worklist/", None, seen
        headers = {"Authorization": f"Bearer {given.token}", "Content-Type": "application/json", "If-Match": '"1"'}
        return "PATCH", f"/api/v1/tickets/{number}", json.dumps({"priority": priority}).encode(), headers


def ask(port: int, request: tuple[str, str, bytes | None, dict[str, str]]) -> tuple[int, bytes]:
    """One request on a connection of its own, as the front makes them."""
    method, path, body, headers = request
    line = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request(method, path, body, {"Host": "127.0.0.1", **headers})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


@contextmanager
def served(processes: int, log: Path) -> Iterator[tuple[int, int]]:
    """The centre's Django processes: the port that they answer at, and the number of the process that has started them."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)
    environment = {**os.environ, "CORDBOARD_DJANGO_FD": str(listening.fileno()), "CORDBOARD_DJANGO_PROCESSES": str(processes)}
    with log.open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "cordboard.serve.django"], env=environment, pass_fds=[listening.fileno()], stdout=said, stderr=said)
    port = listening.getsockname()[1]
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"the Django processes ended:\n{log.read_text()[-3000:]}")
            try:
                if ask(port, ("GET", "/account/login/", None, {}))[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)
        listening.close()


def family(pid: int) -> list[int]:
    """A process and all that it started, and they."""
    children: dict[int, list[int]] = {}
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            with suppress(OSError):
                parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(one.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def spent_by(pids: list[int]) -> float:
    """Seconds of a processor that these processes and all that they started have used."""
    total = 0.0
    for pid in {each for one in pids for each in family(one)}:
        with suppress(OSError):
            total += cpu(pid)
    return total


def one_by_one(port: int, draw: Draw, kind: str, requests: int) -> list[float]:
    """Milliseconds of each, after a tenth of them unmeasured. Raises RuntimeError for an answer that is none."""
    spent = []
    for place in range(-max(5, requests // 10), requests):
        request = draw.one(kind)
        begun = time.perf_counter()
        status, body = ask(port, request)
        took = (time.perf_counter() - begun) * 1000
        if status != 200:
            raise RuntimeError(f"{request[0]} {request[1]}: {status} {body[:600]!r}")
        if place >= 0:
            spent.append(took)
    return spent


def mixed(port: int, draw: Draw, rate: int, seconds: int) -> dict[str, Any]:
    """So many requests a second for so long, at moments that are fixed before."""
    total = rate * seconds
    kinds = random.Random(SEED).choices(KINDS, [MIX[kind] for kind in KINDS], k=total)
    taken = iter(range(total))
    lock = threading.Lock()
    good: list[tuple[float, float]] = []
    bad: Counter[str] = Counter()
    begin = time.perf_counter() + 0.5
    end = begin + seconds

    def client() -> None:
        while True:
            with lock:
                place = next(taken, None)
            if place is None:
                return
            due = begin + place / rate
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            elif time.perf_counter() > end:
                return
            try:
                status, _body = ask(port, draw.one(kinds[place]))
            except (OSError, HTTPException) as problem:
                status = 0
                why = type(problem).__name__
            else:
                why = str(status)
            at = time.perf_counter()
            with lock:
                if status == 200:
                    good.append((at, (at - due) * 1000))
                else:
                    bad[f"{kinds[place]}: {why}"] += 1

    clients = [threading.Thread(target=client, daemon=True) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join(seconds + 90)
    within = [late for at, late in good if at <= end]
    return {
        "sustained_rps": round(len(within) / seconds, 1),
        "sustained_p95_ms": round(percentile(within, 95), 1) if within else None,
        "wanted_rps": rate, "seconds": seconds, "failed": sum(bad.values()), "failures": dict(bad.most_common(5)),
    }  # fmt: skip


def measure(database: str, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of one database."""
    kept = Path(options.keep) / database if options.keep else None
    with nullcontext(str(kept)) if kept else tempfile.TemporaryDirectory(prefix="cb-tickets-") as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder).chmod(0o755)  # the server runs as somebody else
        with server(Path(folder) / "postgresql") if database == "postgresql" else nullcontext("") as url:
            # a process of its own for each database: Django is set up once in a process
            command = [sys.executable, "-m", "bench.tickets", "--inside", folder, "--tickets", str(options.tickets), "--messages", str(options.messages)]
            command += [
                "--requests",
                str(options.requests),
                "--seconds",
                str(options.seconds),
                "--rate",
                str(options.rate),
                "--processes",
                str(options.processes),
            ]
            environment = {
                **os.environ,
                "CORDBOARD_DATABASE_URL": url,
                "CORDBOARD_DATA": f"{folder}/data",
                "CORDBOARD_RUN": f"{folder}/run",
                "CORDBOARD_SECRET_KEY": "for measuring only",
            }
            if url:
                command += ["--postmaster", (Path(folder) / "postgresql" / "data" / "postmaster.pid").read_text().split()[0]]
            environment["DJANGO_SETTINGS_MODULE"] = "cordboard.settings"
            for part in ("data", "run"):
                Path(folder, part).mkdir(exist_ok=True)
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False, text=True)
            if done.returncode:
                raise SystemExit(f"{database}: ended with {done.returncode}")
            figures: dict[str, Any] = json.loads(done.stdout)
            return figures


def inside(options: argparse.Namespace) -> None:
    """In the process that has the database: make the data, serve it, ask."""
    import django

    django.setup()
    from django.db import connections

    from bench import tickets_data

    begun = time.monotonic()
    given = tickets_data.prepare(options.tickets, options.messages, say)
    connections.close_all()
    made = time.monotonic() - begun
    draw = Draw(given, SEED)
    figures: dict[str, Any] = {"p50_ms": {}, "cpu_ms": {}, "load": os.getloadavg()[0], "made_s": round(made, 1)}
    with served(options.processes, Path(options.inside) / "django.log") as (port, pid):
        pids = [pid, *([options.postmaster] if options.postmaster else [])]
        one_by_one(port, draw, "list", 5)
        for kind in KINDS:
            one_by_one(port, draw, kind, 2 * options.processes)  # each process has built its queries
            before = spent_by(pids)
            spent = one_by_one(port, draw, kind, options.requests)
            figures["cpu_ms"][kind] = round(1000 * (spent_by(pids) - before) / (options.requests + max(5, options.requests // 10)), 1)
            figures[f"{kind}_ms"] = round(percentile(spent, 95), 1)
            figures["p50_ms"][kind] = round(percentile(spent, 50), 1)
            say(f"{kind}: p50 {figures['p50_ms'][kind]}, p95 {figures[f'{kind}_ms']} ms; {figures['cpu_ms'][kind]} ms of a processor")
        if options.seconds:
            before = spent_by(pids)
            figures |= mixed(port, draw, options.rate, options.seconds)
            figures["processors"] = round((spent_by(pids) - before) / options.seconds, 2)
            say(
                f"{figures['sustained_rps']} requests a second with {figures['processors']} processors, p95 {figures['sustained_p95_ms']} ms, {figures['failed']} failed {figures['failures']}"
            )
    print(json.dumps(figures))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.tickets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="measure this one alone")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=0, help="five for each ticket, unless said otherwise")
    parser.add_argument("--requests", type=int, default=200, help="of each kind, one by one")
    parser.add_argument("--seconds", type=int, default=120, help="of the mixed load; 0: none")
    parser.add_argument("--rate", type=int, default=300, help="requests a second of the mixed load")
    parser.add_argument("--processes", type=int, default=2, help="Django processes")
    parser.add_argument("--keep", default="", help="a folder in which the data stay for later runs")
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    parser.add_argument("--postmaster", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.messages = options.messages or options.tickets * 5
    if options.inside:
        inside(options)
        return 0
    databases = [options.database] if options.database else ["sqlite", "postgresql"]
    each: dict[str, dict[str, Any]] = {}
    for database in databases:
        say(f"{database}: {options.tickets:,} tickets, {options.messages:,} messages")
        each[database] = measure(database, options)
    keys: list[tuple[str, Callable[..., Any]]] = [(f"{kind}_ms", max) for kind in KINDS] + (
        [("sustained_rps", min), ("sustained_p95_ms", max)] if options.seconds else []
    )
    figures: dict[str, Any] = {key: worse(one[key] for one in each.values()) for key, worse in keys}
    figures |= {"tickets": options.tickets, "messages": options.messages, "processes": options.processes, "requests": options.requests, "by_database": each}
    rows = [["p95 ms, one by one", *databases], *([kind, *(f"{each[name][f'{kind}_ms']:.1f}" for name in databases)] for kind in KINDS)]
    rows += [[f"{kind}: ms of a processor", *(f"{each[name]['cpu_ms'][kind]:.1f}" for name in databases)] for kind in KINDS]
    if options.seconds:
        rows.append(["processors used meanwhile", *(f"{each[name]['processors']:.2f}" for name in databases)])
        rows.append([f"requests a second of {options.rate}", *(f"{each[name]['sustained_rps']:.0f}" for name in databases)])
        rows.append(["p95 ms, mixed", *(f"{each[name]['sustained_p95_ms']:.0f}" for name in databases)])
    found(f"The service desk at {options.tickets:,} tickets and {options.messages:,} messages", figures, rows, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
