"""A solved request becomes an unreviewed article, once, without whose it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cordboard.events.models import Event
from cordboard.knowledge import actions_draft
from cordboard.knowledge.models import Article
from cordboard.knowledge.queries import search
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions, actions_article
from cordboard.tickets.actions_message import add_note
from cordboard.tickets.models import Ticket, TicketArticle
from cordboard.tickets.six_acts import ACTS, Facts, steps

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", {**WORKS, "knowledge.write": "all", "knowledge.view": "all"})


@pytest.fixture
def noor(db: None) -> Party:
    return parties.create(None, name="Noor de Vries", languages=["en"], country="NL", phone="+31205550123", email="noor@example.nl")


@pytest.fixture
def ticket(alice: User, noor: Party) -> Ticket:
    return actions.open_ticket(alice, title="E18, says Noor de Vries", text="Water stays in. Call her at 020 555 0123.", party=noor, kind="incident", now=NOW)


def solve(alice: User, ticket: Ticket, text: str = "Told Noor to open the filter behind the flap and rinse it.") -> None:
    add_note(alice, ticket.pk, text, now=NOW)
    actions.set_state(alice, ticket.pk, "resolved", now=NOW)


def test_a_solved_question_is_an_unreviewed_draft_without_names(alice: User, carol: User, ticket: Ticket) -> None:
    assert actions_article.draft_by_itself(ticket.pk) is None  # nothing is solved yet
    solve(alice, ticket)
    made = actions_article.draft_by_itself(ticket.pk, now=NOW)
    assert made is not None
    text = made.article.texts.get()
    assert made.article.state == Article.State.DRAFT
    assert (text.title, text.problem) == ("E18, says [name]", "Water stays in. Call her at [number].")
    assert text.solution == "Told [name] to open the filter behind the flap and rinse it."
    assert made.removed == {"name": 2, "number": 1}
    assert search("rinse the filter behind the flap", "en").hits == ()
    actions_draft.review(carol, made.article_id, publish=True, now=NOW)
    assert [hit.article for hit in search("rinse the filter behind the flap", "en").hits] == [made.article]
    assert Event.objects.filter(kind="tickets.drafted").count() == 1


def test_it_is_made_once_whoever_asks(alice: User, ticket: Ticket) -> None:
    solve(alice, ticket)
    first = actions_article.draft_by_itself(ticket.pk)
    assert actions_article.draft_by_itself(ticket.pk) == first
    assert actions_article.draft_from(alice, ticket.pk) == first
    assert TicketArticle.objects.count() == Article.objects.count() == 1


def test_it_can_be_switched_off_and_asked_for_by_hand(alice: User, carol: User, ticket: Ticket) -> None:
    solve(alice, ticket)
    with pytest.raises(PermissionDenied):
        actions_draft.set_drafts_from_requests(alice, False)
    actions_draft.set_drafts_from_requests(carol, False)
    assert actions_article.draft_by_itself(ticket.pk) is None
    assert actions_article.draft_from(alice, ticket.pk).by == alice


def test_what_teaches_nothing_becomes_nothing(alice: User, ticket: Ticket, noor: Party) -> None:
    solve(alice, ticket, "Done.")
    assert actions_article.draft_by_itself(ticket.pk) is None
    with pytest.raises(ValidationError):
        actions_article.draft_from(alice, ticket.pk)
    praise = actions.open_ticket(alice, title="Thank you", text="All well.", party=noor, kind="praise", now=NOW)
    solve(alice, praise)
    assert actions_article.draft_by_itself(praise.pk) is None


def test_a_draft_is_put_right_before_it_is_published(alice: User, carol: User, ticket: Ticket) -> None:
    solve(alice, ticket)
    made = actions_article.draft_from(alice, ticket.pk)
    with pytest.raises(PermissionDenied):
        actions_draft.change_draft(alice, made.article_id, "en", title="E18", problem="", solution="Rinse the filter.")
    actions_draft.change_draft(carol, made.article_id, "en", title="E18: water stays in the drum", problem="Pump hums", solution="Rinse the filter.", now=NOW)
    actions_draft.review(carol, made.article_id, publish=False)
    made.article.refresh_from_db()
    assert made.article.state == Article.State.RETIRED
    with pytest.raises(Article.DoesNotExist):
        actions_draft.change_draft(carol, made.article_id, "en", title="E18", problem="", solution="Rinse")


@given(st.builds(Facts, *[st.booleans()] * 6))
def test_the_next_of_the_six_acts_is_the_first_that_is_not_done(facts: Facts) -> None:
    found = steps(facts)
    assert tuple(step.act for step in found) == ACTS
    upcoming = [at for at, step in enumerate(found) if step.next]
    assert len(upcoming) == (0 if all(step.done for step in found) else 1)
    assert all(step.done for step in found[: upcoming[0] if upcoming else None])
