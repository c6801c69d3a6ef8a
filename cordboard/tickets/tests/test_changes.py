"""What becomes of a ticket leaves a line in its conversation, and is heard by the lists in which it stood and stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cordboard.events.models import Event
from cordboard.org.actions_worklist import release, take
from cordboard.org.models import Position, User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions, actions_bulk_each, actions_edit, actions_message, actions_viewing
from cordboard.tickets.models import Ticket, TicketChange
from cordboard.tickets.models_sla import ServicePlan
from cordboard.tickets.sweeper import sweep

NOW = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit("service"))


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", WORKS, unit=unit("workshop"))


def topics(kind: str) -> set[str]:
    return set(Event.objects.filter(kind=kind).order_by("-pk").values_list("topics", flat=True)[0])


def lines(ticket: Ticket) -> list[tuple[str, str, str]]:
    return list(TicketChange.objects.filter(ticket=ticket).order_by("at", "pk").values_list("what", "old", "new"))


def test_a_new_ticket_is_heard_by_the_lists_of_its_unit_its_owner_and_all(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW)
    heard = topics("tickets.opened")
    assert {"tickets", f"ticket:{ticket.pk}", f"unit:{alice.unit_id}", f"user:{alice.pk}"} <= heard


def test_a_ticket_given_away_is_heard_where_it_was_and_where_it_came(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW)
    actions.give(alice, ticket.pk, bob)
    assert {f"unit:{alice.unit_id}", f"unit:{bob.unit_id}", f"user:{alice.pk}", f"user:{bob.pk}"} <= topics("tickets.given")
    actions_bulk_each.set_unit(bob, ticket.pk, alice.unit_id)
    assert {f"unit:{alice.unit_id}", f"unit:{bob.unit_id}"} <= topics("tickets.edited")


def test_the_list_of_a_position_hears_of_its_tickets(alice: User) -> None:
    counter = Position.objects.create(code="counter", name="Counter", unit=alice.unit)
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(position=counter)
    actions.set_state(alice, ticket.pk, "waiting", now=NOW)
    assert f"position:{counter.pk}" in topics("tickets.state_changed")


def test_who_looks_at_a_ticket_disturbs_no_list(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW)
    actions_viewing.here(bob, ticket.pk)
    assert topics("tickets.viewing") == {f"ticket:{ticket.pk}"}


def test_each_change_leaves_a_line_with_who_made_it(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="Kettle leaks", kind="incident", now=NOW)
    was = ticket.priority
    actions.set_state(bob, ticket.pk, "open", now=NOW)
    actions.give(alice, ticket.pk, bob)
    actions_edit.edit(
        bob, ticket.pk, {"priority": was, "kind": "incident", "title": "Kettle leaks"}, {"priority": 2, "kind": "request", "title": "Kettle drips"}
    )
    actions_bulk_each.set_unit(bob, ticket.pk, alice.unit_id)
    assert sorted(lines(ticket)) == sorted(
        [("state", "new", "open"), ("owner", "", ""), ("kind", "incident", "request"), ("priority", str(was), "2"), ("unit", "", "")]
    )
    owner = TicketChange.objects.get(ticket=ticket, what="owner")
    assert (owner.by, owner.old_owner, owner.new_owner) == (alice, alice, bob)


def test_taking_and_releasing_leaves_lines(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW)
    assert release(alice, "ticket", ticket.pk, why="my shift is over").done
    assert take(bob, "ticket", ticket.pk).done
    rows = list(TicketChange.objects.filter(ticket=ticket).order_by("pk"))
    assert [(row.by, row.new_owner, row.why) for row in rows] == [(alice, None, "my shift is over"), (bob, bob, "taken")]


def test_the_customer_who_writes_opens_it_again_with_a_line(alice: User) -> None:
    noor = parties.create(None, name="Noor de Vries", email="noor@example.com", country="NL")
    ticket = actions.open_ticket(alice, title="Kettle leaks", party=noor, now=NOW)
    actions.set_state(alice, ticket.pk, "resolved", now=NOW)
    actions_message.receive_reply(ticket, noor, "It still leaks", now=NOW + timedelta(hours=1))
    row = TicketChange.objects.filter(ticket=ticket).latest("pk")
    assert (row.what, row.old, row.new, row.actor, row.by) == ("state", "resolved", "open", "customer", None)


def test_a_step_before_a_deadline_is_one_line_not_two(alice: User) -> None:
    ServicePlan.objects.update_or_create(
        code="standard",
        defaults={"name": "Standard", "targets": {"": {"resolution": "8h"}}, "steps": [{"clock": "resolution", "percent": 50, "do": "raise_priority"}]},
    )
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW - timedelta(days=9))
    sweep(NOW)
    rows = TicketChange.objects.filter(ticket=ticket)
    assert [row.values["outcome"]["code"] for row in rows] == ["priority", "breached"]
    assert {row.what for row in rows} == {"step"}


def test_what_did_not_change_leaves_no_line(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="Kettle leaks", now=NOW)
    actions.set_state(alice, ticket.pk, "new", now=NOW)
    actions.give(alice, ticket.pk, alice)
    actions_edit.edit(alice, ticket.pk, {"title": "Kettle leaks"}, {"title": "Kettle drips"})
    assert lines(ticket) == []
