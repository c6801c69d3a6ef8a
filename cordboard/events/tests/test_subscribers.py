"""Subscribers: every event at least once, in order, over failures, restarts and changes of leader."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cordboard.events import catalogue, lease, log, subscribers
from cordboard.events.catalogue import declare
from cordboard.events.models import DeadLetter, Subscriber
from cordboard.events.subscribers import Runner, Subscription, pause, wants

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_declared", {})
    declare("test.wanted", fields={"n": int})
    declare("other.unwanted", fields={"n": int})


def record(n: int, kind: str = "test.wanted") -> None:
    with transaction.atomic():
        log.record(kind, actor="system", n=n)


def subscription(handler, *, from_beginning: bool = False) -> Subscription:
    return Subscription("test.reader", frozenset(["test.*"]), handler, from_beginning)


def due_now() -> None:
    """The pause before the next try is over."""
    Subscriber.objects.update(read_at=timezone.now() - timedelta(hours=1))


def test_a_new_one_begins_now_or_at_the_beginning() -> None:
    record(1)
    got: list[int] = []
    now = Runner(subscription(lambda event: got.append(event.body["n"])))
    now.step()
    record(2)
    now.step()
    assert got == [2]
    Subscriber.objects.all().delete()
    got.clear()
    Runner(subscription(lambda event: got.append(event.body["n"]), from_beginning=True)).step()
    assert got == [1, 2]


def test_it_goes_on_where_it_was_and_sees_only_what_it_wants() -> None:
    got: list[int] = []
    Runner(subscription(lambda event: got.append(event.body["n"]))).step()
    for n in range(250):
        record(n, "test.wanted" if n % 2 else "other.unwanted")
    while Runner(subscription(lambda event: got.append(event.body["n"]))).step():
        pass
    assert got == list(range(1, 250, 2))


def test_a_failing_event_is_tried_again_and_the_next_ones_wait() -> None:
    got: list[int] = []
    broken = [True]

    def handler(event) -> None:
        if event.body["n"] == 2 and broken[0]:
            raise ValueError("not yet")
        got.append(event.body["n"])

    runner = Runner(subscription(handler))
    runner.step()
    for n in (1, 2, 3):
        record(n)
    runner.step()
    row = Subscriber.objects.get()
    assert got == [1]
    assert row.failures == 1
    assert "not yet" in row.last_error
    runner.step()
    assert got == [1], "it waits before the next try"
    due_now()
    broken[0] = False
    runner.step()
    assert got == [1, 2, 3]
    assert Subscriber.objects.get().failures == 0


def test_what_cannot_be_taken_is_put_aside() -> None:
    got: list[int] = []

    def handler(event) -> None:
        if event.body["n"] == 2:
            raise ValueError("never")
        got.append(event.body["n"])

    runner = Runner(subscription(handler), tries=3)
    runner.step()
    for n in (1, 2, 3):
        record(n)
    for _ in range(4):
        runner.step()
        due_now()
    assert got == [1, 3]
    letter = DeadLetter.objects.get()
    assert (letter.subscriber, letter.event.body, letter.tries) == ("test.reader", {"n": 2}, 3)
    assert "never" in letter.error


def test_who_has_lost_the_lease_moves_no_cursor() -> None:
    runner = Runner(subscription(lambda event: None))
    runner.step()
    record(1)
    held = lease.hold(subscribers.LEASE, owner="a")
    assert held is not None
    held.release()
    lease.hold(subscribers.LEASE, owner="b")
    before = Subscriber.objects.get().cursor
    with pytest.raises(lease.LeaseLost):
        runner.step(held)
    assert Subscriber.objects.get().cursor == before


def test_pauses_grow_to_a_minute() -> None:
    assert [pause(n).seconds for n in (1, 2, 3, 6, 7, 20)] == [1, 2, 4, 32, 60, 60]


def test_kinds_and_whole_packages() -> None:
    one = Subscription("x", frozenset(["a.b", "c.*"]), print, False)
    assert [kind for kind in ("a.b", "a.c", "c.d", "cc.d") if wants(one, kind)] == ["a.b", "c.d"]
