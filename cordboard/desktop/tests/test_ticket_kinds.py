"""Settings > Ticket kinds: a manager makes a kind with fields and states, and is told what is wrong with them."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.org.models import User
from cordboard.org.tests.people import person
from cordboard.tickets import actions, kinds
from cordboard.tickets.models import TicketKind

pytestmark = pytest.mark.django_db

REPAIR = {
    "code": "repair", "active": "on", "like": "return", "order": "60", "name-en": "Repair", "name-nl": "Reparatie",
    "field-0-code": "shelf", "field-0-type": "choice", "field-0-names": "en = Shelf\nnl = Plank", "field-0-choices": "a1: en = A 1, nl = A een\nb2", "field-0-required": "bench",
    "state-0-code": "asked", "state-0-like": "new", "state-0-names": "Asked for", "state-0-after": "bench",
    "state-1-code": "bench", "state-1-like": "open", "state-1-names": "en = On the bench", "state-1-after": "asked, done",
}  # fmt: skip
DONE = {"state-2-code": "done", "state-2-like": "resolved", "state-2-names": "Ready", "state-2-after": "bench"}


@pytest.fixture
def carol() -> User:
    kinds.forget()
    return person("carol", {"tickets.kinds": "all", "tickets.open": "all", "tickets.view": "all", "tickets.change": "all"})


def test_carol_makes_a_kind_with_fields_and_states(carol: User) -> None:
    client = signed_in(carol)
    assert client.get("/settings/ticket-kinds/new/").status_code == 200
    faulty = client.post("/settings/ticket-kinds/new/", {**REPAIR, "seen": ""})
    assert faulty.status_code == 422
    assert "leads to done, which is no state of this kind" in faulty.content.decode()
    assert "On the bench" in faulty.content.decode(), "nothing typed is lost"
    assert client.post("/settings/ticket-kinds/new/", {**REPAIR, **DONE, "seen": ""}).status_code == 302
    row = TicketKind.objects.get(code="repair")
    assert row.fields == [
        {"code": "shelf", "type": "choice", "names": {"en": "Shelf", "nl": "Plank"}, "required": ["bench"],
         "choices": [{"code": "a1", "names": {"en": "A 1", "nl": "A een"}}, {"code": "b2", "names": {}}]},
    ]  # fmt: skip
    assert [(one["code"], one["like"], one["after"]) for one in row.states] == [
        ("asked", "new", ["bench"]),
        ("bench", "open", ["asked", "done"]),
        ("done", "resolved", ["bench"]),
    ]
    assert Event.objects.get(kind="tickets.kind_changed").body["change"] == "made"
    assert "Repair" in client.get("/settings/ticket-kinds/").content.decode()
    ticket = actions.open_ticket(carol, title="Kettle", kind="repair")
    assert ticket.get_state_display() == "Asked for"
    shown = client.get(f"/settings/ticket-kinds/{row.pk}/")
    assert "a1: en = A 1, nl = A een" in shown.content.decode()
    again = {**REPAIR, **DONE, "order": "5", "seen": shown.context["seen"]}
    assert client.post(f"/settings/ticket-kinds/{row.pk}/", again).status_code == 302
    assert TicketKind.objects.get(code="repair").order == 5
    assert client.post(f"/settings/ticket-kinds/{row.pk}/", {**again, "order": "6"}).status_code == 409, "somebody changed it meanwhile"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"field-0-required": "moon"}, "shelf is required in moon, which is no state of this kind."),
        ({"field-0-choices": ""}, "Say what can be chosen for shelf."),
        ({"field-0-names": "nl = Plank"}, "Give shelf a name in English at least."),
        ({"state-2-like": "open"}, "No state is like resolved or closed"),
        ({"code": "Repair it"}, "code"),
    ],
)
def test_what_is_wrong_is_said(carol: User, wrong: dict[str, str], words: str) -> None:
    answer = signed_in(carol).post("/settings/ticket-kinds/new/", {**REPAIR, **DONE, **wrong, "seen": ""})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not TicketKind.objects.filter(code="repair").exists()


def test_a_built_in_kind_keeps_its_name_and_only_who_may_changes_kinds(carol: User) -> None:
    row = TicketKind.objects.get(code="wish")
    client = signed_in(carol)
    shown = client.get(f"/settings/ticket-kinds/{row.pk}/")
    assert "name-en" not in shown.content.decode()
    given = {
        "active": "on",
        "order": "9",
        "seen": shown.context["seen"],
        "field-0-code": "votes",
        "field-0-type": "number",
        "field-0-names": "Votes",
        "name-en": "Hope",
    }
    assert client.post(f"/settings/ticket-kinds/{row.pk}/", given).status_code == 302
    row.refresh_from_db()
    assert (row.names, row.like, row.fields[0]["code"], row.name_in("nl") != "Hope") == ({}, "wish", "votes", True)
    dave = person("dave", {"tickets.view": "all"})
    assert signed_in(dave).get("/settings/ticket-kinds/").status_code == 403
