"""A ticket from a call, with the notes in it, and what becomes of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Product
from cordboard.events.models import Event
from cordboard.events.topics import may_listen
from cordboard.interactions import misdirected
from cordboard.interactions.models import ContactReason, Interaction, Note
from cordboard.interactions.queries_history import history
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.tickets import actions, queries
from cordboard.tickets.actions import Changed
from cordboard.tickets.models import Ticket

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", {"tickets.view": "own", "tickets.open": "own", "tickets.change": "own"}, unit=unit())


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", {"tickets.view": "unit", "tickets.change": "unit"}, unit=unit())


@pytest.fixture
def dave(db: None) -> User:
    return person("dave", {}, unit=unit())


@pytest.fixture
def noor(db: None) -> Party:
    return parties.create(None, name="Noor de Vries", phone="+31205550123", languages=["nl"], country="NL")


@pytest.fixture
def call(noor: Party, alice: User) -> Interaction:
    call = Interaction.objects.create(channel="voice", state="active", subject=noor, agent=alice, started_at=NOW)
    Note.objects.create(interaction=call, author=alice, text="E18 since this morning.\nWants a mechanic.", saved_at=NOW)
    return call


def test_alice_opens_a_ticket_from_the_call_with_her_notes_in_it(alice: User, call: Interaction, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="E18, does not drain", interaction=call, now=NOW)
    assert ticket.text == "E18 since this morning.\nWants a mechanic."
    assert (ticket.party, ticket.owner, ticket.state, ticket.number) == (noor, alice, "new", 10_001)
    assert ticket.due_at == NOW + timedelta(days=3)
    assert [one.interaction for one in queries.detail(alice, ticket.pk).contacts] == [call]
    event = Event.objects.get(kind="tickets.opened")
    assert set(event.topics) == {"tickets", f"ticket:{ticket.pk}", f"party:{noor.pk}", f"interaction:{call.pk}", f"user:{alice.pk}", f"unit:{alice.unit_id}"}
    assert "E18" not in str(event.body)


def test_a_ticket_without_a_title_takes_the_first_line_of_the_notes(alice: User, call: Interaction) -> None:
    assert actions.open_ticket(alice, title="  ", interaction=call).title == "E18 since this morning."


def test_a_ticket_about_nothing_is_refused(alice: User) -> None:
    with pytest.raises(ValidationError) as fault:
        actions.open_ticket(alice, title=" ")
    assert set(fault.value.message_dict) == {"title"}
    assert not Ticket.objects.exists()


def test_numbers_go_up_one_by_one(alice: User) -> None:
    assert [actions.open_ticket(alice, title="x").number for _ in range(3)] == [10_001, 10_002, 10_003]


def test_safety_is_due_today_and_first(alice: User, call: Interaction) -> None:
    reason = ContactReason.objects.create(code="product-safety", names={"en": "Safety"})
    ticket = actions.open_ticket(alice, title="It smokes", interaction=call, reason=reason, now=NOW)
    assert (ticket.priority, ticket.due_at) == (1, NOW + timedelta(hours=4))


def test_gold_is_sooner(alice: User, noor: Party) -> None:
    parties.set_value(noor.pk, "gold", {})
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=NOW)
    assert (ticket.priority, ticket.due_at) == (2, NOW + timedelta(days=1))


def test_another_customers_product_is_refused(alice: User, noor: Party) -> None:
    product = Product.objects.create(code="w8", names={"en": "W8"}, family="washing-machine")
    other = parties.create(None, name="Somebody else")
    theirs = catalogue.register(other.pk, product, "W8-1", date(2025, 3, 12), None)
    own = catalogue.register(noor.pk, product, "W8-2", date(2025, 3, 12), None)
    with pytest.raises(ValidationError):
        actions.open_ticket(alice, title="E18", party=noor, product=theirs)
    assert actions.open_ticket(alice, title="E18", party=noor, product=own).product == own


def test_a_ticket_goes_its_way_and_keeps_its_notes(alice: User, call: Interaction) -> None:
    ticket = actions.open_ticket(alice, title="E18", interaction=call, now=NOW)
    actions.add_note(alice, ticket.pk, "Part ordered.")
    actions.set_state(alice, ticket.pk, "waiting")
    done = actions.set_state(alice, ticket.pk, "resolved", now=NOW + timedelta(days=1))
    assert done.resolved_at == NOW + timedelta(days=1)
    again = actions.set_state(alice, ticket.pk, "open")
    assert again.resolved_at is None
    assert [note.text for note in queries.detail(alice, ticket.pk).notes] == ["Part ordered."]
    assert [event.body["new"] for event in Event.objects.filter(kind="tickets.state_changed").order_by("pk")] == ["waiting", "resolved", "open"]


def test_a_closed_ticket_cannot_wait(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="x")
    actions.set_state(alice, ticket.pk, "closed")
    with pytest.raises(ValidationError):
        actions.set_state(alice, ticket.pk, "waiting")
    with pytest.raises(ValidationError):
        actions.set_state(alice, ticket.pk, "nonsense")


def test_setting_the_same_state_twice_changes_nothing(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="x")
    first = actions.set_state(alice, ticket.pk, "open")
    assert actions.set_state(alice, ticket.pk, "open").version == first.version


def test_who_comes_second_sees_how_it_stands(alice: User, carol: User) -> None:
    ticket = actions.open_ticket(alice, title="x")
    actions.set_state(alice, ticket.pk, "open", version=ticket.version)
    with pytest.raises(Changed) as changed:
        actions.set_state(carol, ticket.pk, "closed", version=ticket.version)
    assert changed.value.ticket.state == "open"


def test_bob_sees_and_changes_only_his_own(alice: User, bob: User, dave: User) -> None:
    hers = actions.open_ticket(alice, title="hers")
    his = actions.open_ticket(bob, title="his")
    assert list(queries.visible(bob)) == [his]
    with pytest.raises(Ticket.DoesNotExist):
        queries.detail(bob, hers.pk)
    with pytest.raises(PermissionDenied):
        actions.add_note(bob, hers.pk, "not mine")
    with pytest.raises(PermissionDenied):
        actions.open_ticket(dave, title="x")
    assert not queries.visible(dave).exists()


def test_carol_gives_a_ticket_to_bob(alice: User, bob: User, carol: User) -> None:
    ticket = actions.open_ticket(alice, title="x")
    actions.give(carol, ticket.pk, bob)
    assert [one.title for one in queries.mine(bob)] == ["x"]
    assert queries.mine(alice) == []


def test_a_later_call_about_the_same_matter_is_linked_once(alice: User, call: Interaction) -> None:
    ticket = actions.open_ticket(alice, title="x")
    actions.link(alice, ticket.pk, call.pk)
    actions.link(alice, ticket.pk, call.pk)
    assert ticket.contacts.count() == 1


def test_a_ticket_of_a_wrong_customer_moves_but_one_about_a_product_is_flagged(alice: User, call: Interaction, noor: Party) -> None:
    right = parties.create(None, name="Right Customer")
    product = catalogue.register(noor.pk, Product.objects.create(code="w8", names={"en": "W8"}, family="washing-machine"), "W8-2", date(2025, 3, 12), None)
    plain = actions.open_ticket(alice, title="plain", interaction=call)
    about = actions.open_ticket(alice, title="about", interaction=call, product=product)
    with transaction.atomic():
        moved, flagged = misdirected.put_right(call.pk, noor.pk, right.pk, f"user:{alice.pk}")
    assert [one.id for one in moved] == [plain.pk]
    assert about.pk in [one.id for one in flagged if one.kind == "ticket"]
    assert [one.title for one in queries.of_party([right.pk])] == ["plain"]


def test_the_timeline_has_the_ticket_and_finds_it_by_its_words(alice: User, call: Interaction, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="Brush missing", interaction=call, now=NOW)
    actions.add_note(alice, ticket.pk, "Ordered at the supplier.")
    for words in ("", "brush", "supplier", str(ticket.number)):
        assert [entry.title for entry in history(ids_of(noor.pk), q=words, only=["ticket"]).entries] == ["Brush missing"]
    assert history(ids_of(noor.pk), q="unrelated", only=["ticket"]).entries == []


@pytest.mark.parametrize("tickets", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(tickets: int, alice: User, noor: Party, django_assert_num_queries: Any) -> None:
    for number in range(tickets):
        ticket = actions.open_ticket(alice, title=f"t{number}", party=noor)
        actions.add_note(alice, ticket.pk, "x")
    with django_assert_num_queries(1):
        assert len([one.owner.name for one in queries.of_party([noor.pk]) if one.owner]) == tickets
    with django_assert_num_queries(1):
        assert queries.open_of_party([noor.pk]).count == tickets
    with django_assert_num_queries(1):
        assert len([one.party.name for one in queries.mine(alice) if one.party]) == tickets
    with django_assert_num_queries(3):
        queries.detail(alice, ticket.pk)
    with django_assert_num_queries(1):
        assert len(history([noor.pk], only=["ticket"]).entries) == tickets


def test_only_who_may_see_a_ticket_may_listen(alice: User, bob: User, dave: User) -> None:
    ticket = actions.open_ticket(alice, title="x")
    listeners = [may_listen(one, f"ticket:{ticket.pk}") for one in (alice, bob, dave)]
    assert listeners == [True, False, False]


@pytest.mark.django_db(transaction=True)
def test_four_who_open_tickets_at_once_get_numbers_of_their_own() -> None:
    agents = [person(name, WORKS, unit=unit()) for name in ("alice", "bob", "erin", "frank")]

    def three(user: User) -> list[int]:
        try:
            return [actions.open_ticket(user, title="at once").number for _ in range(3)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = [number for some in pool.map(three, agents) for number in some]
    assert sorted(numbers) == list(range(10_001, 10_013))
