"""How a flow is written, and what is wrong with one. Pure.

    {"schema": 1, "code": "welcome", "languages": ["en", "nl"], "fallback": "en", "start": "hello",
     "person_key": "0", "person": "to_person", "on_error": "to_person",
     "variables": {"caller.known": {"type": "boolean", "from": "surface"}, "matter": {"type": "text"}},
     "steps": {
       "hello": {"type": "say", "texts": {"en": "Welcome.", "nl": "Welkom."}, "next": "matter"},
       "matter": {"type": "ask", "kind": "choice", "texts": {...}, "into": "matter", "tries": 3,
                  "choices": [{"key": "1", "value": "fault"}, {"key": "2", "value": "order", "next": "orders"}],
                  "next": "to_queue", "give_up": "to_person"},
       "to_queue": {"type": "enqueue", "queue": "service", "context": ["matter"]}, ...},
     "queue": {...}}

Types of steps and their fields stand in steps.py. Texts are by language: a text, or `{"text": ..., "file": ...}` with a recorded prompt; `{name}` in one is a
variable (whose value may itself be by language). Variables are typed like facts, since conditions of `decide` ask for them; those `from` "surface" are given
at the start. `person` is where the way out leads (`person_key` on a telephone), `on_error` where a run goes that cannot go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Literal

from cordboard.flows import steps as step_types
from cordboard.flows.engine import _NAME, BUILT_IN, SCHEMA
from cordboard.flows.steps import Step, Type
from cordboard.rules.evaluate import check_policy
from cordboard.rules.facts import TYPES, Registry

MAX_STEPS = 10_000
MAX_TEXT = 2_000
KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class Problem:
    """`step` is "" for the flow as a whole. An "error" keeps the flow from being published, a "note" does not. `phrase` is English with named
    placeholders for `values`."""

    step: str
    code: str
    phrase: str
    level: Literal["error", "note"] = "error"
    values: Mapping[str, Any] = made(default_factory=dict)

    @property
    def message(self) -> str:
        return self.say(str)

    def say(self, translate: Callable[[str], str]) -> str:
        """In words; `translate` is gettext of the reader's language."""
        return translate(self.phrase) % self.values if self.values else translate(self.phrase)


def validate(graph: Any, surface: str) -> list[Problem]:
    """Everything that is wrong with a graph for this surface ("ivr", "bot", ...). No error in it: `engine.compile_flow` takes it."""
    return _Check(surface).graph(graph)


def exits(step: Step, type: Type) -> Iterator[tuple[str, str]]:
    """(exit, step that it leads to) of everything that may come next."""
    for name in (*type.exits, *type.optional_exits):
        if isinstance(step.get(name), str):
            yield name, step[name]
    for row in ("choices", "branches"):
        parts = step.get(row)
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict) and isinstance(part.get("next"), str):
                yield f"{row}[{number}]", part["next"]


