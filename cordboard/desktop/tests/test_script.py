"""The script panel on the desk: begun, answered with a press, leafed through, put away."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cordboard.flows import actions
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Interaction
from cordboard.routing.tests.centre import Centre

MOVE: dict[str, Any] = {
    "schema": 1, "languages": ["en"], "start": "kind", "variables": {"kind": {"type": "choice"}, "street": {"type": "text"}},
    "steps": {
        "kind": {
            "type": "ask", "kind": "choice", "title": "What for", "texts": {"en": "House or flat?"}, "do": {"en": "Smile."}, "into": "kind", "next": "street",
            "choices": [{"value": "house", "texts": {"en": "A house"}}, {"value": "flat", "next": "end"}],
        },
        "street": {"type": "ask", "kind": "text", "min": 3, "texts": {"en": "Which street?"}, "into": "street", "next": "end"},
        "end": {"type": "end"},
    },
}  # fmt: skip


@pytest.fixture
def call(centre: Centre) -> Interaction:
    for code in ("move", "other"):
        actions.publish(actions.create(code, code.capitalize(), ["script"], None, graph=MOVE).pk, None)
    centre.ready(centre.alice)
    return centre.talk(centre.alice)


def fragment(client: Client) -> str:
    return client.get("/desk/fragments/?names=script").content.decode()


def test_alice_goes_through_a_script_with_a_branch(centre: Centre, call: Interaction, client: Client) -> None:
    client.force_login(centre.alice)
    assert f'hx-get="/desk/{call.pk}/scripts/"' in client.get("/desk/").content.decode()
    assert 'data-code="move"' in client.get(f"/desk/{call.pk}/scripts/?q=mov").content.decode()
    assert "No script has these words." in client.get(f"/desk/{call.pk}/scripts/?q=xyz").content.decode()
    assert client.post(f"/desk/{call.pk}/script/", {"code": "move"}).status_code == 204
    page = fragment(client)
    assert "House or flat?" in page
    assert "Smile." in page
    assert "A house" in page
    run = page.split("/script/")[1].split("/answer/")[0]
    base = f"/desk/{call.pk}/script/{run}"
    assert client.post(f"{base}/answer/", {"value": "house", "moves": "0"}).status_code == 204
    refused = client.post(f"{base}/answer/", {"value": "x"})
    assert (refused.status_code, "That is too short." in refused.content.decode()) == (422, True)
    assert "Which street?" in fragment(client)
    assert client.post(f"{base}/back/").status_code == 204
    assert 'value="house" aria-pressed="true"' in fragment(client)
    client.post(f"{base}/forward/")
    client.post(f"{base}/answer/", {"value": "Lange Voorhout"})
    assert "The script is at its end." in fragment(client)
    assert {name: newest(call.pk)[name] for name in ("kind", "street")} == {"kind": "house", "street": "Lange Voorhout"}
    client.post(f"{base}/finish/")
    assert "House or flat?" not in fragment(client)
    assert client.post(f"{base}/answer/", {"value": "flat"}).status_code == 409


def test_several_scripts_and_which_is_shown(centre: Centre, call: Interaction, client: Client) -> None:
    client.force_login(centre.alice)
    client.post(f"/desk/{call.pk}/script/", {"code": "move"})
    client.post(f"/desk/{call.pk}/script/", {"code": "other"})
    page = fragment(client)
    assert "<h2>Other</h2>" in page
    first = min(int(part.split("/")[0]) for part in page.split("/script/")[1:] if part.split("/")[0].isdigit())
    client.post(f"/desk/{call.pk}/script/{first}/open/")
    assert "<h2>Move</h2>" in fragment(client)
    assert client.post(f"/desk/{call.pk}/script/{first}/dance/").status_code == 404
    assert client.post(f"/desk/{call.pk}/script/", {"code": "nothing"}).status_code == 409


def test_who_has_no_part_in_the_contact_sees_and_does_nothing(centre: Centre, call: Interaction, client: Client) -> None:
    client.force_login(centre.alice)
    client.post(f"/desk/{call.pk}/script/", {"code": "move"})
    run = fragment(client).split("/script/")[1].split("/answer/")[0]
    client.force_login(centre.bob)
    assert client.post(f"/desk/{call.pk}/script/{run}/answer/", {"value": "flat"}).status_code == 403
    assert client.post(f"/desk/{call.pk}/script/", {"code": "move"}).status_code == 403


def test_what_must_be_said_is_marked_and_put_away_only_with_a_reason(centre: Centre, call: Interaction, client: Client) -> None:
    notice = {"type": "say", "must": True, "texts": {"en": "I note what you say, {agent.name}."}, "do": {"en": "Wait for yes."}, "next": "kind"}
    graph = {**MOVE, "start": "notice", "steps": {**MOVE["steps"], "notice": notice}}
    actions.publish(actions.create("notice", "Notice", ["script"], None, graph=graph).pk, None)
    Interaction.objects.filter(pk=call.pk).update(language="th")
    client.force_login(centre.alice)
    client.post(f"/desk/{call.pk}/script/", {"code": "notice"})
    page = fragment(client)
    base = f"/desk/{call.pk}/script/{page.split('/script/')[1].split('/')[0]}"
    assert (page.count("cb-tick"), page.count("required</span>")) == (1, 1)
    assert "This script has no text in ไทย; it is shown in English." in page
    refused = client.post(f"{base}/finish/")
    assert (refused.status_code, "this must still be done: I note what you say, Alice." in refused.content.decode()) == (409, True)
    assert client.post(f"{base}/mark/?step=notice", {"on": "1"}).status_code == 204
    assert 'aria-pressed="true" aria-label="I have' in fragment(client)
    assert client.post(f"{base}/mark/?step=notice", {"on": "0"}).status_code == 204
    assert "Put away with a reason" in fragment(client)
    assert client.post(f"{base}/finish/", {"why": "Hung up."}).status_code == 204
    assert "I note what you say" not in fragment(client)
