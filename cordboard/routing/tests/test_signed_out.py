"""Carol signs alice out: it holds until alice comes back by an act of her own."""

from __future__ import annotations

import pytest

from cordboard.interactions.acts import Came
from cordboard.routing import actions
from cordboard.routing.tests.centre import Centre, entry, told


def test_opening_the_page_does_not_undo_it(centre: Centre) -> None:
    centre.ready(centre.alice)
    assert actions.sign_out(centre.carol, agent=centre.alice.pk, now=centre.now).came == Came.DONE
    for _reload in range(2):
        actions.sign_in(centre.alice, now=centre.later(30))
    alice = centre.state(centre.alice)
    assert (alice.state, alice.signed_out_by, alice.signed_out_at is not None) == ("offline", centre.carol, True)
    assert actions.sign_out(centre.bob, now=centre.now).came == Came.ALREADY  # he was never here; it is nobody's doing
    actions.sign_in(centre.bob, now=centre.now)
    assert actions.sign_out(centre.bob, now=centre.now).came == Came.DONE
    actions.sign_in(centre.bob, now=centre.later(1))
    assert centre.state(centre.bob).state == "not_ready", "his own sign-out ends with his page"


def test_alice_comes_back_by_herself(centre: Centre) -> None:
    centre.ready(centre.alice)
    actions.sign_out(centre.carol, agent=centre.alice.pk, now=centre.now)
    assert actions.set_ready(centre.carol, agent=centre.alice.pk, now=centre.now).came == Came.NOT_NOW, "nobody else can say that she is there"
    assert actions.come_back(centre.alice, now=centre.later(60)).came == Came.DONE
    alice = centre.state(centre.alice)
    assert (alice.state, alice.signed_out_at, alice.signed_out_by) == ("not_ready", None, None)
    assert told("routing.agent_state_changed")[-1]["state"] == "not_ready"
    assert actions.come_back(centre.alice, now=centre.now).came == Came.ALREADY


@pytest.mark.parametrize("act", ["ready", "not_ready"])
def test_choosing_a_state_is_coming_back(centre: Centre, act: str) -> None:
    centre.ready(centre.alice)
    actions.sign_out(centre.carol, agent=centre.alice.pk, now=centre.now)
    done = actions.set_ready(centre.alice, now=centre.now) if act == "ready" else actions.set_not_ready(centre.alice, "meeting", now=centre.now)
    assert done.came == Came.DONE
    assert (centre.state(centre.alice).state, centre.state(centre.alice).signed_out_at) == (act, None)


def test_it_holds_too_when_something_rang(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    centre.offer(call, centre.alice)
    assert actions.sign_out(centre.carol, agent=centre.alice.pk, now=centre.now).came == Came.DONE
    assert entry(call).state == "waiting"
    actions.sign_in(centre.alice, now=centre.later(10))
    assert (centre.state(centre.alice).state, centre.state(centre.alice).signed_out_by) == ("offline", centre.carol)
    other = centre.agent("erin")
    centre.ready(other)
    talks = centre.call()
    centre.offer(talks, other)
    assert actions.accept_offer(other, talks.pk, now=centre.now).done
    assert actions.sign_out(centre.carol, agent=other.pk, now=centre.now).came == Came.NOT_NOW
    assert centre.state(other).signed_out_at is None
