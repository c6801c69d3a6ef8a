"""What is read of interactions: the desk, the detail, the history; each with the same number of queries for one and for many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cordboard.interactions import actions, history, sentences
from cordboard.interactions.models import Decision, Interaction
from cordboard.interactions.queries import detail, open_for_agent
from cordboard.interactions.queries_changes import why
from cordboard.interactions.queries_history import history as timeline
from cordboard.interactions.topics import _may_see
from cordboard.parties.models import Party
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import START, Centre, party


def past(centre: Centre, customer: Party, days: float, headline: str = "", note: str = "", reason: str = "") -> Interaction:
    opened = actions.open_interaction(channel="voice", now=START - timedelta(days=days))
    actions.identify(opened.pk, [customer.pk], by="ani")
    if headline:
        actions.set_headline(centre.carol, opened.pk, headline)
    if note:
        actions.save_note(centre.carol, opened.pk, note, 1)
        actions.file_note(centre.carol, opened.pk)
    if reason:
        actions.add_reason(centre.carol, opened.pk, reason)
    routing.customer_left(opened.pk)
    return opened


def test_the_desk_shows_what_is_open(centre: Centre, django_assert_num_queries: Any) -> None:
    centre.ready(centre.alice, centre.bob)
    assert open_for_agent(centre.alice) == []
    call = centre.talk(centre.alice)
    routing.consult(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now)
    with django_assert_num_queries(3):
        mine = open_for_agent(centre.alice)[0]
        assert (mine.interaction.pk, mine.segment.state) == (call.pk, "held")
        assert mine.consulted is not None
        assert (mine.consulted.agent, mine.consulted.state) == (centre.bob, "offered")
    theirs = open_for_agent(centre.bob)[0]
    assert theirs.consulted is None
    assert theirs.others[0].agent == centre.alice


def test_detail_asks_the_same_for_little_and_much(centre: Centre, django_assert_num_queries: Any) -> None:
    customer = party("Noor")
    little = past(centre, customer, 1)
    much = past(centre, customer, 2, "E18", "Water", "defect")
    actions.add_reason(centre.carol, much.pk, "noise")
    actions.set_context(much.pk, {"a": 1, "b": 2}, by="ivr")
    actions.set_context(much.pk, {"a": 3}, by="agent", user=centre.carol)
    for one in (little, much):
        with django_assert_num_queries(2):
            found = detail(one.pk)
        assert found is not None
        with django_assert_num_queries(4):
            for _again in range(2):
                _read = (found.segments, found.reasons, found.notes, found.subject_changes, found.candidates, found.misdirected)
    assert (found.context["a"].value, found.context["a"].by, found.context["a"].user) == (3, "agent", centre.carol)
    assert [one.code for one in found.reasons] == ["defect", "noise"]
    assert detail(99_999) is None


def test_history_is_searched_and_paged(centre: Centre, django_assert_num_queries: Any) -> None:
    customer, other = party("Noor"), party("Piet")
    past(centre, other, 1, "not hers")
    for number in range(5):
        past(centre, customer, number + 1, f"Contact {number}", note="The drum is FULL of water" if number == 3 else "", reason="noise" if number == 4 else "")
    with django_assert_num_queries(3):
        first = timeline([customer.pk], limit=2, only=["interaction"])
    assert [one.title for one in first.entries] == ["Contact 0", "Contact 1"]
    second = timeline([customer.pk], limit=2, before=first.next)
    third = timeline([customer.pk], limit=2, before=second.next)
    assert [one.title for one in second.entries + third.entries] == ["Contact 2", "Contact 3", "Contact 4"]
    assert third.next == ""
    assert [one.title for one in timeline([customer.pk], q="full of").entries] == ["Contact 3"]
    assert [one.title for one in timeline([customer.pk], q="Noise").entries] == ["Contact 4"]
    assert timeline([customer.pk], q="dishwasher").entries == []
    with pytest.raises(ValueError):
        timeline([customer.pk], before="nonsense")


def test_packages_add_their_entries_to_one_timeline(centre: Centre) -> None:
    customer = party("Noor")
    past(centre, customer, 2, "A call")
    at = START - timedelta(days=1)

    def letters(asked: history.Asked) -> list[history.Entry]:
        rows = [history.Entry("letter", number, at, f"Letter {number}") for number in (3, 2, 1)]
        return [row for row in rows if asked.before is None or row.at <= asked.before][: asked.limit]

    history.source("letter", letters)
    try:
        titles: list[str] = []
        cursor = ""
        while True:
            page = timeline([customer.pk], limit=1, before=cursor)
            titles += [one.title for one in page.entries]
            cursor = page.next
            if not cursor:
                break
            assert len(titles) < 10
        assert [one.title for one in timeline([customer.pk], only=["letter"]).entries] == ["Letter 3", "Letter 2", "Letter 1"]
    finally:
        del history._sources["letter"]
    assert titles == ["Letter 3", "Letter 2", "Letter 1", "A call"]


def test_a_decision_whose_package_is_gone_still_says_something(centre: Centre) -> None:
    call = centre.call()
    Decision.objects.create(interaction=call, kind="x", sentences=[{"code": "gone.code", "values": {"text": "because"}}, {"code": "gone.other"}], at=centre.now)
    assert [one.text for one in why(call.pk, ["x"])[0].sentences] == ["because", "gone.other"]


def test_values_are_shown_strong() -> None:
    sentences.register("test.sentence", "Number {number:groups}, {seconds:clock}, {what}.")
    said = sentences.say({"code": "test.sentence", "values": {"number": "44712260", "seconds": 372, "what": "{odd}"}, "rule": "R"}, "p")
    assert said.parts == (("Number ", False), ("4471 2260", True), (", ", False), ("6:12", True), (", ", False), ("{odd}", True), (".", False))
    assert (said.rule, said.policy) == ("R", "p")


def test_every_sentence_that_is_registered_can_be_said(centre: Centre) -> None:
    for code, template in sentences.registered().items():
        assert sentences.say({"code": code, "values": {}}).text, (code, template)


def test_who_may_listen_to_a_contact(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    assert _may_see(centre.alice, str(call.pk))
    assert _may_see(centre.carol, str(call.pk))
    assert not _may_see(centre.dave, str(call.pk))
    assert not _may_see(centre.alice, "x")
