"""Named facts that policies may ask about. Packages declare theirs in a module `facts.py`; this one knows none itself.

    declare("party.value_segment", CHOICE, _("value segment"), read=lambda at: at["party"].value_segment, choices={"gold": _("Gold"), ...})

A fact's reader gets the **situation**: a mapping of what the decision is about ("party", "interaction", ...), as the asking package documents it.
It returns the value, or None when it is not known; what it raises makes the rules that ask for it be skipped, and the trace says so.

What readers return, by type: text and choice a str; number an int, float or Decimal; money a number (in the centre's currency) or (number, currency);
date a date; datetime an aware datetime; boolean a bool; list a list, tuple or set of str; duration a timedelta or seconds. Dates, datetimes
and money may also come as in JSON (ISO 8601 text; `{"amount": ..., "currency": ...}`), so that kept facts can be replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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


class Registry(Mapping[str, Fact]):
    """Facts by name."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._sources: list[tuple[str, Callable[[str], Fact | None]]] = []

    def source(self, prefix: str, find: Callable[[str], Fact | None]) -> None:
        """Facts whose names are not known beforehand (what a flow keyed, fields of a look-up): asked by name, for names that begin with `prefix`, when nobody declared them."""
        self._sources.append((prefix, find))

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

    def reader(self, situation: Situation) -> Callable[[str], Any]:
        """How a policy reads facts about this situation. A fact without a reader is taken from the situation by its own name."""

        def read(name: str) -> Any:
            fact = self[name]
            return situation.get(name) if fact.read is None or name in situation else fact.read(situation)

        return read

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
