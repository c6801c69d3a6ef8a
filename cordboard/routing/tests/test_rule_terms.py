"""What rules say of a contact's way beside its queue: an automated service first, a target of its own, and deeds beside."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.flows.models import Flow
from cordboard.interactions import actions as interactions
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Decision, InteractionTag
from cordboard.routing import actions
from cordboard.routing.match import Settings, earlier
from cordboard.routing.matching import Agent, Contact, Matcher
from cordboard.routing.models import Entry
from cordboard.routing.router import contact
from cordboard.routing.tests.centre import Centre, told
from cordboard.routing.whatif import Call, Measures, Plans, QueueTerms, Staff, simulate, terms_of
from cordboard.rules import published
from cordboard.rules.models import Policy

GRAPH = {"schema": 1, "languages": ["en"], "start": "end", "steps": {"end": {"type": "end"}}}


def write(*rules: dict[str, Any]) -> None:
    published.forget()
    Policy.objects.create(area="routing", code="voice", name="Voice", version=1, state="published", body={"mode": "all", "rules": list(rules)})


def rule(number: str, *actions_: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "name": number.capitalize(), "actions": list(actions_)}


def offer_service(code: str = "order-status", surface: str = "ivr") -> None:
    Flow.objects.create(code=code, name="Order status", version=1, state=Flow.State.PUBLISHED, surfaces=[surface], graph=GRAPH)


def test_a_simple_matter_goes_to_the_automated_service_once_and_then_to_people(centre: Centre) -> None:
    offer_service()
    write(rule("simple", {"do": "automated", "flow": "order-status"}, {"do": "priority", "priority": 4}))
    opened = interactions.open_interaction(channel="voice", from_address="+31205550123", to_address="100", now=centre.now)
    first = actions.enqueue(opened.pk, "support", now=centre.now, may_automate=True)
    assert (first.entry, first.automated, first.closed) == (None, "order-status", False)
    opened.refresh_from_db()
    assert opened.state == "automated"
    assert newest(opened.pk)["automated_service"] == "order-status"
    said = Decision.objects.get(interaction=opened).sentences
    assert {"code": "routing.automated", "values": {"flow": "order-status"}, "rule": "Simple"} in said
    again = actions.enqueue(opened.pk, "support", now=centre.now, may_automate=True)
    assert again.entry is not None
    assert not again.automated
    assert "routing.automated" not in [one["code"] for one in Decision.objects.filter(interaction=opened).latest("pk").sentences]
    assert Entry.objects.get().priority == 4


def test_who_cannot_run_a_service_and_a_service_that_is_none_lead_to_people(centre: Centre) -> None:
    offer_service("desk-script", "script")
    write(rule("simple", {"do": "automated", "flow": "desk-script"}))
    call = centre.call(may_automate=True)
    assert Entry.objects.get(interaction=call).state == "waiting"
    offer_service()
    Policy.objects.all().delete()
    write(rule("simple", {"do": "automated", "flow": "order-status"}))
    callback = centre.call()
    assert Entry.objects.get(interaction=callback).state == "waiting"
    assert "routing.automated" not in [one["code"] for one in Decision.objects.get(interaction=callback).sentences]


def test_a_target_of_its_own_brings_it_forward_and_is_what_it_is_measured_by(centre: Centre) -> None:
    usual = centre.call()
    centre.later(10)
    write(rule("soon", {"do": "target", "seconds": 5}))
    centre.support.target_seconds = 40
    centre.support.save()
    soon = centre.call()
    rows = {one.interaction_id: one for one in Entry.objects.all()}
    assert (rows[soon.pk].target_seconds, rows[soon.pk].earlier) == (5, 35)
    matcher = Matcher()
    for row in rows.values():
        matcher.contact_waiting(contact(row, centre.now))
    matcher.agent_here(Agent(1, queues=frozenset({centre.support.pk})))
    matcher.agent_free(1, centre.now.timestamp())
    assert [match.contact.id for match in matcher.tick(centre.now.timestamp())] == [rows[soon.pk].pk], "due 25 s before the one that came 10 s sooner"
    centre.ready(centre.alice)
    centre.later(6)
    centre.offer(soon, centre.alice)
    assert actions.accept_offer(centre.alice, soon.pk, now=centre.now).done
    assert Entry.objects.get(interaction=soon).in_target is False, "6 s are more than its own 5, though less than the queue's 40"
    assert told("routing.offer_accepted")[-1]["in_target"] is False
    assert Entry.objects.get(interaction=usual).earlier == 0


@pytest.mark.parametrize(("usual", "target", "forward"), [(20, 5, 15), (20, 80, -60), (20, 20, 0), (36_000, 1, 3600)])
def test_how_far_a_target_brings_forward(usual: float, target: float, forward: int) -> None:
    assert earlier(usual, target) == forward
    here = Contact(1, 100.0, earlier=forward)
    assert here.earlier == forward


def test_deeds_of_routing_rules_are_done_once(centre: Centre) -> None:
    write(rule("mark", {"do": "add_tag", "tag": "by phone"}))
    call = centre.call()
    assert [one.tag for one in InteractionTag.objects.filter(interaction=call)] == ["by phone"]
    centre.ready(centre.alice)
    centre.offer(call, centre.alice)
    actions.accept_offer(centre.alice, call.pk, now=centre.now)
    assert actions.transfer(centre.alice, call.pk, to_queue=centre.sales.pk, now=centre.now).done
    assert len(told("interactions.rule_did")) == 1


def test_a_replay_knows_automated_services_and_targets() -> None:
    queues = {"support": QueueTerms("support", 1, target_seconds=20)}
    acts = [{"do": "automated", "flow": "order-status"}, {"do": "automated", "flow": "other"}, {"do": "target", "seconds": 5}]
    sent = terms_of(acts, "support", queues, {}, {"order-status", "other"})
    assert (sent.goes, sent.queue, sent.target) == ("flow:order-status", "support", 5)
    assert terms_of(acts, "support", queues, {}).goes == "support", "what does not exist is passed over"
    plain = terms_of([], "support", queues, {})
    agent = Agent(7, queues=frozenset({1}))
    calls = [Call(1, 0.0, 60.0, None), Call(2, 1.0, 60.0, None)]
    fates = simulate(calls, [sent, plain], Staff({7: agent}, {7: [(0.0, 600.0)]}), queues, Plans({}), Settings())
    assert fates[0].automated
    assert fates[1].agent == 7
    measures = Measures()
    for fate in fates:
        measures.add(fate, queues["support"])
    assert measures.offered == 1, "whom the automated service has is in no queue's figures"
