"""A customer calls in while a callback is owed; and messages that are offered as contacts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cordboard.interactions import actions as interactions
from cordboard.interactions.actions_context import newest
from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction
from cordboard.routing import actions, actions_callback, actions_joined, actions_message, actions_outbound, actions_worklist, queries_callbacks
from cordboard.routing.models import Callback, Entry, Outgoing
from cordboard.routing.tests.centre import Centre, segment, told
from cordboard.rules.models import Policy

NOOR = "+31205550123"  # of whom `centre.call()` comes


def owed(centre: Centre, *, at: datetime | None = None, owner: Any = None, origin: str = Callback.Origin.WEB) -> Callback:
    made = actions_callback.request(
        NOOR, centre.support, origin=origin, owner=owner.pk if owner is not None else None, at=at, about="her order", now=centre.now
    )
    assert made is not None
    return made


def policy(numbers: dict[str, Any] | None = None, **terms: Any) -> None:
    body = {"rules": [], "parameters": {"callback": {"quiet": {"*": ["00:00", "00:00"]}, **terms}, "numbers": numbers or {}}}
    Policy.objects.create(area="dialling", code="dialling", name="Dialling", version=1, state="published", body=body)


def answer(centre: Centre, user: Any) -> Interaction:
    """Noor calls in, and this agent has her."""
    call = centre.call()
    centre.offer(call, user)
    assert actions.accept_offer(user, call.pk, now=centre.later(5)).done
    return call


# ---- who calls in ---------------------------------------------------------------------------------------------------------


def test_a_call_that_is_answered_settles_the_callback(centre: Centre) -> None:
    callback = owed(centre, at=centre.now + timedelta(hours=2))
    centre.ready(centre.alice)
    centre.later(60)
    call = answer(centre, centre.alice)
    callback.refresh_from_db()
    assert (callback.state, callback.outcome, callback.settled_in, callback.due_at) == ("done", "called_in", call, None)
    assert told("routing.callback_changed")[-1]["change"] == "called_in"
    assert newest(call.pk)["callback_settled"]["about"] == "her order"
    assert queries_callbacks.of_call(call.pk, NOOR) == [callback]
    assert actions_callback.sweep_callbacks(centre.later(3 * 3600)) == 0


def test_who_is_on_the_line_is_not_called(centre: Centre) -> None:
    callback = owed(centre)
    assert callback.state == "queued"
    attempt = callback.attempt
    assert attempt is not None
    call = centre.call()
    assert actions_callback.sweep_callbacks(centre.later(1)) == 1
    callback.refresh_from_db()
    attempt.refresh_from_db()
    assert (callback.state, callback.tries, attempt.state) == ("scheduled", 0, "ended")
    assert actions_callback.sweep_callbacks(centre.later(120)) == 0, "still on the line"
    assert actions.customer_left(call.pk, "customer", now=centre.now)  # gave up: the promise stands
    assert actions_callback.sweep_callbacks(centre.later(120)) == 1
    callback.refresh_from_db()
    assert callback.state == "queued"


def test_the_call_in_which_it_was_asked_for_does_not_count(centre: Centre) -> None:
    """They are just being told goodbye: the place in the queue is not given up for that."""
    call = centre.call()
    callback = actions_callback.keep_place(call.pk, NOOR, now=centre.later(60))
    assert callback is not None
    assert actions_callback.sweep_callbacks(centre.later(1)) == 0
    callback.refresh_from_db()
    assert callback.state == "queued"


def test_the_try_that_waits_in_the_queue_is_not_made(centre: Centre) -> None:
    callback = owed(centre)
    attempt = callback.attempt
    assert attempt is not None
    centre.ready(centre.alice)
    answer(centre, centre.alice)
    attempt.refresh_from_db()
    callback.refresh_from_db()
    assert (callback.outcome, attempt.state) == ("called_in", "ended")
    assert not Entry.objects.filter(interaction=attempt, state="waiting").exists()


def test_a_colleagues_promise_stays_theirs_until_somebody_says_otherwise(centre: Centre) -> None:
    callback = owed(centre, at=centre.now + timedelta(hours=2), owner=centre.bob)
    centre.ready(centre.alice)
    centre.later(60)
    call = answer(centre, centre.alice)
    callback.refresh_from_db()
    assert callback.state == "scheduled"
    assert newest(call.pk)["callback_open"]["owner"] == "Bob"
    assert queries_callbacks.of_call(call.pk, NOOR) == [callback]
    assert actions_joined.settle(centre.bob, call.pk, callback.pk, now=centre.now).came == Came.NOT_YOURS
    assert actions_joined.settle(centre.alice, call.pk, callback.pk, now=centre.now).done
    assert actions_joined.settle(centre.alice, call.pk, callback.pk, now=centre.now).came == Came.ALREADY
    callback.refresh_from_db()
    assert (callback.state, callback.settled_in) == ("done", call)


def test_what_the_answer_missed_the_sweep_sees(centre: Centre) -> None:
    """The process that answered was killed before it could close the promise."""
    callback = owed(centre, at=centre.now + timedelta(hours=2))
    centre.later(60)
    call = interactions.open_interaction(channel="voice", from_address=NOOR, to_address="100", now=centre.now)
    Interaction.objects.filter(pk=call.pk).update(answered_at=centre.now, ended_at=centre.now, state="ended")
    assert actions_callback.sweep_callbacks(centre.later(2 * 3600)) == 1
    callback.refresh_from_db()
    assert (callback.state, callback.settled_in) == ("done", call)


def test_what_was_promised_in_the_call_is_not_settled_by_it(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = answer(centre, centre.alice)
    act = actions_worklist.promise(centre.alice, number="", at=centre.now + timedelta(hours=1), personal=False, interaction=call.pk, now=centre.later(30))
    assert act.done
    actions.customer_left(call.pk, "customer", now=centre.later(30))
    assert actions_callback.sweep_callbacks(centre.later(3600)) == 1
    assert Callback.objects.get().state == "queued"


def test_the_policy_may_keep_the_promise_all_the_same(centre: Centre) -> None:
    policy(call_settles=False)
    callback = owed(centre, at=centre.now + timedelta(hours=2))
    centre.ready(centre.alice)
    centre.later(60)
    answer(centre, centre.alice)
    callback.refresh_from_db()
    assert callback.state == "scheduled"


def test_a_try_whose_contact_was_lost_is_made_again(centre: Centre) -> None:
    callback = owed(centre)
    Interaction.objects.filter(pk=callback.attempt_id).update(ended_at=centre.now, state="ended")
    Entry.objects.all().delete()
    assert actions_callback.sweep_callbacks(centre.later(1)) == 1
    callback.refresh_from_db()
    assert (callback.state, callback.attempt) == ("scheduled", None)
    assert actions_callback.sweep_callbacks(centre.later(120)) == 1


# ---- messages -------------------------------------------------------------------------------------------------------------


def offered(centre: Centre) -> tuple[Callback, Interaction]:
    policy(messages="offer")
    callback = owed(centre, origin=Callback.Origin.VOICEMAIL)
    contact = callback.attempt
    assert contact is not None
    centre.ready(centre.alice)
    centre.offer(contact, centre.alice)
    return callback, contact


def test_a_message_is_offered_heard_and_called_back(centre: Centre) -> None:
    callback, contact = offered(centre)
    assert segment(contact, centre.alice).kind == "message"
    assert (contact.direction, contact.from_address, contact.headline) == ("inbound", NOOR, "her order")
    assert actions.accept_offer(centre.alice, contact.pk, now=centre.now).done
    assert not Outgoing.objects.exists(), "nobody is dialled before it was heard"
    centre.later(40)
    act = actions_message.call_back(centre.alice, contact.pk, now=centre.now)
    assert act.done
    dialled = Outgoing.objects.get(interaction=act.interaction)
    callback.refresh_from_db()
    contact.refresh_from_db()
    assert (dialled.number, dialled.callback, callback.state, contact.end_cause, contact.state) == (NOOR, callback, "dialling", "called_back", "ended")
    assert centre.state(centre.alice).state == "talking"
    assert centre.state(centre.alice).voice_load == 1
    actions_outbound.begun(dialled.pk, centre.now)
    actions.customer_left(dialled.pk, "no_answer", now=centre.later(30))
    callback.refresh_from_db()
    assert (callback.state, callback.tries) == ("scheduled", 1)
    assert actions.wrap_up(centre.alice, dialled.pk, now=centre.now).done
    assert actions_callback.sweep_callbacks(centre.later(3600)) == 1
    callback.refresh_from_db()
    assert callback.attempt is not None
    assert callback.attempt.direction == "outbound", "heard once; from now on it is dialled"


def test_a_message_that_needs_no_call(centre: Centre) -> None:
    callback, contact = offered(centre)
    actions.accept_offer(centre.alice, contact.pk, now=centre.now)
    assert actions.hang_up(centre.alice, contact.pk, now=centre.later(30)).done, "there is nobody to hang up"
    assert actions_message.done(centre.alice, contact.pk, now=centre.now).came == Came.ALREADY
    callback.refresh_from_db()
    contact.refresh_from_db()
    assert (callback.state, contact.end_cause) == ("done", "heard")
    assert centre.state(centre.alice).state == "wrapup"
    assert actions.wrap_up(centre.alice, contact.pk, now=centre.now).done
    contact.refresh_from_db()
    assert contact.state == "ended"


def test_a_message_rejected_waits_for_the_next(centre: Centre) -> None:
    _callback, contact = offered(centre)
    assert actions.reject_offer(centre.alice, contact.pk, now=centre.now).done
    centre.ready(centre.bob)
    centre.offer(contact, centre.bob)
    assert actions.accept_offer(centre.bob, contact.pk, now=centre.now).done
    assert actions_message.call_back(centre.alice, contact.pk, now=centre.now).came == Came.NOT_YOURS


def test_a_message_is_handed_over_whole_and_nothing_else_is_done_with_it(centre: Centre) -> None:
    callback, contact = offered(centre)
    actions.accept_offer(centre.alice, contact.pk, now=centre.now)
    centre.ready(centre.bob)
    for act in (
        actions.hold(centre.alice, contact.pk, now=centre.now),
        actions.park(centre.alice, contact.pk, now=centre.now),
        actions.consult(centre.alice, contact.pk, to_agent=centre.bob.pk, now=centre.now),
        actions.dial_outside(centre.alice, contact.pk, "+31205550199", "consult", now=centre.now),
    ):
        assert (act.came, act.words) == (Came.NOT_NOW, "This is a message: there is nobody on the line. Call back, or hand it over.")
    assert actions.transfer(centre.alice, contact.pk, to_agent=centre.bob.pk, now=centre.now).done
    assert actions.accept_offer(centre.bob, contact.pk, now=centre.now).done
    assert segment(contact, centre.bob).kind == "message"
    assert actions.lose_agent(contact.pk, centre.bob.pk, "media_lost", now=centre.later(5))
    assert Entry.objects.get(interaction=contact, state="waiting").kind == "message"
    assert actions.wrap_up(centre.alice, contact.pk, now=centre.now).done
    carl = centre.agent("carl")
    centre.ready(carl)
    centre.offer(contact, carl)
    assert actions.accept_offer(carl, contact.pk, now=centre.now).done
    assert actions_message.call_back(carl, contact.pk, now=centre.now).done
    callback.refresh_from_db()
    assert callback.state == "dialling"


def test_a_number_that_may_not_be_dialled_leaves_the_message_where_it_is(centre: Centre) -> None:
    callback, contact = offered(centre)
    actions.accept_offer(centre.alice, contact.pk, now=centre.now)
    Policy.objects.all().delete()
    policy(messages="offer", numbers={"allowed": ["+44"]})
    act = actions_message.call_back(centre.alice, contact.pk, now=centre.now)
    assert act.came == Came.NOT_DIALLED
    callback.refresh_from_db()
    assert (callback.state, callback.attempt) == ("queued", contact)
    assert segment(contact, centre.alice).state == "active"


def test_without_the_policy_it_is_dialled_as_any_callback(centre: Centre) -> None:
    callback = owed(centre, origin=Callback.Origin.VOICEMAIL)
    assert callback.attempt is not None
    assert callback.attempt.direction == "outbound"


def test_the_third_try_in_vain_stays_on_the_work_list_with_what_happened(centre: Centre) -> None:
    policy(tries=3, intervals=[5])
    callback = owed(centre)
    centre.ready(centre.alice)
    for cause in ("busy", "no_answer", "voicemail"):
        callback.refresh_from_db()
        attempt = callback.attempt
        assert attempt is not None
        centre.offer(attempt, centre.alice)
        actions.accept_offer(centre.alice, attempt.pk, now=centre.now)
        actions_outbound.begun(attempt.pk, centre.now)
        if cause == "voicemail":
            actions_outbound.answered(attempt.pk, now=centre.now)
            actions_outbound.answered_by(attempt.pk, "beep", now=centre.now)
        actions.customer_left(attempt.pk, "agent" if cause == "voicemail" else cause, now=centre.later(20))
        actions.wrap_up(centre.alice, attempt.pk, now=centre.now)
        actions_callback.sweep_callbacks(centre.later(600))
    callback.refresh_from_db()
    assert (callback.state, callback.tries, callback.outcome, callback.attempt) == ("failed", 3, "voicemail", None)
    assert queries_callbacks.worklist(centre.alice) == [callback], "a person must look"
    assert [one.outcome for one in queries_callbacks.tries_of(callback.pk)] == ["voicemail", "no_answer", "busy"]
    later = actions_worklist.reschedule(centre.alice, callback.pk, centre.now + timedelta(days=1), now=centre.now)
    assert later.done
