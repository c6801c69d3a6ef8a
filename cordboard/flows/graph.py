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

Types of steps and their fields stand in steps.py; every step may have a `title`, a `note`, its `place` on the drawing, and
the code of the `action` that it stands for, by which adherence is measured (adherence.py). Texts are by language: a text, or `{"text": ..., "file": ...}` with a recorded prompt; `{name}` in one is a
variable (whose value may itself be by language). Variables are typed like facts, since conditions of `decide` ask for them; those `from` "surface" are given
at the start. `person` is where the way out leads (`person_key` on a telephone), `on_error` where a run goes that cannot go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Literal

from cordboard.flows import steps as step_types
from cordboard.flows.engine import _NAME, BUILT_IN, SCHEMA
from cordboard.flows.steps import Field, Step, Type
from cordboard.rules.evaluate import check_policy
from cordboard.rules.facts import TYPES, Registry

MAX_STEPS = 10_000
MAX_TEXT = 2_000
MAX_NAME = 60
MAX_PROBLEMS = 1_000
KEYS = frozenset("0123456789*#")
MARKUP = ("</", "<!", "<?", "javascript:")

Level = Literal["error", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`step` is "" for the flow as a whole. An "error" keeps the flow from being published, a "note" does not. `phrase` is English with named
    placeholders for `values`."""

    step: str
    code: str
    phrase: str
    level: Level = "error"
    values: Mapping[str, Any] = made(default_factory=dict)

    @property
    def message(self) -> str:
        return self.say(str)

    def say(self, translate: Callable[[str], str]) -> str:
        """In words; `translate` is gettext of the reader's language."""
        return translate(self.phrase) % self.values if self.values else translate(self.phrase)


def validate(graph: Any, surface: str) -> list[Problem]:
    """Everything that is wrong with a graph for this surface ("ivr", "bot", ...). No error in it: `engine.compile_flow` takes it."""
    return Look(surface).graph(graph)


def exits(step: Step, type: Type) -> Iterator[tuple[str, str]]:
    """(exit, step that it leads to) of everything that may come next."""
    for name in type.exits:
        if isinstance(step.get(name), str):
            yield name, step[name]
    for name in type.optional_exits:
        if isinstance(step.get(name), str):
            yield name, step[name]
    for row in ("choices", "branches"):
        parts = step.get(row)
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict) and isinstance(part.get("next"), str):
                yield f"{row}[{number}]", part["next"]
    ends = step.get("ends")
    if isinstance(ends, dict):
        for reason, target in ends.items():
            if isinstance(target, str):
                yield f"ends[{reason}]", target


