"""Bob follows a ticket: he hears what becomes of it, once, and not of what he does himself."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cordboard.events import log
from cordboard.events.feed import FeedEvent
from cordboard.events.models import Event
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.routing.models import Broadcast, BroadcastReceipt
from cordboard.tickets import actions, actions_move, changes
from cordboard.tickets.actions_edit import tag, watch
from cordboard.tickets.actions_message import add_note, receive_reply, reply
from cordboard.tickets.following_watchers import NEWS, follow
from cordboard.tickets.models import Ticket, TicketTold

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob() -> User:
    return person("bob", WORKS, unit=unit())


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", email="noor@example.com", languages=["nl"], country="NL")


@pytest.fixture
def ticket(alice: User, bob: User, noor: Party) -> Ticket:
    made = actions.open_ticket(alice, title="Pump leaks", party=noor)
    watch(bob, made.pk)
    return made


def happen() -> list[str]:
    """The worker reads the log, twice: it died before it could say that it had. What bob was told, the oldest first."""
    for _again in range(2):
        for row in Event.objects.filter(kind__in=NEWS).order_by("pk"):
            follow(FeedEvent(row.pk, row.kind, row.version, timezone.now(), row.actor, "", (), row.body, row.pk, ""))
    return [one.broadcast.text.split(":", 1)[1].strip() for one in BroadcastReceipt.objects.filter(reader__username="bob").order_by("pk")]


def test_who_follows_hears_of_answers_states_owners_and_levels(alice: User, bob: User, ticket: Ticket) -> None:
    reply(alice, ticket.pk, "We come", then="waiting")
    actions.give(alice, ticket.pk, person("carol", WORKS))
    actions.set_state(alice, ticket.pk, "resolved")
    assert happen() == ["The customer was answered.", "Carol owns it now.", "It is now: Resolved."]
    assert {one.sender for one in Broadcast.objects.all()} == {alice}


def test_what_is_no_news_is_not_told(alice: User, bob: User, noor: Party, ticket: Ticket) -> None:
    reply(bob, ticket.pk, "I come")
    actions.set_state(bob, ticket.pk, "resolved")
    add_note(alice, ticket.pk, "A note")
    tag(alice, ticket.pk, ["pump"])
    assert happen() == [], "his own doing, and what colleagues jot down"
    receive_reply(ticket, noor, "Still leaks", address="noor@example.com")
    assert happen() == ["The customer has written."], "once, although it opened the ticket again"


def test_a_merge_and_a_missed_deadline_are_told(alice: User, bob: User, noor: Party, ticket: Ticket) -> None:
    other = actions.open_ticket(alice, title="Pump again", party=noor)
    actions_move.merge(alice, other.pk, ticket.pk)
    log.record("tickets.breached", actor="system", **changes.about(ticket), clock=1, kind="resolution")
    told = happen()
    assert f"Ticket {other.number} was merged into it." in told
    assert told[-1] == "A deadline was missed: Resolution."
    last = Broadcast.objects.latest("pk")
    assert (last.sender, last.rule) == (None, ""), "it happened by itself; no rule says it"
    assert TicketTold.objects.count() == len(told)
