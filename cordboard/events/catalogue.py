"""What may be recorded. Every package declares its events in its own `events.py`; the log refuses all else.

    declare(
        "interactions.opened",
        version=1,
        fields={"interaction": int, "party": int | None},
        topics=lambda body: [f"interaction:{body['interaction']}", "board"],
    )

Writers are strict: a field that is missing, unknown or of another type is refused. Readers pass over fields that they do not
know, since two versions of the program run side by side during an upgrade. Events carry ids and names of fields, never
personal values: those live in rows that can be erased.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Union, get_args, get_origin

Body = Mapping[str, Any]
Topics = Callable[[dict[str, Any]], list[str]]

LONGEST_TEXT = 500
"""Characters. Events name things; whoever wants to store more has a row for it."""

RESERVED = frozenset({"actor", "why", "origin"})
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_TOPIC = re.compile(r"[a-z][a-z0-9_]*(:[A-Za-z0-9_.-]+)*")


class EventRefused(ValueError):
    """The event is not declared, or is not as it was declared."""


def _no_topics(body: dict[str, Any]) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Declaration:
    kind: str
    version: int
    fields: Mapping[str, Any]
    topics: Topics = field(default=_no_topics)
    keep: timedelta | None = None
    """How long events of this kind are kept; None: for ever."""


_declared: dict[str, Declaration] = {}


def declare(
    kind: str,
    *,
    version: int = 1,
    fields: Mapping[str, Any] | None = None,
    topics: Topics = _no_topics,
    keep: timedelta | None = None,
) -> str:
    """Allow events of `kind` ("package.past_participle"). `fields` maps names to types: int, str, bool, float, dict, list, list[int],
    dict[str, int], unions such as `int | None` (a field that may be None may be left out). `topics` computes from the body
    which live topics the event goes to. Returns the kind. Raises EventRefused on a bad or double declaration."""
    if not _KIND.fullmatch(kind):
        raise EventRefused(f"{kind!r} is no name for an event: package.what_happened, lower case")
    names = dict(fields or {})
    if bad := RESERVED & names.keys():
        raise EventRefused(f"{kind}: the log itself uses {', '.join(sorted(bad))}")
    known = _declared.get(kind)
    made = Declaration(kind, version, names, topics, keep)
    if known is not None and (known.version, dict(known.fields)) != (version, names):
        raise EventRefused(f"{kind} is declared twice, differently")
    _declared[kind] = made
    return kind


def declared(kind: str) -> Declaration:
    """The declaration of `kind`. Raises EventRefused when there is none."""
    try:
        return _declared[kind]
    except KeyError:
        raise EventRefused(f"{kind} is not declared") from None


def kinds() -> dict[str, Declaration]:
    """Everything declared, by kind."""
    return dict(_declared)


def checked(kind: str, fields: Body) -> tuple[Declaration, dict[str, Any], list[str]]:
    """The declaration, the complete body and the topics of an event that someone wants to record. Raises EventRefused."""
    rule = declared(kind)
    if unknown := fields.keys() - rule.fields.keys():
        raise EventRefused(f"{kind} has no field {', '.join(sorted(unknown))}")
    body: dict[str, Any] = {}
    for name, wanted in rule.fields.items():
        value = fields.get(name)
        if name not in fields and not _fits(None, wanted):
            raise EventRefused(f"{kind} lacks the field {name}")
        if not _fits(value, wanted):
            raise EventRefused(f"{kind}: {name} must be {_say(wanted)}, not {type(value).__name__}")
        body[name] = value
    topics = rule.topics(body)
    for topic in topics:
        if not _TOPIC.fullmatch(topic):
            raise EventRefused(f"{kind}: {topic!r} is no topic")
    return rule, body, topics


def is_topic(text: str) -> bool:
    """Whether `text` has the form of a topic, such as "board" or "interaction:91"."""
    return len(text) <= 120 and _TOPIC.fullmatch(text) is not None


def _say(wanted: Any) -> str:
    return wanted.__name__ if isinstance(wanted, type) else str(wanted)


def _fits(value: Any, wanted: Any) -> bool:
    if wanted is Any or (value.__class__ is wanted and wanted is not str):  # nearly always: no need to look what kind of type it is
        return True
    if wanted is None or wanted is type(None):
        return value is None
    origin = get_origin(wanted)
    if origin in (types.UnionType, Union):
        return any(_fits(value, one) for one in get_args(wanted))
    if origin is list:
        return isinstance(value, list) and all(_fits(one, get_args(wanted)[0]) for one in value)
    if origin is dict:
        key, inner = get_args(wanted)
        return isinstance(value, dict) and all(_fits(k, key) and _fits(v, inner) for k, v in value.items())
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is str:
        return isinstance(value, str) and len(value) <= LONGEST_TEXT
    return isinstance(value, wanted)
