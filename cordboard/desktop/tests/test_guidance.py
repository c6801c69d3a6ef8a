"""The rules speak to alice on her desk: an offer she follows, and a checklist that must be done before the end."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_desk import noor
from cordboard.desktop.tests.test_script import MOVE
from cordboard.flows import actions as flows
from cordboard.guidance.actions import evaluate
from cordboard.guidance.models import Alert
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre
from cordboard.rules.models import Policy

RULES = [
    {
        "id": "before",
        "name": "Called before",
        "actions": [{"do": "open_screen", "screen": "history", "texts": {"en": {"strong": "She called yesterday.", "text": "See what was said."}}}],
    },
    {
        "id": "address",
        "name": "Addresses are kept right",
        "actions": [
            {"do": "checklist", "reason": "address", "required": True, "texts": {"en": {"strong": "Ask for the address.", "text": "Street and number."}}}
        ],
    },
]


MOVED = {
    "id": "moved",
    "name": "Whoever moves is asked all of it",
    "when": {"fact": "talk.answers", "op": "contains", "value": "matter=moved"},
    "actions": [{"do": "start_script", "script": "move", "texts": {"en": {"strong": "She has moved.", "text": "Ask for everything."}}}],
}


@pytest.fixture
def call(centre: Centre) -> Interaction:
    Policy.objects.create(area="guidance", code="guidance", name="Guidance", version=1, state="published", body={"mode": "all", "rules": [*RULES, MOVED]})
    centre.ready(centre.alice)
    talk = centre.talk(centre.alice)
    interactions.identify(talk.pk, [noor().pk], by="ani", now=timezone.now())
    evaluate(talk.pk)
    return talk


def part(client: Client, name: str, more: str = "") -> str:
    return client.get(f"/desk/fragments/?names={name}{more}").content.decode()


@pytest.mark.django_db
def test_an_offer_opens_its_page(centre: Centre, call: Interaction) -> None:
    client = signed_in(centre.alice)
    html = part(client, "alerts")
    assert "She called yesterday." in html
    assert "Open history" in html
    url = re.search(r'hx-post="(/desk/guidance/\d+/follow/)"', html)
    assert url is not None
    came = client.post(url[1])
    assert (came.status_code, came["X-Desk-Go"]) == (204, f"/desk/?interaction={call.pk}&tab=history")
    assert "She called yesterday." not in part(client, "alerts")


@pytest.mark.django_db
def test_the_end_waits_for_what_is_required(centre: Centre, call: Interaction) -> None:
    client = signed_in(centre.alice)
    client.post(f"/desk/{call.pk}/hang-up/")
    routing.customer_left(call.pk, "agent")
    item = Alert.objects.get(reason="address")
    page = part(client, "work", f"&interaction={call.pk}&tab=wrapup")
    assert "Before the end" in page
    assert "Ask for the address." in page
    refused = client.post(f"/desk/{call.pk}/finish/")
    assert refused.status_code == 409
    assert "Still to do before the end: Ask for the address" in refused.content.decode()
    assert client.post(f"/desk/guidance/{item.pk}/excuse/", {"why": " "}).status_code == 400
    assert client.post(f"/desk/guidance/{item.pk}/excuse/", {"why": "He was driving"}).status_code == 204
    assert "Not done: He was driving" in part(client, "work", f"&interaction={call.pk}&tab=wrapup")
    assert client.post(f"/desk/{call.pk}/finish/").status_code == 204


@pytest.mark.django_db
def test_an_answer_brings_a_script_and_one_press_starts_it(centre: Centre, call: Interaction) -> None:
    client = signed_in(centre.alice)
    assert "She has moved." not in part(client, "alerts")
    interactions.set_context(call.pk, {"matter": "moved"}, by="ivr")
    evaluate(call.pk)
    url = re.search(r'hx-post="(/desk/guidance/\d+/follow/)"[^>]*>Start the script', part(client, "alerts"))
    assert url is not None
    assert client.post(url[1]).status_code == 409, "there is no such script yet"
    flows.publish(flows.create("move", "Move", ["script"], None, graph=MOVE).pk, None)
    assert client.post(url[1]).status_code == 204
    assert "House or flat?" in part(client, "script")
    assert "She has moved." not in part(client, "alerts")


@pytest.mark.django_db
def test_bob_cannot_settle_what_is_alices(centre: Centre, call: Interaction) -> None:
    item = Alert.objects.get(reason="address")
    assert signed_in(centre.bob).post(f"/desk/guidance/{item.pk}/follow/").status_code == 403
    assert signed_in(centre.alice).post(f"/desk/guidance/{item.pk}/nonsense/").status_code == 404
