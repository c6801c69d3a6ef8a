"""Random flows of every type of step that there is, sub-flows too: none hangs, no answer is lost, and a run resumed at any wait ends as one that was not interrupted."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.flows import linking
from cordboard.flows import steps as step_types
from cordboard.flows.effects import Answered, Done, Input, Key, LookedUp, MessageLeft, NoAnswer, SetContext, Started
from cordboard.flows.engine import BUDGET, MAX_PATH, Flow, begin, compile_flow, step
from cordboard.flows.graph import validate
from cordboard.flows.steps import Field, Type

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
VARIABLES = {"t": "text", "n": "number", "b": "boolean", "l": "list", "d": "date"}
BASIC = [type for type in step_types.REGISTRY.values() if not type.hidden]


def value(field: Field, rng: random.Random, names: list[str]) -> Any:
    """Something that this kind of field may have: right more often than not."""
    condition = {"fact": rng.choice("tn"), "op": rng.choice(["known", "unknown"])}
    match field.kind:
        case "texts":
            return {"en": rng.choice(["Hello.", "{t} and {n}", "{nobody}"])}
        case "integer" | "number":
            return rng.choice([1, 2, 5])
        case "boolean":
            return rng.random() < 0.5
        case "choice":
            return rng.choice([*field.options]) if field.options else "x"
        case "key":
            return rng.choice("9#*")
        case "variable":
            return rng.choice([*VARIABLES])
        case "variables":
            return rng.sample([*VARIABLES], 2)
        case "value" | "text_or_variable" | "queue":
            return rng.choice(["service", {"var": "t"}, {"var": "n", "else": "x"}, "{t}"])
        case "arguments":
            return {"a": rng.choice(["{t}", {"var": "n"}])}
        case "fields":
            return {"t": rng.choice(["party", "name"]), "n": "number"}
        case "choices":
            return [
                {"key": str(number + 1), "value": f"v{number}", **({"next": rng.choice(names)} if rng.random() < 0.7 else {})}
                for number in range(rng.randint(1, 3))
            ]
        case "branches":
            return [{"when": condition, "next": rng.choice(names)} for _one in range(rng.randint(1, 2))]
        case "points":
            return [{"when": condition, "points": rng.choice([1, 5])}]
        case "ends":
            return {"done": rng.choice(names)}
        case "languages":
            return ["en", "nl"]
        case "flow":
            return "part"
        case _:
            return "x"


def one_step(type: Type, rng: random.Random, names: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": type.name}
    for field in type.fields:
        if field.required or rng.random() < 0.4:
            made[field.name] = value(field, rng, names)
    for exit in (*type.exits, *type.optional_exits):
        if exit in type.exits or rng.random() < 0.3:
            made[exit] = rng.choice(names)
    return made


def graph(rng: random.Random, code: str, types: list[Type], first: str = "") -> dict[str, Any]:
    names = [f"s{number}" for number in range(rng.randint(2, 7))]
    steps = {name: one_step(rng.choice(types), rng, [*names, "p"]) for name in names}
    if first:
        steps[names[0]] = one_step(step_types.REGISTRY[first], rng, [*names, "p"])
    person = {"type": "end"} if code == "part" else {"type": "hand_over"}
    return {
        "schema": 1, "code": code, "languages": ["en", "nl"], "fallback": "en", "start": names[0], "person_key": "0", "person": "p", "on_error": "p",
        "variables": {name: {"type": kind} for name, kind in VARIABLES.items()}, "steps": {**steps, "p": person},
    }  # fmt: skip


def drawn(seed: int, first: str = "") -> Flow | None:
    """A flow with its sub-flows put in, as it runs. None: sub-flows that cannot be put in."""
    rng = random.Random(seed)
    part = graph(rng, "part", [type for type in BASIC if type.name != "sub_flow"])
    whole = graph(rng, "whole", BASIC, first)
    try:
        linked = linking.link(whole, {"part": part}.get)
    except linking.CannotLink:
        return None
    try:
        return compile_flow(linked)
    except (KeyError, TypeError, ValueError):
        assert any(problem.level == "error" for problem in validate(linked, "ivr"))  # said before it is published
        return None


INPUTS = st.sampled_from(
    [
        Answered("1"), Answered("2"), Answered("0"), Answered(""), Answered("2026-02-01"), Answered("anna@example.com"), Answered("+31205550123"), Answered(["v0", "v1"]), NoAnswer(),
        LookedUp({"party": "9", "number": 4}), LookedUp([{"title": "A"}]), LookedUp(None), LookedUp(failed="timeout"), Key("0"), Key("7"), Done(), MessageLeft(4.0), Started(),
    ]
)  # fmt: skip


def kept(state: dict[str, Any]) -> dict[str, Any]:
    """As the row of a run keeps it."""
    return json.loads(json.dumps(state))  # type: ignore[no-any-return]


def played(flow: Flow, surface: str, inputs: list[Input], resumed: frozenset[int]) -> tuple[dict[str, Any], list[list[Any]]]:
    """The last state and all effects; at these turns the run is put away and taken up again from what was kept."""
    state, told = begin(flow), []
    for turn, given_one in enumerate([Started({"t": "x"}, surface=surface), *inputs]):
        state, effects = step(flow, kept(state) if turn in resumed else state, given_one, NOW + timedelta(seconds=turn))
        told.append(effects)
    return state, told


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    first=st.sampled_from([type.name for type in BASIC]),
    surface=st.sampled_from(["ivr", "bot", "script", "survey"]),
    inputs=st.lists(INPUTS, max_size=10),
    data=st.data(),
)
def test_no_flow_hangs_none_loses_an_answer_and_one_resumed_at_any_wait_ends_the_same(
    seed: int, first: str, surface: str, inputs: list[Input], data: st.DataObject
) -> None:
    flow = drawn(seed, first)
    if flow is None:
        return
    straight, told = played(flow, surface, inputs, frozenset())
    resumed = data.draw(st.frozensets(st.integers(0, len(inputs)), max_size=4), label="resumed at")
    again, told_again = played(flow, surface, inputs, resumed)
    everywhere, told_everywhere = played(flow, surface, inputs, frozenset(range(len(inputs) + 1)))
    assert told == told_again == told_everywhere
    assert kept(straight) == kept(again) == kept(everywhere)
    answered: dict[str, Any] = {}
    for effects in told:
        assert len(effects) <= 4 * BUDGET
        answered |= {one.name: one.value for one in effects if isinstance(one, SetContext)}
    for name, given_one in answered.items():
        held = straight["vars"].get(name)
        if held is not None:
            assert held["value"] == given_one or (held["value"] is None and given_one == "")
        else:
            assert name.endswith(".key") or name not in flow.variables, name
    assert len(straight["path"]) <= MAX_PATH
    assert straight["passed"] <= (len(inputs) + 1) * 2 * (BUDGET + 1)
    # A run that is not over waits for something that can come.
    assert straight["ended"] or flow.types[straight["at"]].answer is not None


def test_every_type_of_step_is_among_them() -> None:
    met = {step["type"] for seed in range(300) if (flow := drawn(seed)) is not None for step in flow.steps.values()}
    assert {type.name for type in BASIC} - {"sub_flow"} <= met
