"""How much may be given, by rules on history and value; who must agree to more, in order; and that it is given once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.events.models import Event
from cordboard.interactions import actions_approval as approvals
from cordboard.interactions.models import Approval
from cordboard.org.models import Absence, Position, Unit, User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.routing.models import Broadcast
from cordboard.rules.models import Policy
from cordboard.tickets import actions, goodwill
from cordboard.tickets import actions_goodwill as grants
from cordboard.tickets.goodwill import Limit, Step
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_goodwill import Grant, GrantStep
from cordboard.tickets.queries_goodwill import decide

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine of the tests may be busy."""
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
BODY = {
    "schema": 1, "mode": "all", "timezone": "Europe/Amsterdam",
    "rules": [
        {"id": "steps", "name": "More needs the head, and finance above 200", "actions": [
            {"do": "approval_by", "of": "head", "hours": 4}, {"do": "approval_by", "of": "unit:finance", "above": 200, "hours": 48}]},
        {"id": "gold", "name": "Gold customers", "when": {"fact": "party.value_segment", "op": "is", "value": "gold"}, "actions": [{"do": "goodwill_limit", "amount": 100}]},
        {"id": "often", "name": "Given often", "when": {"fact": "goodwill.times_year", "op": "at_least", "value": 3}, "actions": [{"do": "goodwill_limit", "amount": 0}]},
        {"id": "all", "name": "Everyone else", "actions": [{"do": "goodwill_limit", "amount": 25}]},
    ],
}  # fmt: skip


@pytest.fixture
def policy(db: None) -> None:
    Policy.objects.create(area="goodwill", code="goodwill", name="Goodwill", version=1, state=Policy.State.PUBLISHED, body=BODY, published_at=NOW)


@pytest.fixture
def carol(db: None) -> User:
    """Head of service."""
    row = person("carol", WORKS, unit=unit())
    Unit.objects.filter(code="service-nl").update(head=row)
    return row


@pytest.fixture
def fred(db: None) -> User:
    """Head of finance."""
    row = person("fred", WORKS, unit=unit("finance"))
    Unit.objects.filter(code="finance").update(head=row)
    return row


@pytest.fixture
def alice(carol: User, fred: User) -> User:
    return person("alice", WORKS, unit=Unit.objects.get(code="service-nl"))


@pytest.fixture
def noor(db: None) -> Party:
    return parties.create(None, name="Noor de Vries", languages=["nl"], country="NL")


@pytest.fixture
def ticket(alice: User, noor: Party, policy: None) -> Ticket:
    return actions.open_ticket(alice, title="Machine leaked", party=noor, now=NOW)


def step(grant: Grant, order: int) -> GrantStep:
    return GrantStep.objects.get(grant=grant, order=order)


def decided(grant: Grant, order: int, by: User, agree: bool = True, reason: str = "") -> Grant:
    """The approval of a step is decided, and the worker hears of it."""
    approval = step(grant, order).approval_id
    assert approval is not None
    approvals.decide(by, approval, agree, reason, now=NOW + timedelta(minutes=order))
    grants.advance(approval, now=NOW + timedelta(minutes=order))
    grant.refresh_from_db()
    return grant


def test_within_the_limit_it_is_given_at_once_and_the_limit_falls(alice: User, ticket: Ticket) -> None:
    before = decide(ticket, "goodwill", NOW)
    assert before.limit == Limit(Decimal("25.00"), "EUR", Decimal(0), before.limit.steps)
    assert [one["values"]["name"] for one in before.told] == ["More needs the head, and finance above 200", "Everyone else"]
    grant = grants.give(alice, ticket.pk, "goodwill", "12,50", "Wet floor", now=NOW)
    assert (grant.state, grant.given_by, grant.amount) == ("given", alice, Decimal("12.50"))
    assert decide(ticket, "goodwill", NOW).limit.free == Decimal("12.50")
    assert decide(ticket, "refund", NOW).limit.free == Decimal("25.00")  # refunds are counted apart
    assert decide(ticket, "goodwill", NOW + timedelta(days=366)).limit.free == Decimal("25.00")
    assert Event.objects.get(kind="tickets.grant_given").body["approved"] is False


def test_history_and_value_change_the_limit(alice: User, ticket: Ticket, noor: Party) -> None:
    Party.objects.filter(pk=noor.pk).update(value_segment="gold")
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert decide(ticket, "goodwill", NOW).limit.amount == Decimal("100.00")
    Party.objects.filter(pk=noor.pk).update(value_segment="bronze")
    for _time in range(3):
        grants.give(alice, ticket.pk, "voucher", 1, "Small thing", now=NOW)
    assert decide(Ticket.objects.get(pk=ticket.pk), "goodwill", NOW).limit.free == 0


