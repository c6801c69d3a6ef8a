"""Two acts at the very same moment, on PostgreSQL, where they truly run at once: no deadlock, no error, and afterwards everything in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from cordboard.interactions.models import Interaction
from cordboard.routing import actions
from cordboard.routing.tests.centre import Centre, entry
from cordboard.routing.tests.test_histories import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer"),
]
assert connection  # the skipif above looks at it

TIMES = 3
Race = Callable[[Centre, Interaction, World], tuple[Callable[[], Any], Callable[[], Any]]]


def _ringing(centre: Centre, call: Interaction) -> None:
    centre.offer(call, centre.alice)


def _talking(centre: Centre, call: Interaction) -> None:
    centre.offer(call, centre.alice)
    assert actions.accept_offer(centre.alice, call.pk, now=centre.now).done


def _consulting(centre: Centre, call: Interaction) -> None:
    _talking(centre, call)
    assert actions.consult(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done


def _with_colleague(centre: Centre, call: Interaction) -> None:
    _consulting(centre, call)
    assert actions.accept_offer(centre.bob, call.pk, now=centre.now).done


def _wrapping(centre: Centre, call: Interaction) -> None:
    _talking(centre, call)
    actions.customer_left(call.pk, now=centre.now)


def _lost(centre: Centre, call: Interaction) -> None:
    _talking(centre, call)
    actions.agent_media_lost(centre.alice.pk, call.pk, now=centre.now)
    centre.later(21)


Before = Callable[[Centre, Interaction], None]
RACES: dict[str, tuple[Before | None, Callable[[Centre, int], Any], Callable[[Centre, int], Any]]] = {
    "accepted and hung up": (_ringing, lambda c, i: actions.accept_offer(c.alice, i, now=c.now), lambda c, i: actions.customer_left(i, now=c.now)),
    "accepted and rejected": (_ringing, lambda c, i: actions.accept_offer(c.alice, i, now=c.now), lambda c, i: actions.reject_offer(c.alice, i, now=c.now)),
    "accepted and expired": (
        _ringing,
        lambda c, i: actions.accept_offer(c.alice, i, now=c.now),
        lambda c, i: actions.expire_offers(c.now.replace(year=2027)),
    ),
    "accepted and signed out": (_ringing, lambda c, i: actions.accept_offer(c.alice, i, now=c.now), lambda c, i: actions.sign_out(c.alice, now=c.now)),
    "offered twice": (
        None,
        lambda c, i: actions.reserve([actions.Match(_entry(i), c.alice.pk)], c.now),
        lambda c, i: actions.reserve([actions.Match(_entry(i), c.bob.pk)], c.now),
    ),
    "offered and hung up": (
        None,
        lambda c, i: actions.reserve([actions.Match(_entry(i), c.alice.pk)], c.now),
        lambda c, i: actions.customer_left(i, now=c.now),
    ),
    "offered and not ready": (
        None,
        lambda c, i: actions.reserve([actions.Match(_entry(i), c.alice.pk)], c.now),
        lambda c, i: actions.set_not_ready(c.alice, "break", now=c.now),
    ),
    "transferred and hung up": (
        _talking,
        lambda c, i: actions.transfer(c.alice, i, to_agent=c.bob.pk, now=c.now),
        lambda c, i: actions.customer_left(i, now=c.now),
    ),
    "transferred to one who goes": (
        _talking,
        lambda c, i: actions.transfer(c.alice, i, to_agent=c.bob.pk, now=c.now),
        lambda c, i: actions.sign_out(c.bob, now=c.now),
    ),
    "transferred twice": (
        _talking,
        lambda c, i: actions.transfer(c.alice, i, to_agent=c.bob.pk, now=c.now),
        lambda c, i: actions.transfer(c.alice, i, to_queue=c.sales.pk, now=c.now),
    ),
    "answered and backed out": (
        _consulting,
        lambda c, i: actions.accept_offer(c.bob, i, now=c.now),
        lambda c, i: actions.back_out_of_consult(c.alice, i, now=c.now),
    ),
    "answered and completed": (
        _consulting,
        lambda c, i: actions.accept_offer(c.bob, i, now=c.now),
        lambda c, i: actions.complete_consult(c.alice, i, now=c.now),
    ),
    "completed and left": (
        _with_colleague,
        lambda c, i: actions.complete_consult(c.alice, i, now=c.now),
        lambda c, i: actions.leave_consult(c.bob, i, now=c.now),
    ),
    "completed and hung up": (
        _with_colleague,
        lambda c, i: actions.complete_consult(c.alice, i, now=c.now),
        lambda c, i: actions.customer_left(i, now=c.now),
    ),
    "wrapped up and swept": (
        _wrapping,
        lambda c, i: actions.wrap_up(c.alice, i, now=c.now),
        lambda c, i: actions.sweep_wrapup(c.now.replace(year=2027)),
    ),
    "back and given up": (_lost, lambda c, i: actions.agent_media_back(c.alice.pk, i, now=c.now), lambda c, i: actions.sweep_media(c.now)),
    "given up and hung up": (_lost, lambda c, i: actions.sweep_media(c.now), lambda c, i: actions.customer_left(i, now=c.now)),
}


def _entry(interaction: int) -> int:
    return entry(Interaction(pk=interaction)).pk


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(len(acts))
    came: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        try:
            start.wait(10)
            came[number] = acts[number]()
        except Exception as problem:  # noqa: BLE001  told by the test
            came[number] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "they wait for each other"
    return came


@pytest.mark.parametrize("name", RACES)
def test_at_the_same_moment(name: str) -> None:
    before, one, other = RACES[name]
    world = World(calls=0)
    centre = world.centre
    for turn in range(TIMES):
        world.settle()
        call = centre.call()
        world.calls.append(call)
        world.first_wait[call.pk] = centre.now
        if before is not None:
            before(centre, call)
        pair = [lambda: one(centre, call.pk), lambda: other(centre, call.pk)]
        came = at_once(*(pair if turn % 2 else reversed(pair)))
        assert not [problem for problem in came if isinstance(problem, Exception)]
        world.check()
