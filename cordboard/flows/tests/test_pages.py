"""A run as pages that somebody turns alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.flows import effects as fx
from cordboard.flows import leafing, pages
from cordboard.flows.engine import Flow, compile_flow
from cordboard.flows.leafing import NotNow

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def ask(next: str, **more: Any) -> dict[str, Any]:
    return {"type": "ask", "kind": "rating", "max": 5, "texts": {"en": "How?", "nl": "Hoe?"}, "next": next, **more}


def made(**steps: dict[str, Any]) -> Flow:
    end = {"type": "end", "reason": "thanks"}
    return compile_flow({"code": "s", "languages": ["en", "nl"], "start": "a", "variables": {"r": {"type": "number"}}, "steps": {**steps, "end": end}})


def branch(low: str, high: str) -> dict[str, Any]:
    return {"type": "decide", "branches": [{"when": {"fact": "r", "op": "at_most", "value": 2}, "next": low}], "next": high}


def test_the_longest_way_is_told() -> None:
    flow = made(a=ask("which", into="r"), which=branch("why", "end"), why=ask("more"), more=ask("end"))
    assert [pages.questions_left(flow, at) for at in ("a", "which", "why", "end")] == [3, 2, 2, 0]


def test_nobody_says_how_long_a_round_is() -> None:
    flow = made(a=ask("b"), b=branch("a", "c"), c=ask("end"))
    assert [pages.questions_left(flow, at) for at in ("a", "b", "c")] == [None, None, 1]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_every_way_is_as_long_as_told_or_shorter(jumps: list[int]) -> None:
    """Steps that lead onwards only: whatever the answers, there are no more questions than were told."""
    names = [f"s{number}" for number in range(len(jumps))]
    steps = {
        name: ask(names[min(len(names) - 1, at + 1 + jump)] if at + 1 < len(names) else "end") for at, (name, jump) in enumerate(zip(names, jumps, strict=True))
    }
    flow = compile_flow({"code": "s", "languages": ["en"], "start": "s0", "steps": {**steps, "end": {"type": "end"}}})
    told = pages.questions_left(flow, "s0")
    turned = leafing.open_run(flow, fx.Started(surface="survey"), NOW)
    asked = 0
    while not turned.state["ended"]:
        asked += 1
        turned = leafing.answer(flow, turned.state, "3", NOW)
    assert asked == told


def test_another_language_keeps_answers_and_place() -> None:
    flow = made(a=ask("b", into="r"), b=ask("end"))
    state = leafing.open_run(flow, fx.Started(language="en", surface="survey"), NOW).state
    state = leafing.answer(flow, state, "4", NOW).state
    turned = pages.in_language(flow, state, "nl-BE")
    assert (turned.state["language"], turned.state["at"]) == ("nl", "b")
    assert isinstance(turned.told[-1], fx.Ask)
    assert turned.told[-1].prompt[0].text == "Hoe?"
    assert leafing.standing(leafing.back(flow, turned.state).state) == "4"
    assert leafing.answer(flow, turned.state, "5", NOW).state["ended"] == "thanks"
    with pytest.raises(NotNow):
        pages.in_language(flow, state, "th")


def test_where_another_language_would_lead_elsewhere_nothing_changes() -> None:
    by = {"type": "decide", "branches": [{"when": {"fact": "language", "op": "is", "value": "nl"}, "next": "b"}], "next": "c"}
    flow = made(a=by, b=ask("end"), c=ask("end"))
    state = leafing.open_run(flow, fx.Started(language="en", surface="survey"), NOW).state
    with pytest.raises(NotNow):
        pages.in_language(flow, state, "nl")


def test_answers_are_those_given_on_the_way() -> None:
    flow = made(a=ask("which", into="r"), which=branch("why", "end"), why=ask("end", into="s", optional=True))
    state = leafing.open_run(flow, fx.Started({"s": 5, "r": 1}, surface="survey"), NOW).state
    assert pages.answered(flow, state) == [], "what was known before was not answered here"
    state = leafing.answer(flow, state, "2", NOW).state
    assert pages.answered(flow, state) == [("r", "rating", 2)]
    done = leafing.answer(flow, state, "", NOW).state
    assert pages.answered(flow, done) == [("r", "rating", 2)], "left out is no answer"
    changed = leafing.answer(flow, leafing.back(flow, state).state, "4", NOW).state
    assert pages.answered(flow, changed) == [("r", "rating", 4)]
