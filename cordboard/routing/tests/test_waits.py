"""The wait that is promised when a contact enters a queue."""

from __future__ import annotations

from datetime import timedelta

from cordboard.interactions import actions as interactions
from cordboard.routing import actions
from cordboard.routing.tests.centre import Centre, entry, told


def promised(centre: Centre) -> tuple[int | None, int | None]:
    waits = entry(centre.call())
    return (waits.estimate_low, waits.estimate_high)


def test_nobody_at_work_means_nothing_to_promise(centre: Centre) -> None:
    assert promised(centre) == (None, None)
    assert told("routing.estimated") == []


def test_a_free_agent_means_next_to_nothing(centre: Centre) -> None:
    centre.ready(centre.alice)
    assert promised(centre) == (0, 0)


def test_the_more_wait_before_one_the_longer_it_takes(centre: Centre) -> None:
    centre.ready(centre.alice)
    centre.talk(centre.alice)
    bands = [promised(centre) for _ in range(3)]
    highs = [high for _low, high in bands if high is not None]
    assert len(highs) == 3
    assert highs == sorted(set(highs)), "each one waits longer than the one before"
    assert told("routing.estimated")[-1]["high"] == highs[-1]


def test_short_calls_make_short_promises(centre: Centre) -> None:
    def after(seconds: int) -> int:
        for _ in range(20):
            call = centre.talk(centre.alice)
            actions.customer_left(call.pk, now=centre.later(seconds))
            actions.wrap_up(centre.alice, call.pk, now=centre.now)
        centre.talk(centre.alice)
        opened = interactions.open_interaction(channel="voice", now=centre.now)
        high = actions.enqueue(opened.pk, "support", now=centre.now).high
        assert high is not None
        actions.customer_left(opened.pk, now=centre.now)
        call_of_alice = centre.state(centre.alice)
        assert call_of_alice.state == "talking"
        return high

    centre.ready(centre.alice)
    short = after(20)
    centre.now += timedelta(seconds=1)
    talking = told("routing.offer_accepted")[-1]["interaction"]
    actions.customer_left(talking, now=centre.now)
    actions.wrap_up(centre.alice, talking, now=centre.now)
    assert after(900) > short
