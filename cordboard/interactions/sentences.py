"""Decisions in plain words. A decision keeps codes and values; each package registers a template for its codes, and the screen says them in
the reader's language.

    register("routing.priority", gettext_noop("The customer is {segment:segment}, so priority {priority}."))

A value may name a format after the colon: `groups` (4471 2260), `clock` (6:12), `percent`, `segment` (value segment in words), or one that a package
registers with `register_format`. Values are shown strong.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from cordboard.parties.models import Party


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


_templates: dict[str, str] = {}
_formats: dict[str, Callable[[Any], str]] = {}


def register(code: str, template: str) -> None:
    """`template` is marked with gettext_noop where it stands, and translated when it is said."""
    _templates[code] = template


def register_format(name: str, words: Callable[[Any], str]) -> None:
    _formats[name] = words


def registered() -> dict[str, str]:
    return dict(_templates)


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        words = _formats.get(format_spec)
        return words(value) if words is not None else str(value)

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "–")  # an old decision may lack what a newer template names


_formatter = _Formatter()


def say(kept: Mapping[str, Any], policy: str = "") -> Sentence:
    """One kept sentence, {"code", "values", "rule"}, in the active language. A code that nobody registers (its package is gone, or the rule's
    author wrote the words: `text` in the values, by language or plain) says what it has."""
    values = kept.get("values") or {}
    template = _templates.get(str(kept.get("code", "")))
    rule = str(kept.get("rule") or "")
    if template is None:
        return Sentence(((str(values.get("text") or kept.get("code", "")), False),), rule, policy)
    parts: list[tuple[str, bool]] = []
    for literal, name, spec, _conversion in _formatter.parse(gettext(template)):
        if literal:
            parts.append((literal, False))
        if name is not None:
            parts.append((_formatter.format_field(_formatter.get_value(name, (), values), spec or ""), True))
    return Sentence(tuple(parts), rule, policy)


def say_all(kept: Iterable[Mapping[str, Any]], policy: str = "") -> list[Sentence]:
    return [say(one, policy) for one in kept]


def _groups(value: Any) -> str:
    """A customer number in groups of four."""
    text = str(value)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _clock(value: Any) -> str:
    total = max(0, int(float(value)))
    hours, rest = divmod(total, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def _segment(value: Any) -> str:
    return str(dict(Party.Segment.choices).get(value, value))


def _listed(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


register_format("groups", _groups)
register_format("clock", _clock)
register_format("segment", _segment)
register_format("list", _listed)