class Look:
    """A look at a graph, for the checks of types of steps: `surface`, `variables` (name -> type), `person_key`, and ways to tell what is wrong."""

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.problems: list[Problem] = []
        self.languages: list[str] = []
        self.fallback = ""
        self.variables: dict[str, str] = {}
        self.person_key = ""
        self.given: set[str] = set(BUILT_IN)
        self._facts: Registry | None = None

    def wrong(self, step: str, code: str, phrase: str, /, **values: Any) -> None:
        """An error. `phrase` as in Problem."""
        self._tell(Problem(step, code, phrase, "error", values))

    def note(self, step: str, code: str, phrase: str, /, **values: Any) -> None:
        self._tell(Problem(step, code, phrase, "note", values))

    def _tell(self, problem: Problem) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def graph(self, graph: Any) -> list[Problem]:
        if not isinstance(graph, dict) or not isinstance(graph.get("steps"), dict) or not graph["steps"]:
            self.wrong("", "not_a_flow", "A flow is an object with steps.")
            return self.problems
        schema = graph.get("schema", 1)
        if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
            self.wrong("", "schema", "Made for another version of Cordboard (schema %(theirs)s, this one knows %(ours)s).", theirs=schema, ours=SCHEMA)
            return self.problems
        languages = graph.get("languages")
        if not isinstance(languages, list) or not languages or not all(isinstance(one, str) and one for one in languages):
            self.wrong("", "languages", "A flow says which languages it speaks.")
            return self.problems
        self.languages, self.fallback = languages, str(graph.get("fallback", languages[0]))
        if self.fallback not in languages:
            self.wrong("", "fallback", "The language to fall back on is none of the flow's.")
        if len(graph["steps"]) > (most := MAX_STEPS * (2 if "sub_flows" in graph else 1)):
            self.wrong("", "too_many", "A flow has at most %(most)s steps; this one has %(number)s.", most=most, number=len(graph["steps"]))
            return self.problems
        key = graph.get("person_key")
        self.person_key = key if isinstance(key, str) else ""
        self._variables(graph.get("variables", {}))
        good: dict[str, tuple[Step, Type]] = {}
        for name, step in graph["steps"].items():
            type = step_types.REGISTRY.get(step["type"]) if isinstance(step, dict) and isinstance(step.get("type"), str) else None
            if type is None:
                self.wrong(name, "type", "There is no such type of step.")
            else:
                good[name] = (step, type)
            if "sub_flows" not in graph and (not name or len(name) > MAX_NAME or "/" in name):
                self.wrong(name, "name", "A step has a name of at most %(most)s characters, without a slash.", most=MAX_NAME)
        for name, (step, type) in good.items():
            self._step(name, step, type, graph["steps"])
        for name in sorted(self.variables.keys() - self.given):
            self.note("", "never_set", "The variable %(variable)s is declared but never gets a value.", variable=name)
        self._ways(graph, good)
        return self.problems

    def _variables(self, given: Any) -> None:
        own = [one for one in step_types.VARIABLES.values() if self.surface in one.surfaces]
        self.variables = {**BUILT_IN, **{one.name: one.type for one in own}}
        self.given |= {one.name for one in own}
        if not isinstance(given, dict):
            self.wrong("", "variables", "Variables are an object of name and type.")
            return
        for name, spec in given.items():
            if not isinstance(name, str) or not isinstance(spec, dict) or str(spec.get("type")) not in TYPES:
                self.wrong("", "variables", "The variable %(variable)s has no type that there is.", variable=name)
                continue
            self.variables[name] = spec["type"]
            if spec.get("from") == "surface":
                self.given.add(name)

    # -- one step -----------------------------------------------------------------------------------------------

    def _step(self, name: str, step: Step, type: Type, steps: Mapping[str, Any]) -> None:
        if self.surface not in type.surfaces:
            self.wrong(name, "surface", "This step cannot be done on the surface %(surface)s.", surface=self.surface)
        for field in step:
            if field not in type.known:
                self.wrong(name, "field", "A step of this type has no field %(field)s.", field=field)
        whole = True
        for one in type.fields:
            if one.name in step:
                whole = self._field(name, one, step[one.name]) and whole
            elif one.required:
                whole = False
                if one.kind == "texts":
                    self.wrong(name, "texts", "%(field)s are texts by language.", field=one.name)
                else:
                    self.wrong(name, "field", "The field %(field)s is missing.", field=one.name)
        chosen = step.get("choices") if step.get("kind") == "choice" else None
        all_lead_on = isinstance(chosen, list) and chosen and all(isinstance(one, dict) and one.get("next") for one in chosen)
        for exit in type.exits:
            if isinstance(step.get(exit), str) or (exit == "next" and all_lead_on):
                continue
            if exit == "give_up" and exit not in step and self.surface in ("script", "survey"):
                continue  # a screen says what is wrong with an answer and waits for another
            self.wrong(name, "dead_end", "Nothing comes after the exit %(exit)s.", exit=exit)
        for exit, target in exits(step, type):
            if target not in steps:
                self.wrong(name, "dead_end", "The exit %(exit)s leads to %(step)s, which is no step.", exit=exit, step=target)
        if type.check is not None and whole:
            type.check(self, name, step)

    def _field(self, name: str, field: Field, value: Any) -> bool:
        """Whether it is of the JSON type that it should be; what is wrong beyond that is told too."""
        if not isinstance(value, step_types.KINDS[field.kind]) or (value.__class__ is bool and field.kind not in ("boolean", "value")):
            self.wrong(name, "field", "The field %(field)s is not what it should be.", field=field.name)
            return False
        given: Any = value
        match field.kind:
            case "texts":
                self.texts(name, field.name, value)
            case "variable":
                self._sets(name, value)
            case "fields":
                for variable in given:
                    self._sets(name, variable)
            case "value" | "text_or_variable" | "queue":
                self._value(name, value)
            case "arguments":
                for one in given.values():
                    self._value(name, one)
            case "variables" | "languages":
                for one in given:
                    if field.kind == "variables" or one not in self.languages:
                        self._used(name, str(one))
            case "choice":
                if field.options and value not in field.options and field.name != "kind":
                    self.wrong(name, "field", "The field %(field)s is not what it should be.", field=field.name)
        return True

    def _value(self, name: str, value: Any) -> None:
        if isinstance(value, dict) and "var" in value:
            self._used(name, str(value["var"]))
        elif isinstance(value, str):
            self.uses(name, value)

    def texts(self, name: str, field: str, texts: Any) -> None:
        """Texts by language: each there, not too long, without tags, with variables that there are."""
        if not isinstance(texts, dict):
            self.wrong(name, "texts", "%(field)s are texts by language.", field=field)
            return
        for language in self.languages:
            given = texts.get(language)
            text = given.get("text") if isinstance(given, dict) else given
            if not isinstance(text, str) or not text.strip():
                tell = self.wrong if language == self.fallback else self.note
                tell(name, "language", "%(field)s has no text in %(language)s.", field=field, language=language)
            elif len(text) > MAX_TEXT:
                self.wrong(name, "texts", "%(field)s in %(language)s has more than %(most)s characters.", field=field, language=language, most=MAX_TEXT)
            else:
                if ("<" in text or ":" in text) and has_markup(text):
                    self.wrong(
                        name, "markup", "Texts of a flow are plain: %(field)s in %(language)s has tags or a script in it.", field=field, language=language
                    )
                self.uses(name, text)

    def uses(self, name: str, text: str) -> None:
        """The variables that a text has in braces."""
        if "{" in text:
            for used in _NAME.findall(text):
                self._used(name, used)

    def condition(self, name: str, when: Any, number: int) -> None:
        """A condition over the flow's variables; `number` says which of the step's, from 1 on."""
        if self._facts is None:
            self._facts = Registry()
            for variable, type in self.variables.items():
                self._facts.declare(variable, type, variable)
        for problem in check_policy({"rules": [{"id": "x", "when": when}]}, self._facts, {}):
            code = "variable" if "there is no fact" in problem.message else "condition"
            self.wrong(name, code, "Condition %(number)s: %(problem)s.", number=number, problem=problem.message)

    def _sets(self, name: str, variable: Any) -> None:
        if isinstance(variable, str) and variable:
            self._used(name, variable)
            self.given.add(variable)

    def _used(self, name: str, variable: str) -> None:
        if variable not in self.variables:
            self.wrong(name, "variable", "There is no variable %(variable)s.", variable=variable)

    # -- the whole ----------------------------------------------------------------------------------------------

    def _ways(self, graph: Mapping[str, Any], good: Mapping[str, tuple[Step, Type]]) -> None:
        steps = graph["steps"]
        start = graph.get("start")
        if not isinstance(start, str) or start not in steps:
            self.wrong("", "start", "The flow does not say with which step it starts.")
            return
        ways = {name: [target for _, target in exits(step, type)] for name, (step, type) in good.items()}
        roots = [start]
        by_voice = self.surface in ("ivr", "bot")
        for field in ("person", "on_error"):
            root = str(graph.get(field) or "")
            if root in steps:
                roots.append(root)
                if by_voice and not any(name in good and good[name][1].name in PERSONS for name in reached([root], ways)):
                    self.wrong(root, "way_out", "%(field)s does not lead to a person.", field=field)
            elif by_voice or root:
                self.wrong("", "way_out", "%(field)s must name a step that leads to a person.", field=field)
        if self.surface == "ivr" and str(graph.get("person_key")) not in KEYS:
            self.wrong("", "way_out", "There is no key that leads to a person.")
        found = reached(roots, ways)
        for name in steps:
            if name not in found:
                self.note(name, "unreachable", "Nothing leads to this step.")
        for name in sorted(rounds({name: ways[name] for name, (_step, type) in good.items() if not type.waits})):
            self.wrong(name, "endless", "Steps go round here without ever waiting for the customer.")