def test_above_it_all_must_agree_in_order_and_then_it_is_given_once(alice: User, carol: User, fred: User, ticket: Ticket) -> None:
    grant = grants.give(alice, ticket.pk, "refund", 250, "Came broken", now=NOW)
    assert grant.state == "asked"
    first, second = step(grant, 1), step(grant, 2)
    assert (first.state, second.state) == ("asked", "later")
    assert first.approval is not None
    assert first.approval.about == f"grant:{grant.pk}"
    assert "Noor de Vries" in first.approval.texts["nl"]["text"]
    with pytest.raises(PermissionDenied):
        approvals.decide(fred, first.approval.pk, True)  # not yet theirs
    with pytest.raises(ValidationError, match="cannot be given"):
        grants.carry_out(alice, grant.pk)
    assert decided(grant, 1, carol).state == "asked"
    assert step(grant, 2).state == "asked"
    assert decided(grant, 2, fred).state == "approved"
    grants.carry_out(alice, grant.pk, now=NOW)
    with pytest.raises(ValidationError, match="cannot be given"):
        grants.carry_out(carol, grant.pk, now=NOW)
    assert Event.objects.filter(kind="tickets.grant_given").count() == 1


def test_a_smaller_amount_needs_the_head_alone_and_who_declines_ends_it(alice: User, carol: User, ticket: Ticket) -> None:
    grant = grants.give(alice, ticket.pk, "goodwill", 60, "Two visits for nothing", now=NOW)
    assert grant.steps.count() == 1
    assert decided(grant, 1, carol, agree=False, reason="Offer a visit first").state == "declined"
    with pytest.raises(ValidationError):
        grants.carry_out(alice, grant.pk)


def test_the_second_is_not_asked_when_the_first_declines(alice: User, carol: User, ticket: Ticket) -> None:
    grant = grants.give(alice, ticket.pk, "refund", 250, "Came broken", now=NOW)
    decided(grant, 1, carol, agree=False, reason="Repair it")
    assert step(grant, 2).state == "off"
    assert Approval.objects.count() == 1


def test_a_head_who_is_away_is_stood_in_for(alice: User, carol: User, ticket: Ticket) -> None:
    bob = person("bob", WORKS, unit=carol.unit)
    Absence.objects.create(user=carol, first_day=date(2026, 11, 16), last_day=date(2026, 11, 20), deputy=bob, made_at=NOW)
    grant = grants.give(alice, ticket.pk, "goodwill", 60, "Two visits", now=NOW)
    asked = step(grant, 1)
    assert asked.approval is not None
    assert (asked.approval.approver, asked.deputy, asked.why) == (bob, True, "away")
    assert decided(grant, 1, bob).state == "approved"


def test_a_head_who_does_not_answer_is_followed_by_the_deputy_and_then_it_is_over(alice: User, carol: User, ticket: Ticket) -> None:
    deputy = Position.objects.create(name="Deputy", code="deputy", unit=carol.unit)
    carol.position = Position.objects.create(name="Head", code="head", unit=carol.unit, deputy=deputy)
    carol.save()
    bob = person("bob", WORKS, unit=carol.unit, position=deputy)
    grant = grants.give(alice, ticket.pk, "goodwill", 60, "Two visits", now=NOW)
    first = step(grant, 1).approval
    assert first is not None
    for late in (NOW + timedelta(hours=5), NOW + timedelta(hours=10)):
        approvals.expire(now=late)
        for number in Approval.objects.filter(state="expired").values_list("pk", flat=True):
            grants.advance(number, now=late)
        asked = step(grant, 1)
        assert asked.approval is not None
        assert asked.approval.approver == bob
    grant.refresh_from_db()
    assert (grant.state, step(grant, 1).state, step(grant, 1).why) == ("expired", "expired", "late")


def test_a_head_asks_the_one_above_and_with_nobody_above_nothing_is_kept(carol: User, fred: User, noor: Party, policy: None) -> None:
    row = actions.open_ticket(carol, title="Machine leaked", party=noor, now=NOW)
    with pytest.raises(ValidationError, match="nobody who could approve"):
        grants.give(carol, row.pk, "goodwill", 60, "Two visits", now=NOW)
    assert not Grant.objects.exists()
    Unit.objects.filter(code="service-nl").update(parent=Unit.objects.get(code="finance"))
    grant = grants.give(User.objects.get(pk=carol.pk), row.pk, "goodwill", 60, "Two visits", now=NOW)
    asked = step(grant, 1)
    assert asked.approval is not None
    assert (asked.approval.approver, asked.why) == (fred, "own")


