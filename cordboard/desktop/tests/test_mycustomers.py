"""One-to-one service on the screen: who needs attention and why, who answers for a customer, and who has how much to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cordboard.desktop.attention import Known, attention
from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.org.actions_absence import set_absence
from cordboard.org.models import Role, User
from cordboard.parties.models import Deputy, HandOff, Party
from cordboard.routing.tests.centre import Centre, party
from cordboard.sales.models import Order
from cordboard.tickets.models import Task, Ticket

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_what_is_wrong_weighs_and_says_why() -> None:
    calm = attention(Known(segment="gold", last_contact=NOW - timedelta(days=5)), NOW)
    assert (calm.points, calm.reasons) == (0, ())
    worst = attention(Known(segment="gold", own_late=1, complaints=2, rating=1.5, rated_at=NOW - timedelta(days=3), last_contact=NOW), NOW)
    assert [one.code for one in worst.reasons] == ["own_late", "complaints", "low_rating"]
    assert worst.points == 40 + 40 + 25 + 10
    old = attention(Known(segment="silver", rating=1.0, rated_at=NOW - timedelta(days=200), last_contact=NOW - timedelta(days=130)), NOW)
    assert [(one.code, one.n) for one in old.reasons] == [("quiet", 130)], "an old rating counts no more"


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.sampled_from(["gold", "silver", "bronze", "new"]))
def test_more_that_is_wrong_never_weighs_less(own: int, tickets: int, complaints: int, orders: int, segment: str) -> None:
    def points(more: int) -> int:
        return attention(
            Known(segment=segment, own_late=own, tickets_late=tickets, complaints=complaints + more, orders_late=orders, last_contact=NOW), NOW
        ).points

    assert points(1) >= points(0)
    assert (points(0) == 0) == (own + tickets + complaints + orders == 0)


@pytest.fixture
def house(centre: Centre) -> Centre:
    agent = Role.objects.get(code="agent")
    agent.permissions = {**agent.permissions, "parties.own": "own", "tickets.view": "all", "tickets.change": "own"}
    agent.save()
    manager = Role.objects.get(code="manager")
    manager.permissions = {
        **manager.permissions,
        "parties.view": "all",
        "parties.assign": "all",
        "org.hand_over": "all",
        "tickets.view": "all",
        "tickets.change": "all",
    }
    manager.save()
    return centre


def of(owner: User, name: str, **fields: object) -> Party:
    return party(name, account_owner=owner, value_segment="silver", **fields)


def trouble(owner: User, customer: Party, number: int) -> Ticket:
    now = timezone.now()
    return Ticket.objects.create(
        number=number, kind="complaint", title="The seal leaks", party=customer, owner=owner, unit=owner.unit, opened_at=now, due_at=now - timedelta(hours=2)
    )


def test_alice_sees_her_customers_and_who_needs_her_first(house: Centre) -> None:
    now = timezone.now()
    calm, noor = of(house.alice, "Aart Calm"), of(house.alice, "Noor de Vries")
    merged = party("N. de Vries", root=noor)
    of(house.bob, "Bobs customer")
    trouble(house.alice, merged, 10_001)
    Order.objects.create(number="88214", party=noor, ordered_at=now, expected_on=now.date() - timedelta(days=2), total=Decimal("9.90"), currency="EUR")
    Task.objects.create(title="Call Noor", owner=house.alice, party=noor, made_at=now, due_at=now + timedelta(hours=3))
    alice = signed_in(house.alice)
    page = alice.get("/my-customers/").content.decode()
    assert page.index("Noor de Vries") < page.index("Aart Calm")
    assert "1 thing of yours is overdue" in page
    assert "1 open complaint" in page
    assert "1 order is later than promised" in page
    assert "Bobs customer" not in page
    orders = alice.get("/my-customers/?show=orders").content.decode()
    assert ("Noor de Vries" in orders, "Aart Calm" in orders) == (True, False)
    assert "None of your customers fits" in alice.get("/my-customers/?segment=gold").content.decode()
    assert alice.get("/my-customers/?sort=size").status_code == 404
    assert calm.account_owner == house.alice
    assert signed_in(house.dave).get("/my-customers/").status_code == 403


def test_the_deputy_sees_the_customers_of_whom_is_away_and_until_when(house: Centre) -> None:
    of(house.alice, "Noor de Vries")
    today = timezone.localdate()
    set_absence(house.alice, house.alice.pk, today - timedelta(days=1), today + timedelta(days=2), deputy=house.bob.pk)
    bob = signed_in(house.bob)
    assert "You stand in for Alice until" in bob.get("/my-customers/").content.decode()
    page = bob.get("/my-customers/?whose=stand_in").content.decode()
    assert "Noor de Vries" in page
    Deputy.objects.create(party=of(house.alice, "Second"), user=house.bob)
    assert "Second" in bob.get("/my-customers/?whose=deputy").content.decode()


def test_the_board_asks_as_much_for_three_customers_as_for_one(house: Centre) -> None:
    alice = signed_in(house.alice)
    counts = []
    for extra in range(3):
        trouble(house.alice, of(house.alice, f"Customer {extra}"), 10_000 + extra)
        alice.get("/my-customers/")
        with CaptureQueriesContext(connection) as asked:
            assert alice.get("/my-customers/").status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_carol_hands_a_customer_over_and_the_page_says_who_answers(house: Centre) -> None:
    noor = of(house.alice, "Noor de Vries")
    carol, url = signed_in(house.carol), f"/customers/{noor.pk}/"
    assert carol.post(url + "owner/", {"owner": house.bob.pk}).status_code == 422, "why?"
    assert carol.post(url + "owner/", {"owner": house.bob.pk, "why": "Alice leaves"}).status_code == 204
    assert carol.post(url + "deputies/", {"deputy": [house.bob.pk]}).status_code == 422, "the owner is no deputy"
    assert carol.post(url + "deputies/", {"deputy": [house.alice.pk, ""]}).status_code == 204
    page = carol.get(url).content.decode()
    assert "From Alice to Bob" in page
    assert "Alice leaves" in page
    today = timezone.localdate()
    set_absence(house.carol, house.bob.pk, today - timedelta(days=1), today + timedelta(days=1))
    assert "Alice answers for this customer" in carol.get(url).content.decode()
    assert signed_in(house.alice).post(url + "owner/", {"owner": house.alice.pk, "why": "mine"}).status_code == 403


def test_customers_of_nobody_are_given_out_as_the_page_shows(house: Centre) -> None:
    for n in range(2):
        party(f"Customer {n}").roles.create(kind="customer")
    carol = signed_in(house.carol)
    page = carol.get("/my-customers/owners/").content.decode()
    assert "2 customers would get another account owner." in page
    assert carol.post("/my-customers/owners/give/", {}).status_code == 422
    assert carol.post("/my-customers/owners/give/", {"why": "Nobody had them"}).status_code == 204
    assert sorted(Party.objects.values_list("account_owner__name", flat=True)) == ["Alice", "Bob"]
    assert HandOff.objects.filter(how="bulk", by=house.carol, why="Nobody had them").count() == 2
    assert "No customers fit" in carol.get("/my-customers/owners/").content.decode()
    assert signed_in(house.alice).get("/my-customers/owners/").status_code == 403


def test_alice_notes_down_when_she_is_away(house: Centre) -> None:
    alice = signed_in(house.alice)
    wrong = alice.post("/absences/", {"first_day": "2030-01-09", "last_day": "2030-01-08"})
    assert (wrong.status_code, "The last day is before the first." in wrong.content.decode()) == (422, True)
    assert alice.post("/absences/", {"first_day": "soon", "last_day": "2030-01-08"}).status_code == 422
    page = alice.post("/absences/", {"first_day": "2030-01-08", "last_day": "2030-01-09", "deputy": house.bob.pk}).content.decode()
    assert "9 Jan 2030" in page
    row = house.alice.absences.get()
    assert signed_in(house.bob).post(f"/absences/{row.pk}/end/").status_code == 403
    assert alice.post(f"/absences/{row.pk}/end/").status_code == 204
    assert not house.alice.absences.exists()


def test_carol_sees_who_has_how_much_and_gives_from_there(house: Centre) -> None:
    row = trouble(house.alice, of(house.alice, "Noor de Vries"), 10_001)
    carol = signed_in(house.carol)
    page = carol.get("/workload/").content.decode()
    assert page.index("Alice") < page.index("Bob"), "who has something overdue first"
    person = f"/workload/{house.alice.pk}/"
    assert "The seal leaks" in carol.get(person).content.decode()
    assert carol.post(person, {"work": f"ticket:{row.pk}", "to": house.bob.pk}).status_code == 422, "why?"
    assert carol.post(person, {"work": f"ticket:{row.pk}", "to": house.bob.pk, "why": "Alice has too much"}).status_code == 204
    row.refresh_from_db()
    assert row.owner == house.bob
    assert Event.objects.get(kind="org.work_moved").why == "Alice has too much"
    assert signed_in(house.alice).get("/workload/").status_code == 403
    house.unit.head = house.alice
    house.unit.save()
    assert signed_in(house.alice).get("/workload/").status_code == 200, "the head of the unit"
