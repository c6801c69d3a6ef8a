"""Which state of a ticket may follow which. Pure.

Every ticket is in one of five states (STATES), by which deadlines, lists and figures go. A kind may have states of its own, each **like** one of the five: a ticket of
it has both, its own (`Ticket.stage`) and what that is like (`Ticket.state`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AFTER: dict[str, frozenset[str]] = {
    "new": frozenset({"open", "waiting", "resolved", "closed"}),
    "open": frozenset({"waiting", "resolved", "closed"}),
    "waiting": frozenset({"open", "resolved", "closed"}),
    "resolved": frozenset({"open", "closed"}),
    "closed": frozenset({"open"}),
}
STATES = tuple(AFTER)
OPEN = ("new", "open", "waiting")
"""Somebody still has to do something, or to answer."""
DONE = ("resolved", "closed")


def may_follow(new: str, old: str) -> bool:
    return new in AFTER[old]


@dataclass(frozen=True, slots=True)
class State:
    """A state of a kind's own: `like` one of STATES; `after`: codes of the states that may follow it."""

    code: str
    like: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of a kind. The first is where its tickets begin."""

    states: tuple[State, ...]

    def get(self, code: str) -> State | None:
        return next((one for one in self.states if one.code == code), None)

    @property
    def first(self) -> State:
        return self.states[0]

    def following(self, code: str) -> tuple[State, ...]:
        """What may follow, in the order of the states. What is not a state of it any more may go anywhere: a kind changed under its tickets holds none of them."""
        now = self.get(code)
        return tuple(one for one in self.states if (now is None and one.code != code) or (now is not None and one.code in now.after))

    def towards(self, code: str, wanted: str) -> State | None:
        """The state that `wanted` means for a ticket in `code`: the state of that code, else the first like it that may follow, else the first like it at all."""
        if (exact := self.get(wanted)) is not None:
            return exact
        alike = [one for one in self.following(code) if one.like == wanted]
        return next(iter(alike), next((one for one in self.states if one.like == wanted), None))


USUAL = Machine(tuple(State(code, code, tuple(one for one in STATES if one in after)) for code, after in AFTER.items()))
"""Of every kind that has no states of its own."""


def machine(kept: Sequence[Mapping[str, Any]]) -> Machine:
    """The states of a kind as they are kept on it."""
    return Machine(tuple(State(str(one["code"]), str(one["like"]), tuple(one["after"])) for one in kept)) if kept else USUAL


def reach(states: Machine, start: str) -> frozenset[str]:
    """Every state that can be come to from `start`, itself among them."""
    found, todo = {start}, [start]
    while todo:
        now = states.get(todo.pop())
        for code in now.after if now is not None else ():
            if code not in found:
                found.add(code)
                todo.append(code)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a kind's states. `code` says what: twice, unknown, like, start, no_end, unreached, stuck, waits."""

    code: str
    state: str = ""
    other: str = ""


def findings(states: Machine) -> list[Finding]:
    """What a manager has to put right: states that are named twice or lead nowhere known, that no ticket can come to, and such from which none can be finished."""
    found: list[Finding] = []
    codes = [one.code for one in states.states]
    for code in dict.fromkeys(codes):
        if codes.count(code) > 1:
            found.append(Finding("twice", code))
    for one in states.states:
        if one.like not in STATES:
            found.append(Finding("like", one.code, one.like))
        found += [Finding("unknown", one.code, code) for code in one.after if code not in codes]
    if not states.states or states.first.like not in OPEN:
        return [*found, Finding("start", states.first.code if states.states else "")]
    ends = {one.code for one in states.states if one.like in DONE}
    if not ends:
        found.append(Finding("no_end"))
    reached = reach(states, states.first.code)
    for one in states.states:
        if one.code not in reached:
            found.append(Finding("unreached", one.code))
        elif ends and not ends & reach(states, one.code):
            found.append(Finding("stuck", one.code))
        elif one.like == "waiting" and not any(next_.like in ("new", "open") for next_ in states.states if next_.code in one.after):
            found.append(Finding("waits", one.code))  # the customer's answer could not open it again
    return found
