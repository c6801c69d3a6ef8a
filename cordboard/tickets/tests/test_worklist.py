"""Tickets and tasks in work lists: taken, given back, given away; and two who take one at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from cordboard.events.models import Event
from cordboard.org import actions_worklist as lists
from cordboard.org.actions_absence import set_absence
from cordboard.org.models import Position, User
from cordboard.org.tests.people import person, unit
from cordboard.org.worklist import Asked, Outcome
from cordboard.parties.models import Party
from cordboard.tickets import worklist, worklist_service
from cordboard.tickets.models import Task, Ticket
from cordboard.tickets.models_message import TicketDraft
from cordboard.tickets.models_order import ServiceOrder

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
OWN = {"tickets.view": "own", "tickets.open": "own", "tickets.change": "own"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", OWN, unit=unit())


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", OWN, unit=unit())


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", {"tickets.view": "unit", "tickets.change": "unit"}, unit=unit())


def ticket(number: int, *, hours: int | None = 4, **fields: Any) -> Ticket:
    due = None if hours is None else NOW + timedelta(hours=hours)
    return Ticket.objects.create(number=number, title=f"Ticket {number}", opened_at=NOW, due_at=due, **fields)


def numbers(user: User, which: str, *people: int) -> list[str]:
    asked = Asked(which, user, (user.pk, *people), user.position_id, user.unit_id)
    return [row.ref for row in worklist.tickets(asked, 100)]


def test_mine_my_positions_and_my_units(alice: User, bob: User, carol: User) -> None:
    technicians = Position.objects.create(name="Technician", code="technician", unit=alice.unit)
    ticket(1, owner=alice, unit=alice.unit)
    ticket(2, owner=bob, unit=alice.unit, hours=1)
    ticket(3, unit=alice.unit, hours=None)
    ticket(4, unit=alice.unit, position=technicians, hours=-1)
    ticket(5, owner=alice, unit=alice.unit, resolved_at=NOW, state="resolved")
    assert numbers(alice, "mine") == ["1"]
    assert numbers(alice, "mine", bob.pk) == ["2", "1"], "with those of whom alice stands in for"
    assert numbers(alice, "unit") == ["4", "1", "3"], "nobody's and her own; bob's are not hers to see"
    assert numbers(carol, "unit") == ["4", "2", "1", "3"], "the first due first, what has no time last"
    assert numbers(alice, "position") == []
    alice.position = technicians
    assert numbers(alice, "position") == ["4"]


def test_taken_released_and_given_with_the_reason_in_the_log(alice: User, bob: User, carol: User) -> None:
    row = ticket(1, unit=alice.unit)
    assert lists.take(alice, "ticket", row.pk) == Outcome(True, moved=True, old=None, unit=row.unit_id)
    assert lists.take(alice, "ticket", row.pk) == Outcome(True), "asked twice, it is hers all the same"
    assert lists.take(bob, "ticket", row.pk) == Outcome(False, "Alice has taken this one.")
    with pytest.raises(PermissionDenied):
        lists.give(bob, "ticket", row.pk, bob.pk)
    assert lists.release(alice, "ticket", row.pk).moved
    assert lists.give(carol, "ticket", row.pk, bob.pk, why="  Bob knows   the machine ").done
    row.refresh_from_db()
    assert row.owner == bob
    moved = Event.objects.filter(kind="org.work_moved").order_by("id")
    assert [one.body["act"] for one in moved] == ["take", "release", "give"]
    last = moved[2]
    assert (last.why, last.actor) == ("Bob knows the machine", f"user:{carol.pk}")
    assert set(last.topics) == {f"user:{bob.pk}", f"unit:{row.unit_id}"}


def test_what_is_finished_or_in_another_unit_is_not_taken(alice: User) -> None:
    over = ticket(1, unit=alice.unit, resolved_at=NOW, state="resolved")
    assert lists.take(alice, "ticket", over.pk).words == "This is finished already."
    assert lists.take(alice, "ticket", 999_999).words == "This is not there any more."
    elsewhere = ticket(2, unit=unit("field"))
    with pytest.raises(PermissionDenied):
        lists.take(alice, "ticket", elsewhere.pk)
    personal = ticket(3, owner=alice)
    assert lists.release(alice, "ticket", personal.pk).words == "This ticket stands in no unit's list: give it to a colleague."


def test_who_stands_in_takes_over_what_an_absent_colleague_has(alice: User, bob: User) -> None:
    row = ticket(1, owner=alice, unit=alice.unit)
    assert not lists.take(bob, "ticket", row.pk, now=NOW).done
    set_absence(alice, alice.pk, NOW.date(), NOW.date(), deputy=bob.pk, now=NOW)
    assert lists.take(bob, "ticket", row.pk, now=NOW).moved
    assert lists.take(alice, "ticket", row.pk, now=NOW).words == "Bob has taken this one."


def test_tasks_go_the_same_way(alice: User, bob: User, carol: User) -> None:
    task = Task.objects.create(title="Tell Noor the result", unit=alice.unit, made_at=NOW, due_at=NOW)
    asked = Asked("unit", alice, (alice.pk,), None, alice.unit_id)
    assert [row.title for row in worklist.tasks(asked, 10)] == ["Tell Noor the result"]
    assert lists.take(alice, "task", task.pk).moved
    assert lists.take(bob, "task", task.pk).words == "Alice has taken this one."
    assert [(one[0], one[2]) for one in worklist._open(Task, "made_at", worklist.Q(state="open"))([alice.pk])] == [(alice.pk, NOW)]
    assert lists.give(carol, "task", task.pk, bob.pk, why="Alice is away").moved
    task.refresh_from_db()
    assert task.owner == bob


def test_service_orders_and_replies_begun_stand_in_ones_own_list(bob: User) -> None:
    technician = person("tina", {"tickets.view": "own", "tickets.orders": "own"}, unit=unit())
    noor = Party.objects.create(name="Noor de Vries", created_at=NOW)
    row = ticket(1, owner=technician)
    ServiceOrder.objects.create(number=70_001, party=noor, technician=technician, title="Replace the seal", opened_at=NOW, planned_at=NOW)
    ServiceOrder.objects.create(number=70_002, party=noor, technician=technician, title="Done", state="confirmed", opened_at=NOW)
    TicketDraft.objects.create(ticket=row, user=technician, text="Dear Noor", at=NOW)
    TicketDraft.objects.create(ticket=row, user=bob, text="", at=NOW)
    asked = Asked("mine", technician, (technician.pk,))
    assert [(one.title, one.party_name) for one in worklist_service.orders(asked, 10)] == [("Replace the seal", "Noor de Vries")]
    assert [(one.ref, one.takes) for one in worklist_service.drafts(asked, 10)] == [("1", False)]
    assert worklist_service.drafts(Asked("mine", bob, (bob.pk,)), 10) == [], "an empty one is none"
    assert [user for user, _made, _due in worklist_service.orders_of([technician.pk])] == [technician.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_at_once_one_gets_it_and_the_other_is_told_who() -> None:
    people = [person(name, OWN, unit=unit()) for name in ("alice", "bob")]
    row = ticket(1, unit=people[0].unit)

    def take(user: User) -> Outcome:
        try:
            return lists.take(user, "ticket", row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        came = list(pool.map(take, people))
    row.refresh_from_db()
    winner = next(user for user, one in zip(people, came, strict=True) if one.done)
    assert row.owner == winner
    assert [one.words for one in came if not one.done] == [f"{winner.name} has taken this one."]
    assert Event.objects.filter(kind="org.work_moved").count() == 1