def test_with_nobody_left_for_a_later_step_it_is_declined_and_who_asked_is_told(alice: User, carol: User, fred: User, ticket: Ticket) -> None:
    finance = Unit.objects.get(code="finance")
    Unit.objects.filter(pk=finance.pk).update(head=None)
    with pytest.raises(ValidationError, match="nobody who could approve"):
        grants.give(alice, ticket.pk, "refund", 500, "Broken", now=NOW)
    assert not Grant.objects.exists(), "carol is not asked in vain"
    Unit.objects.filter(pk=finance.pk).update(head=fred)
    grant = grants.give(alice, ticket.pk, "refund", 500, "Broken", now=NOW)
    Unit.objects.filter(pk=finance.pk).update(head=None)  # fred has left while carol thought about it
    grant = decided(grant, 1, carol)
    assert (grant.state, step(grant, 2).state, step(grant, 2).why) == ("declined", "declined", "nobody")
    told = Broadcast.objects.get(receipts__reader=alice)
    assert "500.00 EUR" in told.text
    with pytest.raises(ValidationError):
        grants.carry_out(alice, grant.pk, now=NOW)


def test_who_asked_can_withdraw_and_nobody_is_asked_any_more(alice: User, carol: User, ticket: Ticket) -> None:
    grant = grants.give(alice, ticket.pk, "refund", 250, "Came broken", now=NOW)
    with pytest.raises(PermissionDenied):
        grants.withdraw(carol, grant.pk)
    assert grants.withdraw(alice, grant.pk, now=NOW).state == "withdrawn"
    assert Approval.objects.get().state == "withdrawn"
    assert {one.state for one in grant.steps.all()} == {"off"}


def test_the_same_answer_heard_twice_changes_nothing(alice: User, carol: User, ticket: Ticket) -> None:
    grant = grants.give(alice, ticket.pk, "refund", 250, "Came broken", now=NOW)
    decided(grant, 1, carol)
    first = step(grant, 1).approval_id
    assert first is not None
    assert grants.advance(first) is None
    assert Approval.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "field"), [("car", 5, "x", "kind"), ("refund", "a lot", "x", "amount"), ("refund", "-5", "x", "amount"), ("refund", 5, " ", "reason")]
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_field(alice: User, ticket: Ticket, kind: str, amount: Any, reason: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        grants.give(alice, ticket.pk, kind, amount, reason)
    assert list(refused.value.message_dict) == [field]


def test_without_any_rule_everything_needs_approval(alice: User, ticket: Ticket) -> None:
    Policy.objects.all().delete()
    assert decide(ticket, "goodwill", NOW).limit.amount is None
    assert grants.give(alice, ticket.pk, "goodwill", 1, "A stamp", now=NOW).state == "asked"


def test_dave_gives_nothing(ticket: Ticket) -> None:
    with pytest.raises(PermissionDenied):
        grants.give(person("dave", {}), ticket.pk, "goodwill", 1, "for a friend")


@pytest.mark.django_db(transaction=True)
def test_two_who_give_at_a_time_do_not_exceed_the_limit_together(alice: User, ticket: Ticket) -> None:
    def act(_n: int) -> str:
        try:
            return str(grants.give(alice, ticket.pk, "goodwill", 20, "Wet floor", now=NOW).state)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(act, range(2))) == ["asked", "given"]


AMOUNTS = st.decimals(0, 1000, places=2)


@UNHURRIED
@given(st.none() | AMOUNTS, AMOUNTS, AMOUNTS, st.lists(AMOUNTS, max_size=3))
def test_nobody_is_needed_within_what_is_free_and_somebody_always_above(limit: Decimal | None, past: Decimal, amount: Decimal, above: list[Decimal]) -> None:
    found = Limit(limit, "EUR", past, tuple(Step(f"unit:{n}", 4, value) for n, value in enumerate(above)))
    needed = found.needs(amount)
    assert found.free >= 0
    assert (not needed) == (amount <= found.free)
    assert all(amount > one.above for one in needed if one in found.steps)


def test_of_several_limits_the_first_counts_and_each_approver_once() -> None:
    found = goodwill.limit(
        [{"do": "goodwill_limit", "amount": 50}, {"do": "goodwill_limit", "amount": 100, "currency": "THB"}, {"do": "approval_by", "of": "head"}, {"do": "approval_by", "of": "head", "hours": 9}],
        Decimal(20), "EUR",
    )  # fmt: skip
    assert (found.amount, found.currency, found.free) == (Decimal("50.00"), "EUR", Decimal("30.00"))
    assert found.steps == (Step("head", 24, Decimal("0.00")),)
