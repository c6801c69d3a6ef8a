"""A run as pages that somebody turns alone: how far it is, and in another language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordboard.flows.engine import Flow
from cordboard.flows.graph import exits, rounds
from cordboard.flows.leafing import NotNow, Turned, again


def questions_left(flow: Flow, at: str) -> int | None:
    """How many questions there are at most from this step on, itself among them; None where the way goes round and nobody can say."""
    ways = {name: [target for _exit, target in exits(step, flow.types[name]) if target in flow.steps] for name, step in flow.steps.items()}
    circles = rounds(ways)
    most: dict[str, int | None] = {}
    todo = [at]
    while todo:
        name = todo[-1]
        if name in most:
            todo.pop()
            continue
        if name in circles:
            most[name] = None
            continue
        ahead = [target for target in ways.get(name, ()) if target not in most]
        if ahead:
            todo += ahead
            continue
        counts = [most[target] for target in ways.get(name, ())]
        own = 1 if flow.steps[name]["type"] == "ask" else 0
        known = [count for count in counts if count is not None]
        most[name] = None if len(known) < len(counts) else own + max(known, default=0)
    return most[at]


def in_language(flow: Flow, state: Mapping[str, Any], language: str) -> Turned:
    """The run as it would stand had it begun in this language. Raises NotNow: the flow does not speak it, or goes another way in it."""
    own = flow.speaks(language)
    if not own:
        raise NotNow("the flow does not speak this language")
    began = {**state["began"], "input": {**state["began"]["input"], "language": own}}
    turned = again(flow, {**state, "began": began})
    if (turned.state["at"], turned.state["ended"]) != (state["at"], state["ended"]):
        raise NotNow("the flow goes another way in this language")
    return turned


def answered(flow: Flow, state: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """(variable, kind of question, answer) of every question that was answered in this run and whose answer is kept, in the order in which they came."""
    found: dict[str, tuple[str, Any]] = {}
    for name in dict.fromkeys(str(part[0]) for part in state.get("path", ())):
        step = flow.steps.get(name)
        if step is None or step["type"] != "ask" or not step.get("into"):
            continue
        held = state["vars"].get(step["into"])
        if held is not None and held["value"] is not None and held["by"] != "system":  # known before, and left out here
            found[str(step["into"])] = (str(step["kind"]), held["value"])
    return [(variable, kind, value) for variable, (kind, value) in found.items()]
