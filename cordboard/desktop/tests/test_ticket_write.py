"""The editor of a ticket's page: what completes what is typed; and the lines between what was written."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.knowledge import actions as knowledge
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.routing.models import BroadcastReceipt
from cordboard.tickets import actions, actions_edit, actions_message
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries_mention import mentionable

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", {**WORKS, "knowledge.view": "all", "knowledge.write": "all"}, unit=unit("service"))


@pytest.fixture
def ticket(alice: User) -> Ticket:
    noor = parties.create(None, name="Noor de Vries", email="noor@example.com", languages=["nl"], country="NL")
    return actions.open_ticket(alice, title="Kettle leaks", party=noor)


def named(username: str, name: str, rights: dict[str, str] | None = None, at: str = "service") -> User:
    made = person(username, WORKS if rights is None else rights, unit=unit(at))
    made.name = name
    made.save()
    return made


def found(user: User, ticket: Ticket, sign: str, typed: str) -> list[dict[str, str]]:
    answer = signed_in(user).get(f"/tickets/{ticket.number}/complete/", {"sign": sign, "q": typed})
    assert answer.status_code == 200
    return list(answer.json()["found"])


@pytest.mark.parametrize(
    ("name", "typed"), [("Zoë Bakker", "zo"), ("Zoë Bakker", "bak"), ("Иван Петров", "иван"), ("สมชาย ใจดี", "สมช"), ("李娜", "李"), ("Emma de Wit", "emma de")]
)
def test_colleagues_are_found_by_their_names_in_any_script(alice: User, ticket: Ticket, name: str, typed: str) -> None:
    named("them", name)
    assert [one["words"] for one in found(alice, ticket, "@", typed)] == [name]
    assert found(alice, ticket, "@", typed)[0]["insert"] == "@them "


def test_only_who_sees_the_ticket_is_named_the_own_unit_first(alice: User, ticket: Ticket) -> None:
    named("bob", "Bob One", at="workshop")
    named("bobby", "Zed Bob")
    named("carol", "Carol Bob", {"tickets.view": "unit"})
    named("eve", "Eve Bob", {"tickets.view": "unit"}, at="workshop")
    named("dave", "Dave Bob", {})
    named("gone", "Gone Bob").is_active = False
    User.objects.filter(username="gone").update(is_active=False)
    assert [one["words"] for one in found(alice, ticket, "@", "bob")] == ["Carol Bob", "Zed Bob", "Bob One"]


def test_naming_asks_the_same_queries_for_many_as_for_one(alice: User, ticket: Ticket, django_assert_num_queries: object) -> None:
    for number in range(12):
        named(f"bob{number}", f"Bob {number}")
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(mentionable(ticket, "bob", alice.pk)) == 8


def test_a_name_among_characters_without_spaces_reaches_its_colleague(alice: User, ticket: Ticket) -> None:
    bob = named("bob", "Bob")
    ivan = named("иван", "Иван")
    actions_message.add_note(alice, ticket.pk, "请@bob看看")
    actions_message.add_note(alice, ticket.pk, "Спроси @иван, он знает")
    assert list(BroadcastReceipt.objects.order_by("pk").values_list("reader", flat=True)) == [bob.pk, ivan.pk]


def test_solutions_come_in_the_customers_language(alice: User, ticket: Ticket) -> None:
    texts = {
        "en": {"title": "Descale the kettle", "problem": "limescale", "solution": "Boil vinegar."},
        "nl": {"title": "Ontkalk", "problem": "kalk", "solution": "Kook azijn."},
    }
    knowledge.publish("descale", texts, None)
    assert found(alice, ticket, "/", "limescale kettle") == [{"words": "Ontkalk", "note": "Solutions", "insert": "Kook azijn."}]
    assert found(alice, ticket, "/", "zzz") == []
    bob = named("bob", "Bob")
    assert found(bob, ticket, "/", "limescale") == []


def test_who_may_not_change_tickets_completes_nothing(ticket: Ticket) -> None:
    dave = named("dave", "Dave", {"tickets.view": "all"})
    assert signed_in(dave).get(f"/tickets/{ticket.number}/complete/", {"sign": "@", "q": "a"}).status_code == 403


def test_what_became_of_the_ticket_stands_between_what_was_written(alice: User, ticket: Ticket) -> None:
    bob = named("bob", "Bob Post")
    actions.set_state(alice, ticket.pk, "waiting")
    actions_message.add_note(alice, ticket.pk, "She calls back.")
    actions.give(alice, ticket.pk, bob)
    actions_edit.edit(bob, ticket.pk, {"priority": ticket.priority}, {"priority": 1})
    page = signed_in(alice).get(f"/tickets/{ticket.number}/").content.decode()
    lines = ["Waiting for the customer, before New", "She calls back.", "Given to Bob Post, before Alice", f"Priority 1, before {ticket.priority}"]
    places = [page.index(one) for one in lines]
    assert places == sorted(places)
    assert page.count("cb-event-change") == 3
