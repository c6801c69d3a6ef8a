"""Leases: one leads, the next takes over, and nobody acts on a lease that he has lost."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from cordboard.events import lease

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_holds_and_the_others_wait() -> None:
    first = lease.hold("router", owner="a")
    assert first is not None
    assert lease.hold("router", owner="b") is None
    again = lease.hold("router", owner="a")
    assert again == first
    assert lease.holders()["router"][0] == "a"
    assert 2 < lease.holders()["router"][2] <= 3
    first.release()
    second = lease.hold("router", owner="b")
    assert second is not None
    assert second.epoch == first.epoch + 1


def test_a_lease_that_ran_out_is_taken_and_the_old_holder_can_do_nothing_more() -> None:
    old = lease.hold("router", owner="a", seconds=0.05)
    assert old is not None
    with transaction.atomic():
        old.check()
    time.sleep(0.1)
    with transaction.atomic():
        old.check()  # late, but nobody else has begun
    new = lease.hold("router", owner="b")
    assert new is not None
    with pytest.raises(lease.LeaseLost), transaction.atomic():
        old.check()
    assert lease.hold("router", owner="a") is None
    with transaction.atomic():
        new.check()


def test_it_is_checked_inside_a_transaction_only() -> None:
    held = lease.hold("router", owner="a")
    assert held is not None
    with pytest.raises(RuntimeError):
        held.check()


def test_several_at_once() -> None:
    assert lease.hold("two", owner="b") is not None
    assert set(lease.hold_all(["three", "two", "one"], owner="a")) == {"one", "three"}


def test_nobody_takes_over_while_a_checked_transaction_is_open() -> None:
    held = lease.hold("router", owner="a", seconds=0.05)
    assert held is not None
    time.sleep(0.1)
    order: list[str] = []

    def take() -> None:
        lease.hold("router", owner="b")
        order.append("taken")
        connection.close()

    other = threading.Thread(target=take)
    with transaction.atomic():
        held.check()
        other.start()
        time.sleep(0.2)
        order.append("done")
    other.join()
    assert order == ["done", "taken"]


def test_of_many_exactly_one_gets_it() -> None:
    got: list[str] = []
    gate = threading.Barrier(6)

    def race(owner: str) -> None:
        gate.wait()
        if lease.hold("router", owner=owner):
            got.append(owner)
        connection.close()

    threads = [threading.Thread(target=race, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
