"""The customer's link on a ticket's page: who has one, and taking it back."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import Role, User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions
from cordboard.tickets.actions_message import reply
from cordboard.tickets.models import Ticket, TicketAccess

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    alice = person("alice", WORKS, unit=unit("service"))
    noor = parties.create(None, name="Noor de Vries", email="noor@example.com", languages=["nl"], country="NL")
    return actions.open_ticket(alice, title="Kettle leaks", party=noor)


def page(user: User, ticket: Ticket) -> str:
    return signed_in(user).get(f"/tickets/{ticket.number}/").content.decode()


def test_alice_withdraws_the_link_and_the_page_says_so(ticket: Ticket) -> None:
    alice = User.objects.get(username="alice")
    assert "ticket-ways-in" not in page(alice, ticket), "nobody has one before the first reply"
    reply(alice, ticket.pk, "Hello")
    row = TicketAccess.objects.get()
    assert f'id="ticket-way-{row.pk}">noor@example.com' in page(alice, ticket)
    reads = person("bob", {"tickets.view": "all"})
    assert "ticket-ways-in" not in page(reads, ticket)
    act = f"/tickets/{ticket.number}/do/withdraw/"
    assert signed_in(reads).post(act, {"access": row.pk}).status_code == 403
    assert signed_in(alice).post(act, {"access": row.pk + 1}).status_code == 404
    assert signed_in(alice).post(act, {"access": row.pk}).status_code == 204
    after = page(alice, ticket)
    assert "ticket-ways-in" not in after
    assert "The customer&#x27;s link was withdrawn" in after


def test_who_sees_addresses_masked_sees_this_one_so(ticket: Ticket) -> None:
    alice = User.objects.get(username="alice")
    reply(alice, ticket.pk, "Hello")
    dave = person("dave", WORKS)
    Role.objects.filter(users=dave).update(masks=True)
    shown = page(dave, ticket)
    assert "ticket-ways-in" in shown
    assert "noor@example.com" not in shown
    assert signed_in(dave).post(f"/tickets/{ticket.number}/do/withdraw/", {"access": TicketAccess.objects.get().pk}).status_code == 204
    assert "noor@example.com" not in page(dave, ticket), "nor in the line of the history"
