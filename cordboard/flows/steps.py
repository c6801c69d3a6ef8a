"""Types of steps: what each does, what may come next, and which form the designer shows for it. The basic ones stand in asking.py, knowing.py and
leaving.py; packages declare theirs in a module `steps.py`:

    declare(Type("book_visit", words=_("Book a visit"), run=book, answer=booked, exits={"next": _("booked"), "full": _("no time left")},
                 fields=(Field("calendar", "text", _("calendar"), required=True),), waits=True, surfaces=frozenset({"ivr", "bot"})))

`run(run, step)` does the step: it adds effects to the run and returns the exit to take, or None when it waits for an input. `answer(run, step, input)`
takes that input and returns the exit, or None to go on waiting. Both are pure but for the run that they are given (engine.Run). A step of a graph is a
dict with its `type`; an exit is a field of it that names the next step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cordboard.flows.effects import Input

if TYPE_CHECKING:
    from cordboard.flows.engine import Flow, Run
    from cordboard.flows.graph import Look

Step = Mapping[str, Any]
ANYWHERE = frozenset({"ivr", "bot", "script", "survey", "journey"})
SCREENS = frozenset({"bot", "script", "survey"})
"""Surfaces on which people read and type."""

KINDS: dict[str, type | tuple[type, ...]] = {
    "texts": dict,  # by language
    "text": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "choice": str,  # one of `options`
    "key": str,  # of a telephone
    "variable": str,  # that it sets
    "variables": list,
    "value": (str, int, float, bool, list, dict),  # as it is, or {"var": name, "else": value}
    "text_or_variable": (str, dict),
    "queue": (str, dict),  # a queue's code, or {"var": name}
    "flow": str,  # a flow's code
    "service": str,  # a web service's code
    "look_up": str,
    "act": str,
    "arguments": dict,  # of a look-up or an act: name -> value
    "fields": dict,  # variable -> field of what was found
    "choices": list,  # [{"key": "1", "value": "fault", "texts": {...}, "next": step}]
    "branches": list,  # [{"when": condition, "next": step}]
    "points": list,  # [{"when": condition, "points": 5}]
    "ends": dict,  # reason -> step
    "languages": list,  # variables or languages, in their order
}
"""What a field can be, and its JSON type. The designer has a form control for each."""


@dataclass(frozen=True, slots=True)
class Field:
    """`words` and `help` are for the screen and may be lazily translated. `when` names fields and the values that they must have for this one to be
    asked. `options`: value -> words."""

    name: str
    kind: str
    words: Any = ""
    help: Any = ""
    required: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    default: Any = None
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Type:
    """`exits` are the fields that name a next step with words for the screen, the first of them is the usual one; those in `optional_exits` may be left
    out. `waits`: an input is needed to go on. `ends`: nothing comes after. `prepare(flow, step)` is compiled once for each flow (`run.flow.prepared[name]`).
    `check(look, name, step)` tells what is wrong with a step of this type beyond its fields. `group` and `hidden` are for the palette."""

    name: str
    run: Callable[[Run, Step], str | None]
    answer: Callable[[Run, Step, Input], str | None] | None = None
    words: Any = ""
    help: Any = ""
    group: str = "other"
    exits: Mapping[str, Any] = field(default_factory=lambda: {"next": ""})
    optional_exits: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    waits: bool = False
    ends: bool = False
    surfaces: frozenset[str] = ANYWHERE
    prepare: Callable[[Flow, Step], Any] | None = None
    check: Callable[[Look, str, Step], None] | None = None
    hidden: bool = False
    known: frozenset[str] = frozenset()
    """Names of all fields that a step of this type may have; worked out when it is made."""
    by_name: Mapping[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.fields:
            if one.kind not in KINDS:
                raise ValueError(f"step type {self.name!r}: no such kind of field: {one.kind!r}")
        names = {"type", "title", "note", "place", "action", *self.exits, *self.optional_exits, *(one.name for one in self.fields)}
        object.__setattr__(self, "known", frozenset(names))
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})


REGISTRY: dict[str, Type] = {}


def declare(type: Type) -> Type:
    """Add a type of step; the same name again replaces it only when it comes from the same module (a reload)."""
    known = REGISTRY.get(type.name)
    if known is not None and known.run.__module__ != type.run.__module__:
        raise ValueError(f"step type {type.name!r} is declared twice")
    REGISTRY[type.name] = type
    return type


# -- look-ups and acts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """What a run serves, for those who look up and act for it: `subject` ("interaction:91"), the person who works with it (None: nobody does)."""

    subject: str
    surface: str
    language: str
    by: Any = None
    run: int | None = None

    def id_of(self, kind: str) -> int | None:
        """The subject's id when it is of this kind ("interaction")."""
        name, _, id = self.subject.partition(":")
        return int(id) if name == kind and id.isdigit() else None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A named look-up that flows may ask: `args` by JSON type, `gives` the fields of its result by type of fact. `read(about, args)` finds the answer, a
    dict or None; a surface may have a reader of its own."""

    name: str
    words: Any
    args: Mapping[str, type]
    gives: Mapping[str, str]
    read: Callable[[About, Mapping[str, Any]], Any] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that flows may do in a package's records. `kind`: "document" (made or changed), "book" or "send". `do(about, args, key)` does it, in a
    transaction of its own, and returns a dict with the fields that `gives` names; done again with the same key it is the same act. ValueError and
    PermissionDenied: it cannot be done, and the step takes its exit for that."""

    name: str
    kind: str
    words: Any
    args: Mapping[str, type]
    gives: Mapping[str, str]
    do: Callable[[About, Mapping[str, Any], str], Any]
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that surfaces give at the start of a run."""

    name: str
    type: str
    words: Any
    surfaces: frozenset[str]


LOOKUPS: dict[str, Lookup] = {}
VARIABLES: dict[str, Variable] = {}
ACTS: dict[str, Act] = {}
OPTIONS: dict[str, Callable[[], list[tuple[str, str]]]] = {}
"""What the designer offers for a kind of field ("queue"): (value, words) of each."""


def declare_lookup(
    name: str, words: Any, *, args: Mapping[str, type], gives: Mapping[str, str], read: Callable[[About, Mapping[str, Any]], Any] | None = None
) -> Lookup:
    """Add a look-up. ValueError when the name is taken by another one."""
    lookup = Lookup(name, words, dict(args), dict(gives), read)
    known = LOOKUPS.get(name)
    if known is not None and (known.args, known.gives) != (lookup.args, lookup.gives):
        raise ValueError(f"look-up {name!r} is declared twice")
    LOOKUPS[name] = lookup
    return lookup


def declare_act(act: Act) -> Act:
    """Add an act. ValueError when the name is taken by another one, or its kind is none."""
    if act.kind not in ("document", "book", "send"):
        raise ValueError(f"act {act.name!r}: no such kind: {act.kind!r}")
    known = ACTS.get(act.name)
    if known is not None and (known.kind, dict(known.args), dict(known.gives)) != (act.kind, dict(act.args), dict(act.gives)):
        raise ValueError(f"act {act.name!r} is declared twice")
    ACTS[act.name] = act
    return act


def declare_variable(name: str, type: str, words: Any, *, surfaces: frozenset[str]) -> Variable:
    """Add a variable (of a type of fact) that flows on these surfaces may use without declaring it. ValueError when the name is taken by another one."""
    made = Variable(name, type, words, surfaces)
    known = VARIABLES.get(name)
    if known is not None and (known.type, known.surfaces) != (type, surfaces):
        raise ValueError(f"variable {name!r} is declared twice")
    VARIABLES[name] = made
    return made


def offer_options(kind: str, read: Callable[[], list[tuple[str, str]]]) -> None:
    """Say what the designer offers for fields of a kind ("queue")."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of field: {kind!r}")
    OPTIONS[kind] = read