PERSONS = frozenset({"hand_over", "enqueue", "transfer"})
"""Types of steps that give the customer to a person."""


def has_markup(text: str) -> bool:
    """Whether a text has tags or script addresses in it; texts of flows are plain."""
    lower = text.lower()
    if any(one in lower for one in MARKUP):
        return True
    place = lower.find("<")
    while place >= 0:
        if lower[place + 1 : place + 2].isalpha():
            return True
        place = lower.find("<", place + 1)
    return False


def reached(roots: Iterable[str], ways: Mapping[str, Iterable[str]]) -> set[str]:
    """Every step to which a way leads from one of these, themselves too."""
    found: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += ways.get(name, ())
    return found


def rounds(ways: Mapping[str, Iterable[str]]) -> set[str]:
    """Steps on a circle, or between two: what is left when those with no way on, and then those with no way to them, are taken off again and again
    (Kahn 1962, both ways)."""
    forth = {name: {target for target in targets if target in ways} for name, targets in ways.items()}
    for _ in range(2):
        back: dict[str, set[str]] = {name: set() for name in forth}
        for name, targets in forth.items():
            for target in targets:
                back[target].add(name)
        left = {name: len(targets) for name, targets in forth.items()}
        todo = [name for name, number in left.items() if not number]
        gone = set(todo)
        while todo:
            for before in back[todo.pop()]:
                left[before] -= 1
                if not left[before] and before not in gone:
                    gone.add(before)
                    todo.append(before)
        forth = {name: sources - gone for name, sources in back.items() if name not in gone}
    return set(forth)
