"""Many tickets with one cause: suggested, tied, untied, answered together in each customer's language, resolved together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordboard.events.models import Event
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions, outgoing, queries_incident
from cordboard.tickets import actions_incident as incidents
from cordboard.tickets.actions_similar import read_words
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_incident import IncidentResult, IncidentRule, IncidentRun, IncidentSuggestion, IncidentTicket, MassIncident
from cordboard.tickets.outgoing import Letter
from cordboard.tickets.suggesting import look

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "tickets.incidents": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    """Letters as they leave the tickets; what mail does with them is mail's."""
    letters: list[Letter] = []

    def carry(letter: Letter) -> str:
        if letter.address.startswith("broken"):
            raise outgoing.NotCarried("the mailbox is closed")
        letters.append(letter)
        return f"<{len(letters)}@test>"

    monkeypatch.setitem(outgoing._carriers, "email", carry)
    return letters


def come(alice: User, title: str, *, language: str = "en", email: str | None = "", minutes: int = 0) -> Ticket:
    number = Ticket.objects.count()
    mail = f"c{number}@example.org" if email == "" else email
    party = parties.create(None, name=f"Customer {number}", languages=[language], country="NL", **({"email": mail} if mail else {}))
    row = actions.open_ticket(alice, title=title, text=title, party=party, now=NOW - timedelta(minutes=minutes))
    read_words(row.pk)
    return row


def outage(alice: User, count: int, **more: Any) -> list[Ticket]:
    return [come(alice, f"The app gives an error at paying, try {n}", minutes=count - n, **more) for n in range(count)]


def test_many_alike_within_the_hour_are_suggested_once_and_grow(alice: User) -> None:
    IncidentRule.objects.create(least=4, minutes=60, likeness=30)
    come(alice, "Where is my parcel")
    first = outage(alice, 4)
    (number,) = look(now=NOW)
    row = IncidentSuggestion.objects.get(pk=number)
    assert (row.tickets, row.state, row.why) == ([one.pk for one in first], "open", {"customers": 4, "minutes": 60, "likeness": 30})
    assert "app" in row.words
    assert look(now=NOW) == []  # nothing new
    late = come(alice, "App error when paying")
    assert look(now=NOW) == [number]
    row.refresh_from_db()
    assert late.pk in row.tickets
    assert Event.objects.filter(kind="tickets.incident_suggested").count() == 2


def test_without_a_managers_numbers_nobody_looks(alice: User) -> None:
    outage(alice, 6)
    assert look(now=NOW) == []
    IncidentRule.objects.create(least=4, minutes=60, likeness=30, active=False)
    assert look(now=NOW) == []


def test_a_dismissed_one_comes_up_again_only_when_twice_as_large(alice: User) -> None:
    IncidentRule.objects.create(least=3, minutes=60, likeness=30)
    outage(alice, 3)
    (number,) = look(now=NOW)
    assert incidents.dismiss(alice, number, now=NOW)
    assert not incidents.dismiss(alice, number, now=NOW)
    outage(alice, 2)
    assert look(now=NOW) == []
    outage(alice, 1)
    assert len(look(now=NOW)) == 1


def test_what_comes_after_is_suggested_to_the_incident_that_stands(alice: User) -> None:
    IncidentRule.objects.create(least=3, minutes=60, likeness=30)
    tied = outage(alice, 3)
    row = incidents.open_incident(alice, "App cannot take payments", suggestion=look(now=NOW)[0], now=NOW)
    assert set(row.tied.values_list("ticket_id", flat=True)) == {one.pk for one in tied}
    with pytest.raises(ValidationError, match="decided"):
        incidents.open_incident(alice, "Again", suggestion=IncidentSuggestion.objects.get().pk)
    late = come(alice, "The app gives an error at paying")
    (number,) = look(now=NOW)
    found = IncidentSuggestion.objects.get(pk=number)
    assert (found.incident, found.tickets) == (row, [late.pk])
    incidents.tie_suggested(alice, number, now=NOW)
    assert IncidentTicket.objects.filter(incident=row, untied_at=None).count() == 4
    assert look(now=NOW) == []


def test_a_ticket_is_of_one_incident_and_untying_can_be_undone(alice: User) -> None:
    one, other = outage(alice, 2)
    first = incidents.open_incident(alice, "Payments", tickets=[one.pk, other.pk], now=NOW)
    second = incidents.open_incident(alice, "Something else", now=NOW)
    assert incidents.tie(alice, second.pk, [one.pk], now=NOW) == []  # it stays with the first
    assert incidents.untie(alice, first.pk, [one.pk, 4711], now=NOW) == [one.pk]
    assert [row.ticket for row in queries_incident.untied(alice, first.pk)] == [one]
    assert incidents.tie(alice, first.pk, [one.pk], now=NOW) == [one.pk]
    assert queries_incident.untied(alice, first.pk) == []
    assert IncidentTicket.objects.filter(untied_at=None).count() == 2


