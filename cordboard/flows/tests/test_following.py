"""How a script was followed: what was answered, said, left out, too late, and what is still to be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordboard.flows import leafing
from cordboard.flows.effects import Instruct, Say, Started
from cordboard.flows.engine import compile_flow
from cordboard.flows.following import Measured, measured
from cordboard.flows.graph import validate
from cordboard.flows.leafing import NotNow

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GRAPH: dict[str, Any] = {
    "schema": 1, "code": "sale", "languages": ["en"], "start": "notice", "variables": {"kind": {"type": "choice"}, "street": {"type": "text"}, "name": {"type": "text"}},
    "steps": {
        "notice": {"type": "say", "must": True, "texts": {"en": "This call is recorded."}, "do": {"en": "Wait for yes."}, "next": "kind"},
        "kind": {
            "type": "ask", "kind": "choice", "texts": {"en": "House or flat?"}, "into": "kind", "next": "street",
            "choices": [{"value": "house"}, {"value": "flat", "next": "name"}],
        },
        "street": {"type": "ask", "kind": "text", "optional": True, "must": True, "texts": {"en": "Which street?"}, "into": "street", "next": "name"},
        "name": {"type": "ask", "kind": "text", "must": True, "texts": {"en": "Whose name?"}, "into": "name", "next": "bye"},
        "bye": {"type": "say", "texts": {"en": "Thank you."}, "next": "end"},
        "end": {"type": "end", "reason": "done"},
    },
}  # fmt: skip
FLOW = compile_flow(GRAPH)


class Agent:
    def __init__(self) -> None:
        turned = leafing.open_run(FLOW, Started({}, surface="script"), NOW)
        self.state, self.told = turned.state, turned.told
        self.clock = NOW

    def _later(self) -> datetime:
        self.clock += timedelta(seconds=5)
        return self.clock

    def says(self, *values: str) -> Agent:
        for value in values:
            self.state = leafing.answer(FLOW, self.state, value, self._later()).state
        return self

    def marks(self, name: str, on: bool = True) -> Agent:
        self.state = leafing.mark(FLOW, self.state, name, on, self._later()).state
        return self

    @property
    def did(self) -> Measured:
        return measured(FLOW, self.state)


def test_the_graph_is_a_good_script() -> None:
    assert [one for one in validate(GRAPH, "script") if one.level == "error"] == []


def test_who_does_all_in_its_order_follows_it() -> None:
    agent = Agent()
    assert [(type(one), one.step) for one in agent.told if isinstance(one, (Say, Instruct))] == [(Instruct, "notice"), (Say, "notice")]
    did = agent.marks("notice").says("house", "Lange Voorhout", "Noor").did
    assert (did.asked, did.answered) == (["kind", "street", "name"],) * 2
    assert (did.told, did.marked, did.skipped, did.late, did.missing, did.unfinished) == (["notice", "bye"], ["notice"], [], [], [], "")
    assert did.in_order


def test_what_is_left_out_and_not_said_is_missing_and_skipped() -> None:
    did = Agent().says("house", "", "Noor").did
    assert (did.skipped, did.missing, did.in_order) == (["notice", "street"], ["notice", "street"], False)


def test_said_after_the_question_behind_it_is_late() -> None:
    agent = Agent().says("flat", "Noor")
    assert agent.did.missing == ["notice"]
    did = agent.marks("notice").did
    assert (did.late, did.missing, did.in_order) == (["notice"], [], False)
    assert agent.marks("notice", on=False).did.missing == ["notice"]


def test_what_every_way_still_comes_by_is_missing_and_what_only_some_do_is_not() -> None:
    agent = Agent().marks("notice")
    assert (agent.did.missing, agent.did.unfinished) == (["name"], "kind")
    assert agent.says("house").did.missing == ["street", "name"]


def test_only_what_was_come_by_is_marked_and_marks_survive_leafing() -> None:
    agent = Agent().marks("notice").says("flat")
    with pytest.raises(NotNow):
        leafing.mark(FLOW, agent.state, "bye", True, NOW)
    first = dict(agent.state["marks"])
    agent.state = leafing.back(FLOW, agent.state).state
    assert agent.marks("notice").state["marks"] == first
    assert agent.says("flat", "Noor").did.in_order
