"""A flow played without a customer: for "Try it" beside the graph, and for test conversations. Pure: nothing is sent, booked or put in a queue; it is told
what would be. Look-ups and services answer what the player gives: `answers` by step or by name of the look-up, otherwise the player is asked.

    played = play(graph, "ivr", [{"is": "answered", "value": "1"}], {"values": {"queue.open": True}, "language": "nl"}, now=now)
    played.turns[-1].effects, played.at, played.values, played.waits_for, played.ended
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.flows import effects as fx
from cordboard.flows import engine, wire
from cordboard.flows.graph import Problem, validate
from cordboard.rules.evaluate import BadPolicy

MAX_INPUTS = 1_000
MAX_ANSWERED = 50
"""Look-ups in a row that the given answers may answer by themselves."""

ASKS = (fx.LookUp, fx.Perform, fx.CallService, fx.AskSecret)
"""What the given answers may answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One input and what came of it."""

    input: dict[str, Any]
    path: list[list[Any]]
    """Steps passed by this input: [step, exit], the last seconds where it waited."""
    at: str
    effects: list[dict[str, Any]]
    changed: dict[str, Any]
    """Variables that it set."""


@dataclass(frozen=True, slots=True)
class Played:
    problems: list[Problem]
    """Errors of the graph: with any it was not played."""
    turns: list[Turn] = field(default_factory=list)
    at: str = ""
    ended: str = ""
    language: str = ""
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Variables: {"value": ..., "by": ..., "at": ...}."""
    waits_for: dict[str, Any] | None = None
    """The effect that waits for an input; None when the run is over."""
    error: str = ""
    """What went wrong in a step; the run went on from `on_error`."""
    unused: int = 0
    """Inputs that were left when the run was over."""

    @property
    def path(self) -> list[str]:
        """The steps passed, and the one that it stands at."""
        passed = [str(one[0]) for turn in self.turns for one in turn.path]
        return [*passed, self.at] if self.at and (not passed or passed[-1] != self.at or not self.ended) else passed

    @property
    def last(self) -> dict[str, Any] | None:
        """The last effect."""
        return next((turn.effects[-1] for turn in reversed(self.turns) if turn.effects), None)


def play(
    graph: Mapping[str, Any],
    surface: str,
    inputs: Sequence[Mapping[str, Any]],
    context: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    linked: Mapping[str, Any] | None = None,
) -> Played:
    """Play a graph from its start. `context`: `values` (what the surface gives), `language`, `timezone`, `answers` (of look-ups and services). `linked` is
    the graph with its sub-flows put in, where it has some. Raises wire.WrongInput."""
    problems = [one for one in validate(graph, surface) if one.level == "error"]
    if problems:
        return Played(problems)
    given = [wire.input_from(one) for one in inputs[:MAX_INPUTS]]
    about = context or {}
    answers = about.get("answers") or {}
    try:
        flow = engine.compile_flow(graph if linked is None else linked)
    except (KeyError, TypeError, BadPolicy) as fault:
        return Played([Problem("", "not_a_flow", "This cannot be run: %(why)s", values={"why": repr(fault)})])
    started = fx.Started(dict(about.get("values") or {}), str(about.get("language") or ""), str(about.get("timezone") or "UTC"))
    state = engine.begin(flow)
    turns: list[Turn] = []
    todo: list[fx.Input] = [started, *given]
    answered = 0
    while todo and not state["ended"]:
        one = todo.pop(0)
        before, vars_before = state["passed"], state["vars"]
        state, effects = engine.step(flow, state, one, now)
        turns.append(
            Turn(
                input=wire.input_as(one),
                path=state["path"][before:] if state["passed"] <= engine.MAX_PATH else [],
                at=state["at"],
                effects=[wire.effect_as(effect) for effect in effects],
                changed={name: held["value"] for name, held in state["vars"].items() if vars_before.get(name) is not held and vars_before.get(name) != held},
            )
        )
        last = effects[-1] if effects else None
        if isinstance(last, ASKS) and answered < MAX_ANSWERED and (own := _answer(last, answers)) is not None:
            answered += 1
            todo.insert(0, own)
        elif not isinstance(last, ASKS):
            answered = 0
    waits = next((turn.effects[-1] for turn in reversed(turns) if turn.effects), None) if not state["ended"] else None
    return Played([], turns, state["at"], state["ended"], state["language"], dict(state["vars"]), waits, str(state.get("error") or ""), len(todo))


def _answer(effect: fx.LookUp | fx.Perform | fx.CallService | fx.AskSecret, answers: Mapping[str, Any]) -> fx.LookedUp | None:
    """What the player gave as this errand's answer, by its step or by the name of what is asked: an object, null for nothing found, {"failed": why}."""
    other = effect.service if isinstance(effect, fx.CallService) else effect.use if isinstance(effect, fx.AskSecret) else effect.name
    for key in (effect.step, other):
        if key in answers:
            answer = answers[key]
            if isinstance(answer, Mapping) and set(answer) == {"failed"}:
                return fx.LookedUp(failed=str(answer["failed"]) or "failed")
            return fx.LookedUp(answer)
    return None


# -- test conversations -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test conversation came to: nothing in `wrong` means that it passed."""

    name: str
    wrong: list[dict[str, Any]]
    """[{"what": "path" | "ended" | "effect" | "values" | "problems", "expected": ..., "got": ...}]"""
    played: Played

    @property
    def passed(self) -> bool:
        return not self.wrong


def expected_of(played: Played) -> dict[str, Any]:
    """What a play that was just seen to be right must come to again."""
    effect = played.last or {}
    return {
        "path": played.path,
        "ended": played.ended,
        "effect": {name: effect[name] for name in ("do", "queue", "to", "reason", "name") if effect.get(name)},
        "values": {name: held["value"] for name, held in played.values.items() if held["by"] != "system"},
    }


def test(name: str, expected: Mapping[str, Any], played: Played) -> Verdict:
    """Compare a play with what is expected; what `expected` does not name may be anything."""
    wrong: list[dict[str, Any]] = []
    if played.problems:
        return Verdict(name, [{"what": "problems", "expected": [], "got": [one.message for one in played.problems]}], played)
    got = expected_of(played)
    for what in ("path", "ended"):
        if what in expected and expected[what] != got[what]:
            wrong.append({"what": what, "expected": expected[what], "got": got[what]})
    for what in ("effect", "values"):
        wanted = expected.get(what) or {}
        have = {key: got[what].get(key) for key in wanted}
        if dict(wanted) != have:
            wrong.append({"what": what, "expected": dict(wanted), "got": have})
    return Verdict(name, wrong, played)


test.__test__ = False  # type: ignore[attr-defined]  # not one of pytest's
