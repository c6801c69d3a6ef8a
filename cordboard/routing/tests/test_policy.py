"""The routing policy decides, and says why in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Decision, Interaction
from cordboard.interactions.queries_changes import why
from cordboard.org.models import Absence
from cordboard.parties.models import Deputy
from cordboard.routing import actions
from cordboard.routing.models import Skill
from cordboard.routing.router import Router
from cordboard.routing.tests.centre import Centre, entry, party
from cordboard.rules import facts, published
from cordboard.rules.models import Policy


def _debt(at: facts.Situation) -> int | None:
    if at["context"].get("broken"):
        raise RuntimeError("the other system does not answer")
    return at["context"].get("debt")


facts.declare("test.segment", facts.TEXT, "segment", read=lambda at: at["party"].value_segment if at["party"] else None)
facts.declare("test.debt", facts.NUMBER, "debt", read=_debt)

RULES = [
    {
        "id": "overdue",
        "name": "Overdue accounts",
        "when": {"all": [{"fact": "test.debt", "op": "more", "value": 100}, {"not": {"fact": "context.matter", "op": "is", "value": "safety"}}]},
        "actions": [{"do": "queue", "queue": "sales"}],
    },
    {
        "id": "gold",
        "name": "Valued customers first",
        "when": {"fact": "test.segment", "op": "is", "value": "gold"},
        "actions": [{"do": "priority", "priority": 2}],
    },
    {
        "id": "owner",
        "name": "Own account owner",
        "actions": [{"do": "prefer", "who": "owner", "seconds": 30}, {"do": "prefer", "who": "deputies", "seconds": 20}],
    },
    {
        "id": "language",
        "name": "In the caller's language",
        "actions": [{"do": "require", "skill": {"fact": "interaction.language"}, "proficiency": 3}, {"do": "relax", "after": 40, "lower": 2}],
    },
]


@pytest.fixture
def policy(centre: Centre) -> Policy:
    published.forget()
    for code, names in (("nl", {"en": "Dutch"}), ("en", {"en": "English"})):
        Skill.objects.create(code=code, kind="language", names=names)
    return Policy.objects.create(
        area="routing", code="voice", name="Voice", version=3, state="published", body={"schema": 1, "mode": "all", "rules": RULES}, published_at=centre.now
    )


def caller(centre: Centre, language: str = "nl", **values: Any) -> Interaction:
    opened = interactions.open_interaction(channel="voice", language=language, now=centre.now)
    interactions.set_context(opened.pk, values, by="ivr", now=centre.now)
    return opened


def said(interaction: Interaction) -> list[str]:
    return [sentence.text for decision in why(interaction.pk) for sentence in decision.sentences]


def test_a_valued_customer_comes_first_and_is_told_why(centre: Centre, policy: Policy) -> None:
    margaret = party("Margaret Ashworth", customer_number="44712260", value_segment="gold", account_owner=centre.bob)
    Deputy.objects.create(party=margaret, user=centre.alice)
    opened = caller(centre)
    interactions.identify(opened.pk, [margaret.pk], by="customer_number", now=centre.now)
    actions.enqueue(opened.pk, "support", now=centre.now)
    waits = entry(opened)
    assert waits.priority == 2
    assert waits.preferred == [{"agent": centre.bob.pk, "as": "owner"}, {"agent": centre.alice.pk, "as": "deputy"}]
    assert waits.preferred_until == centre.now + timedelta(seconds=30)
    assert waits.requirements == [{"skill": "nl", "proficiency": 3, "kind": "language"}]
    assert waits.relaxation == [{"after": 40, "lower": 2}]
    assert said(opened) == [
        "The caller keyed customer number 4471 2260: Gold, so priority 2.",
        "It asks for Dutch 3.",
        "Bob is asked first, for 0:30.",
        "Alice is asked first, for 0:30.",
    ]
    decision = Decision.objects.get(interaction=opened)
    assert (decision.policy, decision.policy_version) == ("voice", 3)
    assert [one["rule"] for one in decision.sentences] == [
        "Valued customers first",
        "In the caller's language",
        "Own account owner",
        "Own account owner",
    ]


def test_who_owes_goes_to_collections_but_not_with_a_safety_defect(centre: Centre, policy: Policy) -> None:
    owing = caller(centre, debt=250)
    assert actions.enqueue(owing.pk, "support", now=centre.now).queue == "sales"
    assert said(owing)[1:3] == [
        "It goes to Sales, not to Support.",
        "Overdue accounts: debt is 250, more than 100, and matter chosen by the caller is not known.",
    ]
    afraid = caller(centre, debt=250, matter="safety")
    assert actions.enqueue(afraid.pk, "support", now=centre.now).queue == "support"


def test_who_owes_little_is_told_to_have_been_looked_at(centre: Centre, policy: Policy) -> None:
    opened = caller(centre, debt=20)
    actions.enqueue(opened.pk, "support", now=centre.now)
    assert "Not Overdue accounts: debt is 20, not more than 100." in said(opened)


def test_values_of_the_ivr_count_too(centre: Centre, policy: Policy) -> None:
    opened = caller(centre)
    assert actions.enqueue(opened.pk, "support", values={"debt": 500}, now=centre.now).queue == "sales"


def test_a_fact_that_cannot_be_read_costs_its_rule_only(centre: Centre, policy: Policy) -> None:
    opened = caller(centre, broken=True)
    assert actions.enqueue(opened.pk, "support", now=centre.now).queue == "support"
    assert "A rule was passed over, since what it asks for could not be found out." in said(opened)
    assert entry(opened).requirements


def test_without_a_policy_the_queues_terms_hold(centre: Centre) -> None:
    published.forget()
    centre.support.requirements = [{"skill": "nl", "proficiency": 2}]
    centre.support.save()
    Skill.objects.create(code="nl", kind="language")
    opened = caller(centre)
    actions.enqueue(opened.pk, "support", now=centre.now)
    assert entry(opened).requirements == [{"skill": "nl", "proficiency": 2, "kind": "language"}]
    assert said(opened) == ["There is no routing policy, so the terms of Support hold."]


def test_a_policy_that_does_not_compile_says_so(centre: Centre, policy: Policy) -> None:
    policy.body = {"rules": [{"id": "x", "actions": [{"do": "fly"}]}]}
    policy.save()
    published.forget()
    opened = caller(centre)
    assert actions.enqueue(opened.pk, "support", now=centre.now).entry is not None
    assert said(opened) == ["The routing policy could not be applied, so the terms of Support hold."]


def test_a_skill_that_does_not_exist_keeps_nobody_waiting_for_ever(centre: Centre, policy: Policy) -> None:
    opened = caller(centre, language="xx")
    actions.enqueue(opened.pk, "support", now=centre.now)
    assert entry(opened).requirements == []


def test_closed_by_hand_and_by_the_clock(centre: Centre, policy: Policy) -> None:
    centre.support.hours = {"timezone": "Europe/Amsterdam", "mon": [["08:00", "18:00"]], "wed": [["09:00", "17:00"]]}  # today is Tuesday
    centre.support.save()
    opened = caller(centre)
    came = actions.enqueue(opened.pk, "support", now=centre.now)
    assert came.closed
    assert came.opens_at is not None
    assert came.opens_at.isoformat() == "2026-11-18T08:00:00+00:00"
    assert actions.set_open(centre.carol, centre.sales.pk, False)
    assert not actions.set_open(centre.carol, centre.sales.pk, False)
    shut = actions.enqueue(opened.pk, "sales", now=centre.now)
    assert (shut.closed, shut.opens_at) == (True, None)
    assert actions.enqueue(opened.pk, "sales", after_hours=True, now=centre.now).entry is not None


def test_the_account_owner_gets_it_and_the_reasons_say_so(centre: Centre, policy: Policy) -> None:
    customer = party("Noor de Vries", account_owner=centre.bob)
    centre.ready(centre.alice)
    centre.later(60)
    centre.ready(centre.bob)
    opened = caller(centre)
    interactions.identify(opened.pk, [customer.pk], by="ani", now=centre.now)
    actions.enqueue(opened.pk, "support", now=centre.now)
    router = Router()
    router.rebuild(centre.now)
    assert router.step(centre.now) == 1
    assert entry(opened).offered_to == centre.bob
    with translation.override("en"):
        assert said(opened)[-1] == "Bob is the customer's own contact: account owner."


def test_while_the_account_owner_is_away_who_stands_in_is_asked_first(centre: Centre, policy: Policy) -> None:
    customer = party("Noor de Vries", account_owner=centre.bob)
    today = centre.now.date()
    Absence.objects.create(
        user=centre.bob, deputy=centre.alice, first_day=today - timedelta(days=1), last_day=today + timedelta(days=1), made_by=centre.bob, made_at=centre.now
    )
    opened = caller(centre)
    interactions.identify(opened.pk, [customer.pk], by="ani", now=centre.now)
    actions.enqueue(opened.pk, "support", now=centre.now)
    assert entry(opened).preferred == [{"agent": centre.alice.pk, "as": "deputy"}]


def test_why_asks_as_many_queries_for_one_reason_as_for_many(centre: Centre, policy: Policy, django_assert_num_queries: Any) -> None:
    customer = party("Noor de Vries", account_owner=centre.bob)
    first, second = caller(centre), caller(centre)
    for opened in (first, second):
        interactions.identify(opened.pk, [customer.pk], by="ani", now=centre.now)
        actions.enqueue(opened.pk, "support", now=centre.now)
    actions.customer_left(second.pk, now=centre.now)
    for _ in range(3):
        Decision.objects.create(
            interaction=second, kind="match", sentences=[{"code": "match.preferred_away", "values": {"agent": centre.alice.pk, "role": "owner"}}], at=centre.now
        )
    for opened in (first, second):
        with django_assert_num_queries(4):  # decisions; parties, agents, skills
            said(opened)
