"""What is attached to a contact goes with it: from the automated service to an agent, from group to group, into a conference, into a callback; and what stands over
the work area of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cordboard.channels.voice.models import Call, Recording
from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions import actions as interactions
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Interaction
from cordboard.routing import actions as routing
from cordboard.routing import actions_callback
from cordboard.routing.models import Callback
from cordboard.routing.tests.centre import Centre, segment, told

KEYED = {"matter": "order", "customer.number": "44712260"}


def arrives(centre: Centre) -> Interaction:
    """A caller who has keyed something and waits."""
    call = centre.call()
    interactions.set_context(call.pk, KEYED, by="ivr", now=centre.now)
    return call


def sees(user: Any, call: Interaction) -> str:
    return " ".join(signed_in(user).get(f"/desk/?interaction={call.pk}").content.decode().split())


def attached(user: Any, call: Interaction) -> None:
    page = sees(user, call)
    assert "An order or a delivery" in page
    assert "4471 2260" in page or "44712260" in page
    assert newest(call.pk).items() >= KEYED.items()


@pytest.mark.django_db
def test_from_the_menu_to_an_agent_to_another_group_and_into_a_conference(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = arrives(centre)
    centre.offer(call, centre.alice)
    attached(centre.alice, call)  # before answering
    assert routing.accept_offer(centre.alice, call.pk, now=centre.now).done
    interactions.set_context(call.pk, {"order_number": "7001"}, by="agent", user=centre.alice, now=centre.now)
    attached(centre.alice, call)

    assert routing.transfer(centre.alice, call.pk, to_queue=centre.sales.pk, now=centre.later(60)).done
    centre.offer(call, centre.bob)
    attached(centre.bob, call)
    assert routing.accept_offer(centre.bob, call.pk, now=centre.now).done
    attached(centre.bob, call)
    assert newest(call.pk)["order_number"] == "7001"

    assert routing.wrap_up(centre.alice, call.pk, now=centre.now).done
    assert routing.invite(centre.bob, call.pk, to_agent=centre.alice.pk, now=centre.now).done
    assert routing.accept_offer(centre.alice, call.pk, now=centre.now).done
    assert segment(call, centre.alice).kind == "conference"
    attached(centre.alice, call)


@pytest.mark.django_db
def test_rejected_with_a_reason_it_arrives_whole_at_the_next(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = arrives(centre)
    centre.offer(call, centre.alice)
    answer = signed_in(centre.alice).post(f"/desk/{call.pk}/reject/?reason=language")
    assert answer.status_code < 400
    assert segment(call, centre.alice).end_reason == "language"
    assert told("routing.offer_rejected")[-1]["reason"] == "language"
    centre.ready(centre.bob)
    centre.offer(call, centre.bob)
    attached(centre.bob, call)


@pytest.mark.django_db
def test_into_the_callback_that_keeps_the_place(centre: Centre) -> None:
    call = arrives(centre)
    callback = actions_callback.keep_place(call.pk, "+31205550123", now=centre.later(60))
    assert callback is not None
    assert callback.attempt is not None
    assert newest(callback.attempt.pk).items() >= KEYED.items()


# ---- what stands over the work area ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_agent_sees_that_this_call_settles_a_callback(centre: Centre) -> None:
    actions_callback.request("+31205550123", centre.support, origin="web", at=centre.now + timedelta(hours=3), about="Her order 7001", now=centre.now)
    centre.ready(centre.alice)
    centre.later(60)
    call = centre.talk(centre.alice)
    page = sees(centre.alice, call)
    assert "which this call settles." in page
    assert "Her order 7001" in page
    assert Callback.objects.get().settled_in == call


@pytest.mark.django_db
def test_a_colleagues_promise_is_named(centre: Centre) -> None:
    actions_callback.request("+31205550123", centre.support, origin="agent", owner=centre.bob.pk, at=centre.now + timedelta(hours=3), now=centre.now)
    centre.ready(centre.alice)
    centre.later(60)
    assert "Bob has promised a callback at" in sees(centre.alice, centre.talk(centre.alice))


@pytest.mark.django_db
def test_a_recording_that_broke_is_said(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    row = Call.objects.create(interaction=call, reference="r", node="n")
    assert "has ended by a fault" not in sees(centre.alice, call)
    Recording.objects.create(
        call=row, reference="r.r", path="x.wav", started_at=timezone.now(), ended_at=timezone.now(), error="the pause could not be confirmed"
    )
    assert "The recording of this call has ended by a fault." in sees(centre.alice, call)
    Recording.objects.create(call=row, reference="r.d", path="y.wav", started_at=timezone.now())
    assert "has ended by a fault" not in sees(centre.alice, call), "another one runs"
