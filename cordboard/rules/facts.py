"""Named facts that policies may ask about. Packages declare theirs in a module `facts.py`; this one knows none itself.

    declare("party.value_segment", CHOICE, _("value segment"), read=lambda at: at["party"].value_segment, choices={"gold": _("Gold"), ...})

A fact's reader gets the **situation**: a mapping of what the decision is about ("party", "interaction", ...), as the asking package documents it.
It returns the value, or None when it is not known; what it raises makes the rules that ask for it be skipped, and the trace says so.

What readers return, by type: text and choice a str; number an int, float or Decimal; money a number (in the centre's currency) or (number, currency);
date a date; datetime an aware datetime; boolean a bool; list a list, tuple or set of str; duration a timedelta or seconds. Dates, datetimes
and money may also come as in JSON (ISO 8601 text; `{"amount": ..., "currency": ...}`), so that kept facts can be replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

TEXT = "text"
NUMBER = "number"
MONEY = "money"
DATE = "date"
DATETIME = "datetime"
BOOLEAN = "boolean"
CHOICE = "choice"
LIST = "list"
DURATION = "duration"
TYPES = frozenset({TEXT, NUMBER, MONEY, DATE, DATETIME, BOOLEAN, CHOICE, LIST, DURATION})

Situation = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """`words` and the values of `choices` are for the screen, and may be lazily translated. `unit` says what a number counts ("days")."""

    name: str
    type: str
    words: Any
    read: Callable[[Situation], Any] | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)
    unit: Any = ""
    options: Callable[[], Mapping[str, Any]] | None = None
    """What an editor suggests as values of a text or list, with the words for each; nothing is refused by it."""
    lasting: bool = False
    """Can be read later as it was at the decision (the number that called, the matter keyed): a replay may read it again."""


class NotRead(Exception):
    """A fact could not be read; the text says why, for the trace."""


class Ahead(Protocol):
    """Facts that take their time elsewhere (another database, a web service), all begun before the decision and read when a rule asks."""

    def __contains__(self, name: object) -> bool:
        """Whether it has been begun."""

    def get(self, name: str) -> Any:
        """The value; waits for it no longer than it may. Raises NotRead, which makes the rule be skipped."""

    def notes(self) -> Mapping[str, Any]:
        """How those that were asked for came, for the trace: JSON."""


class Reader:
    """How a policy reads facts about a situation."""

    __slots__ = ("_ahead", "_registry", "_situation")

    def __init__(self, registry: Registry, situation: Situation, ahead: Ahead | None) -> None:
        self._registry, self._situation, self._ahead = registry, situation, ahead

    def __call__(self, name: str) -> Any:
        if self._ahead is not None and name in self._ahead and name not in self._situation:
            return self._ahead.get(name)
        fact = self._registry[name]
        return self._situation.get(name) if fact.read is None or name in self._situation else fact.read(self._situation)

    @property
    def notes(self) -> Mapping[str, Any]:
        return self._ahead.notes() if self._ahead is not None else {}


class Registry(Mapping[str, Fact]):
    """Facts by name."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._sources: list[tuple[str, Callable[[str], Fact | None]]] = []
        self._lists: list[Callable[[], Iterable[Fact]]] = []
        self._ahead: list[str] = []

    def source(self, prefix: str, find: Callable[[str], Fact | None], *, all: Callable[[], Iterable[Fact]] | None = None, ahead: bool = False) -> None:
        """Facts whose names are not known beforehand (what a flow keyed, fields of a look-up): asked by name, for names that begin with `prefix`, when nobody declared them.
        `all` lists those that there are now, for editors. `ahead`: they take their time, so whoever decides begins them before (`ahead_of`)."""
        self._sources.append((prefix, find))
        if all is not None:
            self._lists.append(all)
        if ahead:
            self._ahead.append(prefix)

    def offered(self) -> dict[str, Fact]:
        """All that rules may ask for now, by name: those declared, and those that sources list. May read the database."""
        return {**self._facts, **{one.name: one for listed in self._lists for one in listed()}}

    def ahead_of(self, asked: Iterable[str]) -> frozenset[str]:
        """Those of the names that are to be begun before a decision."""
        return frozenset(name for name in asked if name.startswith(tuple(self._ahead))) if self._ahead else frozenset()

    def _find(self, name: str) -> Fact | None:
        found = self._facts.get(name)
        if found is None:
            for prefix, find in self._sources:
                if name.startswith(prefix) and (found := find(name)) is not None:
                    break
        return found

    def declare(
        self,
        name: str,
        type: str,
        words: Any,
        *,
        read: Callable[[Situation], Any] | None = None,
        choices: Mapping[str, Any] | None = None,
        unit: Any = "",
        options: Callable[[], Mapping[str, Any]] | None = None,
        lasting: bool = False,
    ) -> Fact:
        """Add a fact. ValueError when the type is none of TYPES or the name is taken by another fact; the same again is fine."""
        if type not in TYPES:
            raise ValueError(f"fact {name!r} has no such type: {type!r}")
        fact = Fact(name, type, words, read, dict(choices or {}), unit, options, lasting)
        known = self._facts.get(name)
        if known is not None and (known.type, dict(known.choices).keys()) != (type, fact.choices.keys()):
            raise ValueError(f"fact {name!r} is declared twice")
        self._facts[name] = fact
        return fact

    def reader(self, situation: Situation, ahead: Ahead | None = None) -> Reader:
        """How a policy reads facts about this situation. A fact without a reader is taken from the situation by its own name; those of `ahead` were begun before."""
        return Reader(self, situation, ahead)

    def __getitem__(self, name: str) -> Fact:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


REGISTRY = Registry()
"""The facts of this installation, filled when the packages are loaded."""

declare = REGISTRY.declare
