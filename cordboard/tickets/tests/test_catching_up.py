"""Tickets from before deadlines were rows get theirs, without an alarm about last year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.routing.models import Broadcast
from cordboard.tickets import actions, sla_words
from cordboard.tickets.catching_up import Walk
from cordboard.tickets.models import Ticket, TicketMessage
from cordboard.tickets.models_sla import ClockChange, EscalationStep, ServicePlan, TicketClock, TicketPause
from cordboard.tickets.sweeper import sweep

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}, unit=unit())


@pytest.fixture(autouse=True)
def two_days(db: None) -> None:
    steps = [{"clock": "resolution", "percent": 50, "do": "notify_owner"}, {"clock": "resolution", "percent": 100, "do": "raise_priority"}]
    values = {"name": "Two days", "targets": {"": {"first_response": "4h", "resolution": "48h"}}, "around_the_clock": True, "steps": steps}
    ServicePlan.objects.update_or_create(code="standard", defaults=values)


def old(alice: User, opened: datetime, **values: object) -> Ticket:
    """As an installation had it before: a ticket and nothing of deadlines beside it."""
    made = actions.open_ticket(alice, title="E18", now=opened)
    for model in (EscalationStep, ClockChange, TicketPause, TicketClock):
        model._default_manager.filter(ticket=made).delete()
    Ticket.objects.filter(pk=made.pk).update(due_at=None, **values)
    made.refresh_from_db()
    return made


def clocks(ticket: Ticket) -> dict[str, TicketClock]:
    return {one.kind: one for one in TicketClock.objects.filter(ticket=ticket)}


def test_an_open_ticket_gets_its_deadlines_as_if_it_always_had_them(alice: User) -> None:
    ticket = old(alice, NOW - DAY / 2)
    assert Walk().step(NOW) == 1
    found = clocks(ticket)
    assert found["resolution"].due_at == NOW + DAY * 1.5
    assert found["first_response"].due_at == NOW - DAY / 2 + timedelta(hours=4)
    ticket.refresh_from_db()
    assert ticket.due_at == found["first_response"].due_at
    sweep(NOW + DAY)
    assert Broadcast.objects.count() == 1


def test_steps_that_lie_in_the_past_alarm_nobody(alice: User) -> None:
    ticket = old(alice, NOW - 300 * DAY)
    Walk().step(NOW)
    sweep(NOW)
    ticket.refresh_from_db()
    assert (Broadcast.objects.count(), ticket.priority) == (0, 4)
    assert clocks(ticket)["resolution"].breached_at is not None
    said = [sla_words.outcome(one, {}, {}) for one in EscalationStep.objects.filter(ticket=ticket).exclude(terms__do="breach")]
    assert said == ["It lay before the ticket had deadlines."] * 2


def test_what_was_answered_counts_as_answered_then(alice: User) -> None:
    ticket = old(alice, NOW - DAY)
    TicketMessage.objects.create(ticket=ticket, kind="reply", author=alice, text="Yes", at=NOW - DAY + timedelta(hours=1))
    Walk().step(NOW)
    first = clocks(ticket)["first_response"]
    assert (first.met_at, first.breached_at) == (NOW - DAY + timedelta(hours=1), None)


def test_a_time_that_was_given_stays(alice: User) -> None:
    ticket = old(alice, NOW - DAY)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=NOW + 9 * DAY)
    Walk().step(NOW)
    resolution = clocks(ticket)["resolution"]
    assert (resolution.due_at, resolution.fixed) == (NOW + 9 * DAY, True)


def test_who_waits_for_the_customer_waits_from_now_on(alice: User) -> None:
    ticket = old(alice, NOW - DAY, state="waiting")
    Walk().step(NOW)
    assert clocks(ticket)["resolution"].paused
    assert TicketPause.objects.get(ticket=ticket).begun_at == NOW


def test_done_merged_and_newer_tickets_are_left_alone_and_the_walk_ends(alice: User) -> None:
    done, newer = old(alice, NOW - DAY, state="closed", resolved_at=NOW), actions.open_ticket(alice, title="new", now=NOW)
    before = TicketClock.objects.filter(ticket=newer).count()
    walk = Walk()
    assert (walk.step(NOW), walk.done) == (0, True)
    assert not clocks(done)
    assert TicketClock.objects.filter(ticket=newer).count() == before
    ticket = old(alice, NOW - DAY)
    assert Walk().step(NOW) == 1
    assert Walk().step(NOW) == 0
    assert TicketClock.objects.filter(ticket=ticket).count() == 2
