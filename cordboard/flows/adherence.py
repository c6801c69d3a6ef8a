"""Whether what was done follows a script: which action comes next, and what was skipped, done too late, or done against a rule. Pure.

The script itself is run (engine.py): an action that comes in its turn answers the question that stands for it, so answers lead along the branches as they do
for the agent. Steps stand for actions by their field `action`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cordboard.flows.effects import Answered, Started
from cordboard.flows.engine import Flow, begin, step

Kind = Literal["skipped", "late", "repeated", "foreign", "against"]
"""skipped: a later action came first; late: one that was skipped came after all; repeated; foreign: no action of this script; against: the script had been
ended by a rule, or had taken a branch on which this action is not."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """`at` is the place among what was done, from 0 on; for what was never done, how much was done. Where the script leaves the order free, another order
    is a "note"."""

    kind: Kind
    action: str
    at: int
    level: Literal["error", "note"] = "error"


@dataclass(frozen=True, slots=True)
class Followed:
    next: str
    """The action that the script asks for now; "" when none is left."""
    done: list[str]
    deviations: list[Deviation] = field(default_factory=list)
    ended: str = ""
    """How the script ended, when it did."""

    @property
    def adheres(self) -> bool:
        return not any(one.level == "error" for one in self.deviations)


def actions_of(graph: Mapping[str, Any]) -> list[str]:
    """The actions that the steps of a script stand for, in the order in which they are written."""
    return [str(one["action"]) for one in graph["steps"].values() if isinstance(one, Mapping) and one.get("action")]


def follow(
    flow: Flow, done: Iterable[str | tuple[str, Any]], *, now: datetime, any_order: bool = False, over: bool = False, values: Mapping[str, Any] | None = None
) -> Followed:
    """Follow a script through what was done: codes of actions, or (code, answer given). `over`: the contact is over, so what is left was skipped. `values`
    are what the script is given at its start."""
    return _Follower(flow, now, any_order, values or {}).through(list(done), over)


class _Follower:
    def __init__(self, flow: Flow, now: datetime, any_order: bool, values: Mapping[str, Any]) -> None:
        self.flow, self.now, self.any_order = flow, now, any_order
        self.state, _ = step(flow, begin(flow), Started(dict(values), surface="script"), now)
        self.known = set(actions_of({"steps": flow.steps}))
        self.done: list[str] = []
        self.ahead: set[str] = set()
        """Done before their turn, where the order is free."""
        self.missed: list[str] = []
        self.deviations: list[Deviation] = []
        self._pass()

    def through(self, done: Sequence[str | tuple[str, Any]], over: bool) -> Followed:
        for at, one in enumerate(done):
            action, answer = one if isinstance(one, tuple) else (one, None)
            self._take(action, answer, at)
            self.done.append(action)
        if over:
            for action in self._left():
                self.deviations.append(Deviation("skipped", action, len(done)))
        return Followed(self._current(), self.done, self.deviations, str(self.state["ended"]))

    def _current(self) -> str:
        return "" if self.state["ended"] else str(self.flow.steps[self.state["at"]].get("action", ""))

    def _take(self, action: str, answer: Any, at: int) -> None:
        if action == self._current():
            self._answer(answer)
            self._pass()
            return
        if action not in self.known:
            self.deviations.append(Deviation("foreign", action, at))
        elif action in self.missed:
            self.missed.remove(action)
            self.deviations.append(Deviation("late", action, at))
        elif action in (left := self._left()):
            if self.any_order:
                self.ahead.add(action)
                self.deviations.append(Deviation("late", action, at, "note"))
                return
            for skipped in left[: left.index(action)]:
                self.missed.append(skipped)
                self.deviations.append(Deviation("skipped", skipped, at))
            while self._current() != action:
                self._answer(None)
                self._pass(action)
            self._answer(answer)
            self._pass()
        elif action in self.done:
            self.deviations.append(Deviation("repeated", action, at))
        else:
            self.deviations.append(Deviation("against", action, at))

    def _answer(self, answer: Any) -> None:
        """The answer to the question that stands; one that the question does not take counts as none given."""
        before = self.state
        self.state, _ = step(self.flow, before, Answered("" if answer is None else answer), self.now)
        if self.state["at"] == before["at"] and not self.state["ended"] and answer is not None:
            self.state, _ = step(self.flow, before, Answered(""), self.now)

    def _pass(self, until: str = "") -> None:
        """Go past questions that stand for no action, and actions that were done ahead of their turn."""
        for _ in range(len(self.flow.steps)):
            current = self._current()
            if self.state["ended"] or (until and current == until) or (current and current not in self.ahead):
                return
            self.ahead.discard(current)
            before = self.state
            self.state, _ = step(self.flow, before, Answered(""), self.now)
            if self.state["at"] == before["at"] and not self.state["ended"]:
                return

    def _left(self) -> list[str]:
        """The actions that are still to come along the usual way, this one first; without those done ahead of their turn."""
        state, left = self.state, []
        for _ in range(len(self.flow.steps)):
            if state["ended"]:
                break
            action = str(self.flow.steps[state["at"]].get("action", ""))
            if action and action not in self.ahead:
                left.append(action)
            before = state["at"]
            state, _effects = step(self.flow, state, Answered(""), self.now)
            if state["at"] == before:
                break
        return left
