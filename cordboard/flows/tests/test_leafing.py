"""Leafing through a script: back and forward, and no answer is ever lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.flows import leafing
from cordboard.flows.answers import WrongAnswer
from cordboard.flows.effects import Ask, Instruct, LookedUp, LookUp, Perform, Say, SetContext, Started
from cordboard.flows.engine import compile_flow
from cordboard.flows.graph import validate

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def ask(text: str, into: str, following: str, **more: object) -> dict:
    return {"type": "ask", "kind": "text", "texts": {"en": text}, "into": into, "next": following, **more}


COMPLAINT = {
    "schema": 1, "code": "complaint", "languages": ["en"], "start": "hello",
    "variables": {
        "customer.name": {"type": "text", "from": "surface"}, "product": {"type": "text"}, "kind": {"type": "choice"}, "when": {"type": "date"},
        "open": {"type": "number"}, "note": {"type": "text"},
    },
    "steps": {
        "hello": {"type": "say", "texts": {"en": "Good day, {customer.name}."}, "do": {"en": "Look friendly."}, "next": "product"},
        "product": ask("Which product?", "product", "find"),
        "find": {"type": "look_up", "name": "x", "args": {"product": {"var": "product"}}, "fields": {"open": "open"}, "next": "kind", "nothing": "kind", "failed": "kind"},
        "kind": {
            "type": "ask", "kind": "choice", "texts": {"en": "Late or broken?"}, "into": "kind", "next": "write",
            "choices": [{"value": "late", "next": "when"}, {"value": "broken"}],
        },
        "when": {"type": "ask", "kind": "date", "range": "past", "texts": {"en": "Since when?"}, "into": "when", "next": "write"},
        "write": {"type": "document", "name": "y", "args": {"text": "{product}: {kind} {when}"}, "fields": {"note": "id"}, "next": "end", "failed": "end"},
        "end": {"type": "end", "reason": "done"},
    },
}  # fmt: skip
FLOW = compile_flow(COMPLAINT)


class Agent:
    """Works through a script; every state goes through JSON, as through the database."""

    def __init__(self, flow=FLOW):
        self.flow = flow
        self.errands: list[object] = []
        self.context: dict[str, object] = {}
        self.take(leafing.open_run(flow, Started({"customer.name": "Anna"}, surface="script"), NOW))

    def take(self, turned):
        self.state = json.loads(json.dumps(turned.state))
        self.told = turned.told
        for effect in turned.perform:
            if isinstance(effect, SetContext):
                self.context[effect.name] = (effect.value, effect.by)
        if turned.errand is not None:
            self.errands.append(turned.errand)
            self.take(leafing.report(self.flow, self.state, LookedUp({"open": len(self.errands), "id": "n1"}), NOW))
        return self

    def answer(self, value):
        return self.take(leafing.answer(self.flow, self.state, value, NOW + timedelta(seconds=len(self.state["trail"]))))

    def back(self):
        return self.take(leafing.back(self.flow, self.state))

    def forward(self):
        return self.take(leafing.forward(self.flow, self.state, NOW))

    @property
    def at(self):
        return self.state["at"]

    def value(self, name):
        return self.state["vars"][name]["value"]


def test_what_to_say_and_what_to_do_stand_apart():
    assert validate(COMPLAINT, "script")[0].code == "look_up"  # nobody here declares x and y; the rest is in order
    agent = Agent()
    assert [one for one in agent.told if isinstance(one, Instruct)] == [Instruct("Look friendly.", "en")]
    assert [one for one in agent.told if isinstance(one, Say)] == [Say("Good day, Anna.", "en")]
    assert isinstance(agent.told[-1], Ask)


def test_back_and_forward_keep_every_answer_and_do_nothing_twice():
    agent = Agent().answer("lamp").answer("late").answer("2026-11-20")
    assert (agent.state["ended"], agent.at) == ("done", "end")
    assert [type(one) for one in agent.errands] == [LookUp, Perform]
    assert agent.errands[1].args == {"text": "lamp: late 2026-11-20"}
    assert agent.context["kind"] == ("late", "agent")
    agent.back()
    assert (agent.at, leafing.standing(agent.state)) == ("when", "2026-11-20")
    agent.back().back()
    assert (agent.at, leafing.standing(agent.state), leafing.may_go_back(agent.state)) == ("product", "lamp", False)
    assert [one.text for one in agent.told if isinstance(one, Say)] == ["Good day, Anna."]
    agent.back().forward().forward().forward()
    assert agent.state["ended"] == "done"
    assert len(agent.errands) == 2
    assert not leafing.may_go_forward(agent.state)


def test_a_changed_answer_leads_on_from_there_and_later_answers_are_offered_again():
    agent = Agent().answer("lamp").answer("late").answer("2026-11-20").back().back()
    agent.answer("broken")
    assert agent.state["ended"] == "done"
    assert agent.errands[-1].args == {"text": "lamp: broken "}
    agent.back().answer("late")
    assert (agent.at, leafing.standing(agent.state)) == ("when", "2026-11-20")
    agent.forward()
    assert (agent.state["ended"], agent.value("when")) == ("done", "2026-11-20")


def test_an_errand_is_run_again_only_when_it_is_asked_otherwise():
    agent = Agent().answer("lamp").back().answer("kettle")
    assert [one.args["product"] for one in agent.errands] == ["lamp", "kettle"]
    agent.back().answer("kettle")
    assert len(agent.errands) == 2


def test_a_wrong_answer_changes_nothing():
    agent = Agent().answer("lamp").answer("late")
    before = json.dumps(agent.state)
    for wrong in ("tomorrow", "2026-11-23", ""):
        with pytest.raises(WrongAnswer):
            agent.answer(wrong)
    assert json.dumps(agent.state) == before
    agent.answer("20.11.2026")
    with pytest.raises(leafing.NotNow):
        leafing.answer(FLOW, agent.state, "more", NOW)
    with pytest.raises(leafing.NotNow):
        leafing.report(FLOW, agent.state, LookedUp({}), NOW)


def test_the_next_agent_takes_over_in_the_middle_of_an_errand():
    turned = leafing.answer(FLOW, leafing.open_run(FLOW, Started(surface="script"), NOW).state, "lamp", NOW)
    assert turned.errand == LookUp("find", "x", {"product": "lamp"}, 2.0)
    resumed = leafing.again(FLOW, json.loads(json.dumps(turned.state)))
    assert resumed.errand == turned.errand


MOVES = st.lists(st.sampled_from(["back", "forward", "lamp", "late", "broken", "2026-11-20", "odd"]), max_size=25)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES)
def test_however_an_agent_leafs_no_answer_is_lost(moves):
    agent = Agent()
    given_at: dict[str, object] = {}
    for move in moves:
        if move in ("back", "forward"):
            getattr(agent, move)()
        elif not agent.state["ended"]:
            at = agent.at
            try:
                agent.answer(move)
            except WrongAnswer:
                continue
            given_at[at] = move
        for step, value in given_at.items():
            assert agent.state["kept"][step]["value"] == value
            if agent.at == step and not agent.state["ended"]:
                assert leafing.standing(agent.state) == value
    # however it came there, the run is what a run that was never leafed through is with the same answers
    straight = Agent()
    for _step, value in leafing.answers(FLOW, agent.state):
        straight.answer(value)
    assert (straight.at, straight.state["ended"]) == (agent.at, agent.state["ended"])
    same = ("product", "kind", "when")
    assert {name: straight.state["vars"].get(name, {}).get("value") for name in same} == {name: agent.state["vars"].get(name, {}).get("value") for name in same}
