"""Decisions in plain words. A decision keeps codes and values; each package registers a template for its codes, and the screen says them in
the reader's language.

    register("routing.priority", gettext_noop("The customer is {segment:segment}, so priority {priority}."))

A value may name a format after the colon: `groups` (4471 2260), `clock` (6:12), `list`, `segment` (value segment in words), or one that a package
registers with `register_format`. Formats that turn ids into names say how to load all names of a page in one query. Values are shown strong.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from cordboard.parties.models import Party
from cordboard.rules import words


@dataclass(frozen=True, slots=True)
class Sentence:
    parts: tuple[tuple[str, bool], ...]
    """(text, strong) in order: the values are strong."""
    rule: str
    """Name of the rule that said so, empty when none did."""
    policy: str
    """Code of its policy, to link to."""

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


Names = Mapping[Any, str]
"""What a format's `load` gave for the ids of its values."""
Load = Callable[[set[Any]], Names]


@dataclass(frozen=True, slots=True)
class Format:
    words: Callable[[Any, Names], str]
    ids: Callable[[Any], Iterable[Any]] | None = None
    load: Load | None = None


_templates: dict[str, str] = {}
_formats: dict[str, Format] = {}
_formatter = string.Formatter()


def register(code: str, template: str) -> None:
    """`template` is marked with gettext_noop where it stands, and translated when it is said."""
    _templates[code] = template


def register_format(
    name: str,
    words: Callable[[Any, Names], str],
    *,
    ids: Callable[[Any], Iterable[Any]] | None = None,
    load: Load | None = None,
) -> None:
    """How a value is said: `words(value, names)`. With `ids` and `load`, names are what `load` gave for the ids in all values to be said."""
    _formats[name] = Format(words, ids, load)


def registered() -> dict[str, str]:
    return dict(_templates)


def say(kept: Mapping[str, Any], policy: str = "") -> Sentence:
    """One kept sentence, {"code", "values", "rule"}, in the active language."""
    return say_all([(kept, policy)])[0]


def say_all(kept: Iterable[tuple[Mapping[str, Any], str]]) -> list[Sentence]:
    """Many (kept sentence, code of its policy), with one query for each kind of name that they need. What a rule's conditions
    met is said by `rules/words.py`. A code that nobody registers (its
    package is gone) says what it has: `text` of its values, or the code."""
    rows = list(kept)
    wanted: dict[Load, set[Any]] = {}
    for one, _ in rows:
        values = one.get("values") or {}
        for _literal, name, spec, _conversion in _formatter.parse(_templates.get(str(one.get("code", "")), "")):
            form = _formats.get(spec or "")
            if name and name in values and form is not None and form.ids is not None and form.load is not None:
                wanted.setdefault(form.load, set()).update(form.ids(values[name]))
    names = {load: load(ids) if ids else {} for load, ids in wanted.items()}
    return [_said(one, policy, names) for one, policy in rows]


def _said(kept: Mapping[str, Any], policy: str, names: Mapping[Load, Names]) -> Sentence:
    values = kept.get("values") or {}
    template = _templates.get(str(kept.get("code", "")))
    rule = str(kept.get("rule") or "")
    if template is None and kept.get("code") in words.PHRASES:
        return Sentence(((words.say(kept, gettext), False),), rule, policy)
    if template is None:
        return Sentence(((str(values.get("text") or kept.get("code", "")), False),), rule, policy)
    parts: list[tuple[str, bool]] = []
    for literal, name, spec, _conversion in _formatter.parse(gettext(template)):
        if literal:
            parts.append((literal, False))
        if name is not None:
            form = _formats.get(spec or "")
            if name not in values:
                parts.append(("–", True))  # an old decision may lack what a newer template names
                continue
            loaded = names.get(form.load, {}) if form is not None and form.load is not None else {}
            parts.append((form.words(values[name], loaded) if form is not None else str(values[name]), True))
    return Sentence(tuple(parts), rule, policy)


def _groups(value: Any, names: Names) -> str:
    """A customer number in groups of four."""
    text = str(value)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _clock(value: Any, names: Names) -> str:
    return clock(float(value))


def clock(span: float) -> str:
    """Seconds as people read a clock: 0:04, 2:13, 1:02:05."""
    total = max(0, int(span))
    hours, rest = divmod(total, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def _segment(value: Any, names: Names) -> str:
    return str(dict(Party.Segment.choices).get(value, value))


def _listed(value: Any, names: Names) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


register_format("groups", _groups)
register_format("clock", _clock)
register_format("segment", _segment)
register_format("list", _listed)
