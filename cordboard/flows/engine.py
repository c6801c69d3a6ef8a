"""Runs a flow: `step(flow, state, input, now) -> (state, effects)`. Pure, deterministic, resumable from stored JSON.

A **flow** is a graph of steps (graph.py says how it is written and checks it); compile it once and keep it. The **state** of a run is a JSON object
that belongs to the run's row; it names the flow and version that it began with:

    {"schema": 1, "flow": "welcome", "version": 3, "at": "matter", "language": "nl", "turn": 4, "ended": "", "stack": [],
     "vars": {"matter": {"value": "fault", "by": "ivr", "at": "2026-11-22T09:00:07+00:00"}},
     "counts": {"matter.tries": 1}, "path": [["hello", "next"], ["matter", "next", 3.1], ...], "passed": 12, "surface": "ivr", "zone": "UTC",
     "since": 1763802007.2}

`path` has the seconds that a step waited for its input; `since` is when the present one began to.

Nothing hangs: a run that goes on for BUDGET steps without an input, or meets a step that cannot be done, goes to the flow's `on_error`, and where that
fails too to a person. Inputs that do not fit what the run waits for (a prompt that ended late, a second answer) change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from cordboard.flows import asking, knowing, leaving  # noqa: F401  the basic types of steps
from cordboard.flows import steps as step_types
from cordboard.flows.effects import Effect, HandOver, HungUp, Input, Key, Say, SetContext, SetLanguage, Started
from cordboard.flows.steps import Step, Type
from cordboard.rules.facts import Registry

SCHEMA = 1
BUDGET = 100
"""Steps in a row without an input."""
MAX_PATH = 500
"""Steps of the path that are kept; how many there were is counted on."""
MAX_VALUE = 4_000
"""Characters of a text that a variable keeps."""

BUILT_IN = {"time.daypart": "choice", "language": "text"}
"""Variables that every flow has: the time of day ("morning", "afternoon", "evening", "night") when it began, and the language spoken."""

_NAME = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


class Flow:
    """A compiled graph. Made by `compile_flow`; immutable, may be used by many threads."""

    def __init__(self, graph: Mapping[str, Any], version: int) -> None:
        self.code = str(graph.get("code", ""))
        self.version = version
        self.steps: Mapping[str, Step] = graph["steps"]
        self.start = str(graph["start"])
        self.languages: tuple[str, ...] = tuple(graph["languages"])
        self.fallback = str(graph.get("fallback", self.languages[0]))
        self.person_key = str(graph.get("person_key", ""))
        self.person = str(graph.get("person", ""))
        self.on_error = str(graph.get("on_error", ""))
        self.queue: Mapping[str, Any] = graph.get("queue", {})
        """What a waiting customer hears; performed by the surface."""
        surface = {one.name: one.type for one in step_types.VARIABLES.values()}
        self.variables: dict[str, str] = {**surface, **BUILT_IN, **{name: spec["type"] for name, spec in graph.get("variables", {}).items()}}
        self.types: dict[str, Type] = {name: step_types.REGISTRY[step["type"]] for name, step in self.steps.items()}
        self.facts = Registry()
        for name, type in self.variables.items():
            self.facts.declare(name, type, name)
        self.prepared: dict[str, Any] = {name: type.prepare(self, self.steps[name]) for name, type in self.types.items() if type.prepare is not None}

    def speaks(self, language: object) -> str:
        """The flow's own name of a language ("nl-BE" is its nl, "zh" its zh-hans), or "" when it has none such."""
        if not isinstance(language, str) or not language:
            return ""
        wanted = language.lower().replace("_", "-")
        for own in self.languages:
            if own.lower() == wanted:
                return own
        for own in self.languages:
            if own.lower().split("-")[0] == wanted.split("-")[0]:
                return own
        return ""


def compile_flow(graph: Mapping[str, Any], version: int = 1) -> Flow:
    """Compile a graph that `graph.validate` found good. Raises KeyError, TypeError or rules.BadPolicy for one that was never checked."""
    return Flow(graph, version)


