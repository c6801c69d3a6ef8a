"""How a script was followed in a run of it: what was answered, left out, marked as said or done, done too late, and what must still be done. Pure.

`adherence.py` follows a script through what was done elsewhere; here the run itself (leafing.py) says it: its path, its answers, the marks that the agent made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.flows.engine import Flow
from cordboard.flows.graph import exits, reached
from cordboard.flows.leafing import visited

LEFT = "left"
"""How a run ended that was put away before its end."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Names of steps, each in the order of the way. `missing`: those that must be done and are not (the agent may still do them while the run goes on)."""

    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Questions left out that must be answered or stand for an action, and what is told that must be marked and is not."""
    told: list[str] = field(default_factory=list)
    """Steps that only tell: something to say or to do."""
    marked: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    """Marked only after the question that follows was answered: said or done in another order."""
    missing: list[str] = field(default_factory=list)
    unfinished: str = ""
    """The step at which a run stands, or was left, that has not come to an end; "" when it has."""

    @property
    def in_order(self) -> bool:
        """Nothing was skipped, nothing came late, and it was gone through to its end."""
        return not (self.skipped or self.late or self.missing or self.unfinished)


def measured(flow: Flow, state: Mapping[str, Any]) -> Measured:
    """How the run was followed as far as it has come."""
    way = [name for name in visited(state) if name in flow.steps]
    given = _answers(state)
    marks = {name: datetime.fromisoformat(at) for name, at in state.get("marks", {}).items() if name in way}
    asked = [name for name in way if flow.steps[name]["type"] == "ask"]
    passed = [name for name in asked if name in given]
    answered = [name for name in passed if given[name][0] not in ("", None, [])]
    told = [name for name in way if _tells(flow, name)]
    missing = [name for name in way if must(flow, name) and (name not in answered if name in asked else name not in marks)]
    if not state["ended"]:
        missing += _to_come(flow, state["at"], {*way})
    skipped = {name for name in passed if name not in answered and (must(flow, name) or flow.steps[name].get("action"))}
    skipped |= {name for name in told if must(flow, name) and name not in marks}
    return Measured(
        asked,
        answered,
        [name for name in way if name in skipped],
        told,
        [name for name in told if name in marks],
        [name for name in told if name in marks and _came_late(name, marks[name], way, given)],
        missing,
        "" if state["ended"] else state["at"],
    )


def must(flow: Flow, name: str) -> bool:
    """Whether the step must be done before the contact may be finished with."""
    return bool(flow.steps[name].get("must")) and (flow.steps[name]["type"] == "ask" or _tells(flow, name))


def _tells(flow: Flow, name: str) -> bool:
    step = flow.steps[name]
    return bool(step["type"] == "say" and (step.get("texts") or step.get("do")))


def _answers(state: Mapping[str, Any]) -> dict[str, tuple[Any, datetime]]:
    """The last answer to each question on the way, and when it was given."""
    return {
        one["step"]: (one["input"]["value"], datetime.fromisoformat(one["now"]))
        for one in state["trail"][: state["cursor"]]
        if one["input"]["is"] == "answered"
    }


def _came_late(name: str, at: datetime, way: list[str], given: Mapping[str, tuple[Any, datetime]]) -> bool:
    """Whether it was marked after the first question behind it was answered."""
    following = next((given[one][1] for one in way[way.index(name) :] if one in given), None)
    return following is not None and at > following


def _to_come(flow: Flow, at: str, done: set[str]) -> list[str]:
    """The steps that must be done and that every way from here to an end comes by."""
    if at not in flow.steps:
        return []
    ways = {name: [target for _exit, target in exits(step, flow.types[name]) if target in flow.steps] for name, step in flow.steps.items()}
    ends = {name for name, type in flow.types.items() if type.ends}
    ahead = reached([at], ways)
    found = []
    for name in flow.steps:
        if name in ahead and name not in done and must(flow, name):
            without = {one: [target for target in targets if target != name] for one, targets in ways.items() if one != name}
            if not (reached([at], without) & ends):
                found.append(name)
    return found
