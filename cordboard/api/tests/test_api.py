"""Programs read, write and publish flows and policies: with the scopes of their token, never over somebody else's draft, and never twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cordboard.api.actions import forget_old
from cordboard.api.models import Answered
from cordboard.api.openapi import described
from cordboard.api.tests.conftest import Program, program_of
from cordboard.flows.models import Flow
from cordboard.org.models import User
from cordboard.org.tokens import writing
from cordboard.rules import actions as rules
from cordboard.rules.models import Policy

FLOWS, POLICIES = "/api/v1/flows", "/api/v1/policies"
NEW = {"code": "after-hours", "name": "After hours", "surfaces": ["script"]}
GRAPH: dict[str, Any] = {"schema": 1, "languages": ["en"], "fallback": "en", "start": "bye", "steps": {"bye": {"type": "end"}}}
RULES = {
    "mode": "first",
    "rules": [{"id": "r", "name": "R", "when": {"fact": "interaction.language", "op": "is", "value": "de"}, "actions": [{"do": "priority", "priority": 3}]}],
}


def made(ask: Program) -> str:
    """A flow with its draft; the draft's tag."""
    answer = ask("POST", FLOWS, NEW)
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == "/api/v1/flows/after-hours/draft"
    return answer["ETag"]


@pytest.mark.django_db
def test_a_flow_is_drawn_checked_published_and_drawn_again(ask: Program) -> None:
    tag = made(ask)
    draft = f"{FLOWS}/after-hours/draft"
    wrong = ask("POST", f"{draft}/publish", {}, If_Match=tag)
    assert (wrong.status_code, wrong.json()["title"]) == (422, "The flow has problems.")
    assert wrong.json()["problems"]
    assert not ask("POST", f"{draft}/check").json()["good"]
    assert ask("POST", f"{draft}/check", {"graph": GRAPH}).json()["good"]
    saved = ask("PUT", draft, {"graph": GRAPH, "name": "At night"}, If_Match=tag)
    assert (saved.status_code, saved.json()["name"], saved["ETag"]) == (200, "At night", '"1-1"')
    assert ask("GET", draft).json()["graph"]["start"] == "bye"
    published = ask("POST", f"{draft}/publish", {"comment": "First"}, If_Match=saved["ETag"])
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert ask("GET", draft).status_code == 404
    again = ask("PUT", draft, {"graph": {**GRAPH, "languages": ["en", "nl"]}}, If_None_Match="*")
    assert (again.status_code, again.json()["version"], again["ETag"]) == (201, 2, '"2-1"')
    there = ask("PUT", draft, {"graph": GRAPH}, If_None_Match="*")
    assert there.status_code == 412
    assert [one["version"] for one in ask("GET", f"{FLOWS}/after-hours/versions").json()["items"]] == [2, 1]
    assert ask("GET", f"{FLOWS}/after-hours/versions/1").json()["graph"]["languages"] == ["en"]
    assert ask("DELETE", draft, If_Match='"2-0"').status_code == 412
    assert ask("DELETE", draft, If_Match='"2-1"').status_code == 204
    assert Flow.objects.get().state == "published"


@pytest.mark.django_db
def test_a_flow_is_taken_out_and_in(ask: Program) -> None:
    made(ask)
    file = ask("GET", f"{FLOWS}/after-hours/export").content
    taken = ask("POST", f"{FLOWS}/import", file)
    assert (taken.status_code, taken.json()["code"]) == (409, "draft")
    taken = ask("POST", f"{FLOWS}/import?code=copy", file)
    assert (taken.status_code, taken.json()["code"]) == (201, "copy")
    for bad in (b"{", b"[]", b'{"graph": {"schema": 99, "steps": {}}, "schema": 99, "code": "x", "surfaces": ["script"]}'):
        assert ask("POST", f"{FLOWS}/import", bad).status_code == 422
    assert ask("GET", f"{FLOWS}/after-hours/export?version=x").status_code == 422
    assert ask("GET", f"{FLOWS}/after-hours/export?version=9").status_code == 404


