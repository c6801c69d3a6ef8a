"""A ticket goes up the support levels with what the next one asks for, comes back with a reason, and goes with a call."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Product
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.routing.models import Queue
from cordboard.tickets import actions, levels
from cordboard.tickets import actions_level as level
from cordboard.tickets.levels import Item, Place, Step
from cordboard.tickets.models import LevelItem, LevelStep, SupportLevel, Ticket
from cordboard.tickets.queries_level import where

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine of the tests may be busy."""
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit("first"))


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", WORKS, unit=unit("second"))


@pytest.fixture
def houses(db: None) -> None:
    """Level 1 for all, level 2 for washing machines, no level 3, a technician for all."""
    SupportLevel.objects.create(rank=1, unit=unit("first"))
    SupportLevel.objects.create(rank=2, family="washing-machine", unit=unit("second"))
    SupportLevel.objects.create(rank=4, unit=unit("field"))
    LevelItem.objects.create(rank=2, asks="product", names={"en": "The product"}, order=1)
    LevelItem.objects.create(rank=2, family="washing-machine", asks="text", names={"en": "The code on the display"}, order=2)
    LevelItem.objects.create(rank=2, family="fridge", asks="text", names={"en": "The temperature inside"}, order=3)
    LevelItem.objects.create(rank=2, asks="check", names={"en": "Switched off and on again"}, required=False, order=4)


@pytest.fixture
def ticket(alice: User) -> Ticket:
    noor = parties.create(None, name="Noor de Vries", phone="+31205550123", languages=["nl"], country="NL")
    machine = Product.objects.create(code="w8", names={"en": "W8"}, family="washing-machine")
    hers = catalogue.register(noor.pk, machine, "W8-1", date(2026, 1, 5), None)
    return actions.open_ticket(alice, title="Machine shows E18", party=noor, product=hers, now=NOW)


def code_item() -> int:
    return LevelItem.objects.get(names={"en": "The code on the display"}).pk


def test_the_next_level_gets_the_ticket_with_the_answers_it_asks_for(alice: User, houses: None, ticket: Ticket) -> None:
    step = level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, why="pump does not turn", now=NOW)
    ticket.refresh_from_db()
    assert (ticket.unit, ticket.owner) == (unit("second"), None)
    assert (step.from_rank, step.to_rank, step.from_unit, step.by) == (1, 2, unit("first"), alice)
    assert [(one["names"]["en"], one["answer"]) for one in step.answers] == [
        ("The product", "yes"),
        ("The code on the display", "E18"),
        ("Switched off and on again", ""),
    ]
    told = Event.objects.get(kind="tickets.handed_on")
    assert (told.body["to_rank"], told.body["old_owner"], told.why) == (2, alice.pk, "pump does not turn")


def test_it_is_refused_while_something_is_missing_and_the_missing_is_named(alice: User, houses: None, ticket: Ticket) -> None:
    with pytest.raises(level.Missing) as refused:
        level.send_on(alice, ticket.pk, answers={code_item(): "  "}, now=NOW)
    assert refused.value.names == ["The code on the display"]  # not the tick, which is not required, and nothing of fridges
    ticket.refresh_from_db()
    assert (ticket.unit, ticket.owner, ticket.version) == (unit("first"), alice, 1)
    assert not LevelStep.objects.exists()


def test_where_nobody_is_level_three_the_technician_is_next_and_above_is_nobody(alice: User, houses: None, ticket: Ticket) -> None:
    level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    assert level.send_on(alice, ticket.pk, now=NOW).to_rank == levels.TECHNICIAN
    with pytest.raises(ValidationError, match="Nobody serves a higher level"):
        level.send_on(alice, ticket.pk, now=NOW)


def test_it_is_handed_back_to_who_sent_it_with_a_reason(alice: User, bob: User, houses: None, ticket: Ticket) -> None:
    level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    actions.give(bob, ticket.pk, bob)
    with pytest.raises(ValidationError, match="Say why"):
        level.hand_back(bob, ticket.pk, " ")
    step = level.hand_back(bob, ticket.pk, "The hose was shut", now=NOW + timedelta(hours=1))
    ticket.refresh_from_db()
    assert (ticket.owner, ticket.unit) == (alice, unit("first"))
    assert (step.way, step.from_rank, step.to_rank, step.why) == ("back", 2, 1, "The hose was shut")
    with pytest.raises(ValidationError, match="nobody to hand it back to"):
        level.hand_back(alice, ticket.pk, "again")


def test_who_sent_it_and_is_gone_does_not_get_it_back(alice: User, bob: User, houses: None, ticket: Ticket) -> None:
    level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    level.hand_back(bob, ticket.pk, "No fault found", now=NOW)
    ticket.refresh_from_db()
    assert (ticket.owner, ticket.unit) == (None, unit("first"))


