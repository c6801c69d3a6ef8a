"""Stories of one offer: taken, not taken, not answered, gone."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction
from cordboard.interactions.queries_changes import why
from cordboard.routing import actions
from cordboard.routing.models import Entry
from cordboard.routing.tests.centre import Centre, entry, segment, told


def test_alice_takes_the_call_from_ring_to_wrapup(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    centre.later(12)
    centre.offer(call, centre.alice)
    assert centre.state(centre.alice).state == "offered"

    centre.later(3)
    act = actions.accept_offer(centre.alice, call.pk, now=centre.now)
    assert act.came == Came.DONE
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", centre.alice)
    assert call.answered_at == centre.now
    accepted = told("routing.offer_accepted")[0]
    assert accepted["wait"] == 15.0
    assert accepted["in_target"] is True

    centre.later(120)
    assert actions.hang_up(centre.alice, call.pk, now=centre.now).done
    assert told("interactions.hang_up_requested") == [{"interaction": call.pk, "segment": segment(call, centre.alice).pk, "agent": centre.alice.pk, "then": ""}]
    assert actions.customer_left(call.pk, "agent", now=centre.now)
    call.refresh_from_db()
    assert call.state == "wrapup"
    assert centre.state(centre.alice).state == "wrapup"

    centre.later(30)
    assert actions.wrap_up(centre.alice, call.pk, now=centre.now).done
    call.refresh_from_db()
    assert (call.state, call.closed_at) == ("ended", centre.now)
    alice = centre.state(centre.alice)
    assert (alice.state, alice.voice_load, alice.idle_since) == ("ready", 0, centre.now)


def test_every_act_may_be_repeated(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    assert actions.enqueue(call.pk, "support", now=centre.now).entry == entry(call).pk
    centre.offer(call, centre.alice)
    assert actions.accept_offer(centre.alice, call.pk, now=centre.now).came == Came.DONE
    assert actions.accept_offer(centre.alice, call.pk, now=centre.now).came == Came.ALREADY
    assert actions.hold(centre.alice, call.pk, now=centre.now).came == Came.DONE
    assert actions.hold(centre.alice, call.pk, now=centre.now).came == Came.ALREADY
    assert actions.customer_left(call.pk, now=centre.now)
    assert not actions.customer_left(call.pk, now=centre.now)
    assert actions.wrap_up(centre.alice, call.pk, now=centre.now).came == Came.DONE
    assert actions.wrap_up(centre.alice, call.pk, now=centre.now).came == Came.ALREADY
    assert centre.state(centre.alice).voice_load == 0


def test_bob_rejects_and_the_call_waits_on_with_its_wait(centre: Centre) -> None:
    centre.ready(centre.bob)
    call = centre.call()
    came = centre.now
    centre.later(10)
    centre.offer(call, centre.bob)
    centre.later(4)
    assert actions.reject_offer(centre.bob, call.pk, "no fun", now=centre.now).came == Came.NO_SUCH
    assert actions.reject_offer(centre.bob, call.pk, "language", now=centre.now).came == Came.DONE
    assert actions.reject_offer(centre.bob, call.pk, now=centre.now).came == Came.ALREADY
    waits = entry(call)
    assert (waits.state, waits.waiting_since, waits.segment) == ("waiting", came, None)
    assert [one["agent"] for one in waits.excluded] == [centre.bob.pk]
    bob = centre.state(centre.bob)
    assert (bob.state, bob.voice_load, bob.idle_since) == ("ready", 0, came)
    call.refresh_from_db()
    assert call.state == "waiting"
    assert (segment(call, centre.bob).end_cause, segment(call, centre.bob).end_reason) == ("rejected", "language")
    assert told("routing.offer_rejected")[-1]["reason"] == "language"
    said = [sentence.text for decision in why(call.pk, ("match",)) for sentence in decision.sentences]
    assert said == ["Bob did not take it: it needs another language."]


def test_a_reason_is_not_needed(centre: Centre) -> None:
    centre.ready(centre.bob)
    call = centre.call()
    centre.offer(call, centre.bob)
    assert actions.reject_offer(centre.bob, call.pk, now=centre.now).came == Came.DONE
    assert segment(call, centre.bob).end_reason == ""
    assert why(call.pk, ("match",)) == []


def test_no_answer_sets_bob_not_ready_and_the_call_goes_on(centre: Centre) -> None:
    centre.ready(centre.bob)
    call = centre.call()
    came = centre.now
    centre.offer(call, centre.bob)
    centre.later(19)
    assert actions.expire_offers(centre.now) == 0
    centre.later(1)
    assert actions.expire_offers(centre.now) == 1
    assert actions.expire_offers(centre.now) == 0
    bob = centre.state(centre.bob)
    assert (bob.state, bob.reason.code if bob.reason else "") == ("not_ready", "no-answer")
    assert entry(call).waiting_since == came
    assert actions.accept_offer(centre.bob, call.pk, now=centre.now).came == Came.EXPIRED


def test_bob_presses_accept_when_alice_has_it_already(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.call()
    centre.offer(call, centre.bob)
    centre.later(20)
    actions.expire_offers(centre.now)
    centre.offer(call, centre.alice)
    assert actions.accept_offer(centre.alice, call.pk, now=centre.now).done
    late = actions.accept_offer(centre.bob, call.pk, now=centre.now)
    assert (late.came, late.words) == (Came.TAKEN, "Alice has taken this one.")
    call.refresh_from_db()
    assert call.agent == centre.alice


def test_the_caller_hangs_up_while_it_rings(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    ready_since = centre.state(centre.alice).idle_since
    centre.later(8)
    centre.offer(call, centre.alice)
    centre.later(2)
    assert actions.customer_left(call.pk, now=centre.now)
    late = actions.accept_offer(centre.alice, call.pk, now=centre.now)
    assert (late.came, late.words) == (Came.CUSTOMER_GONE, "The customer has hung up.")
    alice = centre.state(centre.alice)
    assert (alice.state, alice.idle_since) == ("ready", ready_since)
    assert told("routing.abandoned")[0]["wait"] == 10.0
    call.refresh_from_db()
    assert (call.state, call.end_cause) == ("ended", "abandoned")


@pytest.mark.parametrize(("seconds", "short"), [(4, True), (6, False)])
def test_a_caller_who_gives_up_at_once_is_a_short_abandon(centre: Centre, seconds: int, short: bool) -> None:
    call = centre.call()
    centre.later(seconds)
    assert actions.customer_left(call.pk, now=centre.now)
    assert told("routing.abandoned")[0]["short"] is short


def test_the_caller_hangs_up_in_the_ivr(centre: Centre) -> None:
    from cordboard.interactions.actions import open_interaction

    opened = open_interaction(channel="voice", now=centre.now)
    assert actions.customer_left(opened.pk, now=centre.now)
    opened.refresh_from_db()
    assert (opened.state, opened.end_cause) == ("ended", "customer")
    assert actions.enqueue(opened.pk, "support", now=centre.now).gone
    assert not Entry.objects.exists()


def test_a_page_that_does_not_connect_gives_the_call_back(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    centre.offer(call, centre.alice)
    assert actions.withdraw_offer(call.pk, "agent_unreachable", now=centre.now)
    assert not actions.withdraw_offer(call.pk, "agent_unreachable", now=centre.now)
    alice = centre.state(centre.alice)
    assert (alice.state, alice.reason.code if alice.reason else "") == ("not_ready", "media-lost")
    assert entry(call).state == "waiting"


def test_dave_may_not(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    centre.offer(call, centre.alice)
    for act in (actions.accept_offer, actions.reject_offer, actions.hold, actions.wrap_up, actions.complete_consult, actions.leave_consult):
        with pytest.raises(PermissionDenied):
            act(centre.dave, call.pk, now=centre.now)
    for act in (actions.sign_in, actions.set_ready, actions.sign_out):
        with pytest.raises(PermissionDenied):
            act(centre.dave, now=centre.now)
    with pytest.raises(PermissionDenied):
        actions.transfer(centre.dave, call.pk, to_queue=centre.sales.pk, now=centre.now)
    call.refresh_from_db()
    assert call.state == Interaction.State.OFFERED


def test_bob_cannot_act_on_alices_call(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    for act in (actions.accept_offer, actions.hold, actions.hang_up, actions.wrap_up, actions.back_out_of_consult):
        assert act(centre.bob, call.pk, now=centre.now).came == Came.NOT_YOURS


def test_leaving_the_queue_by_our_own_will(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    centre.offer(call, centre.alice)
    assert actions.leave(call.pk, "closed", now=centre.now)
    assert not actions.leave(call.pk, "closed", now=centre.now)
    assert entry(call).state == "left"
    assert centre.state(centre.alice).state == "ready"
    assert actions.accept_offer(centre.alice, call.pk, now=centre.now).came == Came.WITHDRAWN


def test_wrapup_has_a_limit_and_one_extension(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    actions.customer_left(call.pk, now=centre.now)
    centre.later(50)
    assert actions.extend_wrapup(centre.alice, call.pk, now=centre.now).came == Came.DONE
    assert actions.extend_wrapup(centre.alice, call.pk, now=centre.now).came == Came.ALREADY
    centre.later(30)
    assert actions.sweep_wrapup(centre.now) == 0
    centre.later(41)
    assert actions.sweep_wrapup(centre.now) == 1
    assert told("interactions.segment_wrapped_up")[0]["overdue"] is True
    assert centre.state(centre.alice).state == "ready"
    call.refresh_from_db()
    assert call.state == "ended"
