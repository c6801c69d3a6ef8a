"""Policies of the area "escalation": asked before deadlines at the moments that they name, done once, and explained on the ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cordboard.org.models import Unit, User
from cordboard.org.tests.people import unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.routing.models import Broadcast
from cordboard.rules import areas, verbs
from cordboard.rules.models import Policy
from cordboard.tickets import actions, actions_sla, escalation, queries_sla, sla_words
from cordboard.tickets.escalation_policies import AREA, key_of
from cordboard.tickets.models import SupportLevel, Task, Ticket, TicketChange
from cordboard.tickets.models_sla import EscalationStep, ServicePlan
from cordboard.tickets.sweeper import sweep
from cordboard.tickets.tasks_sla import compute_again

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("ten_hours")
LATE = {"fact": "deadline.minutes_left", "op": "less", "value": 60}


def policy(*rules: dict[str, Any], mode: str = "all", version: int = 1) -> Policy:
    body = {"schema": 1, "mode": mode, "rules": [{"id": f"r{number}", "name": f"Rule {number}", **one} for number, one in enumerate(rules, 1)]}
    return Policy.objects.create(code="last-hour", name="The last hour", area=AREA, version=version, state="published", body=body)


def taken(ticket: Ticket) -> list[str]:
    rows = EscalationStep.objects.filter(ticket=ticket, key__startswith="rule:").order_by("taken_at", "pk")
    return [one.terms["do"] for one in rows]


def said(ticket: Ticket) -> list[str]:
    found = queries_sla.standing(ticket)
    return [sla_words.outcome(one, found.people, found.units) for one in found.steps if one.key.startswith("rule:")]


def test_the_area_is_awake_and_offers_what_it_can_do() -> None:
    area = areas.area(AREA)
    assert not area.asleep
    assert set(area.verbs) == {"notify", "raise_priority", "reassign", "next_level", "add_tag", "add_task"}
    assert all(verb in verbs.REGISTRY for verb in area.verbs)
    assert {"deadline.minutes_left", "deadline.percent", "deadline.kind", "ticket.level", "ticket.kind", "party.value_segment"} <= {
        one.name for one in area.facts()
    }


def test_less_than_an_hour_before_the_end_the_head_hears_of_it_once(alice: User, carol: User) -> None:
    policy({"when": LATE, "actions": [{"do": "notify", "to": "agent_head", "texts": {"en": {"text": "It is late."}}}, {"do": "raise_priority"}]})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    was = ticket.priority
    sweep(NOW + 9 * HOUR - MINUTE)
    assert taken(ticket) == []
    sweep(NOW + 9 * HOUR + MINUTE)
    sweep(NOW + 9 * HOUR + 2 * MINUTE)
    sweep(NOW + 11 * HOUR)
    ticket.refresh_from_db()
    assert (taken(ticket), ticket.priority) == (["notify", "raise_priority"], was - 1)
    assert Broadcast.objects.get().texts["en"] == f"Ticket {ticket.number}, E18: It is late."
    assert said(ticket) == ["Carol was told.", f"Priority {was - 1} instead of {was}."]
    step = EscalationStep.objects.filter(ticket=ticket, key__startswith="rule:").first()
    assert step is not None
    assert sla_words.when(step.terms) == "by the rule Rule 1 of the policy The last hour, for Resolution"
    assert [row.values["outcome"]["code"] for row in TicketChange.objects.filter(ticket=ticket)] == ["notified", "priority", "breached"]


def test_only_the_valuable_customer_is_escalated(alice: User) -> None:
    policy({"when": {"all": [LATE, {"fact": "party.value_segment", "op": "is", "value": "gold"}]}, "actions": [{"do": "raise_priority"}]})
    tickets = []
    for name, segment in (("Noor", "gold"), ("Piet", "")):
        party = parties.create(None, name=name, country="NL")
        Party.objects.filter(pk=party.pk).update(value_segment=segment)
        tickets.append(actions.open_ticket(alice, title=name, party=party.pk, now=NOW))
    sweep(NOW + 9 * HOUR + MINUTE)
    assert [taken(one) for one in tickets] == [["raise_priority"], []]


def test_a_share_of_the_time_and_what_it_may_have_done(alice: User, carol: User, desk: Unit) -> None:
    other = unit("workshop")
    SupportLevel.objects.create(rank=1, unit=desk)
    SupportLevel.objects.create(rank=2, unit=other)
    policy(
        {"when": {"fact": "deadline.percent", "op": "at_least", "value": 50}, "actions": [{"do": "reassign", "to": "head"}, {"do": "add_tag", "tag": "hurry"}]},
        {"when": {"fact": "deadline.percent", "op": "more", "value": 80}, "actions": [{"do": "next_level"}, {"do": "add_task", "title": "Call {ticket.kind}"}]},
    )
    ticket = actions.open_ticket(alice, title="E18", kind="incident", now=NOW)
    sweep(NOW + 5 * HOUR)
    ticket.refresh_from_db()
    assert (ticket.owner, list(ticket.tags.values_list("word", flat=True))) == (carol, ["hurry"])
    sweep(NOW + 8 * HOUR)
    assert taken(ticket) == ["reassign", "add_tag"]
    sweep(NOW + 8 * HOUR + 6 * MINUTE)
    ticket.refresh_from_db()
    assert (ticket.owner, ticket.unit) == (None, other)
    assert Task.objects.get().unit == other
    assert said(ticket) == ["Given to Carol.", "Tagged hurry.", f"Sent to level 2, {other}.", "A task stands in the unit's work list."]


def test_what_cannot_be_done_is_said_and_hinders_nothing_else(alice: User) -> None:
    policy(
        {"when": LATE, "actions": [{"do": "reassign", "to": "user:nobody"}, {"do": "ask_approval", "texts": {"en": {"text": "?"}}}, {"do": "raise_priority"}]}
    )
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 9 * HOUR + MINUTE)
    assert said(ticket) == [
        "Nobody is there whom the rule names.",
        "Escalation cannot do this.",
        f"Priority {ticket.priority - 1} instead of {ticket.priority}.",
    ]
    assert list(EscalationStep.objects.filter(ticket=ticket, state="failed").values_list("terms__do", flat=True).order_by("pk")) == ["reassign", "ask_approval"]


def test_a_rule_without_a_time_is_asked_with_the_steps_of_the_service_level(alice: User) -> None:
    ServicePlan.objects.filter(code="standard").update(steps=[{"clock": "resolution", "percent": 50, "do": "notify_owner"}])
    policy({"when": {"fact": "ticket.owned", "op": "is", "value": True}, "actions": [{"do": "raise_priority"}]})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 4 * HOUR)
    assert taken(ticket) == []
    sweep(NOW + 5 * HOUR)
    assert taken(ticket) == ["raise_priority"]


def test_a_policy_published_later_holds_for_tickets_that_are_open(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    actions_sla.promise(ticket, NOW + 6 * HOUR, now=NOW)
    policy({"when": LATE, "actions": [{"do": "raise_priority"}]})
    compute_again.func("policy")
    sweep(NOW + 5 * HOUR + MINUTE)
    assert taken(ticket) == ["raise_priority"]
    Policy.objects.update(state="retired")
    compute_again.func("policy")
    assert not EscalationStep.objects.filter(ticket=ticket, terms__do="policies", state="planned").exists()
    assert taken(ticket) == ["raise_priority"]


def test_a_new_version_of_the_policy_does_nothing_twice(alice: User) -> None:
    first = policy({"when": LATE, "actions": [{"do": "raise_priority"}]})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 9 * HOUR + MINUTE)
    first.state = "retired"
    first.save()
    policy({"when": LATE, "actions": [{"do": "raise_priority"}]}, version=2)
    compute_again.func("policy")
    sweep(NOW + 10 * HOUR)
    assert taken(ticket) == ["raise_priority"]


def test_a_ticket_that_is_done_is_left_alone(alice: User) -> None:
    policy({"when": LATE, "actions": [{"do": "raise_priority"}]})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    actions.set_state(alice, ticket.pk, "resolved", now=NOW + HOUR)
    sweep(NOW + 12 * HOUR)
    assert taken(ticket) == []


@given(
    some.lists(
        some.one_of(some.integers(-99_999, 99_999), some.floats(allow_nan=False), some.booleans(), some.text(max_size=3), some.decimals(-9999, 9999, places=2))
    )
)
def test_moments_are_whole_few_and_once(values: list[Any]) -> None:
    found = escalation.asked_at(values, values)
    assert len({(step.clock, step.key) for step in found}) == len(found) <= 3 * escalation.MOST_ASKED
    assert all(isinstance(step.percent if step.percent is not None else step.before, int) for step in found)


def test_the_moments_of_a_condition() -> None:
    found = [step for step in escalation.asked_at({Decimal("59.5")}, {80}) if step.clock == "resolution"]
    assert {(step.before, step.percent) for step in found} == {(60, None), (59, None), (None, 80), (None, 81)}


@given(some.text("ab-", min_size=1, max_size=60), some.text("ab-", min_size=1, max_size=80))
def test_keys_fit_and_tell_rules_apart(policy: str, rule: str) -> None:
    keys = {key_of(policy, one, "notify", nth) for one in (rule, f"{rule}x") for nth in (1, 2)}
    assert len(keys) == 4
    assert max(map(len, keys)) <= 80