class Run:
    """A run in the course of one `step`: what a step type may see and do."""

    def __init__(self, flow: Flow, state: dict[str, Any], now: datetime) -> None:
        self.flow = flow
        self.state = state
        self.now = now
        self.surface = str(state.get("surface", "ivr"))
        self._moment = ""
        self.effects: list[Effect] = []
        self.why = ""
        """Why the run leaves its path: "asked", "error", or "tries" when a question was given up."""

    @property
    def at(self) -> str:
        """The step that the run is at."""
        return str(self.state["at"])

    @property
    def language(self) -> str:
        return str(self.state["language"])

    @property
    def moment(self) -> str:
        """Now, as it is kept: ISO 8601 in UTC, to the second."""
        if not self._moment:
            self._moment = self.now.astimezone(UTC).isoformat(timespec="seconds")
        return self._moment

    @property
    def today(self) -> date:
        """Where the customer is."""
        try:
            return self.now.astimezone(ZoneInfo(self.state.get("zone") or "UTC")).date()
        except (KeyError, ValueError, OSError):
            return self.now.date()

    def value(self, name: str) -> Any:
        """A variable's value; None when it is not known."""
        if name == "language":
            return self.state["language"]
        held = self.state["vars"].get(name)
        return None if held is None else held["value"]

    def values(self) -> dict[str, Any]:
        """Every variable by name."""
        return {**{name: held["value"] for name, held in self.state["vars"].items()}, "language": self.language}

    def value_of(self, given: Any) -> Any:
        """`given` itself, a text with its variables filled in; or the variable's value when it is `{"var": name, "else": ...}`."""
        if isinstance(given, dict) and "var" in given:
            value = self.value(given["var"])
            return given.get("else") if value is None else value
        return self.filled(given, self.language) if isinstance(given, str) else given

    def arguments(self, step: Step) -> dict[str, Any]:
        """The step's `args`, filled in."""
        return {name: self.value_of(value) for name, value in step.get("args", {}).items()}

    def label(self, choice: Mapping[str, Any]) -> str:
        """What a screen calls a choice: its text, else its value."""
        said = self.words(choice["texts"]) if choice.get("texts") else ()
        return said[0].text if said else str(choice["value"])

    def set(self, name: str, value: Any, by: str) -> None:
        """Set a variable, and keep it with the interaction unless its name begins with an underscore. `by` as in SetContext."""
        if isinstance(value, str):
            value = value[:MAX_VALUE]
        self.state["vars"][name] = {"value": value, "by": by, "at": self.moment}
        if not name.startswith("_"):
            self.effects.append(SetContext(name, "" if value is None else value, by))  # left out: what stood there before does not hold any more

    def speak(self, language: object) -> bool:
        """Go on in this language; False when the flow does not speak it."""
        own = self.flow.speaks(language)
        if own and own != self.language:
            self.state["language"] = own
            self.effects.append(SetLanguage(own))
        return bool(own)

    def words(self, texts: Mapping[str, Any], *, every: bool = False, first: object = "") -> tuple[Say, ...]:
        """Texts by language as what to say now: in the language `first` where there is one, in the run's, else the fallback, else any; in `every` language, one
        after another, where nobody knows which to speak. Variables are filled in."""
        languages = self.flow.languages if every else (self.flow.speaks(first), self.state["language"], self.flow.fallback, *self.flow.languages)
        said = []
        for language in languages:
            if given := texts.get(language):
                text, file = (given.get("text", ""), given.get("file", "")) if isinstance(given, dict) else (given, "")
                said.append(Say(self.filled(str(text), language), language, str(file), self.at if self.surface == "script" else ""))
                if not every:
                    break
        return tuple(said)

    def context(self, names: list[str] | None) -> dict[str, Any]:
        """These variables, of those that are known. For None: what was keyed, looked up and set on the way; not what the surface knew before, nor what is private."""
        values = self.values()
        wanted = [name for name, held in self.state["vars"].items() if held["by"] != "system" and not name.startswith("_")] if names is None else names
        return {name: values[name] for name in wanted if values.get(name) is not None}

    def count(self, what: str) -> int:
        """Counts something of the present step, and says how often it has been."""
        name = f"{self.at}.{what}"
        self.state["counts"][name] = number = int(self.state["counts"].get(name, 0)) + 1
        return number

    def finish(self, reason: str, effect: Effect | None = None) -> None:
        """The run is over."""
        self.state["ended"] = reason
        if effect is not None:
            self.effects.append(effect)

    def filled(self, text: str, language: str) -> str:
        """The text with `{name}` replaced by the variable's value, or by nothing when it is not known."""

        def fill(match: re.Match[str]) -> str:
            value = self.value(match[1])
            if isinstance(value, dict):  # by language
                value = value.get(language) or value.get(self.flow.fallback)
            return "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)

        return _NAME.sub(fill, text) if "{" in text else text

    def filled_path(self, text: str) -> str:
        """As `filled`, for a part of a web address: no value can leave its place in the path."""
        return _NAME.sub(lambda match: quote(str(self.value(match[1]) or ""), safe=""), text)


def begin(flow: Flow) -> dict[str, Any]:
    """The state of a run that has not started; Started is its first input."""
    return {
        "schema": SCHEMA,
        "flow": flow.code,
        "version": flow.version,
        "at": "",
        "language": flow.fallback,
        "turn": 0,
        "ended": "",
        "stack": [],
        "vars": {},
        "counts": {},
        "path": [],
        "passed": 0,
        "surface": "ivr",
        "zone": "UTC",
        "since": 0.0,
    }


