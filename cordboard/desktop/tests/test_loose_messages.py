"""A message from a withheld number: nobody can be called back, and it is settled all the same. And over which trunk a number outside was called."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cordboard.channels.voice import actions_voicemail
from cordboard.channels.voice.models import Call, Recording, Trunk, Voicemail
from cordboard.desktop.presenters import heard
from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.org.models import Role
from cordboard.routing.models import Outgoing
from cordboard.routing.tests.centre import Centre, party


@pytest.fixture
def message(centre: Centre) -> Voicemail:
    row = interactions.open_interaction(channel="voice", from_address="", to_address="100", now=timezone.now())
    call = Call.objects.create(interaction=row, reference="c1", node="here")
    kept = Recording.objects.create(call=call, reference="c1.v1", path="r/v1.wav", started_at=timezone.now(), ended_at=timezone.now(), seconds=9.0)
    return Voicemail.objects.create(recording=kept, queue=centre.support, left_at=timezone.now(), seconds=8.0)


def test_done_without_calling_needs_a_reason_and_can_be_opened_again(centre: Centre, message: Voicemail) -> None:
    browser = signed_in(centre.alice)
    page = browser.get("/worklist/callbacks/").content.decode()
    assert "Number withheld: nobody can be called back." in page
    assert f'src="/voice/messages/{message.pk}' in page or "<audio" in page, "it is heard where it stands"
    url = f"/worklist/messages/{message.pk}"
    assert browser.post(f"{url}/done/").status_code == 422
    assert browser.post(f"{url}/done/", {"why": "bored"}).status_code == 422
    assert browser.post(f"{url}/done/", {"why": "nobody"}).status_code == 204
    message.refresh_from_db()
    assert (message.done_by, message.done_why) == (centre.alice, "nobody")
    assert Event.objects.filter(kind="voice.message_done").latest("id").body["reason"] == "nobody"

    assert "Number withheld" not in browser.get("/worklist/callbacks/").content.decode(), "off the list"
    page = browser.get("/worklist/callbacks/?show=over").content.decode()
    assert "nobody can tell who called (Alice)" in page
    assert browser.post(f"{url}/open/").status_code == 204
    assert "Number withheld" in browser.get("/worklist/callbacks/").content.decode()


def test_whoever_hears_who_it_is_assigns_the_customer(centre: Centre, message: Voicemail) -> None:
    noor = party("Noor de Vries", customer_number="40012345")
    browser = signed_in(centre.alice)
    url = f"/worklist/messages/{message.pk}/customer/"
    refused = browser.post(url, {"customer_number": "99999999"})
    assert refused.status_code == 409
    assert "No customer has this number." in refused.content.decode()
    assert browser.post(url, {"customer_number": "4001 2345"}).status_code == 204
    assert Interaction.objects.get(pk=message.recording.call_id).subject == noor
    page = browser.get("/worklist/callbacks/").content.decode()
    assert "Noor de Vries" in page
    assert "Number withheld: call a number of the customer." in page


def test_who_does_not_work_for_the_queue_may_not(centre: Centre, message: Voicemail) -> None:
    assert signed_in(centre.dave).post(f"/worklist/messages/{message.pk}/done/", {"why": "nothing"}).status_code == 403
    with pytest.raises(ValueError, match="bored"):
        actions_voicemail.finish(centre.alice, message.pk, "bored")


def test_over_which_trunk_a_number_was_called_is_for_who_looks_after_calls(centre: Centre) -> None:
    for position, code in enumerate(("main", "spare")):
        Trunk.objects.create(code=code, name=code.title(), position=position, host="192.0.2.1")
    call = centre.call()
    called = Outgoing.objects.create(interaction=call, number="+31101234567", trunk="spare", outcome="answered", asked_at=timezone.now() - timedelta(minutes=1))
    assert heard.ways(centre.alice, call.pk) == [], "an agent needs not know"
    centre.carol.roles.add(Role.objects.create(code="calls", name="Calls", permissions={"voice.manage": "all"}))
    way = heard.ways(centre.carol, call.pk)[0]
    assert way["words"] == "over Spare"
    assert way["more"].startswith("answered, Main stands first in the order")
    called.trunk = "main"
    called.save()
    assert heard.ways(centre.carol, call.pk)[0]["more"] == "answered"
    called.trunk = ""
    called.save()
    assert heard.ways(centre.carol, call.pk)[0]["words"] == "no trunk carried it"