def test_all_are_answered_each_in_their_language_and_what_fails_says_why(alice: User, posted: list[Letter]) -> None:
    dutch, chinese, thai = come(alice, "Fout", language="nl"), come(alice, "错误", language="zh-hans"), come(alice, "Error", language="th")
    broken = come(alice, "Error", email="broken@example.org")
    nobody = come(alice, "Error", email=None)
    apart = come(alice, "Error, and a wet floor")
    row = incidents.open_incident(alice, "Payments", tickets=[one.pk for one in (dutch, chinese, thai, broken, nobody, apart)], now=NOW)
    incidents.leave_out(alice, row.pk, [apart.pk], True)
    run = incidents.run(alice, row.pk, {"en": "It works again.", "nl": "Het werkt weer.", "zh-hans": "已恢复。", "ru": "  "}, resolve=True, now=NOW)
    assert not incidents.work(run.pk, now=NOW)
    assert [(letter.address[:2], letter.text.split("\n")[0]) for letter in posted] == [("c0", "Het werkt weer."), ("c1", "已恢复。"), ("c2", "It works again.")]
    results = {one.ticket_id: one for one in IncidentResult.objects.all()}
    assert [results[one.pk].state for one in (dutch, chinese, thai, broken, nobody, apart)] == ["done", "done", "done", "failed", "failed", "left_out"]
    assert [results[one.pk].language for one in (dutch, chinese, thai)] == ["nl", "zh-hans", "en"]
    assert "closed" in results[broken.pk].why
    assert results[nobody.pk].why
    states = {one.pk: one.state for one in Ticket.objects.all()}
    assert [states[one.pk] for one in (dutch, chinese, thai, broken, nobody, apart)] == ["resolved"] * 3 + ["new"] * 3
    row.refresh_from_db()
    assert (row.state, row.texts["nl"]) == ("resolved", "Het werkt weer.")
    assert Event.objects.get(kind="tickets.incident_ran").body["failed"] == 2


def test_a_worker_killed_in_the_middle_answers_nobody_twice(alice: User, posted: list[Letter], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = outage(alice, 3)
    row = incidents.open_incident(alice, "Payments", tickets=[one.pk for one in rows], now=NOW)
    run = incidents.run(alice, row.pk, {"en": "We know of it."}, now=NOW)
    monkeypatch.setattr(incidents, "AT_ONCE", 1)
    assert incidents.work(run.pk, now=NOW)  # and here the worker dies
    assert incidents.take_up(now=NOW + timedelta(seconds=5)) == 0  # another may still be at it
    assert incidents.take_up(now=NOW + timedelta(minutes=5)) == 1
    while incidents.work(run.pk, now=NOW):
        pass
    assert not incidents.work(run.pk, now=NOW)
    assert len(posted) == len({letter.address for letter in posted}) == 3
    assert {one.state for one in Ticket.objects.all()} == {"new"}  # told, not resolved


def test_what_was_not_done_is_tried_again(alice: User, posted: list[Letter]) -> None:
    ticket = come(alice, "Error", email=None)
    row = incidents.open_incident(alice, "Payments", tickets=[ticket.pk], now=NOW)
    run = incidents.run(alice, row.pk, {"en": "It works again."}, now=NOW)
    incidents.work(run.pk, now=NOW)
    assert posted == []
    assert ticket.party_id is not None
    parties.add_contact_point(ticket.party_id, "email", "now@example.org", None)
    assert incidents.again(alice, run.pk) == 1
    incidents.work(run.pk, now=NOW)
    assert [letter.address for letter in posted] == ["now@example.org"]
    assert incidents.again(alice, run.pk) == 0


def test_nothing_to_say_or_nobody_to_tell_is_refused(alice: User, posted: list[Letter]) -> None:
    row = incidents.open_incident(alice, "Payments", now=NOW)
    with pytest.raises(ValidationError, match="in one language at least"):
        incidents.run(alice, row.pk, {"en": " ", "xx": "Hello"})
    with pytest.raises(ValidationError, match="No open ticket"):
        incidents.run(alice, row.pk, {"en": "Hello"})
    incidents.tie(alice, row.pk, [come(alice, "Error").pk])
    incidents.run(alice, row.pk, {"en": "Hello"})
    with pytest.raises(ValidationError, match="on its way"):
        incidents.run(alice, row.pk, {"en": "Hello"})
    with pytest.raises(ValidationError, match="few words"):
        incidents.open_incident(alice, "  ")


def test_bob_who_only_works_on_tickets_decides_on_no_incident(alice: User) -> None:
    bob = person("bob", {"tickets.view": "all", "tickets.change": "all"}, unit=unit())
    row = incidents.open_incident(alice, "Payments", now=NOW)
    for act in (
        lambda: incidents.open_incident(bob, "Mine"),
        lambda: incidents.tie(bob, row.pk, [1]),
        lambda: incidents.untie(bob, row.pk, [1]),
        lambda: incidents.run(bob, row.pk, {"en": "Hello"}),
        lambda: incidents.dismiss(bob, 1),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_page_costs_the_same_with_one_and_with_three_tickets(alice: User) -> None:
    row = incidents.open_incident(alice, "Payments", tickets=[come(alice, "Error").pk], now=NOW)

    def cost() -> int:
        with CaptureQueriesContext(connection) as made:
            queries_incident.tied(alice, row.pk)
            queries_incident.runs(row.pk)
            queries_incident.incidents()
            queries_incident.suggestions(alice)
            queries_incident.languages(row.pk)
        return len(made)

    one = cost()
    incidents.tie(alice, row.pk, [come(alice, f"Error {n}").pk for n in range(3)])
    incidents.open_incident(alice, "Another", tickets=[come(alice, "Error").pk])
    assert cost() == one
    assert MassIncident.objects.count() == 2
    assert not IncidentRun.objects.exists()
