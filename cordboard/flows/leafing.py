"""Leafing through a run on a screen: back and forward without losing an answer. Pure.

The state of such a run is the engine's, with what was given to it kept beside:

    {..., "began": {"input": {...}, "now": ...}, "trail": [{"step": "matter", "input": {...}, "now": ...}, ...], "cursor": 3,
     "kept": {"matter": {...}}, "found": {"find": {"effect": {...}, "input": {...}}}, "marks": {"hello": "2026-11-22T09:00:07+00:00"}}

The engine is deterministic, so the run at any earlier point is what it was given up to there, given again. Going back performs nothing anew, and what look-ups
found and acts did is given again as long as they are asked the same. An answer that is changed leads on from there; the answers to later questions are kept
and offered when the run comes to those questions again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.flows import effects as fx
from cordboard.flows import wire
from cordboard.flows.answers import taken
from cordboard.flows.engine import Flow, Run, begin, step

MAX_TRAIL = 2_000
ERRANDS = (fx.LookUp, fx.Perform, fx.CallService)
"""What the surface does between two questions."""


class NotNow(ValueError):
    """The run waits for nothing of the kind: it is over, or waits for something else."""


@dataclass(frozen=True, slots=True)
class Turned:
    """The state to keep, what is still to be performed (context to set; at most one errand, the last, whose result comes back by `report`), and what is told
    for the screen."""

    state: dict[str, Any]
    perform: list[fx.Effect] = field(default_factory=list)
    told: list[fx.Effect] = field(default_factory=list)

    @property
    def errand(self) -> fx.LookUp | fx.Perform | fx.CallService | None:
        last = self.perform[-1] if self.perform else None
        return last if isinstance(last, ERRANDS) else None


def open_run(flow: Flow, started: fx.Started, now: datetime) -> Turned:
    """Begin."""
    state = {**begin(flow), "began": {"input": wire.input_as(started), "now": now.isoformat()}, "trail": [], "cursor": 0, "kept": {}, "found": {}, "marks": {}}
    return _give(flow, state, started, now, [])


def answer(flow: Flow, state: Mapping[str, Any], value: Any, now: datetime) -> Turned:
    """Answer the question that stands. Raises answers.WrongAnswer (nothing has changed), NotNow."""
    at = _question(flow, state)
    run = Run(flow, dict(state), now)
    if at["type"] == "ask" and not (at.get("skip") and value in ("", None, [])):
        taken(at, value, today=run.today, surface=run.surface)
    given = fx.Answered("" if value is None else value)
    trail, cursor = state["trail"], state["cursor"]
    if cursor < len(trail) and trail[cursor]["step"] == state["at"] and trail[cursor]["input"] == wire.input_as(given):
        return forward(flow, state, now)
    if cursor >= MAX_TRAIL:
        raise NotNow(f"a run has at most {MAX_TRAIL} answers")
    kept = {**state["kept"], state["at"]: wire.input_as(given)}
    return _give(flow, {**state, "trail": trail[:cursor], "kept": kept}, given, now, [])


def report(flow: Flow, state: Mapping[str, Any], found: fx.LookedUp, now: datetime) -> Turned:
    """What came of the errand that the run waits for. Raises NotNow."""
    errand = _errand(flow, state)
    if errand is None:
        raise NotNow("the run waits for no errand")
    known = {"effect": wire.effect_as(errand), "input": wire.input_as(found)}
    return _give(flow, {**state, "found": {**state["found"], state["at"]: known}, "trail": state["trail"][: state["cursor"]]}, found, now, [])


def back(flow: Flow, state: Mapping[str, Any]) -> Turned:
    """To the question before. At the first one nothing happens."""
    cursor = state["cursor"] - 1
    while cursor > 0 and state["trail"][cursor]["input"]["is"] != "answered":
        cursor -= 1
    if cursor < 0 or state["trail"][cursor]["input"]["is"] != "answered":
        return again(flow, state)
    return _replayed(flow, state, cursor)


def forward(flow: Flow, state: Mapping[str, Any], now: datetime) -> Turned:
    """To the question after, by the answer that was given before. Where there is none, nothing happens."""
    trail, cursor = state["trail"], state["cursor"]
    if state["ended"]:
        return again(flow, state)
    if cursor < len(trail) and trail[cursor]["step"] == state["at"]:
        cursor += 1
        while cursor < len(trail) and trail[cursor]["input"]["is"] != "answered":
            cursor += 1
        return _replayed(flow, state, cursor)
    kept = state["kept"].get(state["at"])
    if kept is None:
        return again(flow, state)
    return answer(flow, state, kept["value"], now)


def again(flow: Flow, state: Mapping[str, Any]) -> Turned:
    """As it stands: what is told at this point, and the errand that it still waits for."""
    turned = _replayed(flow, state, state["cursor"])
    errand = _errand(flow, turned.state)
    return Turned(turned.state, [errand] if errand is not None else [], turned.told)


def mark(flow: Flow, state: Mapping[str, Any], name: str, on: bool, now: datetime) -> Turned:
    """What a step tells the agent to say or to do was said or done, or (`on` false) was not after all. Raises NotNow for a step that was not come by."""
    if name not in visited(state):
        raise NotNow("the run did not come by this step")
    marks = {step: at for step, at in state.get("marks", {}).items() if step != name}
    if on:
        marks[name] = state.get("marks", {}).get(name) or now.isoformat()
    return again(flow, {**state, "marks": marks})


def visited(state: Mapping[str, Any]) -> list[str]:
    """The steps on the way to where the run stands, this one last, each once."""
    return list(dict.fromkeys([*(one[0] for one in state["path"]), state["at"]]))


def may_go_back(state: Mapping[str, Any]) -> bool:
    return any(one["input"]["is"] == "answered" for one in state["trail"][: state["cursor"]])


def may_go_forward(state: Mapping[str, Any]) -> bool:
    if state["ended"]:
        return False
    trail, cursor = state["trail"], state["cursor"]
    return (cursor < len(trail) and trail[cursor]["step"] == state["at"]) or state["at"] in state["kept"]


def answers(flow: Flow, state: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(step, answer) of every question on the way to where the run stands."""
    return [(one["step"], one["input"]["value"]) for one in state["trail"][: state["cursor"]] if one["input"]["is"] == "answered"]


