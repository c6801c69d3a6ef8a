"""The list of tickets: what a view shows, page after page, how many there are, and who may see whose view."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given, settings
from hypothesis import strategies as some

from cordboard.org.models import Role, User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.rules.conditions import NONE_TOO, taker
from cordboard.rules.conditions import test as comparison
from cordboard.rules.facts import BOOLEAN
from cordboard.tickets import actions_view, queries_list
from cordboard.tickets.filter_facts import BUILT_IN, FIELDS
from cordboard.tickets.filters import ALL, Every, Has, Reader, Some, WrongFilter, negation, plan, problems
from cordboard.tickets.models import Ticket, TicketTag, TicketWatcher
from cordboard.tickets.models_view import TicketView

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
LOOKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
OPEN = {"fact": "ticket.open", "op": "is", "value": True}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", LOOKS, unit=unit())


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", {"tickets.view": "own"}, unit=unit())


def made(number: int, **fields: Any) -> Ticket:
    given = {"title": f"t{number}", "opened_at": NOW - timedelta(hours=number), "due_at": NOW + timedelta(hours=number), **fields}
    return Ticket.objects.create(number=10_000 + number, **given)


def numbers(user: User, condition: Any, sort: str = "due", **more: Any) -> list[int]:
    return [line.number - 10_000 for line in queries_list.page(user, condition, sort, NOW, **more).lines]


# -- the plan, pure


def test_a_condition_becomes_a_plan_with_its_negations_at_the_leaves() -> None:
    condition = {
        "not": {"all": [{"fact": "ticket.owner", "op": "is", "value": "me"}, {"any": [OPEN, {"fact": "ticket.priority", "op": "at_most", "value": 2}]}]}
    }
    assert plan(condition, FIELDS, now=NOW, reader=Reader(7)) == Some(
        (Has("owner_id", "is", 7, negated=True), Every((Has("resolved_at", "known"), Has("priority", "at_most", 2, negated=True))))
    )
    assert plan({}, FIELDS, now=NOW, reader=Reader(7)) == ALL
    assert plan({"fact": "ticket.unit", "op": "is", "value": "mine"}, FIELDS, now=NOW, reader=Reader(7)) == Has("unit_id", "is", -1)


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ([], ""),
        ("x", ""),
        ({"all": []}, "all"),
        ({"all": [{"fact": "party.name", "op": "is", "value": "x"}]}, "all[0].fact"),
        ({"fact": "ticket.priority", "op": "older_than", "value": "2d"}, "op"),
        ({"fact": "ticket.priority", "op": "is", "value": "high"}, "value"),
        ({"fact": "ticket.owner", "op": "is", "value": "emma"}, "value"),
        ({"fact": "ticket.due_at", "op": "within", "value": "99999999d"}, "value"),
        ({"fact": "ticket.tags", "op": "matches", "value": "x"}, "op"),
    ],
)
def test_what_no_view_can_ask_is_named(condition: Any, path: str) -> None:
    found = problems(condition or ["no"], FIELDS, NOW)
    assert [one.path for one in found] == [path]


def test_groups_too_deep_and_too_many_conditions_are_refused() -> None:
    deep: Any = OPEN
    for _ in range(20):
        deep = {"not": deep}
    assert problems(deep, FIELDS, NOW)
    assert problems({"any": [OPEN] * 100}, FIELDS, NOW)
    with pytest.raises(WrongFilter):
        plan(deep, FIELDS, now=NOW, reader=Reader(1))


TESTS = some.sampled_from([
    OPEN,
    {"fact": "ticket.late", "op": "is", "value": True},
    {"fact": "ticket.state", "op": "in", "value": ["new", "waiting"]},
    {"fact": "ticket.state", "op": "is_not", "value": "closed"},
    {"fact": "ticket.priority", "op": "between", "value": [2, 5]},
    {"fact": "ticket.owner", "op": "is", "value": "me"},
    {"fact": "ticket.owner", "op": "is_not", "value": "me"},
    {"fact": "ticket.owner", "op": "unknown"},
    {"fact": "ticket.due_at", "op": "within_next", "value": "3h"},
    {"fact": "ticket.due_at", "op": "older_than", "value": "1h"},
    {"fact": "ticket.resolved_at", "op": "known"},
    {"fact": "customer.segment", "op": "is", "value": "gold"},
    {"fact": "customer.segment", "op": "not_in", "value": ["gold", "silver"]},
    {"fact": "ticket.tags", "op": "any_of", "value": ["urgent", "vip"]},
    {"fact": "ticket.tags", "op": "none_of", "value": ["urgent"]},
])  # fmt: skip
CONDITIONS = some.recursive(
    TESTS, lambda inner: some.one_of(some.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}), some.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}), inner.map(lambda part: {"not": part})), max_leaves=6
)  # fmt: skip


@given(CONDITIONS)
@settings(max_examples=100, deadline=None)
def test_twice_negated_is_itself(condition: Any) -> None:
    try:
        once = plan(condition, FIELDS, now=NOW, reader=Reader(1, 2))
    except WrongFilter:
        return  # too deep
    assert negation(negation(once)) == once
    twice = {"not": {"not": condition}}
    assert problems(twice, FIELDS, NOW) or plan(twice, FIELDS, now=NOW, reader=Reader(1, 2)) == once


# -- the database says the same as the rules do


def holds(condition: Any, values: dict[str, Any], user: int) -> bool:
    """As rules have it: an unknown value meets unknown, is_not, not_in and none_of, and nothing else."""
    if "all" in condition:
        return all(holds(part, values, user) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, values, user) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], values, user)
    fact, op, literal = FIELDS[condition["fact"]].fact, condition["op"], condition.get("value")
    if literal == "me":
        literal = str(user)
    value = values[fact.name]
    if value is None and op not in NONE_TOO:
        return False
    return comparison(fact, op, literal)(taker(fact.type)(value) if value is not None else None, NOW)


def test_the_database_finds_what_the_rules_would(alice: User, bob: User) -> None:
    gold = parties.create(None, name="Gold", phone="+31205550101", country="NL")
    parties.set_value(gold.pk, "gold", {})
    plain = parties.create(None, name="Plain", phone="+31205550102", country="NL")
    rows: dict[int, dict[str, Any]] = {}
    number = 0
    for state in ("new", "waiting", "closed"):
        for owner in (alice, bob, None):
            for due in (None, NOW - timedelta(hours=2), NOW + timedelta(hours=2)):
                number += 1
                party = (gold, plain, None)[number % 3]
                done = NOW if state == "closed" else None
                row = made(number, state=state, owner=owner, due_at=due, party=party, priority=1 + number % 7, resolved_at=done)
                tags = (["urgent"], ["vip"], [])[number % 3 if number % 2 else 2]
                TicketTag.objects.bulk_create([TicketTag(ticket=row, word=word) for word in tags])
                segment = {"Gold": "gold", "Plain": "new"}.get(party.name) if party is not None else None
                rows[row.pk] = {
                    "ticket.open": done is None, "ticket.late": done is None and due is not None and due < NOW, "ticket.state": state, "ticket.priority": row.priority,
                    "ticket.owner": str(owner.pk) if owner is not None else None, "ticket.due_at": due, "ticket.resolved_at": done, "customer.segment": segment, "ticket.tags": tags,
                }  # fmt: skip

    @given(CONDITIONS)
    @settings(max_examples=60, deadline=None)
    def agree(condition: Any) -> None:
        try:
            found = set(queries_list.fitting(alice, condition, NOW).values_list("pk", flat=True))
        except WrongFilter:
            return  # too deep
        assert found == {pk for pk, values in rows.items() if holds(condition, values, alice.pk)}, condition

    agree()
    assert {FIELDS[name].fact.type for name in ("ticket.open", "ticket.late")} == {BOOLEAN}


# -- pages


@pytest.mark.parametrize("sort", sorted(queries_list.SORTS))
def test_page_after_page_every_ticket_comes_once_and_in_order(sort: str, alice: User) -> None:
    for number in range(1, 24):
        due = None if number % 5 == 0 else NOW + timedelta(hours=number % 4)
        made(
            number,
            due_at=due,
            priority=1 + number % 3,
            opened_at=NOW - timedelta(hours=number % 4),
            resolved_at=NOW - timedelta(hours=number % 3) if number % 2 else None,
        )
    everything = list(Ticket.objects.order_by(*queries_list.SORTS[sort].by).values_list("pk", flat=True))
    found: list[int] = []
    after, pages = "", 0
    while True:
        page = queries_list.page(alice, {}, sort, NOW, after=after, limit=4)
        found += [line.pk for line in page.lines]
        pages += 1
        after = page.next
        if not after:
            break
    assert (found, pages) == (everything, 6)


def test_a_cursor_of_somebody_elses_making_is_refused(alice: User) -> None:
    for cursor in ("x", "~", "2026~1", "abc~7", "~x"):
        with pytest.raises(queries_list.WrongCursor):
            queries_list.page(alice, {}, "due", NOW, after=cursor)


@pytest.mark.parametrize("tickets", [1, 3])
def test_a_page_costs_the_same_for_one_and_for_three(tickets: int, alice: User, django_assert_num_queries: Any) -> None:
    customer = parties.create(None, name="Noor de Vries", phone="+31205550101", country="NL")
    for number in range(tickets):
        made(number, owner=alice, unit=alice.unit, party=customer)
    alice.has_perm("x")
    queries_list.count(alice, OPEN, NOW)
    with django_assert_num_queries(2):
        page = queries_list.page(alice, OPEN, "due", NOW)
    assert [(line.customer, line.owner, line.unit) for line in page.lines] == [("Noor de Vries", "Alice", "service-nl")] * tickets
    with django_assert_num_queries(1):
        assert queries_list.count(alice, OPEN, NOW) == tickets


def test_built_in_views_show_what_they_say(alice: User, bob: User) -> None:
    other = unit("repairs")
    made(1, owner=alice, unit=alice.unit)
    made(2, owner=None, unit=alice.unit, due_at=NOW - timedelta(hours=1))
    made(3, owner=bob, unit=other, state="waiting")
    made(4, owner=alice, unit=alice.unit, state="resolved", resolved_at=NOW - timedelta(days=1))
    made(5, owner=alice, unit=alice.unit, state="closed", resolved_at=NOW - timedelta(days=30))
    TicketWatcher.objects.create(ticket=Ticket.objects.get(number=10_003), user=alice, at=NOW)
    shown = {one.code: sorted(numbers(alice, one.condition, one.sort)) for one in BUILT_IN}
    assert shown == {
        "mine": [1], "unit": [1, 2], "unowned": [2], "open": [1, 2, 3], "late": [2], "followed": [3], "waiting": [3], "resolved": [4], "all": [1, 2, 3, 4, 5],
    }  # fmt: skip
    assert numbers(bob, {}) == [3]


def test_a_count_stops_where_nobody_reads_on(alice: User) -> None:
    for number in range(12):
        made(number)
    assert queries_list.count(alice, {}, NOW, most=10) == 11
    assert queries_list.count(alice, {}, NOW, most=20) == 12


# -- views that people keep


def test_alice_keeps_a_view_and_shares_it_with_her_unit(alice: User, bob: User) -> None:
    carol = person("carol", {**LOOKS, "tickets.share_views": "unit"}, unit=unit())
    view = actions_view.keep(carol, " First of all ", {"fact": "ticket.priority", "op": "at_most", "value": 2}, sort="priority", unit=carol.unit)
    assert (view.name, view.sort) == ("First of all", "priority")
    assert [one.name for one in queries_list.kept_views(bob)] == ["First of all"]
    actions_view.keep(alice, "Hers alone", OPEN)
    assert [one.name for one in queries_list.kept_views(alice)] == ["First of all", "Hers alone"]
    with pytest.raises(TicketView.DoesNotExist):
        actions_view.remove(alice, view.pk)
    changed = actions_view.keep(carol, "First", OPEN, view=view.pk, version=view.version)
    assert (changed.version, changed.unit) == (2, None)
    with pytest.raises(actions_view.Stale):
        actions_view.keep(carol, "Second", OPEN, view=view.pk, version=1)
    actions_view.remove(carol, view.pk)
    assert queries_list.kept_views(bob) == []


def test_who_may_share_with_whom(alice: User) -> None:
    carol = person("carol", {**LOOKS, "tickets.share_views": "unit"}, unit=unit())
    boss = person("boss", {**LOOKS, "tickets.share_views": "all"})
    role = Role.objects.create(code="leads", name="Leads")
    for who, given_to in ((alice, {"unit": alice.unit}), (carol, {"unit": unit("repairs")}), (carol, {"role": role})):
        with pytest.raises(PermissionDenied):
            actions_view.keep(who, "v", OPEN, **given_to)  # type: ignore[arg-type]
    assert actions_view.keep(boss, "v", OPEN, role=role, unit=unit("repairs")).role == role


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"condition": {"all": []}}, "condition"),
        ({"sort": "mood"}, "sort"),
        ({"columns": ["x"]}, "columns"),
    ],
)
def test_a_view_that_is_none_is_refused_by_field(alice: User, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        actions_view.keep(alice, **{"name": "v", "condition": OPEN, **wrong})
    assert set(refused.value.message_dict) == {field}
    assert not TicketView.objects.exists()
