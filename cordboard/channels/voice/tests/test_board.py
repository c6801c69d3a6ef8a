"""Trunks and recordings on the live board: what a page knows from events is what the rows say."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from cordboard.channels.voice import actions_call, actions_sound, actions_trunk, board, reduce
from cordboard.channels.voice.models import Call
from cordboard.events import topics
from cordboard.events.models import Event
from cordboard.routing.tests.centre import START, Centre, make_centre
from cordboard.telephony import driver


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()


def carrier(code: str) -> driver.Trunk:
    return driver.Trunk(code, host="127.0.0.9", transport="udp", numbers=("+31205550100",))


def follow(values: dict[str, Any], since: int) -> tuple[dict[str, Any], bool]:
    """What a page makes of the events after `since`, and whether it must read afresh."""
    again = False
    for event in Event.objects.filter(pk__gt=since).order_by("pk"):
        if "telephony" in event.topics:
            again = again or reduce.stale(values, event.kind, event.body)
            reduce.apply(values, event.kind, event.body, event.at.timestamp())
    return values, again


def last() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def alike(one: dict[str, Any]) -> dict[str, Any]:
    """Without the moments since which a trunk stands so: the event is recorded a moment later than the act began."""
    shown = copy.deepcopy(one)
    for trunk in shown["trunks"].values():
        for node in trunk["nodes"].values():
            del node["since"]
    return shown


def test_events_say_what_the_rows_say(centre: Centre) -> None:
    actions_trunk.set_trunk(None, carrier("carrier"), name="Carrier")
    calls = [centre.call() for _ in range(3)]
    for number, call in enumerate(calls):
        Call.objects.create(interaction=call, reference=f"call{number}", node="one")
    actions_sound.recording_started(calls[0].pk, "r0", "r0.wav", announced=True, rule="", now=START)
    values, begun = board.snapshot(START), last()
    for up, reason in ((True, ""), (False, "no answer"), (False, "refused"), (True, "")):
        actions_trunk.trunk_state("one", "carrier", up, reason)
    for number in (1, 2):
        actions_sound.recording_started(calls[number].pk, f"r{number}", f"r{number}.wav", announced=True, rule="", now=START)
    actions_sound.recording_ended("r1", seconds=3.0, error="disk full", now=START + timedelta(seconds=5))
    actions_call.call_ended(calls[2].pk, cause="normal", by="customer", now=START + timedelta(seconds=9))
    shown, again = follow(values, begun)
    assert not again
    assert alike(shown) == alike(board.snapshot(START))
    assert (len(shown["running"]), len(shown["failed"])) == (1, 1)


def test_another_trunk_is_read_afresh(centre: Centre) -> None:
    values, begun = board.snapshot(START), last()
    actions_trunk.set_trunk(None, carrier("carrier"), name="Carrier")
    assert follow(values, begun)[1]
    values, begun = board.snapshot(START), last()
    assert actions_trunk.trunk_state("one", "carrier", True, "")
    assert not follow(values, begun)[1]


def test_who_watches_hears_of_telephony(centre: Centre, django_assert_num_queries: Any) -> None:
    assert topics.may_listen(centre.carol, "telephony")
    assert not topics.may_listen(centre.alice, "telephony")
    assert not topics.may_listen(centre.dave, "telephony")
    for number in range(3):
        actions_trunk.set_trunk(None, carrier(f"carrier{number}"), name="Carrier")
        actions_trunk.trunk_state("one", f"carrier{number}", True, "")
        with django_assert_num_queries(4):
            shown = topics.values(centre.carol, "telephony")
    assert shown is not None
    assert len(shown["trunks"]) == 3
