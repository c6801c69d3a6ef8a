"""The worker's threads, and all roles when the database goes away and comes back."""

from __future__ import annotations

import json
import threading
import time

import pytest
from django.db import transaction

from cordboard.events import catalogue, lease, log, subscribers
from cordboard.lib import clock
from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import prepared
from cordboard.lib.testing.centre import wait_until
from cordboard.serve import worker
from cordboard.serve.worker import Stop, forever


@pytest.fixture
def stop():
    one = Stop()
    threads: list[threading.Thread] = []
    one.run = lambda name, work: threads.append(forever(name, work, one))  # type: ignore[attr-defined]
    yield one
    one.set()
    for thread in threads:
        thread.join(10)
    assert not [thread for thread in threads if thread.is_alive()]


@pytest.mark.django_db(transaction=True)
def test_sweepers_run_again_and_again_and_one_that_fails_hinders_nobody(monkeypatch: pytest.MonkeyPatch, stop: Stop) -> None:
    monkeypatch.setattr(clock, "_sweepers", {})
    ran: list[str] = []

    def fail() -> None:
        ran.append("failing")
        raise ValueError("as always")

    clock.every(0.1, "test.good", lambda: ran.append("good"))
    clock.every(0.1, "test.failing", fail)
    stop.run("sweepers", worker.run_sweepers)  # type: ignore[attr-defined]
    wait_until(lambda: ran.count("good") >= 3 and ran.count("failing") >= 3)


@pytest.mark.django_db(transaction=True)
def test_sweepers_run_on_one_worker_only(monkeypatch: pytest.MonkeyPatch, stop: Stop) -> None:
    monkeypatch.setattr(clock, "_sweepers", {})
    ran: list[int] = []
    clock.every(0.1, "test.where", lambda: ran.append(threading.get_ident()))
    for n in range(3):
        stop.run(f"sweepers {n}", worker.run_sweepers)  # type: ignore[attr-defined]
    wait_until(lambda: len(ran) >= 5)
    assert len(set(ran)) == 1


@pytest.mark.django_db(transaction=True)
def test_subscribers_are_woken_by_the_doorbell(monkeypatch: pytest.MonkeyPatch, stop: Stop) -> None:
    monkeypatch.setattr(catalogue, "_declared", {})
    monkeypatch.setattr(subscribers, "_subscriptions", {})
    catalogue.declare("test.wanted", fields={"n": int})
    got: list[int] = []
    subscribers.subscribe("test.reader", ["test.wanted"], lambda event: got.append(event.body["n"]), from_beginning=True)
    stop.run("subscribers", worker.run_subscribers)  # type: ignore[attr-defined]
    for n in range(20):
        with transaction.atomic():
            log.record("test.wanted", actor="system", n=n)
        time.sleep(0.01)
    wait_until(lambda: got == list(range(20)))
    assert lease.holders()[subscribers.LEASE][2] > 0
    stop.set()
    wait_until(lambda: lease.holders()[subscribers.LEASE][2] < 0, what="its letting go")


def test_work_that_raises_begins_again() -> None:
    tries: list[int] = []
    one = Stop()

    def work(stop: Stop) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("the database is away")
        stop.wait()

    thread = forever("test", work, one)
    wait_until(lambda: len(tries) == 3)
    one.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.slow
@pytest.mark.postgresql
def test_the_database_goes_away_and_comes_back() -> None:
    """Every role lives through it, and the live socket goes on without a gap."""
    cluster = prepared.server()
    centre = centres.make(cluster=cluster, source=prepared.source(on_server=True))
    try:
        centre.start().up()
        wait_until(lambda: centre.get("/health")[0] == 200)
        pids = {name: role["pid"] for name, role in centre.roles().items()}
        cluster.halt()
        wait_until(lambda: centre.get("/health")[0] == 503, 30, "the front's complaint")
        assert centre.get("/account/login/")[0] in (200, 500, 503)
        bad = json.loads(centre.cordboard("doctor", "--json", check=False).stdout)
        assert any(one["about"] == "database" and one["level"] == "bad" for one in bad)
        cluster.resume()
        wait_until(lambda: centre.get("/health")[0] == 200, 30, "the front's recovery")
        wait_until(lambda: centre.get("/account/login/")[0] == 200, 30, "Django's recovery")
        wait_until(lambda: _lease_is_fresh(centre), 30, "the worker's recovery")
        assert {name: role["pid"] for name, role in centre.roles().items()} == pids, f"no process had to be replaced\n{centre.log[-6000:]}"
    finally:
        centres.discard(centre)
        cluster.stop()


def _lease_is_fresh(centre: centres.Centre) -> bool:
    return centre.python("from cordboard.events import lease; print(lease.holders()['lib.sweepers'][2] > 0)").strip() == "True"
