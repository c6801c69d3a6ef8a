"""On a ticket's page: sending it to the next level, what solved others, goodwill; and the pages of mass incidents and of their settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions
from cordboard.tickets import actions_incident as incidents
from cordboard.tickets.actions_similar import keep, read_words, say_solution
from cordboard.tickets.models import LevelItem, LevelStep, SupportLevel, Ticket
from cordboard.tickets.models_goodwill import Grant
from cordboard.tickets.models_incident import IncidentRule, IncidentSuggestion, IncidentTicket, MassIncident

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
HX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit("first"))


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", {**WORKS, "tickets.incidents": "all", "tickets.levels": "all"}, unit=unit("first"))


@pytest.fixture
def ticket(alice: User) -> Ticket:
    SupportLevel.objects.create(rank=1, unit=unit("first"))
    SupportLevel.objects.create(rank=2, unit=unit("second"))
    LevelItem.objects.create(rank=2, asks="text", names={"en": "The code on the display"})
    noor = parties.create(None, name="Noor de Vries", email="noor@example.org", languages=["nl"], country="NL")
    return actions.open_ticket(alice, title="Machine shows E18", party=noor, now=NOW)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, name: str, *at: Any, **given: Any) -> Any:
    return client.post(reverse(f"desktop:{name}", args=at), given, **HX)


def test_alice_sees_what_is_missing_and_sends_it_on_with_it(alice: User, ticket: Ticket) -> None:
    client = signed_in(alice)
    assert "Send on: Level 2, second" in client.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    refused = post(client, "ticket_level", ticket.number, "on", why="pump")
    assert refused.status_code == 422
    assert "The code on the display" in refused.content.decode()
    assert 'value="pump"' in refused.content.decode()  # what was typed is still there
    item = LevelItem.objects.get()
    done = post(client, "ticket_level", ticket.number, "on", **{f"item-{item.pk}": "E18", "why": "pump does not turn"})
    assert "It stands in the work list of second now, Level 2." in done.content.decode()
    assert LevelStep.objects.get().answers[0]["answer"] == "E18"
    back = post(client, "ticket_level", ticket.number, "back", why="The hose was shut")
    assert "It is with Alice now, Level 1." in back.content.decode()
    assert "pump does not turn" in back.content.decode()


def test_what_solved_others_is_shown_and_taken_over(alice: User, ticket: Ticket) -> None:
    for n in range(2):
        other = actions.open_ticket(alice, title=f"E18 on the display {n}", text="does not drain", now=NOW)
        say_solution(alice, other.pk, measure="Pump filter cleaned")
        actions.set_state(alice, other.pk, "resolved", now=NOW)
        keep(other.pk)
    read_words(ticket.pk)
    client = signed_in(alice)
    shown = client.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert "Pump filter cleaned" in shown
    assert "solved 2 of 2" in shown
    assert "Most common at Level 1" in shown
    kept = post(client, "ticket_solution", ticket.number, measure="Pump filter cleaned").content.decode()
    assert "Solved by: Pump filter cleaned" in kept
    assert post(client, "ticket_solution", ticket.number, measure=" ").status_code == 422


def test_without_a_rule_goodwill_is_asked_for_and_what_is_wrong_is_said(alice: User, carol: User, ticket: Ticket) -> None:
    client = signed_in(alice)
    unit("first")
    refused = post(client, "ticket_grant", ticket.number, "give", kind="goodwill", amount="much", reason="Wet floor")
    assert refused.status_code == 422
    assert 'value="Wet floor"' in refused.content.decode()
    carol.unit.__class__.objects.filter(code="first").update(head=carol)
    asked = post(client, "ticket_grant", ticket.number, "give", kind="goodwill", amount="30", reason="Wet floor").content.decode()
    assert "those who must agree are asked" in asked
    assert "Carol, head of first" in asked
    row = Grant.objects.get()
    link = f'href="{reverse("desktop:ticket", args=[ticket.number])}"'
    assert link in signed_in(carol).get(reverse("desktop:approvals")).content.decode(), "who must agree reads the ticket first"
    assert link in client.get(reverse("desktop:approvals")).content.decode()
    withdrawn = post(client, "ticket_grant", ticket.number, "carry-out", grant=row.pk, withdraw="1").content.decode()
    assert "It is withdrawn." in withdrawn
    assert client.get(reverse("desktop:ticket_grants", args=[ticket.number]), {"kind": "refund"}, **HX).status_code == 200


def test_carol_makes_an_incident_of_a_suggestion_and_answers_its_tickets(alice: User, carol: User, ticket: Ticket) -> None:
    other = actions.open_ticket(alice, title="E18 too", party=ticket.party, now=NOW)
    row = IncidentSuggestion.objects.create(tickets=[ticket.pk, other.pk], words=["e18"], why={"customers": 2, "minutes": 60, "likeness": 35}, found_at=NOW)
    client = signed_in(carol)
    listed = client.get(reverse("desktop:incidents")).content.decode()
    assert "2 customers within 60 minutes" in listed
    made = client.post(reverse("desktop:incident_make"), {"suggestion": row.pk, "title": "Bad batch of pumps"})
    incident = MassIncident.objects.get()
    assert made["Location"] == reverse("desktop:incident", args=[incident.pk])
    address = reverse("desktop:incident", args=[incident.pk])
    shown = client.get(address).content.decode()
    assert "2 open tickets" in shown
    assert "2 customers" in shown  # who speak Dutch
    assert "left out" in client.post(reverse("desktop:incident_act", args=[incident.pk, "leave"]), {"ticket": [other.pk]}).content.decode()
    untied = client.post(reverse("desktop:incident_act", args=[incident.pk, "untie"]), {"ticket": [other.pk]}).content.decode()
    assert "1 ticket is not tied any more" in untied
    assert "Tie them again" in untied
    assert "1 ticket is tied" in client.post(reverse("desktop:incident_act", args=[incident.pk, "tie"]), {"numbers": f"{other.number}, 4711"}).content.decode()
    refused = client.post(reverse("desktop:incident_act", args=[incident.pk, "run"]), {"text-en": " "})
    assert refused.status_code == 422
    sent = client.post(reverse("desktop:incident_act", args=[incident.pk, "run"]), {"text-nl": "Wij weten ervan."}).content.decode()
    assert "0 of 2 done" in sent
    assert "every 2s" in client.get(reverse("desktop:incident_progress", args=[incident.pk])).content.decode()
    on_ticket = client.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert "Bad batch of pumps" in on_ticket
    assert "It is not tied any more." in post(client, "ticket_incident", ticket.number, "untie").content.decode()
    assert IncidentTicket.objects.filter(untied_at=None).count() == 1


def test_bob_without_the_right_sees_no_incidents(alice: User, ticket: Ticket) -> None:
    client = signed_in(alice)
    assert client.get(reverse("desktop:incidents")).status_code == 403
    assert post(client, "ticket_incident", ticket.number, "untie").status_code == 403
    incidents.open_incident(person("root", {**WORKS, "tickets.incidents": "all"}), "Payments", tickets=[ticket.pk], now=NOW)
    assert "Payments" in client.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()  # but that the ticket is of one


def test_carol_sets_levels_questions_and_numbers(carol: User) -> None:
    client = signed_in(carol)
    at = unit("second")
    assert client.get(reverse("desktop:settings_list", args=["levels"])).status_code == 200
    client.post(reverse("desktop:settings_new", args=["levels"]), {"rank": "2", "unit_id": at.pk, "family": "", "queue_id": ""})
    row = SupportLevel.objects.get()
    assert (row.rank, row.unit, row.family) == (2, at, "")
    twice = client.post(reverse("desktop:settings_new", args=["levels"]), {"rank": "2", "unit_id": at.pk, "family": "", "queue_id": ""})
    assert "serves this level already" in twice.content.decode()
    client.post(
        reverse("desktop:settings_new", args=["level-items"]),
        {"rank": "2", "family": "", "asks": "text", "order": "10", "required": "on", "name-en": "The code", "name-nl": "De code"},
    )
    assert LevelItem.objects.get().names == {"en": "The code", "nl": "De code"}
    client.post(reverse("desktop:settings_new", args=["incidents"]), {"family": "", "least": "6", "minutes": "30", "likeness": "40", "active": "on"})
    assert IncidentRule.objects.get().least == 6
    for kind, made in (("levels", row), ("level-items", LevelItem.objects.get()), ("incidents", IncidentRule.objects.get())):
        assert client.get(reverse("desktop:settings_edit", args=[kind, made.pk])).status_code == 200
        client.post(reverse("desktop:settings_remove", args=[kind, made.pk]))
        assert not type(made).objects.exists()