@pytest.mark.django_db
def test_a_policy_is_written_checked_published_and_taken_out(ask: Program) -> None:
    answer = ask("POST", POLICIES, {"area": "routing", "code": "night", "name": "At night"})
    assert answer.status_code == 201, answer.content
    draft = f"{POLICIES}/night/draft"
    bad = {"rules": [{"id": "r", "when": {"fact": "no.such", "op": "is", "value": 1}, "actions": []}]}
    saved = ask("PUT", draft, {"body": bad}, If_Match=answer["ETag"])
    assert saved.status_code == 200  # a draft may be wrong still
    refused = ask("POST", f"{draft}/publish", None, If_Match=saved["ETag"])
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "rules[0].when.fact")
    saved = ask("PUT", draft, {"body": RULES, "comment": "By language"}, If_Match=saved["ETag"])
    checked = ask("POST", f"{draft}/check").json()
    assert (checked["good"], checked["problems"]) == (True, [])
    published = ask("POST", f"{draft}/publish", None, If_Match=saved["ETag"])
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert Policy.objects.get(state="published").published_by.username == "carol"  # type: ignore[union-attr]
    file = ask("GET", f"{POLICIES}/night/export").content
    taken = ask("POST", f"{POLICIES}/import", file)
    assert (taken.status_code, taken.json()["version"], taken.json()["state"]) == (201, 2, "draft")
    assert ask("POST", f"{POLICIES}/import", file).status_code == 409
    assert ask("POST", f"{POLICIES}/import?code=copy", file).status_code == 201
    assert [one["code"] for one in ask("GET", f"{POLICIES}?area=routing").json()["items"]] == ["copy", "night"]
    assert ask("GET", f"{POLICIES}/night/versions/1").json()["body"]["rules"][0]["id"] == "r"
    assert ask("POST", POLICIES, {"area": "nothing", "code": "x", "name": "X"}).json()["parameter"] == "area"


