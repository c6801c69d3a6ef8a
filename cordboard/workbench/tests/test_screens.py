"""The workbench's pages: carol manages, alice may write, bob reviews, dave may nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.interactions import actions as interactions
from cordboard.org.models import Role, User
from cordboard.routing import policy as routing
from cordboard.routing.models import Queue
from cordboard.routing.tests.centre import party
from cordboard.rules import actions
from cordboard.rules import actions_publish as publishing
from cordboard.rules.models import Policy

pytestmark = pytest.mark.django_db
ALL = ("rules.view", "rules.edit", "rules.review", "rules.publish", "rules.publish_alone", "interactions.view")
RIGHTS = {"alice": ("rules.view", "rules.edit", "rules.publish"), "bob": ("rules.view", "rules.review"), "carol": ALL, "dave": ()}
GOLD = {
    "id": "gold",
    "name": "Valued first",
    "when": {"fact": "party.value_segment", "op": "is", "value": "gold"},
    "actions": [{"do": "priority", "priority": 2}],
}
OTHERS = {"id": "rest", "name": "Everyone", "actions": [{"do": "queue", "queue": "sales"}]}
BODY: dict[str, Any] = {"schema": 1, "mode": "first", "rules": [GOLD, OTHERS]}


@pytest.fixture
def people() -> dict[str, Client]:
    found = {}
    for name, rights in RIGHTS.items():
        user = User.objects.create(username=name, name=name.capitalize())
        user.roles.add(Role.objects.create(code=name, name=name, permissions=dict.fromkeys(rights, "all")))
        found[name] = Client()
        found[name].force_login(user)
    return found


@pytest.fixture
def house(people: dict[str, Client]) -> Policy:
    for code in ("support", "sales"):
        Queue.objects.create(code=code, name=code.capitalize())
    row = actions.create_policy("routing", "voice", "Voice NL", None, body=BODY)
    return publishing.publish(row.pk, 0, None)


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def test_every_page_is_there_for_those_who_may_and_for_nobody_else(house: Policy, people: dict[str, Client]) -> None:
    for url in (
        "/policies/",
        "/policies/new/",
        "/policies/voice/",
        "/policies/voice/difference/",
        "/policies/voice/history/",
        "/policies/voice/tried/",
        "/policies/voice/export.json",
    ):
        text(people["carol"], url)
        text(people["dave"], url, 403)
        assert Client().get(url).status_code == 302
    assert "Voice NL" in text(people["bob"], "/policies/")
    text(people["carol"], "/policies/nothing/", 404)
    text(people["carol"], "/policies/voice/?version=9", 404)


def test_rules_stand_there_as_sentences_and_what_people_write_is_never_markup(house: Policy, people: dict[str, Client]) -> None:
    page = text(people["carol"], "/policies/voice/")
    assert (
        'When <span class="cb-rule-fact">value segment</span> is <span class="cb-rule-value">Gold</span>, then give it priority <span class="cb-rule-value">2</span>.'
        in page
    )
    assert "Otherwise send it to <b>Sales</b>." in page
    script = "<script>alert(1)</script>"
    draft = actions.create_draft("voice", None)
    named = {"id": script, "name": script, "note": script, "when": {"fact": script, "op": script, "value": script}, "actions": [{"do": script, script: script}]}
    actions.save_draft(draft.pk, {**BODY, "rules": [named, {"id": "x", "table": script}]}, 0, None)
    for client in (people["carol"], people["bob"]):
        for url in ("/policies/voice/", "/policies/voice/difference/", "/policies/voice/history/", "/policies/"):
            assert "<script>alert" not in text(client, url)


def test_a_draft_is_saved_from_the_page_and_a_stale_saving_shows_both(house: Policy, people: dict[str, Client]) -> None:
    carol, alice = people["carol"], people["alice"]
    assert carol.post("/policies/voice/draft/").status_code == 302
    draft = Policy.objects.get(code="voice", state="draft")
    assert 'id="policy-editor"' in text(alice, "/policies/voice/")
    assert 'id="policy-editor"' not in text(people["bob"], "/policies/voice/")

    def save(client: Client, revision: int, *rules: Any) -> Any:
        asked = {"policy": draft.pk, "revision": revision, "body": {**BODY, "rules": list(rules)}}
        return client.post("/policies/voice/save/", json.dumps(asked), content_type="application/json")

    silver = {**GOLD, "id": "silver", "name": "Silver too", "when": {"fact": "party.value_segment", "op": "is", "value": "silver"}}
    saved = save(alice, 0, OTHERS, GOLD, silver).json()
    assert saved["revision"] == 1
    assert {one["id"]: one["sign"] for one in saved["rules"]} == {"rest": "moved", "gold": "", "silver": "new"}
    assert saved["rules"][1]["warnings"] == ["Never gets its turn: wherever it would hold, rules above it decide (Everyone)."]
    stale = save(carol, 0, GOLD)
    assert stale.status_code == 409
    assert stale.json()["by"] == "Alice"
    assert [one["id"] for one in stale.json()["theirs"]["rules"]] == ["rest", "gold", "silver"]
    assert {(one["what"], one["name"]) for one in stale.json()["pieces"]} >= {("removed", "Silver too"), ("removed", "Everyone")}
    broken = save(alice, 1, {**GOLD, "when": {"fact": "party.value_segment", "op": "is", "value": "platinum"}, "actions": [{"do": "priority"}]}).json()
    assert broken["rules"][0]["problems"][1] == "Action 1: is missing"
    assert broken["wrong"] == 2
    assert people["dave"].post("/policies/voice/save/", "{}", content_type="application/json").status_code == 403
    assert alice.post("/policies/voice/save/", "[]", content_type="application/json").status_code == 400


def test_a_draft_goes_through_review_on_the_screen(house: Policy, people: dict[str, Client]) -> None:
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    alice.post("/policies/voice/draft/")
    draft = Policy.objects.get(code="voice", state="draft")
    which = {"version": draft.version, "revision": 0}
    assert alice.post("/policies/voice/act/publish/", which).status_code == 422
    assert "Ask for review" in text(alice, "/policies/voice/")
    assert alice.post("/policies/voice/act/submit/", which).status_code == 302
    assert "Approve" in text(bob, "/policies/voice/")
    assert alice.post("/policies/voice/act/approve/", which).status_code == 403
    assert bob.post("/policies/voice/act/approve/", which).status_code == 302
    assert alice.post("/policies/voice/act/publish/", {**which, "comment": "as before"}).status_code == 302
    assert Policy.objects.get(code="voice", state="published").version == 2
    assert carol.post("/policies/voice/act/go-back/", {"version": 1}).status_code == 302
    assert Policy.objects.get(code="voice", state="published").version == 3
    history = text(carol, "/policies/voice/history/")
    assert all(word in history for word in ("Sent for review", "Approved", "as before", "Bring it back"))
    assert carol.post("/policies/voice/act/explode/", which).status_code == 404


def test_the_difference_between_versions_is_said_in_sentences(house: Policy, people: dict[str, Client]) -> None:
    draft = actions.create_draft("voice", None)
    changed = {**GOLD, "actions": [{"do": "priority", "priority": 1}], "note": "since June"}
    actions.save_draft(draft.pk, {**BODY, "mode": "all", "rules": [OTHERS, changed]}, 0, None)
    page = text(people["bob"], "/policies/voice/difference/")
    assert "<del>When" in page
    assert "since June" in page
    assert "Which rules decide" in page
    assert "Both versions say the same." in text(people["bob"], "/policies/voice/difference/?from=1&to=1")


def test_a_past_contact_is_explained_with_near_misses(house: Policy, people: dict[str, Client]) -> None:
    nora = party("Nora de Vries", value_segment="silver")
    row = interactions.open_interaction(channel="voice")
    interactions.identify(row.pk, [nora.pk], by="customer_number")
    row.refresh_from_db()
    now = timezone.now()
    routing.place(row, Queue.objects.get(code="support"), now=now).file(row.pk, now)
    page = text(people["carol"], f"/policies/why/{row.pk}/")
    assert "one condition short" in page
    assert "value segment is Silver, not Gold" in page
    assert "Everyone" in page
    listed = text(people["carol"], "/policies/voice/tried/")
    assert "Nora de Vries" in listed
    assert "Valued first" in listed
    assert "Nora" not in text(people["alice"], "/policies/voice/tried/")  # she may not see contacts
    text(people["alice"], f"/policies/why/{row.pk}/", 403)


def test_a_policy_comes_out_as_a_file_and_in_again(house: Policy, people: dict[str, Client]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    carol = people["carol"]
    file = carol.get("/policies/voice/export.json").content
    assert json.loads(file)["area"] == "routing"

    def take(content: bytes, **given: str) -> Any:
        return carol.post("/policies/new/", {"area": "", "name": "", "code": "", **given, "file": SimpleUploadedFile("p.json", content)})

    assert take(file, code="voice-be").status_code == 302
    copy = Policy.objects.get(code="voice-be")
    assert (copy.body, copy.name, copy.state) == ({**BODY}, "Voice NL", "draft")
    for bad, said in (
        (b"{", "no JSON"),
        (b"[" * 100_000, "stand in one another"),
        (b"[]", "no policy"),
        (json.dumps({"schema": 7, "area": "routing", "name": "X", "code": "x", "rules": []}).encode(), "later version"),
        (json.dumps({"area": "nowhere", "name": "X", "code": "x", "rules": []}).encode(), "Choose the area"),
    ):
        answer = take(bad)
        assert answer.status_code == 422
        assert said in answer.content.decode()
