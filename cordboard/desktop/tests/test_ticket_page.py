"""A ticket's own page."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.tickets import actions
from cordboard.tickets.models import Ticket

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def ticket(alice: User) -> Ticket:
    return actions.open_ticket(alice, title="Dryer scorched laundry", text="Brown marks.\n<script>alert(1)</script>")


def test_alice_sees_the_ticket_and_what_it_says_does_not_run(alice: User, ticket: Ticket) -> None:
    page = signed_in(alice).get(f"/tickets/{ticket.number}/")
    seen = page.content.decode()
    assert page.status_code == 200
    assert "Dryer scorched laundry" in seen
    assert "&lt;script&gt;alert(1)" in seen
    assert "<script>alert" not in seen


def test_who_may_not_see_it_finds_nothing(ticket: Ticket) -> None:
    bob = person("bob", {"tickets.view": "own"}, unit=unit())
    dave = person("dave", {})
    assert signed_in(bob).get(f"/tickets/{ticket.number}/").status_code == 404
    assert signed_in(dave).get(f"/tickets/{ticket.number}/").status_code == 403
