"""The worker: everything that nobody waits for in front of a screen. `python -m cordboard.serve.worker`.

Threads: the router, the subscribers of the log, the sweepers, the jobs. Each goes on by itself through a lost database. What only one worker
may do is held by leases; any number of workers may run.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from cordboard.lib.config import config
from cordboard.lib.logs import configure

if TYPE_CHECKING:
    from cordboard.events.lease import Held

logger = logging.getLogger("cordboard.worker")

RENEW = 1.0
SWEEPERS = "lib.sweepers"


class Stop(threading.Event):
    """Set when the process is to end."""


def forever(name: str, work: Callable[[Stop], None], stop: Stop) -> threading.Thread:
    """Run `work(stop)` in a thread; when it raises, say so and begin again, with pauses of 0.2 to 5 s. The thread's database connection is
    dropped in between."""

    def run() -> None:
        from django.db import connections

        wait = 0.2
        while not stop.is_set():
            begun = time.monotonic()
            try:
                work(stop)
                return
            except Exception:
                wait = 0.2 if time.monotonic() - begun > 30 else min(5.0, wait * 2)
                logger.exception("%s stopped; again in %.1f s", name, wait)
                stop.wait(wait)
            finally:
                connections.close_all()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def run_subscribers(stop: Stop) -> None:
    """Every subscriber in turn, while this worker holds their lease; woken by the doorbell."""
    from cordboard.events import lease, subscribers
    from cordboard.events.doorbell import POLL, Listener

    runners = [subscribers.Runner(one) for one in subscribers.subscriptions()]
    if not runners:
        stop.wait()
        return
    listener = Listener()
    held: lease.Held | None = None
    renewed = 0.0
    try:
        while not stop.is_set():
            if held is None or time.monotonic() - renewed > RENEW:
                held, renewed = lease.hold(subscribers.LEASE), time.monotonic()
            more = False
            if held is not None:
                for runner in runners:
                    more = runner.step(held) or more
                    if time.monotonic() - renewed > RENEW:
                        held, renewed = lease.hold(subscribers.LEASE), time.monotonic()
                    if held is None or stop.is_set():
                        break
            if not more:
                listener.wait(POLL)
    finally:
        listener.close()
        _let_go(held, stop)


def run_sweepers(stop: Stop) -> None:
    """What packages want done by the clock, while this worker holds the lease."""
    from cordboard.events import lease
    from cordboard.lib.clock import sweepers

    due = {one.name: 0.0 for one in sweepers()}
    held: lease.Held | None = None
    renewed = 0.0
    while not stop.is_set():
        if held is None or time.monotonic() - renewed > RENEW:
            held, renewed = lease.hold(SWEEPERS), time.monotonic()
        if held is not None:
            for one in sweepers():
                if time.monotonic() < due.get(one.name, 0.0) or stop.is_set():
                    continue
                due[one.name] = time.monotonic() + one.seconds
                try:
                    one.function()
                except Exception:
                    logger.exception("the sweeper %s failed", one.name)
                    _usable_connection()
                if time.monotonic() - renewed > RENEW:
                    held, renewed = lease.hold(SWEEPERS), time.monotonic()
                if held is None:
                    break
        stop.wait(max(0.05, min([RENEW, *(at - time.monotonic() for at in due.values())])) if held else RENEW)
    _let_go(held, stop)


def _let_go(held: Held | None, stop: Stop) -> None:
    """A worker that stops in good order leaves its lease to the next at once."""
    if held is not None and stop.is_set():
        held.release()


def run_jobs(stop: Stop) -> None:
    """django-tasks: jobs enqueued in an action's own transaction."""
    from django.db import close_old_connections
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    jobs = Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{config().node}-{os.getpid()}",
        excluded_queue_names=[],
    )
    while not stop.wait(1.0):
        close_old_connections()
        if DBTaskResult.objects.ready().exists():  # without this look the library would lock a SQLite database each time
            jobs.run()


def run_router(stop: Stop) -> None:
    from cordboard.routing.router import run

    run(stop)


def _usable_connection() -> None:
    from django.db import connection

    connection.close_if_unusable_or_obsolete()


def _report(threads: dict[str, threading.Thread], stop: Stop) -> None:
    """Say on this machine that we live, every two seconds (`cordboard doctor` reads it)."""
    folder = config().run / "health"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{os.environ.get('CORDBOARD_ROLE', 'worker')}.json"
    while not stop.wait(2.0):
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "at": time.time(), "threads": {name: one.is_alive() for name, one in threads.items()}}))
        fresh.replace(path)
    path.unlink(missing_ok=True)


def main() -> None:
    configure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    import django

    django.setup()
    stop = Stop()

    def stopping(number: int, frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, stopping)
    signal.signal(signal.SIGINT, stopping)
    work: dict[str, Callable[[Stop], None]] = {"subscribers": run_subscribers, "sweepers": run_sweepers, "jobs": run_jobs}
    if find_spec("cordboard.routing.router") is not None:
        work["router"] = run_router
    threads = {name: forever(name, function, stop) for name, function in work.items()}
    logger.info("worker: %s", ", ".join(threads))
    _report(threads, stop)
    until = time.monotonic() + 1.2  # the supervisor waits two seconds; what is still at work then begins anew with the next worker
    for thread in threads.values():
        thread.join(timeout=max(0.0, until - time.monotonic()))


if __name__ == "__main__":
    main()
