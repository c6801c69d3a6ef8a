"""What rules may ask of the queue, the clock, the customer's history and what was keyed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Outcome
from cordboard.routing.tests.centre import Centre, party
from cordboard.rules.evaluate import check_policy, compile_policy
from cordboard.rules.facts import REGISTRY
from cordboard.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def facts(centre: Centre, *names: str, **more: Any) -> dict[str, Any]:
    read = REGISTRY.reader({"queue": centre.support, "now": centre.now, "party": None, "interaction": None, "context": {}, **more})
    return {name: read(name) for name in names}


def test_the_queue_and_the_clock_as_they_are(centre: Centre) -> None:
    centre.support.hours = {"timezone": "Asia/Bangkok"}
    centre.ready(centre.alice)
    centre.call()
    centre.later(90)
    found = facts(centre, "queue.waiting", "queue.longest_wait", "queue.agents_ready", "queue.agents_at_work", "time.hour", "time.weekday")
    assert found == {
        "queue.waiting": 1,
        "queue.longest_wait": timedelta(seconds=90),
        "queue.agents_ready": 1,
        "queue.agents_at_work": 1,
        "time.hour": 16,  # nine in the morning in London
        "time.weekday": "tue",
    }


def test_the_last_contact_and_the_open_tickets_of_a_customer(centre: Centre) -> None:
    nora = party("Nora de Vries", customer_number="44712260")
    before = interactions.open_interaction(channel="voice", now=centre.now - timedelta(days=3))
    interactions.identify(before.pk, [nora.pk], by="ani", now=centre.now)
    before.refresh_from_db()
    before.outcome = Outcome.objects.create(code="promised", names={"en": "Promised"})
    before.save()
    for number, kind, state in ((1, "complaint", "open"), (2, "return", "new"), (3, "wish", "closed")):
        Ticket.objects.create(number=number, kind=kind, state=state, title="x", party=nora, opened_at=centre.now)
    row = interactions.open_interaction(channel="voice", now=centre.now)
    found = facts(centre, "interaction.last_contact", "interaction.last_outcome", "interaction.customer_number", "tickets.kinds", party=nora, interaction=row)
    assert found == {
        "interaction.last_contact": centre.now - timedelta(days=3),
        "interaction.last_outcome": "promised",
        "interaction.customer_number": "44712260",
        "tickets.kinds": ["complaint", "return"],
    }


def test_whatever_was_keyed_can_be_asked_by_its_name(centre: Centre) -> None:
    body = {"rules": [{"id": "r", "when": {"fact": "context.invoice_number", "op": "starts_with", "value": "2026"}, "actions": []}]}
    assert not check_policy(body)
    policy = compile_policy(body)
    read = REGISTRY.reader({"context": {"invoice_number": 2026001}, "now": centre.now})
    assert policy.evaluate(read, centre.now).rules == ["r"]
    assert check_policy({"rules": [{"id": "r", "when": {"fact": "context.No Name", "op": "known"}, "actions": []}]})
    assert check_policy({"rules": [{"id": "r", "when": {"fact": "contexts", "op": "known"}, "actions": []}]})
