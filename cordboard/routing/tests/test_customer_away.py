"""The customer's own side puts us on hold: the agents see it, and it is counted with their parts."""

from __future__ import annotations

from cordboard.interactions.actions_segments import customer_away
from cordboard.routing import actions
from cordboard.routing.tests.centre import Centre, segment, told


def test_it_is_counted_until_the_customer_is_back_or_gone(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    assert customer_away(call.pk, True, now=centre.now)
    assert not customer_away(call.pk, True, now=centre.later(5)), "told twice"
    assert segment(call, centre.alice).away_at is not None
    assert customer_away(call.pk, False, now=centre.later(5))
    part = segment(call, centre.alice)
    assert (part.away_at, part.away_seconds, part.held_seconds, part.state) == (None, 10.0, 0.0, "active")
    customer_away(call.pk, True, now=centre.later(30))
    actions.customer_left(call.pk, "customer", now=centre.later(4))
    part = segment(call, centre.alice)
    assert (part.away_at, part.away_seconds) == (None, 14.0)
    assert [one["away"] for one in told("interactions.customer_away")] == [True, False, True]


def test_nobody_is_concerned_while_nobody_talks(centre: Centre) -> None:
    call = centre.call()
    assert not customer_away(call.pk, True, now=centre.now)
    assert not told("interactions.customer_away")