def standing(state: Mapping[str, Any]) -> Any:
    """The answer that was given to the question at which the run stands, when one was."""
    trail, cursor = state["trail"], state["cursor"]
    if cursor < len(trail) and trail[cursor]["step"] == state["at"]:
        return trail[cursor]["input"].get("value")
    kept = state["kept"].get(state["at"])
    return kept["value"] if kept is not None else None


# -- how ------------------------------------------------------------------------------------------------------------------


def _question(flow: Flow, state: Mapping[str, Any]) -> Mapping[str, Any]:
    at = flow.steps.get(state["at"])
    if state["ended"] or at is None or at["type"] != "ask":
        raise NotNow("the run waits for no answer")
    return at


def _give(flow: Flow, state: Mapping[str, Any], given: fx.Input, now: datetime, perform: list[fx.Effect]) -> Turned:
    """Give an input, and go on over errands whose result is known already."""
    told: list[fx.Effect] = []
    current = dict(state)
    perform = list(perform)
    for _ in range(MAX_TRAIL):
        at = current["at"]
        current, effects = step(flow, current, given, now)
        if not isinstance(given, fx.Started):
            current["trail"] = [*current["trail"], {"step": at, "input": wire.input_as(given), "now": now.isoformat()}]
            current["cursor"] = len(current["trail"])
        told += [one for one in effects if not isinstance(one, (fx.SetContext, *ERRANDS))]
        perform += [one for one in effects if isinstance(one, fx.SetContext)]
        last = effects[-1] if effects else None
        if isinstance(last, fx.Wait):  # whoever reads a screen sets the pace
            given = fx.Done()
        elif isinstance(last, ERRANDS) and (known := _known(current, last)) is not None:
            given = known
        else:
            if isinstance(last, ERRANDS):
                perform.append(last)
            return Turned(current, perform, told)
    return Turned(current, perform, told)


def _known(state: Mapping[str, Any], errand: fx.Effect) -> fx.LookedUp | None:
    """What came of the same errand at the same step before; what failed is tried again."""
    found = state["found"].get(state["at"])
    if found is None or found["effect"] != wire.effect_as(errand) or found["input"].get("failed"):
        return None
    known = wire.input_from(found["input"])
    return known if isinstance(known, fx.LookedUp) else None


def _replayed(flow: Flow, state: Mapping[str, Any], cursor: int) -> Turned:
    """The run as it was after so many inputs, with everything that was given later kept. `told` is of all since the answer before: what stands on the page."""
    began = state["began"]
    current, effects = step(flow, begin(flow), wire.input_from(began["input"]), datetime.fromisoformat(began["now"]))
    told: list[fx.Effect] = [one for one in effects if not isinstance(one, (fx.SetContext, *ERRANDS))]
    for one in state["trail"][:cursor]:
        given = wire.input_from(one["input"])
        if isinstance(given, fx.Answered):
            told = []
        current, effects = step(flow, current, given, datetime.fromisoformat(one["now"]))
        told += [effect for effect in effects if not isinstance(effect, (fx.SetContext, *ERRANDS))]
    for name in ("began", "trail", "kept", "found"):
        current[name] = state[name]
    current["marks"] = state.get("marks", {})
    current["cursor"] = cursor
    return Turned(current, [], told)


def _errand(flow: Flow, state: Mapping[str, Any]) -> fx.LookUp | fx.Perform | fx.CallService | None:
    """The errand that the run waits for: the step at which it stands puts it again."""
    at = flow.steps.get(state["at"])
    if state["ended"] or at is None or not flow.types[state["at"]].waits or at["type"] == "ask":
        return None
    run = Run(flow, dict(state), datetime.fromisoformat(state["began"]["now"]))
    run.state["counts"] = dict(run.state["counts"])
    flow.types[state["at"]].run(run, at)
    last = run.effects[-1] if run.effects else None
    return last if isinstance(last, ERRANDS) else None
