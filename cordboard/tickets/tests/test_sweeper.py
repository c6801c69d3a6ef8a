"""Steps before a deadline: taken when they are due, once, and explained on the ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordboard.events.models import Event
from cordboard.org.models import Absence, Unit, User
from cordboard.org.tests.people import person
from cordboard.parties.models import Party
from cordboard.routing.models import Broadcast, BroadcastReceipt
from cordboard.tickets import actions, actions_sla, escalation_acts, queries_sla, sla_words
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import EscalationStep, ServicePlan
from cordboard.tickets.sweeper import sweep
from cordboard.tickets.tests.conftest import WORKS, Plan

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def taken(ticket: Ticket) -> list[str]:
    steps = EscalationStep.objects.filter(ticket=ticket).exclude(state="planned").order_by("taken_at", "at", "pk")
    return [one.terms["do"] for one in steps]


def test_each_step_in_its_time(ten_hours: Plan, alice: User, carol: User) -> None:
    ten_hours({"percent": 50, "do": "notify_owner"}, {"percent": 80, "do": "raise_priority"}, {"before": 30, "do": "notify_head"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 4 * HOUR)
    assert taken(ticket) == []
    sweep(NOW + 5 * HOUR)
    assert taken(ticket) == ["notify_owner"]
    assert BroadcastReceipt.objects.get().reader == alice
    sweep(NOW + 8 * HOUR)
    ticket.refresh_from_db()
    assert ticket.priority == 3
    sweep(NOW + 11 * HOUR)
    assert taken(ticket) == ["notify_owner", "raise_priority", "notify_head", "breach"]
    assert ticket.clocks.get().breached_at == NOW + 10 * HOUR
    assert Broadcast.objects.last().texts["nl"]  # type: ignore[union-attr]
    found = queries_sla.standing(ticket)
    said = [sla_words.outcome(one, found.people, found.units) for one in found.steps]
    assert said == ["Alice was told.", "Priority 3 instead of 4.", "Carol was told.", "The time has passed."]
    assert Event.objects.filter(kind="tickets.escalated").count() == 3


def test_a_clock_set_back_takes_no_step_twice(ten_hours: Plan, alice: User) -> None:
    ten_hours({"percent": 50, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    for hours in (6, 2, 6, 5, 7):
        sweep(NOW + hours * HOUR)
    ticket.refresh_from_db()
    assert (ticket.priority, taken(ticket)) == (3, ["raise_priority"])


def test_while_the_customer_is_waited_for_no_step_is_taken(ten_hours: Plan, alice: User) -> None:
    ten_hours({"percent": 50, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    actions.set_state(alice, ticket.pk, "waiting", now=NOW + 4 * HOUR)
    sweep(NOW + 40 * HOUR)
    assert taken(ticket) == []
    actions.set_state(alice, ticket.pk, "open", now=NOW + 40 * HOUR)
    sweep(NOW + 40 * HOUR + HOUR / 2)
    assert taken(ticket) == []
    sweep(NOW + 41 * HOUR)
    assert taken(ticket) == ["raise_priority"]


def test_a_step_that_was_taken_stays_taken_when_the_deadline_moves(ten_hours: Plan, alice: User) -> None:
    ten_hours({"percent": 50, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 11 * HOUR)
    assert ticket.clocks.get().breached_at is not None
    ServicePlan.objects.filter(code="standard").update(targets={"": {"resolution": "40h"}}, version=2)
    ticket.refresh_from_db()
    actions_sla.settle(ticket, "plan", now=NOW + 11 * HOUR)
    assert ticket.clocks.get().breached_at is None, "it is in time again"
    sweep(NOW + 41 * HOUR)
    ticket.refresh_from_db()
    assert ticket.priority == 3
    assert taken(ticket) == ["raise_priority", "breach", "breach"]


def test_what_is_done_has_no_steps(ten_hours: Plan, alice: User) -> None:
    ten_hours({"percent": 50, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    actions.set_state(alice, ticket.pk, "resolved", now=NOW + HOUR)
    sweep(NOW + 20 * HOUR)
    assert not EscalationStep.objects.filter(ticket=ticket).exists()


def test_a_unit_without_a_head_goes_up_the_tree_and_says_so(ten_hours: Plan, alice: User, carol: User, desk: Unit) -> None:
    ten_hours({"percent": 50, "do": "to_head"})
    team = Unit.objects.create(name="Team", code="team", parent=desk)
    User.objects.filter(pk=alice.pk).update(unit=team)
    alice.refresh_from_db()
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 6 * HOUR)
    ticket.refresh_from_db()
    assert ticket.owner == carol
    found = queries_sla.standing(ticket)
    assert sla_words.outcome(found.steps[0], found.people, found.units) == "Given to Carol. Team has no head who is there."


def test_who_is_away_is_stood_in_for(ten_hours: Plan, alice: User, carol: User, desk: Unit) -> None:
    bob, dan = person("bob", WORKS, unit=desk), person("dan", WORKS, unit=desk)
    ten_hours(*({"percent": share, "do": do} for share, do in ((10, "notify_owner"), (20, "notify_head"), (30, "to_account_owner"), (40, "to_head"))))
    noor = Party.objects.create(name="Noor de Vries", account_owner=alice, created_at=NOW)
    days = {"first_day": NOW.date() - timedelta(days=1), "last_day": NOW.date() + timedelta(days=9), "made_by": carol, "made_at": NOW}
    Absence.objects.create(user=alice, deputy=bob, **days)
    Absence.objects.create(user=carol, deputy=dan, **days)
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    sweep(NOW + 4 * HOUR)
    assert [row.reader for row in BroadcastReceipt.objects.order_by("broadcast__pk")] == [bob, dan]
    assert [one.outcome["who"] for one in EscalationStep.objects.filter(ticket=ticket).exclude(state="planned").order_by("at")] == [
        bob.pk,
        dan.pk,
        bob.pk,
        dan.pk,
    ]


def test_with_nobody_to_stand_in_it_goes_up_and_says_so(ten_hours: Plan, alice: User, carol: User, desk: Unit) -> None:
    ten_hours({"percent": 10, "do": "notify_owner"})
    erik = person("erik", WORKS)
    Unit.objects.filter(pk=desk.pk).update(parent=Unit.objects.create(name="Centre", code="centre", head=erik))
    for one in (alice, carol):
        Absence.objects.create(user=one, first_day=NOW.date(), last_day=NOW.date(), made_by=carol, made_at=NOW)
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 2 * HOUR)
    found = queries_sla.standing(ticket)
    assert sla_words.outcome(found.steps[0], found.people, found.units) == f"Erik was told. The owner is away. {desk.name} has no head who is there."


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("to_head", "Nobody was told: no unit up to the top has a head who is there."),
        ("notify_head", "Nobody was told: no unit up to the top has a head who is there."),
        ("to_account_owner", "The customer has no account owner who is there."),
        ("next_level", "No unit serves a higher level, or a call is being handed on with it."),
    ],
)
def test_what_cannot_be_done_is_said(ten_hours: Plan, alice: User, do: str, said: str) -> None:
    ten_hours({"percent": 50, "do": do}, {"percent": 60, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 6 * HOUR)
    found = queries_sla.standing(ticket)
    assert [one.state for one in found.steps] == ["failed", "taken", "planned"]
    assert sla_words.outcome(found.steps[0], found.people, found.units) == said


def test_back_into_the_units_work_list(ten_hours: Plan, alice: User, desk: Unit) -> None:
    ten_hours({"percent": 50, "do": "to_unit"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW + 6 * HOUR)
    ticket.refresh_from_db()
    assert (ticket.owner, ticket.unit) == (None, desk)


def test_an_act_that_breaks_leaves_nothing_of_itself_and_hinders_no_other(ten_hours: Plan, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(at: escalation_acts.Taking) -> dict[str, Any]:
        escalation_acts.raise_priority(at)
        raise RuntimeError("in the middle")

    monkeypatch.setattr(escalation_acts, "ACTS", {**escalation_acts.ACTS, "notify_owner": breaks})
    monkeypatch.setattr("cordboard.tickets.sweeper.ACTS", escalation_acts.ACTS)
    ten_hours({"percent": 50, "do": "notify_owner"}, {"percent": 60, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    swept = sweep(NOW + 6 * HOUR)
    ticket.refresh_from_db()
    assert (ticket.priority, swept.taken, swept.failed) == (3, 2, 1)


def test_a_deadline_that_is_shorter_than_the_warning_warns_at_once(ten_hours: Plan, alice: User) -> None:
    ten_hours({"before": 60 * 24, "do": "raise_priority"})
    ticket = actions.open_ticket(alice, title="E18", now=NOW)
    sweep(NOW)
    assert taken(ticket) == ["raise_priority"]
