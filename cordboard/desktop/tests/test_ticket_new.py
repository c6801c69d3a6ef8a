"""Tickets and tasks that no contact led to, and work that waits for a position."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import Position, Role
from cordboard.parties import actions as parties
from cordboard.routing.tests.centre import Centre
from cordboard.tickets import actions as tickets
from cordboard.tickets.models import Task, Ticket, TicketKind


@pytest.fixture(autouse=True)
def rights(centre: Centre) -> None:
    role = Role.objects.get(code="agent")
    role.permissions = {**role.permissions, **dict.fromkeys(("tickets.view", "tickets.open", "tickets.change", "parties.view"), "all")}
    role.save()


@pytest.fixture
def level_two(centre: Centre) -> Position:
    found = Position.objects.create(name="Agent, level 2", code="level-2", unit=centre.unit)
    centre.bob.position = found
    centre.bob.save()
    return found


def test_alice_writes_down_a_ticket_that_no_contact_led_to(centre: Centre) -> None:
    noor = parties.create(None, name="Noor de Vries", country="NL")
    alice = signed_in(centre.alice)
    assert "New ticket" in alice.get("/tickets/").content.decode()
    made = alice.post("/tickets/new/", {"kind": "request", "title": "Wants a second key", "customer": noor.customer_number})
    ticket = Ticket.objects.get()
    assert made.headers["Location"] == f"/tickets/{ticket.number}/"
    assert (ticket.title, ticket.party, ticket.owner, ticket.kind) == ("Wants a second key", noor, centre.alice, "request")


def test_alice_names_the_customer_as_she_knows_her(centre: Centre) -> None:
    noor = parties.create(None, name="Noor de Vries", country="NL")
    parties.create(None, name="Noor Jansen", country="NL")
    alice = signed_in(centre.alice)
    given = {"kind": "request", "title": "Wants a second key"}
    assert "Several customers fit: " in alice.post("/tickets/new/", {**given, "customer": "Noor"}).content.decode()
    assert alice.post("/tickets/new/", {**given, "customer": "noor de vries"}).status_code == 302
    assert Ticket.objects.get().party == noor


def test_what_is_refused_keeps_what_was_typed(centre: Centre) -> None:
    alice = signed_in(centre.alice)
    said = alice.post("/tickets/new/", {"kind": "request", "title": "Wants a second key", "customer": "999999999"})
    assert said.status_code == 422
    assert "Nobody fits this. Make the customer first, under Customers." in said.content.decode()
    assert 'value="Wants a second key"' in said.content.decode()
    assert not Ticket.objects.exists()


def test_the_fields_of_a_managers_kind_are_asked(centre: Centre) -> None:
    field = {"code": "amount", "type": "number", "names": {"en": "Amount"}, "required": ["new"]}
    TicketKind.objects.create(code="refund", names={"en": "Refund"}, like="request", fields=[field], active=True)
    alice = signed_in(centre.alice)
    form = alice.get("/tickets/new/?kind=refund&title=Money+back").content.decode()
    assert "Amount" in form
    assert 'value="Money back"' in form
    assert alice.post("/tickets/new/", {"kind": "refund", "title": "Money back"}).status_code == 422
    assert alice.post("/tickets/new/", {"kind": "refund", "title": "Money back", "value-amount": "12"}).status_code == 302
    assert Ticket.objects.get().values == {"amount": "12"}


def test_a_task_stands_in_the_work_list_of_a_position_until_its_holder_takes_it(centre: Centre, level_two: Position) -> None:
    alice, bob = signed_in(centre.alice), signed_in(centre.bob)
    ticket = tickets.open_ticket(centre.alice, title="Leaks")
    form = alice.get(f"/tasks/new/?ticket={ticket.number}").content.decode()
    assert "Agent, level 2" in form
    assert alice.post("/tasks/new/", {"ticket": ticket.number, "title": "Measure the hose", "whose": f"position:{level_two.pk}"}).status_code == 302
    task = Task.objects.get()
    assert (task.position, task.owner, task.ticket) == (level_two, None, ticket)
    assert "Measure the hose" in bob.get("/worklist/?which=position").content.decode()


def test_a_ticket_waits_for_a_position(centre: Centre, level_two: Position) -> None:
    alice, bob = signed_in(centre.alice), signed_in(centre.bob)
    ticket = tickets.open_ticket(centre.alice, title="Leaks")
    assert "Agent, level 2" in alice.get(f"/tickets/{ticket.number}/").content.decode()
    assert alice.post(f"/tickets/{ticket.number}/do/give/", {"owner": f"position:{level_two.pk}"}).status_code == 204
    ticket.refresh_from_db()
    assert (ticket.owner, ticket.position) == (None, level_two)
    assert "Leaks" in bob.get("/worklist/?which=position").content.decode()


def test_who_may_open_no_tickets_is_told_so(centre: Centre) -> None:
    for role in Role.objects.all():
        role.permissions = {code: scope for code, scope in role.permissions.items() if code != "tickets.open"}
        role.save()
    alice = signed_in(centre.alice)
    assert alice.get("/tickets/new/").status_code == 403
    assert "/tickets/new/" not in alice.get("/tickets/").content.decode()