class _Check:
    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.problems: list[Problem] = []
        self.languages: list[str] = []
        self.variables: dict[str, str] = {}
        self.given: set[str] = set(BUILT_IN)

    def wrong(self, step: str, code: str, message: str, level: Literal["error", "note"] = "error") -> None:
        self.problems.append(Problem(step, code, message, level))

    def graph(self, graph: Any) -> list[Problem]:
        if not isinstance(graph, dict) or not isinstance(graph.get("steps"), dict) or not graph["steps"]:
            self.wrong("", "not_a_flow", "A flow is an object with steps.")
            return self.problems
        schema = graph.get("schema", 1)
        if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
            self.wrong("", "schema", f"Made for another version of Cordboard (schema {schema!r}, this one knows {SCHEMA}).")
            return self.problems
        languages = graph.get("languages")
        if not isinstance(languages, list) or not languages or not all(isinstance(one, str) and one for one in languages):
            self.wrong("", "languages", "A flow says which languages it speaks.")
            return self.problems
        self.languages = languages
        if graph.get("fallback", languages[0]) not in languages:
            self.wrong("", "fallback", "The language to fall back on is none of the flow's.")
        if len(graph["steps"]) > MAX_STEPS:
            self.wrong("", "too_many", f"A flow has at most {MAX_STEPS} steps.")
            return self.problems
        self._variables(graph.get("variables", {}))
        good: dict[str, tuple[Step, Type]] = {}
        for name, step in graph["steps"].items():
            type = step_types.REGISTRY.get(step["type"]) if isinstance(step, dict) and isinstance(step.get("type"), str) else None
            if type is None:
                self.wrong(name, "type", "There is no such type of step.")
            else:
                good[name] = (step, type)
        for name, (step, type) in good.items():
            self._step(name, step, type, graph)
        for name in sorted(self.variables.keys() - self.given):
            self.wrong("", "never_set", f"The variable {name} is declared but never gets a value.", "note")
        self._ways(graph, good)
        return self.problems

    def _variables(self, given: Any) -> None:
        self.variables = dict(BUILT_IN)
        if not isinstance(given, dict):
            self.wrong("", "variables", "Variables are an object of name and type.")
            return
        for name, spec in given.items():
            if not isinstance(name, str) or not isinstance(spec, dict) or str(spec.get("type")) not in TYPES:
                self.wrong("", "variables", f"The variable {name} has no type that there is.")
                continue
            self.variables[name] = spec["type"]
            if spec.get("from") == "surface":
                self.given.add(name)

    # -- one step -----------------------------------------------------------------------------------------------

    def _step(self, name: str, step: Step, type: Type, graph: Mapping[str, Any]) -> None:
        if self.surface not in type.surfaces:
            self.wrong(name, "surface", f"This step cannot be done on {self.surface}.")
        known = {"type", "note", "place", *type.exits, *type.optional_exits, *type.texts, *type.optional_texts, *type.needs, *type.takes}
        for field in step:
            if field not in known:
                self.wrong(name, "field", f"A step of this type has no field {field}.")
        for field, kind in {**type.needs, **type.takes}.items():
            if field not in step:
                if field in type.needs:
                    self.wrong(name, "field", f"The field {field} is missing.")
            elif not isinstance(step[field], kind) or (isinstance(step[field], bool) and bool not in (kind if isinstance(kind, tuple) else (kind,))):
                self.wrong(name, "field", f"The field {field} is not what it should be.")
        for field in (*type.texts, *type.optional_texts):
            if field in step or field in type.texts:
                self._texts(name, field, step.get(field))
        chosen = step.get("choices") if step.get("kind") == "choice" else None
        all_lead_on = isinstance(chosen, list) and chosen and all(isinstance(one, dict) and one.get("next") for one in chosen)
        for exit in type.exits:
            if not (exit == "next" and all_lead_on) and not isinstance(step.get(exit), str):
                self.wrong(name, "dead_end", f"Nothing comes after {exit}.")
        for exit, target in exits(step, type):
            if target not in graph["steps"]:
                self.wrong(name, "dead_end", f"{exit} leads to {target}, which is no step.")
        self._names(name, step)
        if type.name == "ask":
            self._ask(name, step, graph)
        if type.name == "decide":
            self._decide(name, step)
        if type.name == "look_up" and isinstance(step.get("name"), str):
            self._look_up(name, step)

    def _texts(self, name: str, field: str, texts: Any) -> None:
        if not isinstance(texts, dict):
            self.wrong(name, "texts", f"{field} are texts by language.")
            return
        for language in self.languages:
            given = texts.get(language)
            text = given.get("text") if isinstance(given, dict) else given
            if not isinstance(text, str) or not text.strip():
                self.wrong(name, "language", f"{field} has no text in {language}.")
            elif len(text) > MAX_TEXT:
                self.wrong(name, "texts", f"{field} in {language} has more than {MAX_TEXT} characters.")
            else:
                for used in _NAME.findall(text):
                    self._used(name, used)

    def _used(self, name: str, variable: str) -> None:
        if variable not in self.variables:
            self.wrong(name, "variable", f"There is no variable {variable}.")

    def _names(self, name: str, step: Step) -> None:
        """Variables that the step sets and uses."""
        sets = [step.get("into"), step.get("name") if step["type"] == "set" else None]
        fields = step.get("fields")
        sets += list(fields) if isinstance(fields, dict) else []
        for variable in sets:
            if isinstance(variable, str) and variable:
                self._used(name, variable)
                self.given.add(variable)
        args = step.get("args")
        for value in (step.get("value"), step.get("queue"), step.get("to"), *(args.values() if isinstance(args, dict) else ())):
            if isinstance(value, dict) and "var" in value:
                self._used(name, str(value["var"]))
        named = step.get("from") if step["type"] == "language" else step.get("context")
        for variable in named if isinstance(named, list) else ():
            self._used(name, str(variable))

    def _ask(self, name: str, step: Step, graph: Mapping[str, Any]) -> None:
        kind = step.get("kind")
        if kind not in ("choice", "digits", "text"):
            self.wrong(name, "field", "A question asks for a choice, digits or text.")
        if kind == "text" and self.surface == "ivr":
            self.wrong(name, "surface", "Text cannot be asked on a telephone.")
        least, most = step.get("min", 1), step.get("max", 20)
        if kind == "digits" and not (isinstance(least, int) and isinstance(most, int) and 0 <= least <= most <= 50):
            self.wrong(name, "field", "min and max of digits do not fit.")
        if kind != "choice":
            return
        choices = step.get("choices")
        if not isinstance(choices, list) or not choices:
            self.wrong(name, "field", "There is nothing to choose from.")
            return
        keys = [choice.get("key") if isinstance(choice, dict) else None for choice in choices]
        for key in keys:
            if not isinstance(key, str) or key not in KEYS:
                self.wrong(name, "key", f"{key!r} is no key of a telephone.")
            elif key == graph.get("person_key"):
                self.wrong(name, "key", f"{key} is the way out to a person.")
            elif keys.count(key) > 1:
                self.wrong(name, "key", f"The key {key} is given twice.")
        if any(not isinstance(choice, dict) or "value" not in choice for choice in choices):
            self.wrong(name, "field", "A choice has a value.")

    def _decide(self, name: str, step: Step) -> None:
        branches = step.get("branches")
        if not isinstance(branches, list) or not branches:
            self.wrong(name, "field", "There is nothing to decide on.")
            return
        registry = Registry()
        for variable, type in self.variables.items():
            registry.declare(variable, type, variable)
        for number, branch in enumerate(branches):
            if not isinstance(branch, dict) or not branch.get("when") or not isinstance(branch.get("next"), str):
                self.wrong(name, "dead_end", f"Branch {number + 1} needs a condition and a next step.")
                continue
            for problem in check_policy({"rules": [{"id": "x", "when": branch["when"]}]}, registry, {}):
                unknown = "there is no fact" in problem.message
                self.wrong(name, "variable" if unknown else "condition", f"Branch {number + 1}: {problem.message}.")

    def _look_up(self, name: str, step: Step) -> None:
        lookup = step_types.LOOKUPS.get(step["name"])
        if lookup is None:
            self.wrong(name, "look_up", f"There is no look-up {step['name']}.")
            return
        args, fields = step.get("args", {}), step.get("fields", {})
        for arg in lookup.args.keys() - (args.keys() if isinstance(args, dict) else set()):
            self.wrong(name, "look_up", f"The look-up asks for {arg}.")
        for field in fields.values() if isinstance(fields, dict) else ():
            if not isinstance(field, str) or field not in lookup.gives:
                self.wrong(name, "look_up", f"The look-up does not give {field}.")

    # -- the whole ----------------------------------------------------------------------------------------------

    def _ways(self, graph: Mapping[str, Any], good: Mapping[str, tuple[Step, Type]]) -> None:
        steps = graph["steps"]
        start = graph.get("start")
        if not isinstance(start, str) or start not in steps:
            self.wrong("", "start", "The flow does not say with which step it starts.")
            return
        roots = [start]
        for field, needed in (("person", self.surface in ("ivr", "bot")), ("on_error", True)):
            root = str(graph.get(field) or "")
            if root in steps:
                roots.append(root)
                if not self._reaches_person(root, good):
                    self.wrong(root, "way_out", f"{field} does not lead to a person.")
            elif needed or root:
                self.wrong("", "way_out", f"{field} must name a step that leads to a person.")
        if self.surface == "ivr" and str(graph.get("person_key")) not in KEYS:
            self.wrong("", "way_out", "There is no key that leads to a person.")
        reached = self._reached(roots, good)
        for name in steps:
            if name not in reached:
                self.wrong(name, "unreachable", "Nothing leads to this step.", "note")
        for name in self._rounds(good):
            self.wrong(name, "endless", "Steps go round here without ever waiting for the customer.")

    def _reached(self, roots: list[str], good: Mapping[str, tuple[Step, Type]]) -> set[str]:
        reached: set[str] = set()
        todo = list(roots)
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                if name in good:
                    todo += [target for _, target in exits(*good[name])]
        return reached

    def _reaches_person(self, root: str, good: Mapping[str, tuple[Step, Type]]) -> bool:
        return any(name in good and good[name][1].name in ("hand_over", "enqueue", "transfer") for name in self._reached([root], good))

    def _rounds(self, good: Mapping[str, tuple[Step, Type]]) -> list[str]:
        """Steps on a circle of steps that do not wait: what is left when those with no way on are taken off again and again (Kahn, both ways)."""
        ways = {name: {target for _, target in exits(step, type)} for name, (step, type) in good.items() if not type.waits}
        ways = {name: targets & ways.keys() for name, targets in ways.items()}
        while ends := [name for name, targets in ways.items() if not targets]:
            ways = {name: targets.difference(ends) for name, targets in ways.items() if targets}
        while heads := ways.keys() - {target for targets in ways.values() for target in targets}:
            ways = {name: targets for name, targets in ways.items() if name not in heads}
        return sorted(ways)
