"""Calling out, and callbacks in their place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.interactions import actions as interactions
from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.org.models import Role
from cordboard.parties.models import ContactPoint, Deputy
from cordboard.routing import actions, actions_callback, actions_outbound, actions_worklist
from cordboard.routing.models import Callback, Entry, Outgoing, QueueMember
from cordboard.routing.tests.centre import START, Centre, entry, party, segment, told
from cordboard.rules.models import Policy

NUMBER = "+31205550123"


def dialled(centre: Centre) -> Interaction:
    act = actions_outbound.dial(centre.alice, "020 555 0123", now=centre.now)
    assert act.came == Came.DONE
    return Interaction.objects.get(pk=act.interaction)


def test_alice_calls_a_customer_from_dial_to_wrapup(centre: Centre) -> None:
    noor = party("Noor de Vries", languages=["nl"])
    ContactPoint.objects.create(party=noor, kind="phone", value=NUMBER, display=NUMBER, created_at=START)
    centre.support.caller_id = "+31850001000"
    centre.support.save()
    centre.ready(centre.alice)
    call = dialled(centre)
    assert (call.direction, call.state, call.from_address, call.to_address) == ("outbound", "active", "+31850001000", NUMBER)
    assert (call.subject, call.agent, call.language) == (noor, centre.alice, "nl")
    assert centre.state(centre.alice).state == "talking"
    assert told("routing.dial_requested") == [
        {"interaction": call.pk, "segment": segment(call, centre.alice).pk, "agent": centre.alice.pk, "kind": "outbound", "queue": centre.support.pk}
    ]

    assert actions_outbound.begun(call.pk, centre.now)
    assert not actions_outbound.begun(call.pk, centre.now)  # another switch came too late
    assert actions_outbound.rings(call.pk, trunk="carrier", now=centre.later(2))
    assert actions_outbound.answered(call.pk, now=centre.later(5))
    assert Outgoing.objects.get(interaction=call).trunk == "carrier"
    call.refresh_from_db()
    assert call.answered_at == centre.now

    assert actions.customer_left(call.pk, "customer", now=centre.later(60))
    assert Outgoing.objects.get(interaction=call).outcome == "answered"
    assert centre.state(centre.alice).state == "wrapup"
    assert actions.wrap_up(centre.alice, call.pk, now=centre.later(10)).done
    assert centre.state(centre.alice).state == "ready"


def test_a_call_that_rings_still_is_given_to_nobody(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = dialled(centre)
    actions_outbound.begun(call.pk, centre.now)
    acts = (
        lambda: actions.transfer(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now),
        lambda: actions.transfer(centre.alice, call.pk, to_queue=centre.sales.pk, now=centre.now),
        lambda: actions.consult(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now),
        lambda: actions.park(centre.alice, call.pk, now=centre.now),
        lambda: actions.hold(centre.alice, call.pk, now=centre.now),
        lambda: actions.dial_outside(centre.alice, call.pk, "020 555 0199", "transfer", now=centre.now),
    )
    for act in acts:
        came = act()
        assert (came.came, came.words) == (Came.NOT_NOW, "The customer has not answered yet. Wait for the answer, or hang up.")
    assert segment(call, centre.alice).state == "active"
    actions_outbound.answered(call.pk, now=centre.later(5))
    assert actions.transfer(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done


@pytest.mark.parametrize("cause", ["busy", "no_answer", "rejected", "unknown_number", "unreachable"])
def test_what_came_of_it_is_kept(centre: Centre, cause: str) -> None:
    centre.ready(centre.alice)
    call = dialled(centre)
    actions_outbound.begun(call.pk, centre.now)
    actions.customer_left(call.pk, cause, now=centre.later(20))
    assert Outgoing.objects.get(interaction=call).outcome == cause
    call.refresh_from_db()
    assert (call.answered_at, call.end_cause, call.state) == (None, cause, "wrapup")


def test_a_machine_that_answers_is_heard_and_the_callback_tried_again(centre: Centre) -> None:
    _, callback = kept(centre)
    centre.ready(centre.alice)
    callback.refresh_from_db()
    attempt = callback.attempt
    assert attempt is not None
    centre.offer(attempt, centre.alice)
    actions.accept_offer(centre.alice, attempt.pk, now=centre.now)
    actions_outbound.begun(attempt.pk, centre.now)
    actions_outbound.answered(attempt.pk, now=centre.now)
    assert actions_outbound.answered_by(attempt.pk, "person", now=centre.later(2))
    assert actions_outbound.answered_by(attempt.pk, "beep", now=centre.later(4))
    actions.customer_left(attempt.pk, "agent", now=centre.later(5))
    assert Outgoing.objects.get(interaction=attempt).outcome == "voicemail"
    callback.refresh_from_db()
    assert (callback.state, callback.tries, callback.outcome) == ("scheduled", 1, "voicemail")
    assert not actions_outbound.answered_by(attempt.pk, "person", now=centre.now)


@pytest.mark.parametrize(("what", "outcome"), [("busy", "busy"), ("unobtainable", "unknown_number"), ("fax", "answered"), ("silence", "answered")])
def test_an_exchange_that_answers_with_a_tone(centre: Centre, what: str, outcome: str) -> None:
    centre.ready(centre.alice)
    call = dialled(centre)
    actions_outbound.begun(call.pk, centre.now)
    actions_outbound.answered(call.pk, now=centre.later(5))
    assert actions_outbound.answered_by(call.pk, what, now=centre.later(3))
    actions.customer_left(call.pk, "agent", now=centre.later(3))
    assert Outgoing.objects.get(interaction=call).outcome == outcome


def test_who_dials_while_not_ready_is_not_ready_afterwards(centre: Centre) -> None:
    centre.ready(centre.alice)
    actions.set_not_ready(centre.alice, "meeting", now=centre.now)
    call = dialled(centre)
    actions.customer_left(call.pk, "no_answer", now=centre.later(20))
    actions.wrap_up(centre.alice, call.pk, now=centre.now)
    alice = centre.state(centre.alice)
    assert (alice.state, alice.reason.code if alice.reason else "") == ("not_ready", "meeting")


def test_numbers_that_are_not_dialled(centre: Centre) -> None:
    centre.ready(centre.alice)
    for number in ("112", "0900 1234567", "", "hello"):
        act = actions_outbound.dial(centre.alice, number, now=centre.now)
        assert act.came == Came.NOT_DIALLED
        assert act.words
    Policy.objects.create(
        area="dialling", code="dialling", name="Dialling", version=1, state="published", body={"rules": [], "parameters": {"numbers": {"allowed": ["+44"]}}}
    )
    assert actions_outbound.dial(centre.alice, NUMBER, now=centre.now).came == Came.NOT_DIALLED
    assert not Interaction.objects.exists()


def test_nobody_dials_without_the_right_or_while_it_rings(centre: Centre) -> None:
    with pytest.raises(PermissionDenied):
        actions_outbound.dial(centre.dave, NUMBER, now=centre.now)
    centre.ready(centre.alice)
    centre.offer(centre.call(), centre.alice)
    assert actions_outbound.dial(centre.alice, NUMBER, now=centre.now).came == Came.NOT_NOW


def test_one_calls_on_behalf_of_a_queue_that_one_serves_or_manages(centre: Centre) -> None:
    centre.ready(centre.alice)
    QueueMember.objects.filter(agent=centre.alice, queue=centre.sales).delete()
    refused = actions_outbound.dial(centre.alice, "+31205550123", queue=centre.sales.pk, now=centre.now)
    assert (refused.came, refused.done) == ("not_yours", False)
    assert refused.words == "You do not serve the queue Sales, so you cannot call on its behalf."
    assert actions_outbound.dial(centre.alice, "+31205550123", queue=999999, now=centre.now).came == "no_such"
    assert not Outgoing.objects.exists()
    assert actions_outbound.dial(centre.alice, "+31205550123", queue=centre.support.pk, now=centre.now).done
    centre.ready(centre.bob)
    QueueMember.objects.filter(agent=centre.bob, queue=centre.sales).delete()
    call = centre.call(centre.sales)
    centre.offer(call, centre.bob)
    assert actions.accept_offer(centre.bob, call.pk, now=centre.now).done
    assert actions_outbound.dial(centre.bob, "+31205550125", queue=centre.sales.pk, now=centre.now).done, "it was transferred to him"
    role = Role.objects.create(code="caller", name="Caller", permissions={"routing.dial": "own", "routing.agent": "own", "routing.manage": "unit"})
    centre.dave.roles.add(role)
    dave = type(centre.dave).objects.get(pk=centre.dave.pk)
    centre.ready(dave)
    assert actions_outbound.dial(dave, "+31205550124", queue=centre.sales.pk, now=centre.now).done, "it is of the unit whose queues he manages"


def test_without_a_switch_the_agent_is_told(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = dialled(centre)
    assert actions_outbound.sweep_dials(centre.later(10)) == 0
    assert actions_outbound.sweep_dials(centre.later(10)) == 1
    assert Outgoing.objects.get(interaction=call).outcome == "failed"
    assert centre.state(centre.alice).state == "wrapup"


# ---- callbacks --------------------------------------------------------------------------------------------------------


def kept(centre: Centre) -> tuple[Interaction, Callback]:
    """A caller who has waited 100 seconds and leaves the line."""
    call = centre.call()
    centre.later(100)
    callback = actions_callback.keep_place(call.pk, NUMBER, now=centre.now)
    assert callback is not None
    assert actions.customer_left(call.pk, "callback", now=centre.later(3))
    call.refresh_from_db()
    return call, callback


def test_the_place_in_the_queue_is_kept(centre: Centre) -> None:
    call, callback = kept(centre)
    later = centre.call()
    assert (call.state, call.end_cause) == ("ended", "callback")
    assert entry(call).state == "left"
    waiting = Entry.objects.get(state="waiting", kind="callback")
    assert waiting.waiting_since == START
    assert waiting.waiting_since < entry(later).waiting_since
    assert not waiting.counted
    callback.refresh_from_db()
    assert (callback.state, callback.attempt) == ("queued", waiting.interaction)


def test_an_agent_accepts_and_the_customer_is_called(centre: Centre) -> None:
    _, callback = kept(centre)
    centre.ready(centre.alice)
    callback.refresh_from_db()
    attempt = callback.attempt
    assert attempt is not None
    centre.offer(attempt, centre.alice)
    assert not told("routing.dial_requested")
    assert actions.accept_offer(centre.alice, attempt.pk, now=centre.now).done
    assert [one["kind"] for one in told("routing.dial_requested")] == ["callback"]
    assert segment(attempt, centre.alice).kind == Segment.Kind.CALLBACK
    attempt.refresh_from_db()
    assert attempt.answered_at is None
    callback.refresh_from_db()
    assert callback.state == "dialling"

    actions_outbound.begun(attempt.pk, centre.now)
    actions_outbound.answered(attempt.pk, now=centre.later(8))
    actions.customer_left(attempt.pk, "customer", now=centre.later(60))
    callback.refresh_from_db()
    assert (callback.state, callback.outcome, callback.tries, callback.due_at) == ("done", "answered", 1, None)


def test_three_tries_and_then_a_person_must_look(centre: Centre) -> None:
    _, callback = kept(centre)
    centre.ready(centre.alice)
    for number in (1, 2, 3):
        callback.refresh_from_db()
        attempt = callback.attempt
        assert attempt is not None
        centre.offer(attempt, centre.alice)
        actions.accept_offer(centre.alice, attempt.pk, now=centre.now)
        actions_outbound.begun(attempt.pk, centre.now)
        actions.customer_left(attempt.pk, "no_answer", now=centre.later(30))
        actions.wrap_up(centre.alice, attempt.pk, now=centre.now)
        callback.refresh_from_db()
        assert callback.tries == number
        if number < 3:
            assert callback.due_at is not None
            centre.later((callback.due_at - centre.now).total_seconds())
            assert actions_callback.sweep_callbacks(centre.now) == 1
    assert (callback.state, callback.outcome) == ("failed", "no_answer")
    assert Entry.objects.filter(kind="callback").exclude(waiting_since=START).count() == 0  # each try has the old place
    assert Outgoing.objects.filter(callback=callback).count() == 3


def test_what_was_our_own_fault_is_no_try(centre: Centre) -> None:
    _, callback = kept(centre)
    centre.ready(centre.alice)
    callback.refresh_from_db()
    attempt = callback.attempt
    assert attempt is not None
    centre.offer(attempt, centre.alice)
    actions.accept_offer(centre.alice, attempt.pk, now=centre.now)
    actions_outbound.sweep_dials(centre.later(20))
    callback.refresh_from_db()
    assert (callback.state, callback.tries, callback.due_at) == ("scheduled", 0, centre.now + timedelta(minutes=1))


def test_quiet_hours_take_it_out_of_the_queue_until_the_morning(centre: Centre) -> None:
    _, callback = kept(centre)
    night = centre.later(12 * 3600)  # 21:00 UTC is 22:00 in Amsterdam
    assert actions_callback.sweep_callbacks(night) == 1
    callback.refresh_from_db()
    assert (callback.state, callback.attempt) == ("scheduled", None)
    assert callback.due_at == START.replace(day=18, hour=7)
    assert not Entry.objects.filter(state="waiting").exists()
    assert actions_callback.sweep_callbacks(centre.later(10 * 3600)) == 1
    assert Entry.objects.get(state="waiting").waiting_since == START


def test_a_personal_callback_goes_to_its_owner_then_to_the_deputy_then_to_the_queue(centre: Centre) -> None:
    noor = party("Noor de Vries")
    Deputy.objects.create(party=noor, user=centre.bob)
    centre.ready(centre.alice, centre.bob)
    callback = actions_callback.request(
        NUMBER, centre.support, origin="agent", party=noor.pk, owner=centre.alice.pk, at=centre.now + timedelta(hours=1), user=centre.alice, now=centre.now
    )
    assert callback is not None
    assert callback.state == "scheduled"
    actions_callback.sweep_callbacks(centre.later(3600))
    waiting = Entry.objects.get(state="waiting")
    assert waiting.only == centre.alice
    actions.sign_out(centre.alice, now=centre.now)
    assert actions_callback.sweep_callbacks(centre.later(1)) == 1
    waiting.refresh_from_db()
    assert waiting.only == centre.bob
    actions.sign_out(centre.bob, now=centre.now)
    actions_callback.sweep_callbacks(centre.later(1))
    waiting.refresh_from_db()
    assert waiting.only is None


def test_a_callback_is_promised_once_a_contact(centre: Centre) -> None:
    call = centre.call()
    first = actions_callback.after_failure(call.pk, now=centre.now)
    assert first is not None
    assert actions_callback.after_failure(call.pk, now=centre.now) == first
    assert first.origin == "lost_call"
    with_a_machine = interactions.open_interaction(channel="voice", from_address=NUMBER, to_address="100", now=centre.now)
    assert actions_callback.after_failure(with_a_machine.pk, now=centre.now) is None, "nobody knows by which queue"
    lost = actions_callback.after_failure(with_a_machine.pk, queue=centre.sales, now=centre.now)
    assert lost is not None
    assert (lost.queue, lost.waiting_since) == (centre.sales, centre.now)
    Policy.objects.create(
        area="dialling",
        code="dialling",
        name="Dialling",
        version=1,
        state="published",
        body={"rules": [], "parameters": {"callback": {"after_failure": False}}},
    )
    assert actions_callback.after_failure(centre.call().pk, now=centre.now) is None, "the policy wants none"
    assert actions_callback.request("112", centre.support, origin="web", now=centre.now) is None


# ---- the work list ----------------------------------------------------------------------------------------------------


def promised(centre: Centre, hours: float = 24.0) -> Callback:
    act = actions_worklist.promise(centre.alice, number=NUMBER, at=centre.now + timedelta(hours=hours), about="The new seal", now=centre.now)
    assert act.came == Came.DONE
    return Callback.objects.get(pk=int(act.name))


def test_alice_promises_a_callback_and_keeps_it_early(centre: Centre) -> None:
    centre.ready(centre.alice)
    callback = promised(centre)
    assert (callback.owner, callback.state, callback.due_at, callback.about) == (centre.alice, "scheduled", centre.now + timedelta(hours=24), "The new seal")
    act = actions_worklist.call_now(centre.alice, callback.pk, now=centre.now)
    assert act.came == Came.DONE
    callback.refresh_from_db()
    assert (callback.state, callback.attempt_id) == ("dialling", act.interaction)
    assert actions_worklist.cancel(centre.alice, callback.pk, now=centre.now).came == Came.NOT_NOW
    actions_outbound.begun(act.interaction, centre.now)
    actions_outbound.answered(act.interaction, now=centre.later(5))
    actions.customer_left(act.interaction, "customer", now=centre.later(60))
    callback.refresh_from_db()
    assert callback.state == "done"


def test_one_that_waits_in_the_queue_is_called_off(centre: Centre) -> None:
    _, callback = kept(centre)
    assert actions_worklist.cancel(centre.alice, callback.pk, now=centre.now).came == Came.DONE
    callback.refresh_from_db()
    assert (callback.state, callback.tries) == ("cancelled", 0)
    assert not Entry.objects.filter(state="waiting").exists()
    assert actions_worklist.cancel(centre.alice, callback.pk, now=centre.now).came == Came.ALREADY


def test_one_that_waits_is_put_off_to_the_afternoon(centre: Centre) -> None:
    _, callback = kept(centre)
    afternoon = centre.now + timedelta(hours=5)
    assert actions_worklist.reschedule(centre.alice, callback.pk, afternoon, now=centre.now).came == Came.DONE
    callback.refresh_from_db()
    assert (callback.state, callback.due_at, callback.attempt) == ("scheduled", afternoon, None)
    assert not Entry.objects.filter(state="waiting").exists()


def test_whose_callbacks_one_may_touch(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    callback = promised(centre)
    with pytest.raises(PermissionDenied):
        actions_worklist.take(centre.bob, callback.pk, now=centre.now)
    with pytest.raises(PermissionDenied):
        actions_worklist.cancel(centre.dave, callback.pk, now=centre.now)
    assert actions_worklist.reassign(centre.carol, callback.pk, centre.bob.pk, now=centre.now).came == Came.DONE
    assert actions_worklist.reassign(centre.carol, callback.pk, None, now=centre.now).came == Came.DONE
    assert actions_worklist.take(centre.alice, callback.pk, now=centre.now).came == Came.DONE
    callback.refresh_from_db()
    assert callback.owner == centre.alice


def test_dialling_that_is_refused_changes_nothing(centre: Centre) -> None:
    centre.ready(centre.alice)
    callback = promised(centre)
    centre.offer(centre.call(), centre.alice)
    assert actions_worklist.call_now(centre.alice, callback.pk, now=centre.now).came == Came.NOT_NOW
    callback.refresh_from_db()
    assert callback.state == "scheduled"
