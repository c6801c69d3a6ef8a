"""From a note to the solution, in whichever language it was typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from cordboard.interactions.models import Interaction
from cordboard.interactions.queries_history import history
from cordboard.knowledge import actions
from cordboard.knowledge.models import Article, ArticleText, Term
from cordboard.knowledge.queries import article, listing, search, solved
from cordboard.org.models import User
from cordboard.org.tests.people import person
from cordboard.parties import actions as parties

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", {"knowledge.view": "all", "knowledge.use": "all"})


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", {"knowledge.view": "all", "knowledge.use": "all", "knowledge.write": "all"})


@pytest.fixture
def dave(db: None) -> User:
    return person("dave", {})


@pytest.fixture
def solutions(carol: User) -> dict[str, Article]:
    def publish(code: str, family: str, **texts: tuple[str, str, str]) -> Article:
        given = {language.replace("_", "-"): dict(zip(("title", "problem", "solution"), text, strict=True)) for language, text in texts.items()}
        return actions.publish(code, given, carol, family=family, now=NOW)

    return {
        "drain": publish(
            "drain",
            "washing-machine",
            en=("E18, water stays in the drum", "The machine does not drain, the laundry is wet.", "Clean the filter at the bottom."),
            nl=("E18, water blijft in de trommel", "De wasmachine pompt niet af.", "Maak het filter schoon."),
            ru=("E18, вода в барабане", "Машина не сливает воду.", "Почистите фильтр."),
            th=("E18 น้ำค้างในถังซัก", "เครื่องซักผ้าไม่ระบายน้ำ", "ล้างตัวกรอง"),
            zh_hans=("E18，桶内积水", "洗衣机不排水。", "清洗过滤器。"),
        ),
        "smell": publish("smell", "washing-machine", en=("Laundry smells", "The washing smells musty although it is clean.", "Wash at 90 degrees.")),
        "dry": publish("dry", "dishwasher", en=("Dishes stay wet, F4", "Plates are wet after the cycle.", "Fill rinse aid.")),
        "general": publish("general", "", en=("Smoke or shock", "It smokes or smells burnt.", "Unplug it.")),
    }


@pytest.mark.parametrize(
    ("note", "reader"),
    [
        ("Grandson calls. Since this morning E18, water stays in the drum!!! cleaned it himself; home Thu + Fri", "en"),
        ("machine pompt niet af", "nl"),
        ("машина воду не сливает", "ru"),
        ("เครื่องซักผ้าไม่ระบายน้ำเลยค่ะ", "th"),
        ("我的洗衣机不排水了", "zh-hans"),
        ("машина воду не сливает", "en"),
        ("我的洗衣机不排水了", "nl"),
        ("e-18", "ru"),
    ],
)
def test_the_words_of_a_note_find_the_solution(note: str, reader: str, solutions: dict[str, Article]) -> None:
    answer = search(note, reader)
    assert answer.hits[0].article == solutions["drain"]
    assert answer.hits[0].text.language == reader, "shown in the reader's language"
    assert answer.marks


def test_the_words_that_led_there_are_marked_as_they_were_typed(solutions: dict[str, Article]) -> None:
    note = "She says: E-18 and the WATER stays"
    answer = search(note, "en")
    assert [note[start:end] for start, end in answer.marks] == ["E-18", "WATER", "stays"]
    assert answer.hits[0].found == ("E-18", "WATER", "stays")


def test_an_article_without_the_readers_language_is_shown_in_the_one_it_was_found_in(solutions: dict[str, Article]) -> None:
    (hit,) = search("laundry smells musty", "th").hits[:1]
    assert (hit.article, hit.text.language) == (solutions["smell"], "en")


@pytest.mark.parametrize("nothing", ["", "   ", "?!… — «»", "and that is what they have", "qwrtzx", "'; drop table", "\x00\x01"])
def test_a_note_that_says_nothing_finds_nothing(nothing: str, solutions: dict[str, Article]) -> None:
    assert search(nothing, "en").hits == ()


def test_the_customers_product_goes_first(solutions: dict[str, Article]) -> None:
    assert search("everything is wet", "en", family="dishwasher").hits[0].article == solutions["dry"]
    assert search("everything is wet", "en", family="washing-machine").hits[0].article == solutions["drain"]
    assert search("smells burnt", "en", family="dishwasher").hits[0].article == solutions["general"], "what is about all products stays"


def test_what_helped_is_counted_once_a_contact_and_the_last_word_holds(solutions: dict[str, Article], alice: User) -> None:
    call = Interaction.objects.create(channel="voice", state="active", started_at=NOW)
    drain = solutions["drain"]
    actions.count_use(drain.pk, "helped", alice, interaction_id=call.pk)
    actions.count_use(drain.pk, "helped", alice, interaction_id=call.pk)
    assert solved([drain.pk]) == {drain.pk: (1, 1)}
    actions.count_use(drain.pk, "not_helped", alice, interaction_id=call.pk)
    assert solved([drain.pk]) == {drain.pk: (0, 1)}
    actions.count_use(drain.pk, "helped", alice)
    actions.count_use(drain.pk, "opened", alice)
    hit = search("E18", "en").hits[0]
    assert (hit.helped, hit.tried) == (1, 2)


def test_success_settles_what_words_leave_open(carol: User, alice: User) -> None:
    text = {"en": {"title": "Kettle leaks", "problem": "It leaks.", "solution": "Seal."}}
    worse, better = actions.publish("one", text, carol), actions.publish("two", text, carol)
    for _ in range(5):
        actions.count_use(worse.pk, "not_helped", alice)
        actions.count_use(better.pk, "helped", alice)
    assert [hit.article for hit in search("kettle leaks", "en").hits] == [better, worse]


def test_a_changed_article_is_found_by_its_new_words_only(solutions: dict[str, Article], carol: User) -> None:
    actions.publish("smell", {"en": {"title": "Odour", "problem": "It reeks.", "solution": "Wash hot."}}, carol)
    assert search("musty", "en").hits == ()
    assert search("reeks", "en").hits[0].article == solutions["smell"]
    assert ArticleText.objects.filter(article=solutions["smell"]).count() == 1


def test_a_retired_article_is_not_found(solutions: dict[str, Article], carol: User, alice: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.retire(solutions["smell"].pk, alice)
    actions.retire(solutions["smell"].pk, carol)
    assert search("musty", "en").hits == ()
    assert len(listing("en")) == 3


def test_only_who_may_writes_and_uses(alice: User, dave: User, solutions: dict[str, Article]) -> None:
    with pytest.raises(PermissionDenied):
        actions.publish("x", {"en": {"title": "T", "solution": "S"}}, alice)
    with pytest.raises(PermissionDenied):
        actions.count_use(solutions["drain"].pk, "helped", dave)
    assert not Article.objects.filter(code="x").exists()


def test_an_article_needs_a_title_and_a_solution(carol: User) -> None:
    with pytest.raises(ValidationError):
        actions.publish("x", {"en": {"title": " ", "solution": "S"}}, carol)
    assert not Term.objects.exists()


@pytest.mark.parametrize("articles", [1, 3])
def test_a_search_costs_the_same_for_one_and_for_three(articles: int, carol: User, django_assert_num_queries: Any) -> None:
    for number in range(articles):
        actions.publish(f"a{number}", {language: {"title": f"Leak {number}", "problem": "leaks", "solution": "dry"} for language in ("en", "nl")}, carol)
    with django_assert_num_queries(6):
        assert len(search("it leaks", "en").hits) == articles
    with django_assert_num_queries(3):
        assert len(listing("nl")) == articles
    first = Article.objects.earliest("pk").pk
    with django_assert_num_queries(3):
        assert article(first, "ru").text.language == "en"


def test_the_timeline_says_which_solution_was_given_and_what_came_of_it(solutions: dict[str, Article], alice: User) -> None:
    noor = parties.create(None, name="Noor de Vries")
    call = Interaction.objects.create(channel="voice", state="active", subject=noor, started_at=NOW)
    actions.count_use(solutions["drain"].pk, "opened", alice, interaction_id=call.pk)
    actions.count_use(solutions["drain"].pk, "not_helped", alice, interaction_id=call.pk)
    with translation.override("nl"):
        (entry,) = history([noor.pk], q="trommel", only=["solution"]).entries
    assert (entry.title, entry.data["use"]) == ("E18, water blijft in de trommel", "not_helped")
    assert history([noor.pk], q="fridge", only=["solution"]).entries == []
