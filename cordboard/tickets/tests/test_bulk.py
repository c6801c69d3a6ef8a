"""Changes of many tickets: one by one, told of one by one, resumed after any end, and put back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.events.models import Event
from cordboard.org import actions_worklist as lists
from cordboard.org.models import Position, User
from cordboard.org.tests.people import person, unit
from cordboard.tickets import actions, actions_bulk, actions_bulk_each
from cordboard.tickets.models import LevelItem, LevelStep, SupportLevel, Ticket
from cordboard.tickets.models_view import BulkChange, BulkItem
from cordboard.tickets.queries_list import bulk_progress, bulk_results

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", {"tickets.view": "own", "tickets.open": "own", "tickets.change": "own"}, unit=unit("repairs"))


@pytest.fixture
def five(alice: User) -> list[Ticket]:
    return [actions.open_ticket(alice, title=f"t{number}", now=NOW) for number in range(5)]


def done(row: BulkChange, chunk: int = 2) -> dict[str, int]:
    while actions_bulk.work(row.pk, chunk=chunk):
        pass
    row.refresh_from_db()
    return bulk_progress(row)


def ids(tickets: list[Ticket]) -> list[int]:
    return [ticket.pk for ticket in tickets]


def values(tickets: list[Ticket], name: str) -> list[Any]:
    found = dict(Ticket.objects.filter(pk__in=ids(tickets)).values_list("pk", name))
    return [found[ticket.pk] for ticket in tickets]


@pytest.mark.parametrize(
    ("what", "to", "field", "wanted"),
    [("state", "waiting", "state", "waiting"), ("priority", "2", "priority", 2), ("kind", "request", "kind", "request")],
)
def test_alice_changes_five_at_once_and_puts_them_back(alice: User, five: list[Ticket], what: str, to: Any, field: str, wanted: Any) -> None:
    before = values(five, field)
    row = actions_bulk.ask(alice, what, to, ids(five))
    assert done(row) == {"total": 5, "done": 5, "same": 0, "left": 0, "waiting": 0}
    assert (row.state, values(five, field)) == ("done", [wanted] * 5)
    back = actions_bulk.undo(alice, row.pk)
    assert done(back)["done"] == 5
    assert values(five, field) == before
    with pytest.raises(ValidationError):
        actions_bulk.undo(alice, row.pk)


def test_owner_unit_and_tags_go_and_come_back(alice: User, bob: User, five: list[Ticket]) -> None:
    given_to_bob = actions_bulk.ask(alice, "owner", bob.pk, ids(five))
    done(given_to_bob)
    assert values(five, "owner") == [bob.pk] * 5
    assert values(five, "unit") == [bob.unit_id] * 5
    nobody = actions_bulk.ask(alice, "owner", None, ids(five))
    done(nobody)
    assert values(five, "owner") == [None] * 5
    tagged = actions_bulk.ask(alice, "tag", " Recall  2026", ids(five))
    assert done(tagged)["done"] == 5
    assert done(actions_bulk.ask(alice, "tag", "recall 2026", ids(five)))["same"] == 5
    done(actions_bulk.undo(alice, tagged.pk))
    assert [list(ticket.tags.values_list("word", flat=True)) for ticket in five] == [[]] * 5
    # one after another, the other way round; the first one is not as it was left any more
    assert done(actions_bulk.undo(alice, nobody.pk))["done"] == 5
    assert values(five, "owner") == [bob.pk] * 5
    assert done(actions_bulk.undo(alice, given_to_bob.pk)) == {"total": 5, "done": 0, "same": 0, "left": 5, "waiting": 0}


def test_what_cannot_be_done_is_left_and_told_and_the_rest_is_done(alice: User, bob: User, five: list[Ticket]) -> None:
    actions.set_state(alice, five[1].pk, "closed")  # a closed ticket cannot wait
    actions.set_state(alice, five[3].pk, "waiting")
    row = actions_bulk.ask(alice, "state", "waiting", ids(five))
    assert done(row) == {"total": 5, "done": 3, "same": 1, "left": 1, "waiting": 0}
    left = [line for line in bulk_results(row) if line.result == "left"]
    assert [(line.number, line.why) for line in left] == [(five[1].number, "A ticket that is Closed cannot become Waiting for the customer.")]
    # what was in the way goes, and the rest is tried again
    actions.set_state(alice, five[1].pk, "open")
    assert done(actions_bulk.go_on(alice, row.pk))["done"] == 4


def test_bob_changes_only_his_own(alice: User, bob: User, five: list[Ticket]) -> None:
    his = actions.open_ticket(bob, title="his")
    row = actions_bulk.ask(bob, "priority", 1, [*ids(five), his.pk])
    assert done(row) == {"total": 6, "done": 1, "same": 0, "left": 5, "waiting": 0}
    assert {line.why for line in bulk_results(row) if line.result == "left"} == {"This ticket is not yours."}
    with pytest.raises(BulkChange.DoesNotExist):
        actions_bulk.undo(alice, row.pk)
    with pytest.raises(PermissionDenied):
        actions_bulk.ask(person("dave", {}), "priority", 1, ids(five))


def test_a_worker_that_is_killed_halfway_leaves_whole_tickets_and_the_next_goes_on(alice: User, five: list[Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    row = actions_bulk.ask(alice, "priority", 1, ids(five), now=NOW)

    class Killed(BaseException):
        """Nothing catches it, as nothing catches kill -9."""

    real, calls = actions_bulk_each.apply, []

    def dies(user: User, ticket: Ticket, what: str, to: Any, now: datetime | None) -> None:
        real(user, ticket, what, to, now)
        calls.append(ticket.pk)
        if len(calls) == 3:  # the ticket is changed, and its transaction is not over
            raise Killed

    monkeypatch.setattr(actions_bulk_each, "apply", dies)
    with pytest.raises(Killed):
        actions_bulk.work(row.pk, now=NOW)
    monkeypatch.undo()
    assert values(five, "priority") == [1, 1, 4, 4, 4]
    row.refresh_from_db()
    assert (bulk_progress(row), row.state) == ({"total": 5, "done": 2, "same": 0, "left": 0, "waiting": 3}, "running")
    assert actions_bulk.given_up(NOW + timedelta(seconds=10)) == []
    assert actions_bulk.given_up(NOW + timedelta(minutes=1)) == [row.pk]
    assert actions_bulk.given_up(NOW + timedelta(minutes=1)) == []  # another worker asks at the same moment
    assert done(row)["done"] == 5
    assert [event.body["ticket"] for event in Event.objects.filter(kind="tickets.edited").order_by("pk")] == ids(five)


def test_stopped_in_the_middle_it_can_go_on_or_be_put_back(alice: User, five: list[Ticket]) -> None:
    row = actions_bulk.ask(alice, "priority", 1, ids(five))
    assert actions_bulk.work(row.pk, chunk=2)
    actions_bulk.stop(alice, row.pk)
    assert not actions_bulk.work(row.pk)
    assert values(five, "priority") == [1, 1, 4, 4, 4]
    actions_bulk.go_on(alice, row.pk)
    actions_bulk.work(row.pk, chunk=1)
    back = actions_bulk.undo(alice, row.pk)  # stops what goes on
    assert done(back)["done"] == 3
    assert values(five, "priority") == [4] * 5
    assert not actions_bulk.work(row.pk)
    with pytest.raises(ValidationError):
        actions_bulk.go_on(alice, row.pk)


def test_an_undo_leaves_what_was_changed_since_and_says_so(alice: User, five: list[Ticket]) -> None:
    row = actions_bulk.ask(alice, "state", "closed", ids(five))
    done(row)
    actions.set_state(alice, five[2].pk, "open")
    back = actions_bulk.undo(alice, row.pk)
    assert done(back) == {"total": 5, "done": 4, "same": 0, "left": 1, "waiting": 0}
    assert values(five, "state") == ["new", "new", "open", "new", "new"]
    assert values(five, "resolved_at") == [None] * 5
    assert [(line.number, line.why) for line in bulk_results(back) if line.result == "left"] == [
        (five[2].number, "It was changed since, so it stays as it is now.")
    ]
    changes = Event.objects.filter(kind="tickets.state_changed", body__new="new").count()
    assert changes == 4


def test_a_ticket_that_is_gone_is_passed_over(alice: User, five: list[Ticket]) -> None:
    row = actions_bulk.ask(alice, "priority", 1, [*ids(five), 999_999])
    assert done(row) == {"total": 6, "done": 5, "same": 0, "left": 0, "waiting": 1}
    assert row.state == "done"


def test_given_to_a_position_they_wait_there_and_come_back_to_whom_they_were_of(alice: User, bob: User, five: list[Ticket]) -> None:
    leads = Position.objects.create(name="Lead", code="lead", unit=unit("repairs"))
    Ticket.objects.filter(pk=five[0].pk).update(owner=None, position=leads, unit=leads.unit)
    before = {name: values(five, name) for name in ("owner", "position", "unit")}
    row = actions_bulk.ask(alice, "position", str(leads.pk), ids(five))
    assert done(row) == {"total": 5, "done": 4, "same": 1, "left": 0, "waiting": 0}
    assert (values(five, "owner"), values(five, "position"), values(five, "unit")) == ([None] * 5, [leads.pk] * 5, [leads.unit_id] * 5)
    assert f"position:{leads.pk}" in Event.objects.filter(kind="tickets.given").latest("pk").topics, "their list hears of it"
    assert lists.take(bob, "ticket", five[0].pk).moved
    back = actions_bulk.undo(alice, row.pk)
    assert done(back)["done"] == 4
    assert {name: values(five, name)[1:] for name in before} == {name: before[name][1:] for name in before}
    assert values(five, "owner")[0] == bob.pk, "what was not changed by it is not put back"
    assert done(actions_bulk.ask(alice, "position", "999999", ids(five)))["left"] == 5


def test_sent_on_to_the_next_level_where_it_knows_enough_and_put_back(alice: User, five: list[Ticket]) -> None:
    second = unit("second")
    SupportLevel.objects.create(rank=2, unit=second)
    before = {name: values(five, name) for name in ("owner", "unit")}
    row = actions_bulk.ask(alice, "level", "up", ids(five))
    assert done(row)["done"] == 5
    assert (values(five, "unit"), values(five, "owner"), values(five, "level__rank")) == ([second.pk] * 5, [None] * 5, [2] * 5)
    assert done(actions_bulk.undo(alice, row.pk))["done"] == 5
    assert ({name: values(five, name) for name in before}, values(five, "level__rank")) == (before, [1] * 5)
    assert list(LevelStep.objects.filter(ticket=five[0]).values_list("way", "to_rank")) == [("sent", 2), ("back", 1)], "both stand in the history"

    LevelItem.objects.create(rank=2, asks="reason", names={"en": "The contact reason"})
    again = actions_bulk.ask(alice, "level", "up", ids(five))
    assert done(again)["left"] == 5
    assert bulk_results(again)[0].why == "The next level needs this first: The contact reason."


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("position", "lead"),
        ("level", "3"),
        ("state", "nonsense"),
        ("priority", 0),
        ("priority", "x"),
        ("kind", "nonsense"),
        ("owner", "emma"),
        ("unit", ""),
        ("tag", " "),
        ("tag", "x" * 41),
        ("delete", None),
        ("undo", None),
    ],
)
def test_what_is_no_change_is_refused(alice: User, five: list[Ticket], what: str, to: Any) -> None:
    with pytest.raises(ValidationError):
        actions_bulk.ask(alice, what, to, ids(five))
    assert not BulkChange.objects.exists()


def test_none_and_too_many_are_refused(alice: User) -> None:
    for tickets in ([], list(range(actions_bulk.MOST + 1))):
        with pytest.raises(ValidationError):
            actions_bulk.ask(alice, "priority", 1, tickets)


def test_two_workers_at_once_do_each_ticket_once(alice: User, five: list[Ticket]) -> None:
    row = actions_bulk.ask(alice, "priority", 1, ids(five))
    BulkItem.objects.create(bulk=row, ticket=five[0], result="done", version=1)  # the other one was quicker with the first
    assert done(row)["done"] == 5
    assert values(five, "version") == [1, 2, 2, 2, 2]
