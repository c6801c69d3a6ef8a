"""Flows as they are drawn and published: drafts, versions, refusals, test conversations."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.demo.sources import folder
from cordboard.events.models import Event
from cordboard.flows import actions, actions_tests, files, queries
from cordboard.flows.actions import Failing, NotGood, Refused, Stale
from cordboard.flows.models import Flow, FlowTest, Run
from cordboard.org import actions as org
from cordboard.org.models import User

pytestmark = pytest.mark.django_db

WELCOME: dict[str, Any] = next(spec["graph"] for spec in folder("flows") if spec["code"] == "service-line")
VALUES = {"line.languages": ["nl", "en"], "line.language": "en", "queue.code": "service", "queue.open": True, "call.recorded": False, "caller.known": True}


def hello(text: str = "Hello.") -> dict[str, Any]:
    return {
        "schema": 1, "languages": ["en"], "start": "hello", "person_key": "0", "person": "person", "on_error": "person",
        "steps": {"hello": {"type": "say", "texts": {"en": text}, "next": "person"}, "person": {"type": "hand_over"}},
    }  # fmt: skip


@pytest.fixture
def carol() -> User:
    org.set_role("manager", "Manager", {"flows.view": "all", "flows.design": "all", "flows.publish": "all"})
    return org.create_user(username="carol", name="Carol", email="carol@example.org", password="lamp-and-ketel", roles=["manager"])


@pytest.fixture
def dave() -> User:
    return org.create_user(username="dave", name="Dave", email="dave@example.org", password="lamp-and-ketel")


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="flows.").order_by("pk").values_list("kind", flat=True))


def test_carol_draws_saves_and_publishes_a_flow(carol):
    draft = actions.create("hello", "Hello", ["ivr"], carol)
    assert (draft.version, draft.state, draft.revision, draft.changed_by) == (1, "draft", 0, carol)
    saved = actions.save_draft(draft.pk, hello(), 0, carol)
    assert (saved.revision, saved.graph["code"]) == (1, "hello")
    actions.publish(saved.pk, carol, comment="The first.")
    row = Flow.objects.get(code="hello")
    assert (row.state, row.version, row.comment, row.published_by) == ("published", 1, "The first.", carol)
    assert kinds() == ["flows.created", "flows.draft_saved", "flows.published"]
    second = actions.open_draft("hello", carol)
    assert (second.version, second.graph) == (2, row.graph)
    assert actions.open_draft("hello", carol) == second
    actions.save_draft(second.pk, hello("Good day."), 0, carol, name="Good day")
    actions.publish(second.pk, carol)
    assert [(one.version, one.state) for one in queries.versions("hello")] == [(2, "published"), (1, "retired")]
    assert queries.published("hello").graph["steps"]["hello"]["texts"] == {"en": "Good day."}


def test_a_draft_may_be_wrong_and_says_why_it_cannot_be_published(carol):
    draft = actions.create("hello", "Hello", ["ivr"], carol, graph={**hello(), "start": "nowhere"})
    with pytest.raises(NotGood) as told:
        actions.publish(draft.pk, carol)
    assert [one.code for one in told.value.problems] == ["start"]
    assert Flow.objects.get().state == "draft"


def test_two_managers_editing_the_same_draft_get_both_texts(carol):
    draft = actions.create("hello", "Hello", ["ivr"], carol, graph=hello("Mine first."))
    actions.save_draft(draft.pk, hello("Theirs."), 0, None)
    with pytest.raises(Stale) as told:
        actions.save_draft(draft.pk, hello("Mine."), 0, carol)
    assert told.value.theirs["steps"]["hello"]["texts"] == {"en": "Theirs."}
    assert told.value.mine["steps"]["hello"]["texts"] == {"en": "Mine."}
    assert told.value.revision == 1
    with pytest.raises(Stale):
        actions.publish(draft.pk, carol, expected_revision=0)


def test_dave_may_do_nothing_with_flows(dave, carol):
    draft = actions.create("hello", "Hello", ["ivr"], carol, graph=hello())
    for act in (
        lambda: actions.create("other", "Other", ["ivr"], dave),
        lambda: actions.save_draft(draft.pk, hello(), 0, dave),
        lambda: actions.publish(draft.pk, dave),
        lambda: actions.retire(draft.pk, dave),
        lambda: actions.copy(draft.pk, "x", "X", dave),
        lambda: actions.delete_draft(draft.pk, dave),
        lambda: actions.open_draft("hello", dave),
        lambda: actions.import_json("{}", dave),
        lambda: actions_tests.save_test(draft.pk, "t", "ivr", [], dave),
        lambda: actions_tests.delete_test(1, dave),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_run_finishes_on_the_version_that_it_began_with(carol):
    draft = actions.create("hello", "Hello", ["ivr"], carol, graph=hello())
    actions.publish(draft.pk, carol)
    run = Run.objects.create(flow=draft, surface="ivr", subject="interaction:1", started_at=draft.changed_at)
    second = actions.open_draft("hello", carol)
    actions.publish(actions.save_draft(second.pk, hello("New."), 0, carol).pk, carol)
    run.refresh_from_db()
    assert run.flow.graph["steps"]["hello"]["texts"] == {"en": "Hello."}
    assert run.flow.state == "retired"


def test_retire_copy_and_delete(carol):
    draft = actions.create("hello", "Hello", ["ivr"], carol, graph=hello())
    actions_tests.save_test(draft.pk, "It greets", "ivr", [], carol)
    actions.publish(draft.pk, carol)
    other = actions.copy(draft.pk, "other", "Other", carol)
    assert (other.state, other.graph["code"]) == ("draft", "other")
    assert [one.name for one in queries.tests("other")] == ["It greets"]
    actions.delete_draft(other.pk, carol)
    assert not Flow.objects.filter(code="other").exists()
    actions.retire(draft.pk, carol)
    assert queries.published("hello") is None
    for act in (actions.retire, actions.delete_draft, actions.publish):
        with pytest.raises(Refused):
            act(draft.pk, carol)
    assert [one.code for one in queries.flows()] == ["hello"]


def test_a_test_conversation_that_fails_keeps_the_flow_from_being_published(carol):
    draft = actions.create("line", "Line", ["ivr"], carol, graph=WELCOME)
    test = actions_tests.save_test(draft.pk, "An order", "ivr", [{"is": "answered", "value": "2"}], carol, context={"values": VALUES, "language": "en"})
    assert test.expected["ended"] == "queued"
    assert test.expected["effect"] == {"do": "enqueue", "queue": "service"}
    assert test.expected["path"][-1] == "to_queue"
    actions.publish(draft.pk, carol)
    second = actions.open_draft("line", carol)
    changed = copy.deepcopy(second.graph)
    changed["steps"]["matter"]["choices"][1]["value"] = "parcel"
    saved = actions.save_draft(second.pk, changed, 0, carol)
    with pytest.raises(Failing) as told:
        actions.publish(saved.pk, carol)
    (verdict,) = told.value.verdicts
    assert verdict.name == "An order"
    assert [one["what"] for one in verdict.wrong] == ["values"]
    actions_tests.delete_test(test.pk, carol)
    actions.publish(saved.pk, carol)


def test_a_flow_goes_into_a_file_and_comes_back(carol):
    draft = actions.create("line", "Line", ["ivr"], carol, graph=WELCOME)
    actions_tests.save_test(draft.pk, "An order", "ivr", [{"is": "answered", "value": "2"}], carol, context={"values": VALUES})
    content = queries.as_file(draft)
    with pytest.raises(Refused) as told:
        actions.import_json(content, carol)
    assert told.value.code == "draft"
    made = actions.import_json(content, carol, code="line-again")
    assert (made.graph["steps"], made.name, made.surfaces) == (draft.graph["steps"], "Line", ["ivr"])
    assert FlowTest.objects.get(code="line-again").expected == FlowTest.objects.get(code="line").expected
    actions.publish(draft.pk, carol)
    assert actions.import_json(content, carol).version == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "nested"),
        (json.dumps({"code": "x", "surfaces": ["ivr"], "graph": hello()}).replace('"hello": {', '"hello": {"type": "end"}, "hello": {', 1), "stands twice"),
        (json.dumps({"code": "x", "surfaces": ["ivr"], "graph": {"steps": [1, 2]}, "tests": "x"}), "test conversations"),
        ('{"graph": {"x": NaN}, "code": "x"}', "not JSON"),
        ("[]", "no flow"),
        ('{"cordboard": "policy", "graph": {}}', "no flow"),
        (json.dumps({"schema": 9, "graph": {}}), "later version"),
        (json.dumps({"graph": {"steps": {}}, "surfaces": ["ivr"]}), "no code"),
        (json.dumps({"code": "x", "graph": {"steps": {}}}), "where the flow runs"),
        (json.dumps({"code": "x", "surfaces": ["ivr"], "graph": {"steps": {str(n): {} for n in range(20_001)}}}), "at most"),
        (json.dumps({"code": "x", "surfaces": ["ivr"], "graph": hello("<script>alert(1)</script>")}), "tags or a script"),
        (json.dumps({"code": "x", "surfaces": ["ivr"], "graph": hello("Click <a href=x>here</a>")}), "steps.hello"),
        (json.dumps({"code": "x", "surfaces": ["ivr"], "graph": hello("\x00")}), "cannot be kept"),
        ('{"code": "x", "surfaces": ["ivr"], "graph": {"steps": ' + '{"a":' * 60 + "1" + "}" * 60 + "}}", "nested"),
        ("x" * 9_000_000, "larger"),
    ],
)
def test_files_that_cannot_be_taken_in_are_refused_with_words(content, words, carol):
    with pytest.raises(Refused) as told:
        actions.import_json(content, carol)
    assert words in told.value.message
    assert not Flow.objects.exists()


def test_what_a_flow_may_be_called(carol):
    for code, name, surfaces in (("Bad Code", "X", ["ivr"]), ("x", " ", ["ivr"]), ("x", "X", []), ("x", "X", ["moon"])):
        with pytest.raises(Refused):
            actions.create(code, name, surfaces, carol)
    actions.create("x", "X", ["ivr"], carol)
    with pytest.raises(Refused) as told:
        actions.create("x", "X", ["ivr"], carol)
    assert told.value.code == "taken"
    assert files.is_code("x")


def test_the_list_asks_as_often_for_three_flows_as_for_one(carol, django_assert_num_queries):
    actions.create("a", "A", ["ivr"], carol)
    with django_assert_num_queries(2):
        queries.flows()
    actions.create("b", "B", ["script"], carol)
    actions.publish(actions.create("c", "C", ["ivr"], carol, graph=hello()).pk, carol)
    with django_assert_num_queries(2):
        found = queries.flows()
    assert [one.code for one in found] == ["a", "b", "c"]
    assert [one.code for one in queries.flows("script")] == ["b"]
