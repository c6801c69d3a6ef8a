"""Kinds as the program works with them: their words, their own fields, and what is wrong with values. Pure, but for the words of kinds that managers
added, which are read once and kept for a few seconds (NAMES_SECONDS): lists show hundreds of tickets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils import translation

TYPES = ("text", "number", "date", "choice", "yes_no")
NAMES_SECONDS = 5
LONGEST = 2000
"""Characters of a field's text."""


def word_of(code: str, names: Mapping[str, str], language: str) -> str:
    """A name in this language, else in English, else in any; the program's own for a built-in kind that has none."""
    from cordboard.tickets.models import Ticket

    if found := names.get(language) or names.get("en") or next((one for one in names.values() if one), ""):
        return str(found)
    if code in Ticket.Kind.values:
        with translation.override(language):
            return str(Ticket.Kind(code).label)
    return code


@lru_cache(maxsize=1)
def _built_in() -> tuple[dict[str, Any], dict[str, Any]]:
    """The program's own kinds and states with their words, in whatever language is the reader's when they are said."""
    from cordboard.tickets.models import Ticket

    return {str(one.value): one.label for one in Ticket.Kind}, {str(one.value): one.label for one in Ticket.State}


def kind_name(code: str) -> str:
    """In the reader's language. No query for a built-in kind."""

    if (own := _built_in()[0].get(code)) is not None:
        return str(own)
    kept = _added(int(time.monotonic() / NAMES_SECONDS)).get(code)
    return word_of(code, kept[0], translation.get_language() or "en") if kept is not None else code


def state_name(kind: str, state: str, stage: str) -> str:
    """The kind's own word; no query where it has no own state."""

    if stage:
        kept = _added(int(time.monotonic() / NAMES_SECONDS)).get(kind)
        names = kept[1].get(stage, {}) if kept is not None else {}
        language = translation.get_language() or "en"
        if own := names.get(language) or names.get("en") or next((one for one in names.values() if one), ""):
            return str(own)
    return str(_built_in()[1].get(state, state))


@lru_cache(maxsize=2)
def _added(_now: int) -> dict[str, tuple[dict[str, str], dict[str, dict[str, str]]]]:
    from cordboard.tickets.models import TicketKind

    rows = TicketKind.objects.values_list("code", "names", "states")
    return {code: (names, {str(one["code"]): one.get("names", {}) for one in kept}) for code, names, kept in rows}


def kinds_fields() -> dict[str, tuple[Field, ...]]:
    """The own fields of each kind that has some, by its code. One query in five seconds."""
    return _own_fields(int(time.monotonic() / NAMES_SECONDS))


@lru_cache(maxsize=2)
def _own_fields(_now: int) -> dict[str, tuple[Field, ...]]:
    from cordboard.tickets.models import TicketKind

    rows = TicketKind.objects.filter(active=True).order_by("order", "code").values_list("code", "fields")
    return {code: fields(kept) for code, kept in rows if kept}


def forget() -> None:
    """A kind was changed in this process."""
    _added.cache_clear()
    _own_fields.cache_clear()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind's own. `required`: the states (codes of the kind) for which it must be filled in; `choices`: code -> names."""

    code: str
    type: str
    names: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    required: tuple[str, ...]

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


def fields(kept: Sequence[Mapping[str, Any]]) -> tuple[Field, ...]:
    """The fields of a kind as they are kept on it."""
    return tuple(
        Field(
            str(one["code"]),
            str(one["type"]),
            dict(one.get("names") or {}),
            {str(choice["code"]): dict(choice.get("names") or {}) for choice in one.get("choices") or ()},
            tuple(one.get("required") or ()),
        )
        for one in kept
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """`code`: long, number, date, choice, required."""

    field: str
    code: str


def read(wanted: Sequence[Field], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Wrong]]:
    """Values as they are kept (text, number as text, ISO day, code, true or false; nothing is left out) from what was typed, and what cannot be read. What is no field of the kind is passed over."""
    kept: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for field in wanted:
        value = given.get(field.code)
        if field.type == "yes_no":
            if value not in (None, "", "no", False, "false", "0"):
                kept[field.code] = True
            elif value in ("no", False, "false", "0"):
                kept[field.code] = False
            continue
        text = str(value).strip() if value is not None else ""
        if not text:
            continue
        fault = _fault(field, text)
        if fault:
            wrong.append(Wrong(field.code, fault))
        else:
            kept[field.code] = _kept(field, text)
    return kept, wrong


def _fault(field: Field, text: str) -> str:
    match field.type:
        case "number":
            try:
                number = Decimal(text.replace(",", "."))
            except InvalidOperation:
                return "number"
            return "" if number.is_finite() and abs(number) < Decimal("1e15") else "number"
        case "date":
            try:
                date.fromisoformat(text)
            except ValueError:
                return "date"
            return ""
        case "choice":
            return "" if text in field.choices else "choice"
    return "" if len(text) <= LONGEST else "long"


def _kept(field: Field, text: str) -> str:
    if field.type == "number":
        return format(Decimal(text.replace(",", ".")), "f")
    return date.fromisoformat(text).isoformat() if field.type == "date" else text


def missing(wanted: Sequence[Field], values: Mapping[str, Any], own: str, like: str) -> list[Wrong]:
    """Fields that must be filled in before a ticket may be in this state: its own, or the one of the five that it is like."""
    return [Wrong(one.code, "required") for one in wanted if {own, like} & set(one.required) and values.get(one.code) in (None, "")]


BUILT_IN = ("request", "question", "incident", "complaint", "wish", "praise", "return", "task")
"""In the order of forms, as the migration that makes them has them."""
