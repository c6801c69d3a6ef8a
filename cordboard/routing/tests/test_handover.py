"""Blind and warm transfer, with the customer, the colleague or the network going away in the middle."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cordboard.events.models import Presence
from cordboard.interactions import actions as interactions
from cordboard.interactions.acts import Came
from cordboard.interactions.queries import detail
from cordboard.interactions.queries_changes import changes_since
from cordboard.routing import actions
from cordboard.routing.models import Entry
from cordboard.routing.router import Router
from cordboard.routing.tests.centre import Centre, entry, segment, told


@pytest.fixture
def both(centre: Centre) -> Centre:
    centre.ready(centre.alice, centre.bob)
    return centre


def test_blind_transfer_to_bob_with_everything_attached(both: Centre) -> None:
    call = both.talk(both.alice)
    interactions.set_context(call.pk, {"matter": "defect"}, by="ivr", now=both.now)
    interactions.save_note(both.alice, call.pk, "Drum is full of water", 1, now=both.now)
    both.later(30)
    act = actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    assert act.came == Came.DONE
    call.refresh_from_db()
    assert (call.state, call.agent) == ("offered", both.alice)
    assert both.state(both.alice).state == "wrapup"
    assert both.state(both.bob).state == "offered"
    assert actions.accept_offer(both.bob, call.pk, now=both.now).done
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", both.bob)
    kept = detail(call.pk)
    assert kept is not None
    assert kept.context["matter"].value == "defect"
    assert kept.notes[0].text == "Drum is full of water"
    # both have their wrap-up; the last one closes
    actions.customer_left(call.pk, now=both.now)
    assert actions.wrap_up(both.alice, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.state == "wrapup"
    assert actions.wrap_up(both.bob, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.state == "ended"


def test_bob_does_not_answer_a_transfer_so_it_goes_to_the_queue(both: Centre) -> None:
    call = both.call()
    came = both.now
    both.later(25)
    both.offer(call, both.alice)
    actions.accept_offer(both.alice, call.pk, now=both.now)
    both.later(60)
    actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    both.later(21)
    assert actions.expire_offers(both.now) == 1
    waits = entry(call)
    assert (waits.state, waits.only, waits.counted) == ("waiting", None, False)
    # the wait that the customer had before the first answer still counts; the talk in between does not
    assert waits.waiting_since == came + timedelta(seconds=60)
    assert both.state(both.bob).state == "not_ready"


def test_transfer_to_a_queue_waits_for_the_router(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.transfer(both.alice, call.pk, to_queue=both.sales.pk, now=both.now).done
    call.refresh_from_db()
    assert call.state == "waiting"
    router = Router()
    router.rebuild(both.now)
    assert router.step(both.now) == 1
    assert entry(call).offered_to == both.bob
    assert segment(call, both.bob).kind == "transfer"


def test_who_gave_it_to_the_queue_does_not_get_it_back(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    actions.transfer(centre.alice, call.pk, to_queue=centre.sales.pk, now=centre.now)
    actions.wrap_up(centre.alice, call.pk, now=centre.now)
    router = Router()
    router.rebuild(centre.now)
    assert router.step(centre.now) == 0


def test_transfers_that_cannot_be(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.transfer(both.alice, call.pk, to_agent=both.alice.pk, now=both.now).words == "You have this contact yourself."
    assert actions.transfer(both.alice, call.pk, to_agent=99_999, now=both.now).came == Came.NO_SUCH
    assert actions.transfer(both.alice, call.pk, to_queue=99_999, now=both.now).came == Came.NO_SUCH
    actions.set_not_ready(both.bob, "break", now=both.now)
    assert actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now).words == "Bob is not free now."
    assert actions.consult(both.alice, call.pk, to_agent=both.carol.pk, now=both.now).words == "Carol is not free now."
    actions.set_open(both.carol, both.sales.pk, False)
    assert actions.transfer(both.alice, call.pk, to_queue=both.sales.pk, now=both.now).words == "Sales is closed now."
    assert actions.transfer(both.bob, call.pk, to_queue=both.support.pk, now=both.now).came == Came.NOT_YOURS
    actions.customer_left(call.pk, now=both.now)
    assert actions.transfer(both.alice, call.pk, to_queue=both.support.pk, now=both.now).came == Came.CUSTOMER_GONE
    with pytest.raises(ValueError):
        actions.transfer(both.alice, call.pk, now=both.now)


def test_warm_transfer(both: Centre) -> None:
    call = both.talk(both.alice)
    both.later(20)
    assert actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now).done
    assert segment(call, both.alice).state == "held"
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", both.alice)
    both.later(5)
    assert actions.accept_offer(both.bob, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.agent == both.alice, "a consult leaves the customer with the one who asks"
    assert actions.resume(both.alice, call.pk, now=both.now).came == Came.NOT_NOW
    both.later(15)
    assert actions.complete_consult(both.alice, call.pk, now=both.now).done
    assert actions.complete_consult(both.alice, call.pk, now=both.now).came == Came.ALREADY
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", both.bob)
    first = segment(call, both.alice)
    assert (first.state, first.end_cause, first.held_seconds) == ("wrapup", "transferred", 20.0)
    assert (segment(call, both.bob).kind, segment(call, both.bob).state) == ("transfer", "active")
    assert told("routing.consult_completed")[0]["to_agent"] == both.bob.pk


def test_backing_out_of_a_consult(both: Centre) -> None:
    call = both.talk(both.alice)
    for answered in (False, True):
        actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
        if answered:
            assert actions.accept_offer(both.bob, call.pk, now=both.now).done
        assert actions.back_out_of_consult(both.alice, call.pk, now=both.now).done
        assert segment(call, both.alice).state == "active"
        assert both.state(both.bob).state == "ready"
        assert entry(call).state == ("answered" if answered else "left")
    assert actions.back_out_of_consult(both.alice, call.pk, now=both.now).came == Came.ALREADY
    assert actions.accept_offer(both.bob, call.pk, now=both.now).came in (Came.NOT_NOW, Came.TAKEN, Came.WITHDRAWN)


def test_the_consulted_colleague_leaves(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    actions.accept_offer(both.bob, call.pk, now=both.now)
    assert actions.hang_up(both.bob, call.pk, now=both.now).done
    assert actions.leave_consult(both.bob, call.pk, now=both.now).came == Came.ALREADY
    assert segment(call, both.alice).state == "held"
    assert both.state(both.bob).state == "ready"
    assert told("routing.consult_backed_out")[0]["cause"] == "colleague_left"
    assert actions.resume(both.alice, call.pk, now=both.now).done


def test_a_colleague_who_declines_ends_the_consult(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    assert actions.reject_offer(both.bob, call.pk, now=both.now).done
    assert told("routing.consult_backed_out")[0]["cause"] == "rejected"
    assert actions.resume(both.alice, call.pk, now=both.now).done


def test_consulting_a_queue(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.consult(both.alice, call.pk, to_queue=both.sales.pk, now=both.now)
    assert actions.resume(both.alice, call.pk, now=both.now).came == Came.NOT_NOW
    router = Router()
    router.rebuild(both.now)
    assert router.step(both.now) == 1
    assert actions.accept_offer(both.bob, call.pk, now=both.now).done
    assert actions.complete_consult(both.alice, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.agent == both.bob


@pytest.mark.parametrize("rings", [True, False])
def test_completing_before_anyone_answered_is_a_blind_transfer(both: Centre, rings: bool) -> None:
    call = both.talk(both.alice)
    if rings:
        actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    else:
        actions.consult(both.alice, call.pk, to_queue=both.sales.pk, now=both.now)
    assert actions.complete_consult(both.alice, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.state == ("offered" if rings else "waiting")
    if rings:
        assert actions.accept_offer(both.bob, call.pk, now=both.now).done
        call.refresh_from_db()
        assert call.agent == both.bob


@pytest.mark.parametrize("moment", ["transfer rings", "transfer waits", "consult rings", "consult waits", "consulting", "held"])
def test_the_customer_hangs_up_in_the_middle(both: Centre, moment: str) -> None:
    call = both.talk(both.alice)
    match moment:
        case "transfer rings":
            actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
        case "transfer waits":
            actions.transfer(both.alice, call.pk, to_queue=both.sales.pk, now=both.now)
        case "consult rings" | "consulting":
            actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
            if moment == "consulting":
                actions.accept_offer(both.bob, call.pk, now=both.now)
        case "consult waits":
            actions.consult(both.alice, call.pk, to_queue=both.sales.pk, now=both.now)
        case "held":
            actions.hold(both.alice, call.pk, now=both.now)
    both.later(3)
    assert actions.customer_left(call.pk, now=both.now)
    assert both.state(both.alice).state == "wrapup"
    assert both.state(both.bob).state == "ready"
    assert not Entry.objects.filter(interaction=call, state__in=("waiting", "offered")).exists()
    assert actions.accept_offer(both.bob, call.pk, now=both.now).came in (Came.CUSTOMER_GONE,)
    assert actions.complete_consult(both.alice, call.pk, now=both.now).came == Came.CUSTOMER_GONE
    assert actions.wrap_up(both.alice, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.state == "ended"


def test_alices_browser_is_gone_and_comes_back(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.agent_media_lost(both.alice.pk, call.pk, now=both.now)
    assert not actions.agent_media_lost(both.alice.pk, call.pk, now=both.now)
    both.later(19)
    assert actions.sweep_media(both.now) == 0
    assert actions.agent_media_back(both.alice.pk, call.pk, now=both.now)
    both.later(60)
    assert actions.sweep_media(both.now) == 0
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", both.alice)


def test_alices_browser_is_gone_for_good(both: Centre) -> None:
    call = both.call()
    came = both.now
    both.later(40)
    both.offer(call, both.alice)
    actions.accept_offer(both.alice, call.pk, now=both.now)
    both.later(300)
    actions.agent_media_lost(both.alice.pk, call.pk, now=both.now)
    both.now += timedelta(seconds=21)
    Presence.objects.filter(user=both.alice.pk).delete()
    assert actions.sweep_media(both.now) == 1
    assert actions.sweep_media(both.now) == 0
    waits = entry(call)
    assert (waits.state, waits.waiting_since, waits.priority, waits.counted) == ("waiting", came, 1, False)
    assert both.state(both.alice).state == "offline"
    assert not actions.agent_media_back(both.alice.pk, call.pk, now=both.now)
    router = Router()
    router.rebuild(both.now)
    assert router.step(both.now) == 1
    assert entry(call).offered_to == both.bob


def test_alice_is_gone_while_bob_is_consulted_so_bob_takes_over(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    actions.accept_offer(both.bob, call.pk, now=both.now)
    actions.agent_media_lost(both.alice.pk, call.pk, now=both.now)
    both.later(21)
    assert actions.sweep_media(both.now) == 1
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", both.bob)
    assert both.state(both.alice).state == "not_ready"


def test_what_alice_changed_is_shown_to_bob(both: Centre) -> None:
    call = both.talk(both.alice)
    interactions.set_context(call.pk, {"matter": "defect"}, by="ivr", now=both.now)
    interactions.set_context(call.pk, {"matter": "delivery"}, by="agent", user=both.alice, now=both.later(5))
    changes = changes_since(call.pk, but=both.bob.pk)
    assert [(one.name, one.old, one.new, one.by) for one in changes] == [("matter", "defect", "delivery", "Alice")]
    assert changes_since(call.pk, but=both.alice.pk) == []
