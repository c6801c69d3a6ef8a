"""A script in a contact: answered, leafed through, taken over by the next agent; its answers stand in the contact and in a report made from it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.flows import actions
from cordboard.flows.effects import Ask, Instruct, Say
from cordboard.flows.models import Flow, Run
from cordboard.guidance import actions_script as scripts
from cordboard.guidance.models import ContactReport
from cordboard.guidance.queries_script import available, of_contact, reports_of
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import ContextValue, Interaction
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre, told

COMPLAINT: dict[str, Any] = {
    "schema": 1, "languages": ["en"], "start": "hello",
    "variables": {"product": {"type": "text"}, "kind": {"type": "choice"}, "days": {"type": "number"}, "report": {"type": "number"}},
    "steps": {
        "hello": {"type": "say", "texts": {"en": "I am sorry, {customer.name}."}, "do": {"en": "Listen."}, "next": "product"},
        "product": {"type": "ask", "kind": "text", "texts": {"en": "Which product?"}, "into": "product", "next": "kind"},
        "kind": {
            "type": "ask", "kind": "choice", "texts": {"en": "Late or broken?"}, "into": "kind", "next": "report",
            "choices": [{"value": "late", "next": "days"}, {"value": "broken"}],
        },
        "days": {"type": "ask", "kind": "number", "whole": True, "min": 1, "texts": {"en": "How many days?"}, "into": "days", "next": "report"},
        "report": {
            "type": "document", "name": "contact_report", "args": {"title": "Complaint about {product}", "text": "{kind} {days} ({agent.name})"},
            "fields": {"report": "id"}, "next": "end", "failed": "end",
        },
        "end": {"type": "end", "reason": "done"},
    },
}  # fmt: skip


@pytest.fixture
def call(centre: Centre) -> Interaction:
    actions.publish(actions.create("complaint", "Complaint", ["script"], None, graph=COMPLAINT).pk, None)
    centre.ready(centre.alice)
    return centre.talk(centre.alice)


def test_alice_runs_a_script_and_its_answers_stand_in_the_contact_and_in_a_report(centre: Centre, call: Interaction) -> None:
    assert available("compl") == [("complaint", "Complaint")]
    page = scripts.start_script(call.pk, "complaint", centre.alice, now=centre.now)
    assert [type(one) for one in page.told] == [Instruct, Say, Ask]
    page = scripts.answer(page.run, "lamp", centre.alice, now=centre.now)
    page = scripts.answer(page.run, "late", centre.alice, now=centre.now)
    refused = scripts.answer(page.run, "some", centre.alice, now=centre.now)
    assert (refused.wrong, refused.question.step) == ("number", "days")
    page = scripts.answer(page.run, "3", centre.alice, now=centre.now)
    assert page.ended == "done"
    held = newest(call.pk)
    assert (held["product"], held["kind"], held["days"]) == ("lamp", "late", 3)
    assert set(ContextValue.objects.filter(interaction=call, name__in=("product", "kind", "days")).values_list("by", "user")) == {("agent", centre.alice.pk)}
    (report,) = reports_of(call.pk)
    assert (report.title, report.text, report.by) == ("Complaint about lamp", f"late 3 ({centre.alice.name})", centre.alice)
    page = scripts.back(page.run, centre.alice, now=centre.now)
    assert (page.question.step, page.standing, page.may_go_forward) == ("days", "3", True)
    scripts.answer(page.run, "4", centre.alice, now=centre.now)
    assert ContactReport.objects.get().text == f"late 4 ({centre.alice.name})"  # changed, not made again
    assert newest(call.pk)["days"] == 4
    scripts.finish(page.run, centre.alice, now=centre.now)
    assert [one.ended for one in of_contact(call.pk)] == ["done"]
    with pytest.raises(scripts.ScriptRefused):
        scripts.answer(page.run, "5", centre.alice)
    assert [event["how"] for event in told("guidance.script_turned")] == ["answered", "answered", "answered", "back", "answered"]


def test_the_next_agent_goes_on_and_others_may_not(centre: Centre, call: Interaction) -> None:
    page = scripts.start_script(call.pk, "complaint", centre.alice, now=centre.now)
    scripts.answer(page.run, "lamp", centre.alice, now=centre.now)
    with pytest.raises(PermissionDenied):
        scripts.show(page.run, centre.dave)
    Interaction.objects.filter(pk=call.pk).update(agent=centre.bob)
    page = scripts.start_script(call.pk, "complaint", centre.bob, now=centre.now)
    assert (page.question.step, page.answers) == ("kind", [("product", "lamp")])
    assert Run.objects.filter(surface="script").count() == 1
    with pytest.raises(scripts.ScriptRefused):
        scripts.start_script(call.pk, "nothing", centre.bob)


def test_two_presses_at_once_are_one_and_several_scripts_run_beside_each_other(centre: Centre, call: Interaction) -> None:
    other = {**COMPLAINT, "start": "product"}
    actions.publish(actions.create("other", "Other", ["script"], None, graph=other).pk, None)
    first = scripts.start_script(call.pk, "complaint", centre.alice, now=centre.now)
    second = scripts.start_script(call.pk, "other", centre.alice, now=centre.now)
    moves = first.state["moves"]
    scripts.answer(first.run, "lamp", centre.alice, moves=moves, now=centre.now)
    late = scripts.answer(first.run, "kettle", centre.alice, moves=moves, now=centre.now)
    assert (late.question.step, newest(call.pk)["product"]) == ("kind", "lamp")
    assert scripts.show(second.run, centre.alice).question.step == "product"
    assert [one.code for one in of_contact(call.pk)] == ["complaint", "other"]


def test_a_script_goes_on_with_its_version_and_is_closed_with_its_contact(centre: Centre, call: Interaction) -> None:
    page = scripts.start_script(call.pk, "complaint", centre.alice, now=centre.now)
    draft = actions.open_draft("complaint", None)
    actions.publish(actions.save_draft(draft.pk, {**COMPLAINT, "start": "end"}, draft.revision, None).pk, None)
    page = scripts.answer(page.run, "lamp", centre.alice, now=centre.now)
    assert (page.flow.version, page.question.step) == (1, "kind")
    routing.customer_left(call.pk, now=centre.now)
    assert scripts.answer(page.run, "broken", centre.alice, now=centre.now).ended == "done"
    page = scripts.start_script(call.pk, "complaint", centre.alice, now=centre.now)
    assert page.flow.version == 1
    assert scripts.close_all(call.pk, now=centre.now) == 1
    assert scripts.start_script(call.pk, "complaint", centre.alice, now=centre.now).flow.version == 2
    assert Flow.objects.get(code="complaint", version=1).state == "retired"


def test_knowledge_is_searched_from_a_script(centre: Centre, call: Interaction) -> None:
    from cordboard.knowledge.actions import publish

    publish("lamp", {"en": {"title": "Lamp flickers", "problem": "The lamp flickers", "solution": "Turn the bulb."}}, None)
    graph = {
        "schema": 1, "languages": ["en"], "start": "ask", "variables": {"what": {"type": "text"}, "best": {"type": "text"}},
        "steps": {
            "ask": {"type": "ask", "kind": "text", "texts": {"en": "What is wrong?"}, "into": "what", "next": "find"},
            "find": {"type": "search", "query": "{what}", "first": "best", "next": "tell", "nothing": "end", "failed": "end"},
            "tell": {"type": "ask", "kind": "choice", "texts": {"en": "{best} Did it help?"}, "choices": [{"value": "yes"}, {"value": "no"}], "next": "end"},
            "end": {"type": "end"},
        },
    }  # fmt: skip
    actions.publish(actions.create("fault", "Fault", ["script"], None, graph=graph).pk, None)
    page = scripts.start_script(call.pk, "fault", centre.alice, now=centre.now)
    page = scripts.answer(page.run, "my lamp flickers", centre.alice, now=centre.now)
    assert page.question.prompt[0].text == "Turn the bulb. Did it help?"
