"""What closed tickets like this one, and what a level closes most: kept as tickets are closed and opened again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Product
from cordboard.events.feed import FeedEvent
from cordboard.interactions.models import ContactReason, Interaction
from cordboard.knowledge.models import Article, ArticleText, ArticleUse
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions, following_similar
from cordboard.tickets import actions_similar as index
from cordboard.tickets.actions_edit import edit
from cordboard.tickets.actions_move import merge, undo
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_level import SupportLevel
from cordboard.tickets.models_similar import ClosingCount, RequestCount, SolvedTerm, SolvedTicket, TermCount, TicketWords
from cordboard.tickets.queries_similar import most_common, similar_to

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit("first"))


@pytest.fixture
def pump(db: None) -> Article:
    row = Article.objects.create(code="e18-pump", family="washing-machine", updated_at=NOW)
    ArticleText.objects.create(article=row, language="en", title="E18: clean the pump filter", problem="E18", solution="Open the flap")
    ArticleText.objects.create(article=row, language="nl", title="E18: maak het pompfilter schoon", problem="E18", solution="Open het klepje")
    return row


@pytest.fixture
def not_working(db: None) -> ContactReason:
    return ContactReason.objects.create(code="not-working", names={"en": "Does not work"})


def machine(party: int, family: str, number: int) -> Any:
    product, _made = Product.objects.get_or_create(code=f"of-{family}", defaults={"names": {"en": family}, "family": family})
    return catalogue.register(party, product, f"{family}-{number}", date(2026, 1, 5), None)


def opened(alice: User, title: str, *, text: str = "", family: str = "", reason: ContactReason | None = None, **more: Any) -> Ticket:
    party = parties.create(None, name=f"Customer {Ticket.objects.count()}", languages=["en"], country="NL")
    product = machine(party.pk, family, Ticket.objects.count()) if family else None
    row = actions.open_ticket(alice, title=title, text=text or "-", party=party, product=product, reason=reason, now=NOW, **more)
    index.read_words(row.pk)
    return row


def closed(alice: User, title: str, *, article: Article | None = None, measure: str = "", **more: Any) -> Ticket:
    row = opened(alice, title, **more)
    if article is not None or measure:
        index.say_solution(alice, row.pk, article=article.pk if article is not None else None, measure=measure, now=NOW)
    actions.set_state(alice, row.pk, "resolved", now=NOW + timedelta(hours=1))
    index.keep(row.pk)
    return row


def heard(kind: str, **body: Any) -> None:
    following_similar.follow(FeedEvent(1, kind, 1, NOW, "user:1", "", (), body, 1, ""))


def test_words_follow_what_is_edited(alice: User) -> None:
    ticket = opened(alice, "Machine shows E18")
    edit(alice, ticket.pk, {"title": "Machine shows E18"}, {"title": "Door hinge broken"})
    heard("tickets.edited", ticket=ticket.pk, fields=["title"])
    assert {"hing", "door"} & set(TicketWords.objects.get(pk=ticket.pk).words)
    assert "tickets.edited" in following_similar.KINDS


def test_a_merged_duplicate_is_no_solved_request_and_counts_again_when_it_comes_back(alice: User) -> None:
    first = closed(alice, "E18 again and again", measure="Hose was bent")
    other = opened(alice, "E18 on the display")
    move = merge(alice, first.pk, other.pk, now=NOW)
    heard("tickets.merged", ticket=first.pk, other=other.pk)
    assert not SolvedTicket.objects.exists()
    assert RequestCount.objects.get().count == 0
    undo(alice, move.pk, now=NOW)
    heard("tickets.move_undone", ticket=first.pk, other=other.pk)
    assert SolvedTicket.objects.get().pk == first.pk
    assert "tickets.move_undone" in following_similar.KINDS


def test_a_ticket_shows_what_closed_those_like_it_and_how_often(alice: User, pump: Article, not_working: ContactReason) -> None:
    wash = {"family": "washing-machine", "reason": not_working}
    first = closed(alice, "Machine shows E18 and does not drain", article=pump, **wash)
    closed(alice, "E18 on the display, water stays in", article=pump, **wash)
    closed(alice, "E18 after every wash", measure="Hose was bent", **wash)
    closed(alice, "Invoice has the wrong address", measure="New invoice sent")
    found = similar_to(opened(alice, "Display says E18", **wash), 1, "nl")
    assert [(one.article, one.measure, one.count, one.of) for one in found.closings] == [(pump.pk, "", 2, 3), (None, "Hose was bent", 1, 3)]
    assert found.titles == {pump.pk: "E18: maak het pompfilter schoon"}
    assert first.number in found.numbers.values()
    assert all("e18" in one.shared for one in found.found)


def test_a_ticket_like_none_shows_nothing(alice: User, pump: Article) -> None:
    closed(alice, "Machine shows E18", article=pump, family="washing-machine")
    assert similar_to(opened(alice, "Where is my parcel"), 1, "en").closings == []
    fresh = actions.open_ticket(alice, title="E18", now=NOW)  # the worker has not read its words yet
    assert similar_to(fresh, 1, "en").closings == []


def test_an_article_that_helped_in_the_call_counts_without_being_said(alice: User, pump: Article) -> None:
    call = Interaction.objects.create(channel="voice", state="active", agent=alice, started_at=NOW)
    ArticleUse.objects.create(article=pump, interaction=call, kind=ArticleUse.Kind.HELPED, by=alice, at=NOW)
    row = closed(alice, "Machine shows E18", interaction=call)
    assert SolvedTicket.objects.get(pk=row.pk).article == pump


def test_opened_again_it_is_out_of_the_counts_and_closed_twice_it_counts_once(alice: User, pump: Article, not_working: ContactReason) -> None:
    row = closed(alice, "Machine shows E18", article=pump, reason=not_working)
    index.keep(row.pk)
    assert RequestCount.objects.get().count == ClosingCount.objects.get().count == 1
    assert TermCount.objects.get(word="e18").count == TermCount.objects.get(word="").count == 1
    actions.set_state(alice, row.pk, "open", now=NOW)
    assert index.keep(row.pk) is False
    assert RequestCount.objects.get().count == ClosingCount.objects.get().count == 0
    assert not SolvedTerm.objects.exists()
    assert TermCount.objects.get(word="e18").count == TermCount.objects.get(word="").count == 0
    assert most_common(1, "", "en")[0] == []


def test_each_level_has_its_most_common_requests_with_what_closed_them(alice: User, pump: Article, not_working: ContactReason) -> None:
    SupportLevel.objects.create(rank=2, unit=unit("second"))
    for n in range(3):
        closed(
            alice, f"E18 number {n}", article=pump if n < 2 else None, measure="" if n < 2 else "Hose was bent", reason=not_working, family="washing-machine"
        )
    closed(alice, "Board is burnt", measure="Board replaced", family="washing-machine", unit=unit("second"))
    (one,), titles, _codes = most_common(1, "washing-machine", "en")
    assert (one.request.count, one.request.reason) == (3, not_working)
    assert [(titles.get(by.article_id or 0, by.measure), by.count) for by in one.closings] == [("E18: clean the pump filter", 2), ("Hose was bent", 1)]
    (other,), _titles, _codes = most_common(2, "washing-machine", "en")
    assert [by.measure for by in other.closings] == ["Board replaced"]
    assert most_common(1, "fridge", "en")[0] == []


def test_what_solved_it_is_an_article_or_some_words(alice: User) -> None:
    row = opened(alice, "Machine shows E18")
    with pytest.raises(ValidationError, match="Say what solved it"):
        index.say_solution(alice, row.pk, measure="  ")
    with pytest.raises(ValidationError, match="not there any more"):
        index.say_solution(alice, row.pk, article=4711)
    with pytest.raises(PermissionDenied):
        index.say_solution(person("dave", {}), row.pk, measure="nothing")


def test_looking_for_like_tickets_costs_the_same_with_one_and_with_many(alice: User, pump: Article) -> None:
    at_hand = opened(alice, "Machine shows E18 and stays wet", family="washing-machine")

    def cost() -> int:
        with CaptureQueriesContext(connection) as made:
            similar_to(Ticket.objects.select_related("product").get(pk=at_hand.pk), 1, "en")
        return len(made)

    closed(alice, "Machine shows E18", article=pump, family="washing-machine")
    one = cost()
    for n in range(3):
        closed(alice, f"Wet floor and E18 {n}", article=pump if n else None, measure="Dried", family="washing-machine")
    assert cost() == one <= 8
