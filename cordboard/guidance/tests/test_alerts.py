"""Alerts come and go with what is known of the customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.events import subscribers
from cordboard.guidance import actions
from cordboard.guidance.models import Alert
from cordboard.guidance.queries import alerts
from cordboard.guidance.subscribers import KINDS, follow
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.parties.models import Party
from cordboard.routing.tests.centre import Centre, party, told
from cordboard.rules import published
from cordboard.rules.models import Policy

RULES = [
    {
        "id": "often",
        "name": "Third call this week",
        "when": {"fact": "interaction.contacts_this_week", "op": "at_least", "value": 3},
        "actions": [
            {
                "do": "alert",
                "reason": "often",
                "kind": "warning",
                "texts": {
                    "en": {"strong": "Contact number {interaction.contacts_this_week} this week.", "text": "Settle it in this call."},
                    "nl": {"strong": "Contact nummer {interaction.contacts_this_week} deze week.", "text": "Los het nu op."},
                },
            }
        ],
    },
    {
        "id": "note",
        "name": "Owner's note",
        "when": {"fact": "party.owner_note", "op": "known"},
        "actions": [{"do": "alert", "reason": "note", "kind": "reminder", "texts": {"en": {"strong": "{party.owner_note}", "text": ""}}}],
    },
]


@pytest.fixture
def guided(centre: Centre) -> Centre:
    published.forget()
    Policy.objects.create(area="guidance", code="guidance", name="Guidance", version=1, state="published", body={"mode": "all", "rules": RULES})
    return centre


@pytest.fixture
def margaret(guided: Centre) -> Party:
    return party("Margaret Ashworth", owner_note="Speak slowly")


def known(centre: Centre, customer: Party, times: int = 1) -> Interaction:
    for _ in range(times):
        opened = interactions.open_interaction(channel="voice", now=centre.now)
        interactions.identify(opened.pk, [customer.pk], by="ani", now=centre.now)
    actions.evaluate(opened.pk, now=centre.now)
    return opened


def reasons(interaction: Interaction, user: Any) -> list[str]:
    return [alert.reason for alert in alerts(interaction.pk, user)]


def test_raised_when_the_customer_is_known_and_withdrawn_when_it_is_another(guided: Centre, margaret: Party) -> None:
    opened = known(guided, margaret, times=3)
    assert reasons(opened, guided.alice) == ["often", "note"]
    often = Alert.objects.get(interaction=opened, reason="often")
    assert often.texts["nl"] == {"strong": "Contact nummer 3 deze week.", "text": "Los het nu op."}
    assert (often.rule, often.policy) == ("Third call this week", "guidance")
    other = party("Piet")
    interactions.change_subject(guided.carol, opened.pk, other.pk, now=guided.now)
    assert actions.evaluate(opened.pk, now=guided.now) == (0, 2)
    assert reasons(opened, guided.alice) == []
    interactions.change_subject(guided.carol, opened.pk, margaret.pk, now=guided.now)
    assert actions.evaluate(opened.pk, now=guided.now) == (2, 0)
    assert Alert.objects.filter(interaction=opened).count() == 2


def test_asked_again_nothing_changes(guided: Centre, margaret: Party) -> None:
    opened = known(guided, margaret)
    assert actions.evaluate(opened.pk, now=guided.now) == (0, 0)
    assert len(told("guidance.alert_raised")) == 1


def test_what_alice_dismissed_stays_away_unless_it_says_something_else(guided: Centre, margaret: Party) -> None:
    opened = known(guided, margaret)
    guided.ready(guided.alice)
    from cordboard.routing import actions as routing

    routing.enqueue(opened.pk, "support", now=guided.now)
    guided.offer(opened, guided.alice)
    alert = alerts(opened.pk, guided.alice)[0]
    with pytest.raises(PermissionDenied):
        actions.dismiss(guided.dave, alert.pk)
    with pytest.raises(PermissionDenied):
        actions.dismiss(guided.bob, alert.pk)
    assert actions.dismiss(guided.alice, alert.pk, now=guided.now)
    assert not actions.dismiss(guided.alice, alert.pk, now=guided.now)
    actions.evaluate(opened.pk, now=guided.now)
    assert reasons(opened, guided.alice) == []
    Party.objects.filter(pk=margaret.pk).update(owner_note="Speak slowly and clearly")
    actions.evaluate(opened.pk, now=guided.now)
    assert reasons(opened, guided.alice) == ["note"]


def test_old_contacts_do_not_count(guided: Centre) -> None:
    customer = party("Piet")
    for days in (8, 9, 1):
        row = interactions.open_interaction(channel="voice", now=guided.now - timedelta(days=days))
        interactions.identify(row.pk, [customer.pk], by="ani")
    assert reasons(known(guided, customer), guided.alice) == []


def test_a_text_that_names_an_unknown_fact_shows_a_dash(guided: Centre) -> None:
    from cordboard.rules import texts

    assert texts.filled({"en": {"strong": "Owes {nobody.knows}", "text": ""}}, lambda language: lambda name: 1, {}) == {"en": {"strong": "Owes –", "text": ""}}


@pytest.mark.django_db(transaction=True)
def test_the_worker_follows_the_events(guided: Centre, margaret: Party) -> None:
    assert any(one.name == "guidance.rules" for one in subscribers.subscriptions())
    runner = subscribers.Runner(subscribers.Subscription("guidance.test", frozenset(KINDS), follow, False))
    runner.step()
    opened = interactions.open_interaction(channel="voice", now=guided.now)
    interactions.identify(opened.pk, [margaret.pk], by="ani", now=guided.now)
    runner.step()
    assert reasons(opened, guided.alice) == ["note"]


def test_a_broken_policy_raises_nothing_and_breaks_nothing(guided: Centre, margaret: Party) -> None:
    Policy.objects.update(body={"rules": [{"id": "x", "actions": [{"do": "sing"}]}]})
    published.forget()
    assert reasons(known(guided, margaret), guided.alice) == []