def step(flow: Flow, state: Mapping[str, Any], input: Input, now: datetime) -> tuple[dict[str, Any], list[Effect]]:
    """One input: the new state, and what the surface has to do. `state` is not changed; `now` is aware.

    ValueError when the state belongs to another flow, another version, or a later schema.
    """
    if state.get("schema") != SCHEMA:
        raise ValueError(f"the run's state has schema {state.get('schema')!r}, this version knows {SCHEMA}")
    if (state["flow"], state["version"]) != (flow.code, flow.version):
        raise ValueError(f"the run began with {state['flow']!r} version {state['version']}, this is {flow.code!r} version {flow.version}")
    run = Run(flow, _copied(state), now)
    if state["ended"]:
        return run.state, []
    if isinstance(input, HungUp):
        run.finish("hung_up")
        return run.state, []
    if isinstance(input, Started) != (state["at"] == ""):
        return run.state, []
    if isinstance(input, Started):
        _open(run, input)
        _go_on(run, flow.start)
    elif _wants_person(run, input):
        run.why = "asked"
        _leave(run, "person", waited=True)
        _go_on(run, flow.person)
    else:
        type = flow.types[run.at]
        if type.answer is None:
            return run.state, []
        try:
            exit = type.answer(run, flow.steps[run.at], input)
        except _FAULTS as fault:
            _fail(run, f"{run.at}: {fault!r}")
        else:
            if exit is not None:
                if exit == "give_up":
                    run.why = "tries"
                _follow(run, exit)
    run.state["turn"] += 1
    return run.state, run.effects


def _copied(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state that may be changed. What stands within its lists and objects is replaced as a whole, never changed, so one level deep is enough."""
    return {**state, "vars": dict(state["vars"]), "counts": dict(state["counts"]), "path": list(state["path"])}


_FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a step that was written wrongly, or a value that nobody expected, may raise."""


def _open(run: Run, started: Started) -> None:
    at = run.moment
    run.surface = run.state["surface"] = started.surface
    run.state["zone"] = started.timezone
    for name, value in started.values.items():
        if value is not None:
            run.state["vars"][name] = {"value": value, "by": "system", "at": at}
    try:
        hour = run.now.astimezone(ZoneInfo(started.timezone)).hour
    except (KeyError, ValueError, OSError):
        hour = run.now.astimezone(UTC).hour
    daypart = "night" if hour < 6 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    run.state["vars"].setdefault("time.daypart", {"value": daypart, "by": "system", "at": at})
    run.speak(started.language)


def _wants_person(run: Run, input: Input) -> bool:
    """Whether this is the way out: its key on its own, or given as the answer to a question that does not offer it."""
    key = run.flow.person_key
    if not key or not run.flow.person or run.at not in run.flow.steps:
        return False
    if isinstance(input, Key):
        return input.key == key
    if run.surface != "ivr":  # who types 0 means a number
        return False
    return getattr(input, "value", None) == key and not any(choice.get("key") == key for choice in run.flow.steps[run.at].get("choices", ()))


def _leave(run: Run, exit: str, *, waited: bool = False) -> None:
    state = run.state
    state["passed"] += 1
    if len(state["path"]) < MAX_PATH:
        since = state.get("since") or 0.0
        state["path"].append([state["at"], exit, round(max(0.0, run.now.timestamp() - since), 1)] if waited and since else [state["at"], exit])


def _target(step: Step, exit: str) -> str:
    """Where an exit leads: `next`, or `choices[2]`, `branches[0]` with a `next` of their own."""
    if exit[-1] == "]":
        row, _, number = exit[:-1].partition("[")
        return str(step[row][int(number)]["next"])
    return str(step[exit])


def _follow(run: Run, exit: str) -> None:
    step = run.flow.steps[run.at]
    _leave(run, exit, waited=True)
    try:
        target = _target(step, exit)
    except _FAULTS:
        _fail(run, f"{run.at}: no way out by {exit}")
        return
    _go_on(run, target)


def _go_on(run: Run, target: str) -> None:
    """Does steps until one waits for an input or the run is over."""
    flow, state = run.flow, run.state
    for _ in range(BUDGET):
        state["at"] = target
        step = flow.steps.get(target)
        if step is None:
            _fail(run, f"there is no step {target!r}")
            return
        if state["counts"] and not step.get("keep_tries"):
            for name in [name for name in state["counts"] if name.rpartition(".")[0] == target]:
                del state["counts"][name]  # a question put afresh has all its tries
        try:
            exit = flow.types[target].run(run, step)
            if exit is None:
                state["since"] = run.now.timestamp()
                return
            if exit == "give_up":
                run.why = "tries"
            _leave(run, exit)
            target = _target(step, exit)
        except _FAULTS as fault:
            _fail(run, f"{target}: {fault!r}")
            return
    _fail(run, f"{target}: goes round and round")


def _fail(run: Run, why: str) -> None:
    """To the flow's `on_error`, once; to a person when that fails as well."""
    if run.state.get("error") or run.flow.on_error not in run.flow.steps:
        run.state["error"] = run.state.get("error") or why
        run.effects[:] = [effect for effect in run.effects if isinstance(effect, (SetContext, SetLanguage))]
        run.finish("handed_over", HandOver("error", "", run.context(None)))
        return
    run.state["error"] = why
    run.why = "error"
    run.effects[:] = [effect for effect in run.effects if isinstance(effect, (SetContext, SetLanguage))]  # not a hundred prompts of a loop
    _go_on(run, run.flow.on_error)
