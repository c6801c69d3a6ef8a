"""The customer is answered by telephone too: a talk about a ticket counts, a call that nobody took does not. What they say to a colleague counts as written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.interactions.models import Interaction, Segment
from cordboard.org.models import User
from cordboard.org.tests.people import person
from cordboard.parties.models import Party
from cordboard.routing.models import Outgoing
from cordboard.tickets import actions, actions_sla
from cordboard.tickets.actions_message import WrittenSince, add_note, customer_said, receive_reply, reply
from cordboard.tickets.models import ServicePlan, Ticket, TicketClock, TicketMessage

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plan() -> ServicePlan:
    targets = {"": {"first_response": "1h", "next_response": "2h", "resolution": "8h"}}
    row, _made = ServicePlan.objects.update_or_create(code="standard", defaults={"name": "Quick", "targets": targets, "steps": []})
    return row


def contact(noor: Party, alice: User, **terms: Any) -> Interaction:
    given = {"channel": "voice", "state": "active", "subject": noor, "agent": alice, "started_at": NOW, "answered_at": NOW}
    return Interaction.objects.create(**{**given, **terms})


def owed(ticket: Ticket) -> set[str]:
    return set(TicketClock.objects.filter(ticket=ticket, ended_at=None).values_list("kind", flat=True))


def stands(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_who_talked_with_the_customer_has_answered_first(alice: User, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="E18", interaction=contact(noor, alice), now=NOW)
    assert owed(ticket) == {"resolution"}
    assert ticket.clocks.get(kind="first_response").met_at == NOW


@pytest.mark.parametrize("terms", [{"answered_at": None}, {"channel": "email"}])
def test_a_contact_without_a_talk_answers_nobody(alice: User, noor: Party, terms: dict[str, Any]) -> None:
    ticket = actions.open_ticket(alice, title="E18", interaction=contact(noor, alice, **terms), now=NOW)
    assert owed(ticket) == {"first_response", "resolution"}


def test_a_call_of_ours_counts_when_the_customer_took_it(alice: User, noor: Party) -> None:
    call = contact(noor, alice, direction="outbound")
    out = Outgoing.objects.create(interaction=call, number="+31205550123")
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    other = actions.open_ticket(alice, title="E19", party=noor, now=NOW)
    actions.link(alice, ticket.pk, call.pk, now=LATER)
    assert "first_response" in owed(ticket), "it only rang"
    out.answered_at = LATER
    out.save()
    actions.link(alice, other.pk, call.pk, now=LATER)
    assert owed(other) == {"resolution"}


def test_a_message_that_was_left_is_no_talk(alice: User, noor: Party) -> None:
    call = contact(noor, alice)
    Segment.objects.create(interaction=call, agent=alice, kind="message", offered_at=NOW, accepted_at=NOW)
    assert "first_response" in owed(actions.open_ticket(alice, title="E18", interaction=call, now=NOW))


def test_a_call_about_a_ticket_that_waits_opens_it_and_answers_what_was_asked(alice: User, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    reply(alice, ticket.pk, "Did that help?", now=NOW)
    receive_reply(ticket, noor, "No", now=NOW)
    actions.set_state(alice, ticket.pk, "waiting", now=NOW)
    assert owed(ticket) == {"next_response", "resolution"}
    actions.link(alice, ticket.pk, contact(noor, alice).pk, now=LATER)
    row = stands(ticket)
    assert (row.state, row.unanswered_since, owed(row)) == ("open", None, {"resolution"})
    assert row.clocks.get(kind="next_response").met_at == LATER


def test_a_level_that_asks_for_a_first_answer_later_finds_the_one_that_was_given(alice: User, noor: Party, plan: ServicePlan) -> None:
    wanted = plan.targets
    ServicePlan.objects.update(targets={"": {"resolution": "8h"}})
    written = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    called = actions.open_ticket(alice, title="E19", interaction=contact(noor, alice), now=NOW)
    nobody = actions.open_ticket(alice, title="E20", party=noor, now=NOW)
    reply(alice, written.pk, "We come", now=LATER)
    ServicePlan.objects.update(targets=wanted)
    for ticket in (written, called, nobody):
        actions_sla.settle(stands(ticket), "plan", now=NOW + timedelta(days=3))
    assert [owed(one) for one in (written, called, nobody)] == [{"resolution"}, {"resolution"}, {"first_response", "resolution"}]


def test_what_the_customer_said_to_a_colleague_counts_as_written(alice: User, bob: User, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    reply(alice, ticket.pk, "Did that help?", then="waiting", now=NOW)
    made = customer_said(bob, ticket.pk, "She says no.", now=LATER)
    assert (made.kind, made.author, made.party) == ("received", bob, noor)
    assert (stands(ticket).state, stands(ticket).unanswered_since) == ("open", LATER)
    with pytest.raises(PermissionDenied):
        customer_said(person("dave", {}), ticket.pk, "Hm")
    with pytest.raises(ValidationError):
        customer_said(bob, ticket.pk, " ")


def test_who_replies_hears_what_was_written_since_and_may_send_all_the_same(alice: User, bob: User, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    first = receive_reply(ticket, noor, "It leaks", now=NOW)
    hers = reply(alice, ticket.pk, "We come on Monday", seen=first.pk, now=NOW)
    note = add_note(alice, ticket.pk, "Told her")
    with pytest.raises(WrittenSince) as since:
        reply(bob, ticket.pk, "We come on Friday", seen=first.pk, now=NOW)
    assert since.value.messages == [hers], "notes are no matter"
    assert not TicketMessage.objects.filter(author=bob).exists()
    assert reply(bob, ticket.pk, "Friday it is", seen=note.pk, now=NOW).author == bob
