"""Sub-flows: a published flow runs as one graph, with the flows that it uses put in. Pure.

The step `ask` of a flow that the step `details` calls is named `details/ask`. Variables are shared. Where the sub-flow ends, the run goes on at the calling
step's `next`, or at `ends[reason]` for the end's reason. So a run has one graph and one version, whatever is published meanwhile, and every edge within a
sub-flow is counted for each place that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cordboard.flows.graph import Problem, exits
from cordboard.flows.steps import REGISTRY, Step

MAX_LINKED = 20_000
"""Steps of a graph with all its sub-flows in it."""
MAX_DEPTH = 10

CALL = "sub_flow"

Find = Callable[[str], Mapping[str, Any] | None]


class CannotLink(ValueError):
    """The sub-flows cannot be put in; `problem` says why and at which step."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def codes_in(graph: Mapping[str, Any]) -> list[str]:
    """The flows that this graph calls, each once, in the order of its steps; of a linked graph also those that are in it already."""
    steps = graph.get("steps")
    found = [str(one) for one in graph.get("sub_flows", ())]
    for step in steps.values() if isinstance(steps, Mapping) else ():
        if isinstance(step, Mapping) and step.get("type") == CALL and isinstance(step.get("flow"), str) and step["flow"]:
            found.append(step["flow"])
    return list(dict.fromkeys(found))


def link(graph: Mapping[str, Any], find: Find) -> dict[str, Any]:
    """The graph with its sub-flows, and theirs, put in; `find` gives the graph of a flow by its code. Raises CannotLink: there is no such flow, flows
    that call one another in a circle, too many steps."""
    steps: dict[str, Any] = {}
    variables: dict[str, Any] = dict(graph.get("variables") or {})
    used: list[str] = []
    _put(graph, "", None, (str(graph.get("code", "")),), find, steps, variables, used)
    return {**graph, "steps": steps, "variables": variables, "sub_flows": list(dict.fromkeys(used))}


def _put(
    graph: Mapping[str, Any],
    prefix: str,
    call: tuple[str, Step] | None,
    chain: tuple[str, ...],
    find: Find,
    steps: dict[str, Any],
    variables: dict[str, Any],
    used: list[str],
) -> None:
    own: Mapping[str, Step] = graph["steps"]
    for name, step in own.items():
        place = f"{prefix}{name}"
        if len(steps) >= MAX_LINKED:
            raise CannotLink(Problem(_top(place), "sub_flow", "With its sub-flows the flow has more than %(most)s steps.", values={"most": MAX_LINKED}))
        if step["type"] == CALL:
            code = str(step.get("flow", ""))
            if code in chain or len(chain) > MAX_DEPTH:
                values = {"names": " → ".join((*chain, code))}
                raise CannotLink(Problem(_top(place), "sub_flow", "These flows call one another in a circle: %(names)s.", values=values))
            sub = find(code)
            if sub is None:
                raise CannotLink(Problem(_top(place), "sub_flow", "There is no published flow %(code)s.", values={"code": code}))
            used.append(code)
            for variable, spec in (sub.get("variables") or {}).items():
                if variables.setdefault(variable, spec)["type"] != spec["type"]:
                    values = {"variable": variable, "code": code}
                    raise CannotLink(Problem(_top(place), "sub_flow", "The variable %(variable)s is of another type in the flow %(code)s.", values=values))
            steps[place] = {"type": "enter", "next": f"{place}/{sub['start']}"}
            moved = _moved(step, prefix)
            _put(sub, f"{place}/", (place, moved), (*chain, code), find, steps, variables, used)
        elif step["type"] == "end" and call is not None:
            after = call[1].get("ends") or {}
            reason = str(step.get("reason", "end"))
            steps[place] = {"type": "enter", "next": after.get(reason) or call[1]["next"]}
        else:
            steps[place] = _moved(step, prefix) if prefix else step


def _moved(step: Step, prefix: str) -> Step:
    """The step with its ways led to steps of this prefix."""
    moved = dict(step)
    type = REGISTRY.get(str(step["type"]))
    for exit, target in exits(step, type) if type is not None else ():
        if not exit.endswith("]"):
            moved[exit] = f"{prefix}{target}"
            continue
        row, _, key = exit[:-1].partition("[")
        if isinstance(moved[row], Mapping):
            moved[row] = {**moved[row], key: f"{prefix}{target}"}
        else:
            parts = list(moved[row])
            parts[int(key)] = {**parts[int(key)], "next": f"{prefix}{target}"}
            moved[row] = parts
    return moved


def _top(place: str) -> str:
    """The step of the flow itself, for a place somewhere within its sub-flows."""
    return place.partition("/")[0]
