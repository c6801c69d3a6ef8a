"""Programs list, open, read and change tickets, and write on them: within their user's scope, and of the version they have seen."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from cordboard.api.tests.conftest import Program, program_of
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions_search
from cordboard.tickets.models import Ticket

TICKETS = "/api/v1/tickets"
ALL = ("tickets.view", "tickets.open", "tickets.change")

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", {**dict.fromkeys(ALL, "all"), "parties.view": "all"}, unit=unit())


@pytest.fixture
def program(alice: User) -> Program:
    return program_of(alice, *ALL)


def opened(ask: Program, title: str, **more: str) -> int:
    answer = ask("POST", TICKETS, {"title": title, **more})
    assert answer.status_code == 201, answer.content
    return int(answer.json()["number"])


def test_a_ticket_is_opened_read_changed_and_written_on(program: Program, alice: User) -> None:
    noor = parties.create(None, name="Noor de Vries", phone="+31205550123", email="noor@example.org", languages=["nl"], country="NL")
    made = program("POST", TICKETS, {"title": "E18", "text": "Does not drain", "kind": "incident", "customer": noor.customer_number, "owner": "alice"})
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    one = made["Location"]
    read = program("GET", one)
    assert (read.json()["customer_name"], read.json()["owner"], read.json()["unit"], read["ETag"]) == ("Noor de Vries", "alice", "service-nl", '"1"')
    changed = program("PATCH", one, {"state": "waiting", "priority": 2, "tags": ["Recall"], "title": "E18 again"}, If_Match=read["ETag"])
    assert changed.status_code == 200, changed.content
    body = changed.json()
    assert (body["state"], body["priority"], body["tags"], body["title"]) == ("waiting", 2, ["recall"], "E18 again")
    stale = program("PATCH", one, {"priority": 1}, If_Match=read["ETag"])
    assert (stale.status_code, stale.json()["version"]) == (412, body["version"])
    assert program("PATCH", one, {"priority": 1}).status_code == 428
    note = program("POST", f"{one}/messages", {"kind": "note", "text": "Part ordered."})
    assert (note.status_code, note.json()["author"]) == (201, "alice")
    sent = program("POST", f"{one}/messages", {"kind": "reply", "text": "We come on Thursday."})
    assert (sent.status_code, sent.json()["address"]) == (201, "noor@example.org")
    said = program("POST", f"{one}/messages", {"kind": "received", "text": "Thursday is fine."})
    assert (said.status_code, said.json()["author"], program("GET", one).json()["state"]) == (201, "alice", "open"), "through another system"
    assert [one["kind"] for one in program("GET", f"{one}/messages").json()["items"]] == ["note", "reply", "received"]


def test_a_change_is_done_whole_or_not_at_all(program: Program) -> None:
    number = opened(program, "x")
    refused = program("PATCH", f"{TICKETS}/{number}", {"priority": 1, "state": "nonsense"}, If_Match='"1"')
    assert (refused.status_code, refused.json()["parameter"]) == (422, "state")
    row = Ticket.objects.get()
    assert (row.version, row.priority) == (1, 5)


def test_pages_follow_one_another(program: Program) -> None:
    numbers = [opened(program, f"t{number}") for number in range(5)]
    found: list[int] = []
    cursor = ""
    while True:
        page = program("GET", f"{TICKETS}?sort=oldest&limit=2&cursor={quote(cursor)}").json()
        found += [one["number"] for one in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert found == numbers


def test_a_list_is_narrowed(program: Program, alice: User) -> None:
    noor = parties.create(None, name="Noor", phone="+31205550123", country="NL")
    first = opened(program, "Pump", kind="incident", customer=str(noor.customer_number))
    second = opened(program, "Parcel", kind="request")
    program("PATCH", f"{TICKETS}/{second}", {"state": "closed"}, If_Match='"1"')
    for ticket in Ticket.objects.all():
        actions_search.index(ticket.pk)
    condition = quote(json.dumps({"fact": "ticket.priority", "op": "at_most", "value": 4}))
    for asked, wanted in (
        ("", [second, first]), ("?open=true", [first]), ("?open=false", [second]), ("?state=closed,new", [second, first]), ("?kind=request", [second]), ("?owner=me&unit=service-nl", [second, first]),
        ("?owner=none", []), (f"?customer={noor.customer_number}", [first]), ("?customer=1", []), ("?q=pump", [first]), (f"?filter={condition}", [first]),
    ):  # fmt: skip
        answer = program("GET", f"{TICKETS}{asked}")
        assert [one["number"] for one in answer.json()["items"]] == wanted, asked
    for wrong, name in (("limit=0", "limit"), ("limit=x", "limit"), ("sort=mood", "sort"), ("cursor=x", "cursor"), ("filter=[]", "filter"), ("filter={", "filter"), ("state=mad", "filter"), ("owner=nobody", "owner"), ("unit=none-such", "unit")):  # fmt: skip
        answer = program("GET", f"{TICKETS}?{wrong}")
        assert (answer.status_code, answer.json()["parameter"]) == (422, name), wrong


def test_a_token_reaches_what_its_user_may_see_and_what_it_was_made_for(program: Program, alice: User) -> None:
    number = opened(program, "hers")
    bob = program_of(person("bob", dict.fromkeys(ALL, "own")), *ALL)
    assert bob("GET", TICKETS).json()["items"] == []
    assert [bob(method, f"{TICKETS}/{number}", {} if method == "PATCH" else None, If_Match='"1"').status_code for method in ("GET", "PATCH")] == [404, 404]
    assert bob("POST", f"{TICKETS}/{number}/messages", {"kind": "note", "text": "x"}).status_code == 404
    reads = program_of(alice, "tickets.view")
    assert reads("GET", f"{TICKETS}/{number}").status_code == 200
    assert reads("POST", TICKETS, {"title": "x"}).status_code == 403
    assert program("DELETE", f"{TICKETS}/{number}").status_code == 405


def test_asked_twice_with_one_key_it_is_opened_once(program: Program) -> None:
    first = program("POST", TICKETS, {"title": "once"}, Idempotency_Key="k1")
    again = program("POST", TICKETS, {"title": "once"}, Idempotency_Key="k1")
    assert (first.json()["number"], again["Idempotency-Replayed"]) == (again.json()["number"], "true")
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"title": ""},
        {"title": "x", "kind": "nonsense"},
        {"title": "x", "customer": "404"},
        {"title": "x", "owner": "nobody"},
        {"title": "x", "unit": "nowhere"},
        {"title": 7},
        {"name": "x"},
    ],
)
def test_what_is_no_ticket_is_refused(program: Program, wrong: dict[str, object]) -> None:
    assert program("POST", TICKETS, wrong).status_code == 422
    assert not Ticket.objects.exists()
