"""The live board's figures."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from cordboard.routing import actions, board, levels, reduce
from cordboard.routing.tests.centre import START, Centre
from cordboard.routing.tests.histories import FILE, HISTORIES


def busy_half_hour(centre: Centre) -> None:
    """Four callers: answered in time, answered late, gone at once, gone late."""
    centre.ready(centre.alice)
    for wait, answered in ((10, True), (40, True), (2, False), (90, False)):
        call = centre.call()
        centre.later(wait)
        if answered:
            centre.offer(call, centre.alice)
            actions.accept_offer(centre.alice, call.pk, now=centre.now)
        actions.customer_left(call.pk, now=centre.now)
        actions.wrap_up(centre.alice, call.pk, now=centre.now)


def test_service_level_by_its_formula(centre: Centre) -> None:
    busy_half_hour(centre)
    shown = board.snapshot(START)["queues"][str(centre.support.pk)]
    counts = reduce.today(shown)
    assert (counts.offered, counts.answered, counts.answered_within, counts.abandoned, counts.short_abandoned) == (4, 2, 1, 2, 1)
    assert levels.service_level(counts) == 1 / 3
    assert [(begin, one.offered) for begin, one in reduce.by_interval(shown)] == [(int(START.timestamp()), 4)]


def test_a_target_that_is_changed_later_changes_no_past(centre: Centre) -> None:
    busy_half_hour(centre)
    centre.support.target_seconds = 60
    centre.support.save()
    assert reduce.today(board.snapshot(START)["queues"][str(centre.support.pk)]).answered_within == 1


def test_half_hours_are_told_apart(centre: Centre) -> None:
    centre.call()
    centre.later(1799)
    centre.call()
    centre.later(1)
    centre.call()
    shown = board.snapshot(START)["queues"][str(centre.support.pk)]
    assert {key: one["offered"] for key, one in shown["intervals"].items()} == {
        reduce.interval_of(START.timestamp()): 2,
        reduce.interval_of(START.timestamp() + 1800): 1,
    }
    assert reduce.longest(shown, (START + timedelta(seconds=1860)).timestamp()) == (3, 1860.0)


def test_as_many_queries_for_a_large_centre_as_for_a_small_one(centre: Centre, django_assert_num_queries: Any) -> None:
    centre.ready(centre.alice)
    for extra in (0, 3):
        for number in range(extra):
            user = centre.agent(f"agent{number}")
            centre.ready(user)
            centre.call()
        with django_assert_num_queries(7):
            board.snapshot(START)
        with django_assert_num_queries(3):
            board.snapshot(START, [centre.support.pk], agents=False)


def test_the_day_begins_at_midnight_where_the_manager_is(centre: Centre) -> None:
    centre.carol.timezone = "Asia/Bangkok"
    assert board.day_began(centre.carol, START).isoformat() == "2026-11-16T17:00:00+00:00"


def test_events_of_what_the_board_does_not_have_change_nothing() -> None:
    shown: reduce.Board = {"since": 0.0, "interval": 1800, "queues": {}, "agents": {}}
    body = {"queue": 1, "entry": 2, "agent": 3, "kind": "offer", "interaction": 4, "waiting_since": 1.0, "priority": 5, "counted": True, "entered_at": 1.0}
    for kind in ("routing.entered", "routing.returned", "routing.offer_rejected", "routing.left", "interactions.opened"):
        reduce.apply(shown, kind, body)
    assert shown == {"since": 0.0, "interval": 1800, "queues": {}, "agents": {}}


def test_the_histories_that_typescript_is_held_to() -> None:
    kept = [json.loads(line) for line in FILE.read_text().splitlines()]
    assert len(kept) == HISTORIES
    seen = set()
    for history in kept:
        shown = history["snapshot"]
        for event in history["events"]:
            seen.add(event["kind"])
            reduce.apply(shown, event["kind"], event["body"])
        assert shown == history["after"]
    assert seen >= {f"routing.{what}" for what in ("entered", "offer_made", "offer_accepted", "offer_expired", "returned", "abandoned", "agent_state_changed")}
