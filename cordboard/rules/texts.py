"""Words of a rule's action: one text for each language, with facts put in. Pure but for Django's formats of numbers and dates.

A policy gives `{"en": {"strong": "Overdue for {sales.overdue_days} days.", "text": "{sales.overdue} is open."}, "nl": ...}`; what stands in
braces are names of facts, filled in for every language when the alert is raised, so that whoever opens the contact reads it in their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone, translation

from cordboard.rules.facts import Fact

_NAMED = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)\}")
UNKNOWN = "–"
MOST = 500
"""Characters of one text."""


def names_in(texts: Mapping[str, Any]) -> set[str]:
    """The facts that the texts name."""
    return {name for text in texts.values() for part in text.values() for name in _NAMED.findall(str(part))}


def filled(texts: Mapping[str, Any], reader: Callable[[str], Callable[[str], Any]], facts: Mapping[str, Fact]) -> dict[str, dict[str, str]]:
    """The texts with the facts put in, each in the manner of its language. `reader(language)` reads facts, whose words may be the language's too."""
    made: dict[str, dict[str, str]] = {}
    for language, text in texts.items():
        read = reader(language)
        values = {name: read(name) if name in facts else None for name in names_in({language: text})}
        with translation.override(language):
            made[language] = {part: _put(str(text.get(part, "")), values, facts) for part in ("strong", "text")}
    return made


def line(text: str, reader: Callable[[str], Any], facts: Mapping[str, Fact], language: str) -> str:
    """One text with the facts put in, in the manner of `language`: a ticket's title, an amount."""
    values = {name: reader(name) if name in facts else None for name in set(_NAMED.findall(text))}
    with translation.override(language):
        return _put(text, values, facts)


def in_language(texts: Mapping[str, Mapping[str, str]], language: str) -> dict[str, str]:
    """The words for a reader: in this language, else in English, else in any that there is."""
    return dict(texts.get(language) or texts.get("en") or next(iter(texts.values()), {}))


def _put(text: str, values: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    def fact(found: re.Match[str]) -> str:
        return _said(values[found[1]], facts.get(found[1]))

    return _NAMED.sub(fact, text)[:MOST]


def _said(value: Any, fact: Fact | None) -> str:
    """A fact's value in the active language."""
    if value is None or value == "":
        return UNKNOWN
    if fact is not None and fact.choices:
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(str(fact.choices.get(one, one)) for one in value)
        return str(fact.choices.get(value, value))
    match value:
        case datetime():
            return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        case date():
            return formats.date_format(value, "SHORT_DATE_FORMAT")
        case timedelta():
            return str(round(value.total_seconds() / 60))
        case (Decimal() as amount, str() as currency):
            return f"{formats.number_format(amount, 2, force_grouping=True)} {currency}".strip()
        case int() | float() | Decimal() if not isinstance(value, bool):
            return str(formats.number_format(value, force_grouping=True))
        case list() | tuple() | set():
            return ", ".join(str(one) for one in value)
    return " ".join(str(value).split())