@pytest.mark.django_db
def test_who_may_publish_only_what_was_reviewed_is_told_so(carol: User) -> None:
    role = carol.roles.get()
    role.permissions = {code: "all" for code in role.permissions if code != "rules.publish_alone"}
    role.save()
    ask = program_of(carol)
    tag = ask("POST", POLICIES, {"area": "routing", "code": "night", "name": "At night", "body": RULES})["ETag"]
    refused = ask("POST", f"{POLICIES}/night/draft/publish", None, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (403, "review")
    assert ask("POST", f"{POLICIES}/night/draft/submit", {"comment": "Have a look"}, If_Match=tag).json()["state"] == "review"
    assert ask("PUT", f"{POLICIES}/night/draft", {"body": RULES}, If_Match=tag).status_code == 409


@pytest.mark.django_db
def test_nobody_overwrites_what_they_have_not_seen(ask: Program) -> None:
    tag = ask("POST", POLICIES, {"area": "routing", "code": "night", "name": "At night", "body": RULES})["ETag"]
    row = Policy.objects.get(code="night")
    rules.save_draft(row.pk, {**RULES, "mode": "all"}, 0, None)
    refused = ask("PUT", f"{POLICIES}/night/draft", {"body": RULES}, If_Match=tag)
    assert (refused.status_code, refused.json()["etag"], refused.json()["revision"]) == (412, "1-1", 1)
    assert Policy.objects.get(code="night").body["mode"] == "all"
    assert ask("PUT", f"{POLICIES}/night/draft", {"body": RULES}).status_code == 428
    assert ask("POST", f"{POLICIES}/night/draft/publish", None, If_Match=tag).status_code == 412


@pytest.mark.django_db
def test_a_request_sent_twice_is_done_once(ask: Program, carol: User) -> None:
    first = ask("POST", FLOWS, NEW, Idempotency_Key="k1")
    second = ask("POST", FLOWS, NEW, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (second["Idempotency-Replayed"], second["ETag"], second["Location"]) == ("true", first["ETag"], first["Location"])
    assert Flow.objects.filter(code="after-hours").count() == 1
    other = ask("POST", FLOWS, {**NEW, "code": "other"}, Idempotency_Key="k1")
    assert (other.status_code, Flow.objects.filter(code="other").exists()) == (422, False)
    wrong = [ask("POST", FLOWS, NEW, Idempotency_Key="k2") for _ in range(2)]
    assert [one.status_code for one in wrong] == [409, 409]  # a refusal is the same when asked again
    Answered.objects.create(user=carol, key="k3", digest=Answered.objects.get(key="k1").digest, at=timezone.now())
    assert ask("POST", FLOWS, NEW, Idempotency_Key="k3").status_code == 409  # it is being done
    assert forget_old(now=timezone.now() + timedelta(hours=25)) == 3
    assert ask("POST", FLOWS, NEW, Idempotency_Key="x" * 101).status_code == 400


@pytest.mark.django_db
def test_a_token_does_what_it_was_made_for_and_a_browser_only_reads(carol: User) -> None:
    reader = program_of(carol, "flows.view")
    assert reader("GET", FLOWS).status_code == 200
    assert reader("POST", FLOWS, NEW).status_code == 403
    assert reader("GET", POLICIES).status_code == 403
    browser = Client()
    browser.force_login(carol, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(FLOWS).status_code == 200
    assert browser.post(FLOWS, NEW, content_type="application/json").status_code == 401
    assert Client().get(FLOWS).status_code == 401
    assert Client().get("/api/v1/openapi.json").status_code == 200
    carol.roles.clear()
    assert reader("GET", FLOWS).status_code == 403  # her right has gone, and the token's with it
    assert writing() == {"flows.design", "flows.publish", "rules.edit", "rules.publish", "tickets.open", "tickets.change"}
    assert not Flow.objects.filter(code="after-hours").exists()


@pytest.mark.django_db
def test_what_cannot_be_read_is_refused(ask: Program) -> None:
    tag = made(ask)
    draft = f"{FLOWS}/after-hours/draft"
    assert ask("PUT", draft, b"{", If_Match=tag).status_code == 400
    assert ask("PUT", draft, [], If_Match=tag).status_code == 400
    assert ask("PUT", draft, {}, If_Match=tag).json()["parameter"] == "graph"
    assert ask("PUT", draft, {"graph": []}, If_Match=tag).json()["parameter"] == "graph"
    assert ask("PUT", draft, {"graph": GRAPH, "colour": "red"}, If_Match=tag).json()["parameter"] == "colour"
    assert ask("PUT", draft, {"graph": {"steps": {"a": "\x00"}}}, If_Match=tag).status_code == 422
    assert ask("PUT", draft, b'{"graph": {"steps": {}, "x": NaN}}', If_Match=tag).status_code == 400
    assert ask("PATCH", draft, {}).status_code == 405
    assert ask("PATCH", draft, {})["Allow"] == "GET, PUT, DELETE"
    assert ask("GET", f"{FLOWS}/nothing/versions").status_code == 404
    assert ask("PUT", f"{FLOWS}/nothing/draft", {"graph": GRAPH}, If_None_Match="*").status_code == 404
    assert Flow.objects.get(code="after-hours").revision == 0


def test_the_description_names_what_there_is() -> None:
    document = described()
    assert document["openapi"] == "3.1.0"
    text = str(document)
    for kind, name in re.findall(r"#/components/(\w+)/([\w-]+)", text):
        assert name in document["components"][kind], name
    operations = [one for path in document["paths"].values() for method, one in path.items() if method != "parameters"]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids)) > 25
    for path, methods in document["paths"].items():
        named = {one["name"] for one in methods.get("parameters", ())}
        assert set(re.findall(r"{(\w+)}", path)) == named, path
    assert all(one["responses"] and one["summary"] for one in operations)


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "api", check=True, dry_run=True, verbosity=0)
