"""Scripts that begin by themselves, go on with the next agent, and must be gone through; and how they were followed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.flows import actions
from cordboard.flows.models import Flow, Run
from cordboard.guidance import actions as guidance
from cordboard.guidance import actions_script as scripts
from cordboard.guidance.actions_given import begin_given, keep_setting, remove_setting, setting_values
from cordboard.guidance.models import GivenScript, ScriptRecord, ScriptSetting
from cordboard.guidance.queries_script import of_contact
from cordboard.interactions import actions as interactions
from cordboard.interactions.acts import Came
from cordboard.interactions.models import ContactReason, Interaction
from cordboard.lib.keeping import BadValue, Changed, mark
from cordboard.org.models import Role
from cordboard.routing import actions as routing
from cordboard.routing.actions_transfer import transfer
from cordboard.routing.tests.centre import Centre, told
from cordboard.rules import published
from cordboard.rules.models import Policy

MOVE: dict[str, Any] = {
    "schema": 1, "languages": ["en"], "start": "notice", "variables": {"kind": {"type": "choice"}, "street": {"type": "text"}},
    "steps": {
        "notice": {"type": "say", "must": True, "title": "Privacy notice", "texts": {"en": "I note what you say."}, "next": "kind"},
        "kind": {
            "type": "ask", "kind": "choice", "texts": {"en": "House or flat?"}, "into": "kind", "next": "street",
            "choices": [{"value": "house"}, {"value": "flat", "next": "end"}],
        },
        "street": {"type": "ask", "kind": "text", "title": "Street", "texts": {"en": "Which street?"}, "into": "street", "next": "end"},
        "end": {"type": "end", "reason": "done"},
    },
}  # fmt: skip


@pytest.fixture
def given(centre: Centre) -> Centre:
    published.forget()
    for code in ("move", "noise"):
        actions.publish(actions.create(code, code.capitalize(), ["script"], None, graph=MOVE).pk, None)
    centre.ready(centre.alice, centre.bob)
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "flows.publish": "all"}
    role.save()
    return centre


def running(call: Interaction) -> list[tuple[str, str]]:
    return [(one.code, one.ended) for one in of_contact(call.pk)]


def test_what_the_queue_and_the_reason_give_begins_once(given: Centre) -> None:
    keep_setting(given.carol, None, {"script": "move", "queue_id": given.support.pk, "reason_id": None})
    keep_setting(given.carol, None, {"script": "noise", "queue_id": None, "reason_id": ContactReason.objects.get(code="product").pk})
    waiting = given.call()
    assert begin_given(waiting.pk, now=given.now) == []  # nobody has it
    given.offer(waiting, given.alice)
    assert begin_given(waiting.pk, now=given.now) == []  # it only rings
    routing.accept_offer(given.alice, waiting.pk, now=given.now)
    assert begin_given(waiting.pk, now=given.now) == ["move"]
    interactions.add_reason(given.alice, waiting.pk, "noise", now=given.now)  # below the product
    assert begin_given(waiting.pk, now=given.now) == ["noise"]
    assert begin_given(waiting.pk, now=given.now) == []
    assert running(waiting) == [("move", ""), ("noise", "")]
    scripts.finish(Run.objects.get(flow__code="noise").pk, given.alice, why="wrong reason", now=given.now)
    assert begin_given(waiting.pk, now=given.now) == []
    assert [one["by"] for one in told("guidance.script_given")] == ["queue", "reason"]


def test_a_rule_gives_a_script_and_takes_back_what_was_not_begun(given: Centre) -> None:
    def rules(value: str) -> list[dict[str, Any]]:
        when = {"fact": "interaction.channel", "op": "is", "value": value}
        return [{"id": "r", "name": "Ours", "when": when, "actions": [{"do": "begin_script", "script": "move", "required": True}]}]

    policy = Policy.objects.create(area="guidance", code="g", name="G", version=1, state="published", body={"mode": "all", "rules": rules("voice")})
    call = given.call()
    guidance.evaluate(call.pk, now=given.now)
    assert GivenScript.objects.get().name == "Ours"
    policy.body = {"mode": "all", "rules": rules("email")}
    policy.save()
    published.forget()
    guidance.evaluate(call.pk, now=given.now)
    assert not GivenScript.objects.exists()
    policy.body = {"mode": "all", "rules": rules("voice")}
    policy.save()
    published.forget()
    guidance.evaluate(call.pk, now=given.now)
    given.offer(call, given.alice)
    routing.accept_offer(given.alice, call.pk, now=given.now)
    assert begin_given(call.pk, now=given.now) == ["move"]
    assert GivenScript.objects.get().required


def test_bob_goes_on_where_alice_was_and_is_given_nothing_twice(given: Centre) -> None:
    for queue in (given.support, given.sales):
        keep_setting(given.carol, None, {"script": "move", "queue_id": queue.pk, "reason_id": None, "required": True})
    keep_setting(given.carol, None, {"script": "noise", "queue_id": given.sales.pk, "reason_id": None})
    call = given.talk(given.alice)
    begin_given(call.pk, now=given.now)
    run = Run.objects.get()
    scripts.mark(run.pk, "notice", True, given.alice, now=given.now)
    scripts.answer(run.pk, "house", given.alice, now=given.now)
    assert transfer(given.alice, call.pk, to_queue=given.sales.pk, now=given.now).done
    assert routing.wrap_up(given.alice, call.pk, now=given.now).done  # the script goes on with bob: nothing stands in her way
    given.offer(call, given.bob)
    assert routing.accept_offer(given.bob, call.pk, now=given.now).done
    assert begin_given(call.pk, now=given.now) == ["noise"]
    with pytest.raises(PermissionDenied):
        scripts.answer(run.pk, "Lange Voorhout", given.dave, now=given.now)
    page = scripts.look(run.pk, given.bob)
    assert (page.question.step, page.answers, page.state["marks"].keys()) == ("street", [("kind", "house")], {"notice"})
    assert scripts.answer(run.pk, "Lange Voorhout", given.bob, now=given.now).ended == "done"
    scripts.finish(run.pk, given.bob, now=given.now)
    record = ScriptRecord.objects.get()
    assert (record.followed, record.agent, record.queue, record.given_by, record.asked, record.answered, record.marked) == (
        True, given.bob, given.sales, "queue", 2, 2, 1,
    )  # fmt: skip


def test_what_must_be_done_stands_in_the_way_until_it_is_done_or_excused(given: Centre) -> None:
    keep_setting(given.carol, None, {"script": "move", "queue_id": given.support.pk, "reason_id": None, "required": True})
    call = given.talk(given.alice)
    begin_given(call.pk, now=given.now)
    run = Run.objects.get()
    routing.customer_left(call.pk, now=given.now)
    refused = routing.wrap_up(given.alice, call.pk, now=given.now)
    assert refused.came == Came.NOT_NOW
    assert refused.why == "Of the script “Move” this must still be done: Privacy notice."
    with pytest.raises(scripts.StillToDo):
        scripts.finish(run.pk, given.alice, now=given.now)
    scripts.mark(run.pk, "notice", True, given.alice, now=given.now)
    refused = routing.wrap_up(given.alice, call.pk, now=given.now)
    assert refused.why == "The script “Move” must be gone through to its end; it stands at “House or flat?”."
    scripts.answer(run.pk, "house", given.alice, now=given.now)
    assert "it stands at “Street”" in routing.wrap_up(given.alice, call.pk, now=given.now).why
    scripts.finish(run.pk, given.alice, why="  The customer  hung up. ", now=given.now)
    assert routing.wrap_up(given.alice, call.pk, now=given.now).done
    record = ScriptRecord.objects.get()
    assert (record.ended, record.followed, record.required, record.excuse) == ("left", False, True, "The customer hung up.")


def test_a_single_step_must_be_done_in_a_script_that_an_agent_began(given: Centre) -> None:
    call = given.talk(given.alice)
    run = scripts.start_script(call.pk, "move", given.alice, now=given.now).run
    scripts.answer(run, "flat", given.alice, now=given.now)
    routing.customer_left(call.pk, now=given.now)
    assert "Privacy notice" in routing.wrap_up(given.alice, call.pk, now=given.now).why
    scripts.mark(run, "notice", True, given.alice, now=given.later(5))
    assert routing.wrap_up(given.alice, call.pk, now=given.now).done
    assert scripts.close_all(call.pk, now=given.now) == 1
    record = ScriptRecord.objects.get()
    assert (record.followed, record.late, record.steps) == (False, 1, {"late": ["notice"]})


def test_what_was_never_begun_and_what_is_gone_is_said(given: Centre) -> None:
    keep_setting(given.carol, None, {"script": "noise", "queue_id": given.support.pk, "reason_id": None})
    call = given.talk(given.alice)
    GivenScript.objects.create(interaction=call, script="move", by="rule", required=True, given_at=given.now)
    Flow.objects.filter(code="noise").update(state="retired")
    routing.customer_left(call.pk, now=given.now)
    assert routing.wrap_up(given.alice, call.pk, now=given.now).why == "The script “Move” must be gone through and has not been begun."
    assert begin_given(call.pk, now=given.now) == ["move"]
    assert GivenScript.objects.get(script="noise").failed
    scripts.close_all(call.pk, now=given.now)
    assert sorted(ScriptRecord.objects.values_list("script", "ended")) == [("move", "left"), ("noise", "not_begun")]


def test_settings_are_checked_and_not_overwritten_unseen(given: Centre) -> None:
    with pytest.raises(PermissionDenied):
        keep_setting(given.dave, None, {"script": "move", "queue_id": given.support.pk, "reason_id": None})
    for wrong in (
        {"script": "nothing", "queue_id": given.support.pk, "reason_id": None},
        {"script": "move", "queue_id": None, "reason_id": None},
        {"script": "move", "queue_id": given.support.pk, "reason_id": ContactReason.objects.first().pk},
    ):
        with pytest.raises(BadValue):
            keep_setting(given.carol, None, wrong)
    row = keep_setting(given.carol, None, {"script": "move", "queue_id": given.support.pk, "reason_id": None})
    seen = mark(setting_values(row))
    keep_setting(given.carol, row.pk, {"script": "noise", "queue_id": given.support.pk, "reason_id": None}, seen=seen)
    with pytest.raises(Changed):
        keep_setting(given.carol, row.pk, {"script": "move", "queue_id": given.support.pk, "reason_id": None}, seen=seen)
    assert remove_setting(given.carol, row.pk)
    assert not ScriptSetting.objects.exists()
    assert [one["what"] for one in told("guidance.scripts_set")] == ["added", "changed", "removed"]
