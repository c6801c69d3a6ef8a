"""Cases: a folder over documents, people and months, and who may look into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.events.models import Event
from cordboard.events.topics import may_listen
from cordboard.interactions.models import Interaction
from cordboard.mail.actions import send
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions_case, queries_case
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_case import CaseChanged
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_case import Case

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "tickets.cases": "all", "interactions.view": "all", "parties.view": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob() -> User:
    return person("bob", WORKS, unit=unit("service-uk", "GB"))


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", languages=["nl"], country="NL")


@pytest.fixture
def ticket(alice: User, noor: Party) -> Ticket:
    return open_ticket(alice, title="Water under the W8", party=noor, now=NOW)


@pytest.fixture
def case(alice: User, noor: Party, ticket: Ticket) -> Case:
    return actions_case.open_case(alice, title=" Water damage,  kitchen floor ", party=noor.pk, documents=[("ticket", ticket.pk)], now=NOW)


def test_a_case_holds_a_ticket_a_call_and_a_mail_in_one_timeline(alice: User, noor: Party, ticket: Ticket, case: Case) -> None:
    call = Interaction.objects.create(
        channel="voice", state="ended", subject=noor, agent=alice, started_at=NOW + timedelta(days=20), headline="Floor is ruined"
    )
    mail = send("noor@example.nl", "Your damage", "We have received it.", party=noor.pk, now=NOW + timedelta(days=40))
    assert actions_case.add_document(alice, case.pk, "interaction", call.pk, now=NOW + timedelta(days=41))
    assert actions_case.add_document(alice, case.pk, "mail", mail.pk, now=NOW + timedelta(days=41))
    assert not actions_case.add_document(alice, case.pk, "mail", mail.pk, now=NOW + timedelta(days=42))
    found = queries_case.detail(alice, case.number, "en")
    assert (found.case.title, found.hidden) == ("Water damage, kitchen floor", 0)
    assert [line.shown.title for line in found.lines if line.shown is not None] == ["Your damage", "Floor is ruined", "Water under the W8"]
    assert found.counts == {"mail": 1, "interaction": 1, "ticket": 1, "case": 4}
    assert [event.body["what"] for event in Event.objects.filter(kind="tickets.case_changed").order_by("id")] == ["added", "added"]


def test_what_is_taken_out_stays_in_the_log(alice: User, ticket: Ticket, case: Case) -> None:
    assert actions_case.remove_document(alice, case.pk, "ticket", ticket.pk, now=NOW)
    assert not actions_case.remove_document(alice, case.pk, "ticket", ticket.pk, now=NOW)
    assert [(entry.what, entry.text) for entry in case.entries.all()] == [
        ("opened", ""), ("added", f"{ticket.number} Water under the W8"), ("removed", f"{ticket.number} Water under the W8"),
    ]  # fmt: skip
    assert Ticket.objects.filter(pk=ticket.pk).exists()


def test_nobody_puts_in_what_they_may_not_see(alice: User, case: Case) -> None:
    for kind, number in (("ticket", 99_999), ("secret", 1)):
        with pytest.raises(ValidationError):
            actions_case.add_document(alice, case.pk, kind, number)
    sees_own = person("olga", {**WORKS, "tickets.view": "own"}, unit=unit())
    theirs = open_ticket(alice, title="Somebody else's", now=NOW)
    with pytest.raises(ValidationError):
        actions_case.add_document(sees_own, case.pk, "ticket", theirs.pk)
    found = queries_case.detail(sees_own, case.number, "en")
    assert found.hidden == 1
    assert "ticket" not in found.counts


def test_access_is_narrower_than_any_role(alice: User, bob: User, case: Case) -> None:
    dave = person("dave", {})
    actions_case.set_access(alice, case.pk, Case.Access.UNIT, now=NOW)
    assert not queries_case.visible(bob).exists()
    with pytest.raises(PermissionDenied):
        actions_case.add_note(bob, case.pk, "I looked into it")
    assert not may_listen(bob, f"case:{case.pk}")
    actions_case.give_part(alice, case.pk, colleague=bob.pk, part="expert", now=NOW)
    actions_case.set_access(alice, case.pk, Case.Access.NAMED, now=NOW)
    actions_case.add_note(bob, case.pk, "The hose was cut", now=NOW)
    assert may_listen(bob, f"case:{case.pk}")
    assert not queries_case.visible(dave).exists()
    actions_case.set_access(alice, case.pk, Case.Access.ALL, now=NOW)
    outsider = person("olga", WORKS, unit=unit("other"))
    with pytest.raises(ValidationError):  # nobody locks out themselves
        actions_case.set_access(outsider, case.pk, Case.Access.NAMED, now=NOW)
    case.refresh_from_db()
    assert case.access == Case.Access.ALL


def test_a_case_is_closed_with_a_summary_and_taken_up_again(alice: User, bob: User, case: Case) -> None:
    with pytest.raises(ValidationError):
        actions_case.close_case(alice, case.pk, "  ")
    with pytest.raises(CaseChanged):
        actions_case.close_case(alice, case.pk, "paid", version=case.version - 1)
    actions_case.close_case(alice, case.pk, "Insurer paid € 1,240.", now=NOW)
    with pytest.raises(ValidationError):
        actions_case.add_note(bob, case.pk, "too late")
    actions_case.reopen_case(bob, case.pk, "the floor came up again", now=NOW)
    actions_case.give_case(bob, case.pk, bob, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.owner, case.unit, case.summary) == ("open", bob, bob.unit, "Insurer paid € 1,240.")
    assert [entry.what for entry in case.entries.all()] == ["opened", "added", "closed", "reopened", "owner"]


def test_customers_with_a_part_find_their_cases(alice: User, case: Case, noor: Party) -> None:
    neighbour = parties.create(None, name="Piet Jansen", languages=["nl"], country="NL")
    found = actions_case.give_part(alice, case.pk, party=neighbour.pk, part="witness", now=NOW)
    assert queries_case.of_party(alice, [neighbour.pk]) == [case]
    assert queries_case.of_party(alice, [noor.pk], only_open=True) == [case]
    actions_case.take_part(alice, case.pk, found.pk, now=NOW)
    actions_case.take_part(alice, case.pk, found.pk, now=NOW)
    assert queries_case.of_party(alice, [neighbour.pk]) == []
    assert [entry.text for entry in case.entries.all()][-2:] == ["Piet Jansen (witness)", "Piet Jansen"]


@pytest.mark.parametrize("many", [1, 3])
def test_a_case_is_read_with_as_many_queries_however_full_it_is(alice: User, case: Case, noor: Party, many: int, django_assert_num_queries: Any) -> None:
    for at in range(many):
        more = open_ticket(alice, title=f"Ticket {at}", party=noor, now=NOW)
        call = Interaction.objects.create(channel="voice", state="ended", subject=noor, agent=alice, started_at=NOW)
        for kind, number in (("ticket", more.pk), ("interaction", call.pk)):
            actions_case.add_document(alice, case.pk, kind, number, now=NOW)
    queries_case.detail(alice, case.number, "en")
    with django_assert_num_queries(5 + 1 + 3):
        found = queries_case.detail(alice, case.number, "en")
    assert found.counts["ticket"] == many + 1
