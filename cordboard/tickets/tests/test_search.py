"""Tickets by words, in five languages, and by number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from cordboard.events.subscribers import Runner, subscriptions
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions, actions_search, queries_list, search
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_view import SearchPosting, SearchWord
from cordboard.tickets.search_words import of_ticket, typed

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}, unit=unit())


@pytest.fixture
def tickets(alice: User) -> dict[str, Ticket]:
    def made(name: str, language: str, title: str, text: str) -> Ticket:
        party = parties.create(None, name=name, languages=[language], country="NL")
        ticket = actions.open_ticket(alice, title=title, text=text, party=party)
        actions_search.index(ticket.pk)
        return ticket

    return {
        "en": made("Siobhán O’Brien", "en", "Washing machine does not drain", "Shows E18. Filters were cleaned."),
        "nl": made("Noor de Vries", "nl", "Wasmachine pompt niet af", "De machines van de flat geven storing F4."),
        "ru": made("Фёдор Петров", "ru", "Стиральная машина не сливает воду", "Ошибка E18 после мойки."),
        "th": made("พลอย ศรีสุข", "th", "เครื่องซักผ้าไม่ระบายน้ำ", "น้ำรั่ว"),
        "zh": made("李伟", "zh-hans", "洗衣机不排水", "显示E18"),
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("drain", ["en"]),
        ("drains", ["en"]),
        ("the machine", ["nl", "en"]),
        ("machine drain", ["en"]),
        ("cleaned filter", ["en"]),
        ("e18", ["zh", "ru", "en"]),
        ("E 18", ["zh", "ru", "en"]),
        ("e18 drain", ["en"]),
        ("wasm", ["nl"]),
        ("storingen flat", ["nl"]),
        ("vries", ["nl"]),
        ("o'brien", ["en"]),
        ("siobhan dra", ["en"]),
        ("машины", ["ru"]),
        ("федор", ["ru"]),
        ("ไม่ระบายน้ำ", ["th"]),
        ("洗衣机", ["zh"]),
        ("洗衣", ["zh"]),
        ("李伟", ["zh"]),
        ("drain vries", []),
        ("nothing like it", []),
        ("", []),
        ("the", []),
        ("%_'\";--", []),
    ],
)
def test_it_is_found_by(text: str, wanted: list[str], tickets: dict[str, Ticket], alice: User) -> None:
    assert search.search(alice, text).ids == [tickets[name].pk for name in wanted]


def test_a_number_finds_its_ticket_first(tickets: dict[str, Ticket], alice: User) -> None:
    number = tickets["nl"].number
    for text in (str(number), f"#{number}", f" {number} "):
        assert search.search(alice, text).ids[0] == tickets["nl"].pk
    assert search.search(alice, "9" * 40).ids == []


def test_bob_finds_only_what_he_may_see(tickets: dict[str, Ticket]) -> None:
    bob = person("bob", {"tickets.view": "own"}, unit=unit())
    assert search.search(bob, "machine").ids == []
    Ticket.objects.filter(pk=tickets["en"].pk).update(owner=bob)
    assert search.search(bob, "machine").ids == [tickets["en"].pk]
    assert search.search(bob, str(tickets["nl"].number)).ids == []


@pytest.mark.django_db(transaction=True)  # what is read of the log is what was committed
def test_what_is_written_later_is_found_when_the_worker_has_read_the_log(tickets: dict[str, Ticket], alice: User) -> None:
    actions.add_note(alice, tickets["en"].pk, "The pump was replaced.")
    assert search.search(alice, "pump").ids == []
    runner = Runner(next(one for one in subscriptions() if one.name == "tickets.search"))
    while runner.step():
        pass
    assert search.search(alice, "pump").ids == [tickets["en"].pk]
    counted = {word.word: word.tickets for word in SearchWord.objects.all()}
    rows = [SearchPosting.objects.filter(word__word=word).count() for word in counted]
    assert rows == list(counted.values())
    before = SearchPosting.objects.count()
    assert actions_search.index(tickets["en"].pk) == 0  # once more changes nothing
    assert SearchPosting.objects.count() == before


def test_tickets_that_no_event_told_of_are_found_bit_by_bit(tickets: dict[str, Ticket], alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Ticket.objects.bulk_create(Ticket(number=50_000 + number, title="Imported kettle", opened_at=NOW) for number in range(3))
    monkeypatch.setattr(actions_search, "TAKEN", 2)
    look = actions_search.LeftOut()
    assert [look(), look(), look()] == [2, 1, 0]
    assert len(search.search(alice, "kettle").ids) == 3


def test_of_a_very_common_word_the_newest_are_looked_at(tickets: dict[str, Ticket], alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "CANDIDATES", 2)
    found = search.search(alice, "e18")
    assert (found.ids, found.partly) == ([tickets["zh"].pk, tickets["ru"].pk], True)
    assert not search.search(alice, "drain").partly


@pytest.mark.parametrize("tickets_there", [1, 3])
def test_a_search_costs_the_same_for_one_and_for_three(tickets_there: int, alice: User, django_assert_num_queries: Any) -> None:
    for _ in range(tickets_there):
        actions_search.index(actions.open_ticket(alice, title="Does not drain water").pk)
    search.search(alice, "x1")
    with django_assert_num_queries(3):
        assert len(search.search(alice, "drain water").ids) == tickets_there


def test_a_view_may_ask_for_words(tickets: dict[str, Ticket], alice: User) -> None:
    def shown(condition: dict[str, Any]) -> set[int]:
        return {line.pk for line in queries_list.page(alice, condition, "newest", timezone.now()).lines}

    assert shown({"fact": "ticket.words", "op": "contains", "value": "drain"}) == {tickets["en"].pk}
    assert shown({"fact": "ticket.words", "op": "any_of", "value": ["drain", "storing"]}) == {tickets["en"].pk, tickets["nl"].pk}
    assert shown({"fact": "ticket.words", "op": "none_of", "value": ["E18"]}) == {tickets["nl"].pk, tickets["th"].pk}
    assert shown({"fact": "ticket.words", "op": "contains", "value": "%%"}) == set()


def test_words_that_decide_nothing_are_passed_over() -> None:
    assert [term.words for term in typed("the drain ")] == [term.words for term in typed("drain ")]
    assert typed("drai")[-1].beginning == "drai"
    assert typed("drai ")[-1].beginning == ""
    assert "drain" in of_ticket(["It drains"], "", "en")
    assert len(of_ticket([" ".join(f"w{number}x" for number in range(9000))], "", "en")) <= 2_000
