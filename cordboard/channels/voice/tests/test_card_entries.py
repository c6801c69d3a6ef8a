"""Card data in the middle of a talk: who may ask for it, what is kept of it, and how each way of ending it leaves the recording."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cordboard.channels.voice import actions, actions_card, actions_recording, queries, wishes, wishes_recording
from cordboard.channels.voice.models import Call, CardEntry, Line
from cordboard.channels.voice.wording import LANGUAGES
from cordboard.channels.voice.wording_card import GRAPH
from cordboard.events.models import Event
from cordboard.flows import effects as fx
from cordboard.flows import engine
from cordboard.flows.graph import validate
from cordboard.interactions.actions_context import newest
from cordboard.interactions.acts import Came
from cordboard.interactions.models import Segment
from cordboard.routing.tests.centre import Centre, make_centre
from cordboard.telephony.calls.happenings import Aside, Private, Wish

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()


@pytest.fixture
def call(centre: Centre) -> Call:
    """Alice talks with a caller."""
    Line.objects.create(number="100", name="Service", flow="none", queue=centre.support, country="NL", languages=["en"])
    centre.ready(centre.alice)
    talk = centre.talk(centre.alice)
    return Call.objects.create(interaction=talk, reference="c1", node="here", line=Line.objects.get(number="100"))


def wished() -> list[Wish]:
    """What the switch reads of it in the log."""
    found: list[Wish] = []
    for event in Event.objects.filter(kind__startswith="voice.").order_by("id"):
        found += wishes.from_event(event.kind, event.body, 0.0, lambda queue: "default")
        found += wishes_recording.from_event(event.kind, event.body, lambda name: name)
    return found


def entry() -> CardEntry:
    return CardEntry.objects.get()


def test_a_number_that_is_right(call: Call, centre: Centre) -> None:
    assert actions_card.ask_card(centre.alice, call.pk).came is Came.DONE
    segment = Segment.objects.get(interaction=call.pk)
    assert wished() == [Private(True), Aside(segment.pk)], "nothing is recorded before the customer is sent aside"
    assert actions_card.ask_card(centre.alice, call.pk).came is Came.ALREADY
    assert queries.rows_of([call.pk])[call.pk].aside == segment.pk

    assert actions_card.card_keyed(entry().pk, 16, "", final=False)
    assert entry().state == CardEntry.State.ASKING
    assert actions_card.card_keyed(entry().pk, 16, "1111", final=True)
    assert not actions_card.card_keyed(entry().pk, 16, "1111", final=True), "told twice"
    row = entry()
    assert (row.state, row.tries, row.digits, row.checked, row.last) == ("given", 2, 16, True, "1111")
    assert wished()[2:] == [Aside(0), Private(False)], "back first, then the recording goes on"
    assert newest(call.pk)["card.last"] == "1111"
    assert "1111" not in json.dumps(list(Event.objects.values_list("body", flat=True))), "the log keeps ids and counts"


def test_a_pause_of_the_agents_own_outlives_it(call: Call, centre: Centre) -> None:
    assert actions_recording.keep_private(centre.alice, call.pk, on=True)
    assert actions_card.ask_card(centre.alice, call.pk).done
    assert actions_card.card_keyed(entry().pk, 0, "", final=True)
    assert entry().state == CardEntry.State.NOT_GIVEN
    assert Private(False) not in wished()


@pytest.mark.parametrize(("why", "state", "goes_on"), [("agent", "stopped", True), ("sound", "failed", False), ("not_now", "failed", False)])
def test_an_end_that_nobody_wished_for(call: Call, centre: Centre, why: str, state: str, goes_on: bool) -> None:
    assert actions_card.ask_card(centre.alice, call.pk).done
    assert actions_card.card_over(call.pk, why)
    assert not actions_card.card_over(call.pk, why)
    assert entry().state == state
    call.refresh_from_db()
    assert (call.private_at is None) is goes_on, "who may be keying still is not recorded"


def test_taken_back_the_recording_stays_paused_until_the_agent_lets_it_go_on(call: Call, centre: Centre) -> None:
    assert actions_card.take_back(centre.alice, call.pk).came is Came.ALREADY
    assert actions_card.ask_card(centre.alice, call.pk).done
    assert actions_card.take_back(centre.alice, call.pk).came is Came.DONE
    assert wished()[2:] == [Aside(0)]
    assert not actions_card.card_keyed(entry().pk, 16, "1111", final=True), "what was keyed in that moment is for nobody"
    assert entry().last == ""
    assert actions_recording.keep_private(centre.alice, call.pk, on=False)
    assert actions_card.ask_card(centre.alice, call.pk).done, "once more"


def test_who_may(call: Call, centre: Centre) -> None:
    assert actions_card.ask_card(centre.bob, call.pk).came is Came.NOT_YOURS
    Segment.objects.create(interaction_id=call.pk, agent=centre.carol, kind=Segment.Kind.SUPERVISE, state=Segment.State.ACTIVE, offered_at=NOW)
    Segment.objects.create(interaction_id=call.pk, agent=centre.bob, kind=Segment.Kind.CONFERENCE, state=Segment.State.ACTIVE, offered_at=NOW)
    for other in (centre.bob, centre.carol, centre.dave):
        assert actions_card.ask_card(other, call.pk).came is Came.NOT_YOURS, "only who has the customer"
        assert actions_card.take_back(other, call.pk).came is Came.NOT_YOURS
    Segment.objects.filter(agent=centre.alice).update(state=Segment.State.HELD)
    assert actions_card.ask_card(centre.alice, call.pk).came is Came.NOT_NOW
    assert not wished()


def test_the_end_of_the_call_ends_it(call: Call, centre: Centre) -> None:
    assert actions_card.ask_card(centre.alice, call.pk).done
    actions.call_ended(call.pk, cause="normal", by="caller")
    assert entry().state == CardEntry.State.STOPPED
    assert actions_card.ask_card(centre.alice, call.pk).came is not Came.DONE


def test_the_question_is_a_flow_that_could_be_published() -> None:
    assert [one for one in validate(GRAPH, "ivr") if one.level == "error"] == []
    assert set(GRAPH["languages"]) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_tries_in_the_callers_language(language: str) -> None:
    flow = engine.compile_flow(GRAPH)
    state, effects = engine.step(flow, engine.begin(flow), fx.Started({}, language), NOW)
    heard = []
    while isinstance(asked := effects[-1], fx.AskSecret):
        assert asked.clear_key == "*"
        heard.append(" ".join(one.text for one in asked.prompt))
        state, effects = engine.step(flow, state, fx.NoAnswer(), NOW)
    assert len(heard) == 3
    assert heard[0] == GRAPH["steps"]["card"]["texts"][language]
    assert heard[1] == heard[2] == f"{GRAPH['steps']['card']['wrong'][language]} {heard[0]}"
