"""The work list's page: one list of everything, taken and given from there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.actions_absence import set_absence
from cordboard.org.models import Role
from cordboard.routing import actions_callback
from cordboard.routing.tests.centre import Centre, party
from cordboard.tickets.models import Task, Ticket


@pytest.fixture
def works(centre: Centre) -> Centre:
    for code, scope in (("agent", "own"), ("manager", "unit")):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, "tickets.view": scope, "tickets.open": scope, "tickets.change": scope}
        role.save()
    return centre


def ticket(centre: Centre, number: int, *, hours: int = 4, **fields: object) -> Ticket:
    now = timezone.now()
    return Ticket.objects.create(number=number, title=f"Machine {number} leaks", opened_at=now, due_at=now + timedelta(hours=hours), unit=centre.unit, **fields)


def test_tickets_tasks_and_callbacks_stand_in_one_list(works: Centre) -> None:
    now = timezone.now()
    noor = party("Noor de Vries")
    ticket(works, 10_001, hours=-2, owner=works.alice, party=noor)
    Task.objects.create(title="Tell Noor the result", owner=works.alice, made_at=now, due_at=now + timedelta(hours=1), party=noor)
    actions_callback.request("+31205550123", works.support, origin="agent", owner=works.alice.pk, at=now + timedelta(days=2), about="The seal")
    page = signed_in(works.alice).get("/worklist/").content.decode()
    places = [page.index(words) for words in ("Machine 10001 leaks", "Tell Noor the result", "The seal")]
    assert places == sorted(places)
    assert "1 overdue" in page
    assert "Machine 10001 leaks" not in signed_in(works.alice).get("/worklist/?kind=task").content.decode()
    assert "Nothing to do" in signed_in(works.bob).get("/worklist/").content.decode()
    assert signed_in(works.dave).get("/worklist/").status_code == 403
    assert signed_in(works.alice).get("/worklist/?which=everybody").status_code == 404


def test_alice_takes_one_and_bob_is_told(works: Centre) -> None:
    row = ticket(works, 10_001)
    alice, bob = signed_in(works.alice), signed_in(works.bob)
    assert "Machine 10001 leaks" in bob.get("/worklist/?which=unit").content.decode()
    assert alice.post("/worklist/do/take/", {"only": f"ticket:{row.pk}"}).status_code == 204
    told = bob.post("/worklist/do/take/", {"only": f"ticket:{row.pk}"})
    assert (told.status_code, "Alice has taken this one." in told.content.decode()) == (409, True)
    assert "Machine 10001 leaks" in alice.get("/worklist/").content.decode()


def test_several_are_given_at_once_and_what_cannot_be_says_why(works: Centre) -> None:
    first, second = ticket(works, 10_001, owner=works.alice), ticket(works, 10_002, owner=works.bob)
    alice = signed_in(works.alice)
    both = {"work": [f"ticket:{first.pk}", f"ticket:{second.pk}"]}
    assert alice.post("/worklist/do/give/", both).status_code == 422, "to nobody"
    assert alice.post("/worklist/do/give/", {"to": works.bob.pk}).status_code == 422, "nothing"
    half = alice.post("/worklist/do/give/", {**both, "to": works.bob.pk, "why": "I am away"})
    assert half.status_code == 204
    assert "1 of 2 changed hands." not in half.headers.get("HX-Trigger", ""), "bob's is his already, and that is as wanted"
    first.refresh_from_db()
    assert first.owner == works.bob
    assert alice.post("/worklist/do/take/", {"only": "cake:1"}).status_code == 404


def test_the_deputy_sees_for_whom_and_until_when(works: Centre) -> None:
    today = timezone.localdate()
    ticket(works, 10_001, owner=works.alice)
    set_absence(works.alice, works.alice.pk, today - timedelta(days=1), today + timedelta(days=3), deputy=works.bob.pk)
    page = signed_in(works.bob).get("/worklist/").content.decode()
    assert "Machine 10001 leaks" in page
    assert "for Alice until" in page


def test_a_long_list_asks_no_more_than_a_short_one(works: Centre) -> None:
    alice = signed_in(works.alice)
    alice.get("/worklist/?which=unit")
    counts = []
    for number in range(1, 4):
        for extra in range(number):
            ticket(works, 10_000 + 10 * number + extra, party=party(f"Customer {number} {extra}"))
            Task.objects.create(title="Call", unit=works.unit, made_at=timezone.now(), party=party(f"Other {number} {extra}"))
        with CaptureQueriesContext(connection) as asked:
            assert alice.get("/worklist/?which=unit").status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1
