"""A message that a caller left is offered like a call: heard, called back, settled, and what the customer's side does to a call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordboard.channels.voice.models import Call, Recording, Voicemail
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_callback import NUMBER, policy
from cordboard.desktop.tests.test_desk import noor, usable
from cordboard.events import presence
from cordboard.interactions import actions as interactions
from cordboard.interactions.actions_segments import customer_away
from cordboard.interactions.models import Interaction
from cordboard.org.models import Role
from cordboard.parties.models import Party
from cordboard.routing import actions as routing
from cordboard.routing import actions_callback, actions_outbound
from cordboard.routing.models import Callback, Outgoing
from cordboard.routing.tests.centre import Centre


def offered(centre: Centre) -> tuple[Callback, Interaction, Party]:
    """Noor has left a message of 42 seconds; it rings at Alice."""
    policy(messages="offer")
    customer = noor()
    centre.now = timezone.now()
    presence.heard([centre.alice.pk], centre.now)
    centre.ready(centre.alice)
    left = interactions.open_interaction(channel="voice", from_address=NUMBER, to_address="100", now=centre.now - timedelta(minutes=9))
    call = Call.objects.create(interaction=left, reference="c1", node="here")
    recording = Recording.objects.create(call=call, reference="r1", path="r1.wav", started_at=centre.now, seconds=42.0, rule="voicemail")
    routing.customer_left(left.pk, "customer", now=centre.now - timedelta(minutes=8))
    row = actions_callback.request(NUMBER, centre.support, origin="voicemail", interaction=left.pk, party=customer.pk, about="The pump leaks", now=centre.now)
    assert row is not None
    Voicemail.objects.create(recording=recording, queue=centre.support, callback=row, left_at=centre.now, seconds=42.0)
    row.refresh_from_db()
    assert row.attempt is not None
    centre.offer(row.attempt, centre.alice)
    return row, row.attempt, customer


def page(centre: Centre, names: str = "tools,comm,itabs,account,work", more: str = "") -> str:
    return " ".join(signed_in(centre.alice).get(f"/desk/fragments/?names={names}{more}").content.decode().split())


@pytest.mark.django_db
def test_alice_sees_whose_it_is_hears_it_and_calls_back(centre: Centre) -> None:
    row, contact, customer = offered(centre)
    shown = page(centre)
    for words in ("Message of Noor de Vries", "to hear", "Customer 4471 0938", "The pump leaks", "left a message", ">Hear it</span>", ">Give back</span>"):
        assert words in shown, words
    assert "<audio" not in shown, "it is heard by whoever takes it"
    assert usable(shown) == {"accept", "reject", "more"}

    alice = signed_in(centre.alice)
    assert alice.post(f"/desk/{contact.pk}/accept/").status_code == 204
    shown = page(centre)
    voicemail = Voicemail.objects.get()
    assert f'id="message-{voicemail.pk}" data-player data-keep' in shown
    assert f'src="{reverse("voice:message", args=[voicemail.pk])}" autoplay' in shown
    assert "0:42" in shown
    assert usable(shown) == {"dial", "hangup", "more"}
    assert ">Call back</span>" in shown
    assert ">Settled</span>" in shown
    assert 'data-tab="wrapup"' in shown

    answer = alice.post(f"/desk/{contact.pk}/call-back/")
    out = Outgoing.objects.get(callback=row)
    assert answer.headers["X-Desk-Go"] == f"/desk/?interaction={out.interaction_id}"
    shown = page(centre, more=f"&interaction={out.interaction_id}&tab=callback")
    assert "Call Noor de Vries back" in shown
    assert f'id="message-{voicemail.pk}"' in shown, "it can be heard again beside the call"
    assert " autoplay" not in shown
    actions_outbound.begun(out.interaction_id, timezone.now())
    actions_outbound.answered(out.interaction_id)
    routing.customer_left(out.interaction_id, "customer")
    row.refresh_from_db()
    assert row.state == "done"


@pytest.mark.django_db
def test_settled_without_a_call_it_is_wrapped_up(centre: Centre) -> None:
    row, contact, _ = offered(centre)
    alice = signed_in(centre.alice)
    alice.post(f"/desk/{contact.pk}/accept/")
    assert alice.post(f"/desk/{contact.pk}/hang-up/").status_code == 204
    shown = page(centre)
    assert "Why did the customer contact us?" in shown
    assert alice.post(f"/desk/{contact.pk}/finish/").status_code == 204
    row.refresh_from_db()
    assert (row.state, Outgoing.objects.count()) == ("done", 0)


@pytest.mark.django_db
def test_a_ticket_is_opened_from_it(centre: Centre) -> None:
    role = Role.objects.get(code="agent")
    role.permissions = {**role.permissions, "tickets.open": "all", "tickets.view": "all"}
    role.save()
    _, contact, customer = offered(centre)
    alice = signed_in(centre.alice)
    alice.post(f"/desk/{contact.pk}/accept/")
    assert "tab=new-ticket" in page(centre)
    form = page(centre, "work", f"&interaction={contact.pk}&tab=new-ticket")
    assert 'value="The pump leaks"' in form
    assert "for Noor de Vries" in form


@pytest.mark.django_db
def test_it_may_be_heard_later(centre: Centre) -> None:
    row, contact, _ = offered(centre)
    alice = signed_in(centre.alice)
    assert alice.post(f"/desk/{contact.pk}/later/", {"at": (timezone.now() + timedelta(hours=2)).isoformat()}).status_code == 204
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("scheduled", None)
    assert centre.state(centre.alice).state == "ready"


@pytest.mark.django_db
def test_nobody_calls_out_beside_a_message(centre: Centre) -> None:
    _, contact, _ = offered(centre)
    signed_in(centre.alice).post(f"/desk/{contact.pk}/accept/")
    assert not actions_outbound.dial(centre.alice, "+31101234567", now=timezone.now()).done


@pytest.mark.django_db
def test_the_customers_side_holds_alice_and_she_is_told(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    assert "put you on hold" not in page(centre)
    customer_away(call.pk, True, now=centre.later(10))
    shown = page(centre)
    assert "+31 20 555 0123 has put you on hold." in shown
    assert "They hold you" in shown
    customer_away(call.pk, False, now=centre.later(10))
    assert "put you on hold" not in page(centre)