def test_the_third_time_to_the_same_unit_is_a_circle(alice: User, bob: User, houses: None, ticket: Ticket) -> None:
    for _time in range(2):
        level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
        level.hand_back(bob, ticket.pk, "Nothing found", now=NOW)
    with pytest.raises(level.Circle, match="2 times"):
        level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    assert level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, sure=True, now=NOW).circle


def test_a_rule_sends_it_on_and_says_what_was_not_known(houses: None, ticket: Ticket) -> None:
    step = level.next_level(ticket, "worker", "due in an hour", now=NOW)
    assert step is not None
    assert step.way == "rule"
    assert step.by is None
    assert [one["names"]["en"] for one in step.answers if one["missing"]] == ["The code on the display"]
    assert Event.objects.get(kind="tickets.handed_on").actor == "worker"
    assert level.next_level(ticket.pk, "worker", "late") is not None  # to the technician
    assert level.next_level(ticket.pk, "worker", "late") is None  # nobody is above
    actions.set_state(User.objects.get(username="alice"), ticket.pk, "resolved", now=NOW)
    assert level.next_level(ticket.pk, "worker", "late") is None


def test_who_has_no_right_sends_nothing_on(houses: None, ticket: Ticket) -> None:
    dave = person("dave", {}, unit=unit("first"))
    with pytest.raises(PermissionDenied):
        level.send_on(dave, ticket.pk, now=NOW)
    with pytest.raises(PermissionDenied):
        level.hand_back(dave, ticket.pk, "no", now=NOW)


def test_a_clock_that_was_set_back_turns_no_hand_off_round(alice: User, bob: User, houses: None, ticket: Ticket) -> None:
    level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    level.hand_back(bob, ticket.pk, "Nothing found", now=NOW - timedelta(hours=1))
    at = where(Ticket.objects.get(pk=ticket.pk))
    assert (at.rank, at.came, [one.way for one in at.steps]) == (1, None, ["sent", "back"])
    with pytest.raises(ValidationError, match="Nobody handed this ticket on"):
        level.hand_back(alice, ticket.pk, "Again", now=NOW)


def test_a_call_that_could_not_be_handed_on_leaves_the_ticket_free(alice: User, houses: None, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    SupportLevel.objects.filter(rank=2).update(queue=Queue.objects.create(code="second", name="Second"))
    call = Interaction.objects.create(channel="voice", direction="inbound", started_at=NOW, agent=alice)

    def breaks(*_given: object, **_more: object) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr(level.calls, "transfer", breaks)
    with pytest.raises(OperationalError):
        level.hand_on_call(alice, ticket.pk, call.pk, answers={code_item(): "E18"}, now=NOW)
    assert not LevelStep.objects.exists()
    assert level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW).state == "done"


def test_reading_where_a_ticket_is_costs_the_same_with_one_step_and_with_three(
    alice: User, bob: User, houses: None, ticket: Ticket, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        row = Ticket.objects.select_related("product__product", "unit").get(pk=ticket.pk)
        with CaptureQueriesContext(
            connection,
        ) as made:
            where(row)
        return len(made)

    level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    one = cost()
    level.hand_back(bob, ticket.pk, "Nothing found", now=NOW)
    level.send_on(alice, ticket.pk, answers={code_item(): "E18"}, now=NOW)
    assert cost() == one <= 3


# -- pure ---------------------------------------------------------------------------------------------------------

PLACES = st.lists(
    st.builds(Place, id=st.integers(1, 99), rank=st.sampled_from(levels.RANKS), family=st.sampled_from(["", "fridge", "washing-machine"]), unit=st.integers(1, 5), country=st.sampled_from(["NL", "GB"])),
    max_size=8,
)  # fmt: skip


@UNHURRIED
@given(PLACES, st.sampled_from(levels.RANKS), st.sampled_from(["", "fridge"]))
def test_next_is_above_and_serves_the_family_and_no_nearer_level_does(places: list[Place], rank: int, family: str) -> None:
    found = levels.next_place(places, rank, family, "NL")
    fitting = [one for one in places if one.rank > rank and one.family in (family, "")]
    assert (found is None) == (not fitting)
    if found is not None:
        assert found in fitting
        assert found.rank == min(one.rank for one in fitting)
        assert found.family == family or all(one.family != family for one in fitting if one.rank == found.rank)


def test_what_is_missing_is_what_is_required_and_neither_answered_nor_known() -> None:
    items = [Item(1, 2, "", "product"), Item(2, 2, "", "reason"), Item(3, 2, "", "text"), Item(4, 2, "", "check", required=False)]
    assert levels.missing(items, {3: "E18"}, product=True, reason=False) == [2]
    assert levels.missing(items, {1: "yes", 2: "yes"}, product=False, reason=False) == [1, 2, 3]  # a ticked box makes no product


def test_two_comings_make_the_third_a_circle() -> None:
    steps = [Step(2, 7, NOW), Step(3, 8, NOW), Step(2, 7, NOW)]
    assert levels.circle(steps, 3, 8) == []
    assert levels.circle(steps, 2, 7) == [steps[0], steps[2]]
    assert levels.circle(steps, 2, 9) == []
