"""What a policy may say when a rule holds: named actions with their fields. The package that acts on them declares them, next to its facts.

    declare("require", _("need a skill"), fields={"skill": str, "proficiency": int}, optional={"kind": str})

A policy's action is `{"do": "require", "skill": "nl", "proficiency": 3}`. Any field may be taken from a fact when the rule holds:
`{"do": "require", "skill": {"fact": "party.language", "else": "en"}, "proficiency": 3}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Verb:
    """`fields` must be there, `optional` ones may; both name the JSON type (str, int, float, bool, list, dict; float takes int too)."""

    name: str
    words: Any
    fields: Mapping[str, type] = field(default_factory=dict)
    optional: Mapping[str, type] = field(default_factory=dict)


REGISTRY: dict[str, Verb] = {}


def declare(name: str, words: Any, *, fields: Mapping[str, type] | None = None, optional: Mapping[str, type] | None = None) -> Verb:
    """Add a verb. ValueError when the name is taken by another one."""
    verb = Verb(name, words, dict(fields or {}), dict(optional or {}))
    known = REGISTRY.get(name)
    if known is not None and (known.fields, known.optional) != (verb.fields, verb.optional):
        raise ValueError(f"verb {name!r} is declared twice")
    REGISTRY[name] = verb
    return verb
