"""Tickets that are one are merged, one that is two is split; and both are taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.appointments.models import Appointment, Staff, VisitKind
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions
from cordboard.tickets.actions_edit import check_add, tag, tie, watch
from cordboard.tickets.actions_message import add_note, receive_reply, reply, save_draft
from cordboard.tickets.actions_move import NOUNS, merge, split, undo
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.models import Case, CaseDocument, Grant, IncidentTicket, MassIncident, ServiceOrder, Task, Ticket, TicketAppointment, TicketMessage

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", email="noor@example.com", languages=["nl"], country="NL")


def opened(alice: User, noor: Party, title: str) -> Ticket:
    return actions.open_ticket(alice, title=title, party=noor, now=NOW)


def furnished(alice: User, noor: Party, title: str, *, contact: Interaction | None = None) -> Ticket:
    """A ticket with something of every noun."""
    ticket = opened(alice, noor, title)
    add_note(alice, ticket.pk, f"Note on {title}", now=NOW)
    receive_reply(ticket, noor, f"Mail on {title}", now=NOW + timedelta(minutes=1))
    watch(alice, ticket.pk)
    tag(alice, ticket.pk, ["leak", title])
    check_add(alice, ticket.pk, "Ask for a picture")
    save_draft(alice, ticket.pk, "reply", f"Draft on {title}", 1)
    if contact is not None:
        actions.link(alice, ticket.pk, contact.pk)
    return ticket


def picture(*tickets: Ticket) -> dict[str, Any]:
    """Everything about these tickets, but for their versions."""
    ids = [one.pk for one in tickets]
    rows: dict[str, Any] = {
        noun: sorted(found.rows(**{f"{found.column}__in": ids}).values_list("pk", found.column, *found.once), key=str) for noun, found in NOUNS.items()
    }
    rows["ticket"] = list(
        Ticket.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "state", "stage", "resolved_at", "unanswered_since", "merged_into")
    )
    return rows


def test_all_goes_to_the_survivor_and_the_undo_restores_exactly(alice: User, noor: Party) -> None:
    call = Interaction.objects.create(channel="voice", state="active", subject=noor, started_at=NOW)
    first, second, parent = furnished(alice, noor, "first", contact=call), furnished(alice, noor, "second", contact=call), opened(alice, noor, "parent")
    tie(alice, first.pk, parent.pk, "parent")
    tie(alice, first.pk, second.pk, "duplicate")
    actions.set_state(alice, first.pk, "waiting", now=NOW)
    before = picture(first, second, parent)
    move = merge(alice, first.pk, second.pk, now=NOW)
    row = Ticket.objects.get(pk=first.pk)
    assert (row.state, row.merged_into_id, row.resolved_at) == ("closed", second.pk, NOW)
    assert TicketMessage.objects.filter(ticket=second).count() == 4
    assert set(Ticket.objects.get(pk=second.pk).tags.values_list("word", flat=True)) == {"leak", "first", "second"}
    assert list(Ticket.objects.get(pk=second.pk).links.values_list("other", "kind")) == [(parent.pk, "parent")], "not tied to itself"
    assert Event.objects.get(kind="tickets.merged").body["rows"] > 4
    with pytest.raises(ValidationError):
        add_note(alice, first.pk, "Too late")
    undo(alice, move.pk, now=NOW)
    assert picture(first, second, parent) == before
    with pytest.raises(ValidationError):
        undo(alice, move.pk)


def test_what_is_to_be_done_and_was_booked_or_given_goes_along_and_comes_back(alice: User, noor: Party) -> None:
    first, second = opened(alice, noor, "first"), opened(alice, noor, "second")
    for one in (first, second):
        make_task(None, f"Call about {one.title}", ticket=one, owner=alice, now=NOW)
    ServiceOrder.objects.create(number=70_001, party=noor, ticket=first, title="Repair", opened_at=NOW)
    Grant.objects.create(ticket=first, party=noor, state=Grant.State.ASKED, amount=40, currency="EUR", reason="Wet floor", by=alice, at=NOW)
    incident = MassIncident.objects.create(title="E18", opened_at=NOW)
    IncidentTicket.objects.create(incident=incident, ticket=first, tied_at=NOW - timedelta(hours=1), untied_at=NOW)
    IncidentTicket.objects.create(incident=incident, ticket=first, tied_at=NOW)
    folder = Case.objects.create(number=1, title="Flood", opened_at=NOW)
    CaseDocument.objects.create(case=folder, kind="ticket", document=first.pk, at=NOW)
    CaseDocument.objects.create(case=folder, kind="mail", document=first.pk, at=NOW)
    repair = VisitKind.objects.create(code="repair", names={"en": "Repair"}, minutes=60)
    visit = Appointment.objects.create(
        uid="visit-1", staff=Staff.objects.create(user=alice), kind=repair, party=noor, state=Appointment.State.BOOKED, starts_at=NOW, ends_at=NOW + timedelta(hours=1),
        starts_minute=0, ends_minute=60, made_at=NOW,
    )  # fmt: skip
    TicketAppointment.objects.create(ticket=first, appointment=visit, at=NOW)
    before = picture(first, second)
    move = merge(alice, first.pk, second.pk, now=NOW)
    assert (second.tasks.count(), second.service_orders.count(), second.grants.count(), second.visits.count()) == (2, 1, 1, 1)
    assert second.incidents.count() == 2
    assert dict(CaseDocument.objects.values_list("kind", "document")) == {"ticket": second.pk, "mail": first.pk}
    assert not Task.objects.filter(ticket=first).exists()
    undo(alice, move.pk, now=NOW)
    assert picture(first, second) == before


def test_a_ticket_that_is_tied_to_an_incident_keeps_its_tie(alice: User, noor: Party) -> None:
    first, second = opened(alice, noor, "first"), opened(alice, noor, "second")
    incidents = [MassIncident.objects.create(title=title, opened_at=NOW) for title in ("E18", "E19")]
    for one, incident in zip((first, second), incidents, strict=True):
        IncidentTicket.objects.create(incident=incident, ticket=one, tied_at=NOW)
    merge(alice, first.pk, second.pk, now=NOW)
    assert list(second.incidents.values_list("incident__title", flat=True)) == ["E19"]


def test_what_was_written_in_between_stays_and_what_came_late_for_the_merged_one_comes_back(alice: User, noor: Party) -> None:
    first, second = furnished(alice, noor, "first"), furnished(alice, noor, "second")
    due_at = Ticket.objects.get(pk=first.pk).due_at
    assert due_at is not None
    move = merge(alice, first.pk, second.pk, now=NOW)
    late = receive_reply(first.pk, noor, "To the first", now=NOW + timedelta(hours=1))
    assert late.ticket_id == second.pk
    answered = reply(alice, second.pk, "To both", now=NOW + timedelta(hours=2))
    undo(alice, move.pk)
    assert list(TicketMessage.objects.filter(ticket=first).values_list("text", flat=True)) == ["Note on first", "Mail on first", "To the first"]
    assert list(TicketMessage.objects.filter(ticket=second).values_list("text", flat=True)) == ["Note on second", "Mail on second", "To both"]
    assert answered.ticket_id == second.pk
    row = Ticket.objects.get(pk=first.pk)
    assert (row.merged_into, row.unanswered_since, row.due_at) == (None, NOW + timedelta(minutes=1), due_at), "what was owed is owed again"
    assert Ticket.objects.get(pk=second.pk).unanswered_since is None


def test_a_chain_of_merges_is_taken_back_in_either_order(alice: User, noor: Party) -> None:
    for order in ((0, 1), (1, 0)):
        tickets = [furnished(alice, noor, name) for name in ("a", "b", "c")]
        before = picture(*tickets)
        moves = [merge(alice, tickets[0].pk, tickets[1].pk, now=NOW), merge(alice, tickets[1].pk, tickets[2].pk, now=NOW)]
        late = receive_reply(tickets[0], noor, "For the first", now=NOW + timedelta(minutes=1))
        assert late.ticket_id == tickets[2].pk
        for at in order:
            undo(alice, moves[at].pk)
        late.refresh_from_db()
        assert late.ticket_id == tickets[0].pk
        late.delete()
        after = picture(*tickets)
        assert {noun: rows for noun, rows in after.items() if noun != "ticket"} == {noun: rows for noun, rows in before.items() if noun != "ticket"}
        assert [row[-1] for row in after["ticket"]] == [None, None, None]


def test_two_things_in_one_ticket_become_two_and_one_again(alice: User, noor: Party) -> None:
    ticket = furnished(alice, noor, "pump")
    other = receive_reply(ticket, noor, "And my invoice is wrong", now=NOW + timedelta(minutes=5))
    before = picture(ticket)
    move = split(alice, ticket.pk, [other.pk], "Invoice is wrong", kind="complaint", now=NOW)
    made = move.target
    assert (made.title, made.kind, made.party, made.state) == ("Invoice is wrong", "complaint", noor, "open")
    assert made.unanswered_since == NOW + timedelta(minutes=5)
    assert set(made.tags.values_list("word", flat=True)) == {"leak", "pump"}
    later = reply(alice, made.pk, "You are right", now=NOW + timedelta(hours=1))
    undo(alice, move.pk, now=NOW)
    made.refresh_from_db()
    assert (made.state, made.merged_into) == ("closed", ticket)
    later.refresh_from_db()
    assert later.ticket_id == ticket.pk, "nothing is lost"
    after = picture(ticket)
    assert [row for row in after["message"] if row[0] != later.pk] == before["message"]
    assert {noun: after[noun] for noun in ("watcher", "tag", "contact", "check", "tie")} == {
        noun: before[noun] for noun in ("watcher", "tag", "contact", "check", "tie")
    }
    assert receive_reply(made, noor, "Thanks").ticket_id == ticket.pk


def test_what_cannot_be_merged_or_split_is_refused(alice: User, noor: Party) -> None:
    one, two = opened(alice, noor, "one"), opened(alice, noor, "two")
    with pytest.raises(ValidationError):
        merge(alice, one.pk, one.pk)
    with pytest.raises(ValidationError):
        split(alice, one.pk, [], "Nothing")
    note = add_note(alice, two.pk, "x")
    with pytest.raises(ValidationError):
        split(alice, one.pk, [note.pk], "Another's")
    bob = person("bob", {"tickets.view": "all", "tickets.change": "own"}, unit=unit())
    with pytest.raises(PermissionDenied):
        merge(bob, one.pk, two.pk)
    move = merge(alice, one.pk, two.pk)
    with pytest.raises(ValidationError):
        merge(alice, two.pk, one.pk)
    with pytest.raises(PermissionDenied):
        undo(bob, move.pk)
