"""What a policy may say when a rule holds: named actions with their fields. The package that acts on them declares them, next to its facts.

    declare("require", _("need a skill"), fields={"skill": str, "proficiency": int}, optional={"kind": str})

`sentence` says an action within a sentence: "send to %(queue)s". Fields that may be left out stand in a sentence of their own: `more={"proficiency": "level %(proficiency)s"}`.
`options` gives what a field may be, with the words for it, when an editor or a sentence asks: {"queue": lambda: {"service": "Service"}}.

A policy's action is `{"do": "require", "skill": "nl", "proficiency": 3}`. Any field may be taken from a fact when the rule holds:
`{"do": "require", "skill": {"fact": "party.language", "else": "en"}, "proficiency": 3}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Verb:
    """`fields` must be there, `optional` ones may; both name the JSON type (str, int, float, bool, list, dict; float takes int too)."""

    name: str
    words: Any
    fields: Mapping[str, type] = field(default_factory=dict)
    optional: Mapping[str, type] = field(default_factory=dict)
    sentence: Any = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Options] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    """What the editor writes before a field."""
    single: bool = False
    """Can be done once: when several rules ask for it differently, the first counts, and the workbench points that out."""
    against: frozenset[str] = frozenset()
    """Verbs that say the contrary."""


REGISTRY: dict[str, Verb] = {}


def declare(
    name: str,
    words: Any,
    *,
    fields: Mapping[str, type] | None = None,
    optional: Mapping[str, type] | None = None,
    sentence: Any = "",
    more: Mapping[str, Any] | None = None,
    options: Mapping[str, Options] | None = None,
    labels: Mapping[str, Any] | None = None,
    single: bool = False,
    against: Iterable[str] = (),
) -> Verb:
    """Add a verb. ValueError when the name is taken by another one."""
    verb = Verb(
        name, words, dict(fields or {}), dict(optional or {}), sentence, dict(more or {}), dict(options or {}), dict(labels or {}), single, frozenset(against)
    )
    known = REGISTRY.get(name)
    if known is not None and (known.fields, known.optional) != (verb.fields, verb.optional):
        raise ValueError(f"verb {name!r} is declared twice")
    REGISTRY[name] = verb
    return verb
