"""Conditions: how values of each type are taken in, and what each comparison means. Pure.

`OPS[type]` names the comparisons of a type. An unknown value (None) meets `unknown`, `is_not`, `not_in` and `none_of`, and nothing else. Texts are
compared without regard to case. `older_than` and `within` count back from now; `within_next` counts ahead. `between` includes both ends.
Patterns of `matches` run on RE2, whose time grows with the text only, and are searched for anywhere in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import re2

from cordboard.rules import facts

MAX_TEXT = 2_000
MAX_ITEMS = 1_000
MAX_PATTERN = 500

_KNOWN = ("known", "unknown")
_EQUAL = ("is", "is_not", "in", "not_in")
_ORDER = ("less", "at_most", "at_least", "more", "between")
OPS: dict[str, frozenset[str]] = {
    facts.TEXT: frozenset((*_KNOWN, *_EQUAL, "contains", "contains_any", "starts_with", "matches")),
    facts.CHOICE: frozenset((*_KNOWN, *_EQUAL)),
    facts.BOOLEAN: frozenset((*_KNOWN, "is", "is_not")),
    facts.NUMBER: frozenset((*_KNOWN, *_EQUAL, *_ORDER)),
    facts.MONEY: frozenset((*_KNOWN, "is", "is_not", *_ORDER)),
    facts.DURATION: frozenset((*_KNOWN, "is", "is_not", *_ORDER)),
    facts.DATE: frozenset((*_KNOWN, "is", "is_not", *_ORDER, "older_than", "within", "within_next")),
    facts.DATETIME: frozenset((*_KNOWN, *_ORDER, "older_than", "within", "within_next")),
    facts.LIST: frozenset((*_KNOWN, "contains", "any_of", "all_of", "none_of")),
}
Test = Callable[[Any, datetime], bool]
"""(value as taken in, now) -> holds. The value is never None, but for the tests of NONE_TOO."""

NONE_TOO = frozenset({"known", "unknown", "is_not", "not_in", "none_of"})


class WrongValue(ValueError):
    """A value that is not of its fact's type, or a literal that the comparison cannot take. The message says what was expected."""


# -- values -------------------------------------------------------------------------------------------------------


def _number(value: Any) -> int | float | Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not math.isfinite(value):
        raise WrongValue("a number is expected")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValue("a text is expected")
    return value.casefold()


def _choice(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValue("one of its choices is expected")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue("yes or no (true, false) is expected")
    return value


def _money(value: Any) -> tuple[Decimal, str]:
    currency = ""
    if isinstance(value, dict):
        value, currency = value.get("amount"), value.get("currency", "")
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        value, currency = value
    if not isinstance(currency, str):
        raise WrongValue("a currency of three letters is expected")
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise WrongValue("an amount of money is expected") from None
    return Decimal(str(_number(value))), currency.upper()


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the same message as for any other thing that is no date
    raise WrongValue("a date (2026-01-31) is expected")


def _datetime(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise WrongValue("a moment (2026-01-31T09:00:00+01:00) is expected") from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise WrongValue("a moment with its time zone is expected")
    return value.astimezone(UTC)


def _list(value: Any) -> frozenset[str]:
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(item, str) for item in value):
        raise WrongValue("a list of texts is expected")
    return frozenset(item.casefold() for item in value)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(value: Any) -> float:
    """A duration in seconds, from a number of seconds, a timedelta, or text: "30 s", "5m", "2h", "30d", "2w". WrongValue for what is none."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        text = value.strip().lower()
        unit = _UNITS.get(text[-1:])
        try:
            if unit is None:
                raise ValueError
            value = float(text[:-1]) * unit
        except ValueError:
            raise WrongValue('a duration ("30s", "5m", "2h", "30d") is expected') from None
    return float(_number(value))


_TAKE: dict[str, Callable[[Any], Any]] = {
    facts.TEXT: _text,
    facts.CHOICE: _choice,
    facts.BOOLEAN: _boolean,
    facts.NUMBER: _number,
    facts.MONEY: _money,
    facts.DATE: _date,
    facts.DATETIME: _datetime,
    facts.LIST: _list,
    facts.DURATION: seconds,
}


def taker(type: str) -> Callable[[Any], Any]:
    """The function that takes a value of this type in, raising WrongValue for one that is not."""
    return _TAKE[type]


# -- comparisons --------------------------------------------------------------------------------------------------


def test(fact: facts.Fact, op: str, literal: Any) -> Test:
    """The comparison as a closure. WrongValue when this fact has no such comparison or it cannot take the literal."""
    if op not in OPS[fact.type]:
        raise WrongValue(f"a fact of type {fact.type} has no comparison {op!r}; it has {', '.join(sorted(OPS[fact.type]))}")
    if op == "known":
        return lambda value, now: value is not None
    if op == "unknown":
        return lambda value, now: value is None
    if op in ("older_than", "within", "within_next"):
        return _counted(fact, op, seconds(literal))
    if op in ("in", "not_in", "any_of", "all_of", "none_of", "contains_any"):
        return _among(fact, op, literal)
    if op == "between":
        if not isinstance(literal, (list, tuple)) or len(literal) != 2:
            raise WrongValue("between takes two values: [from, to]")
        low, high = (_literal(fact, item) for item in literal)
        if fact.type == facts.MONEY:
            return lambda value, now: _amount(value, low) >= low[0] and _amount(value, high) <= high[0]
        return lambda value, now: low <= value <= high
    if op == "matches":
        return _pattern(literal)
    if op == "contains" and fact.type == facts.LIST:
        item = _text(literal)
        return lambda value, now: item in value
    wanted = _literal(fact, literal)
    if fact.type == facts.MONEY:
        return _money_test(op, wanted)
    return {
        "is": lambda value, now: value == wanted,
        "is_not": lambda value, now: value != wanted,
        "less": lambda value, now: value < wanted,
        "at_most": lambda value, now: value <= wanted,
        "at_least": lambda value, now: value >= wanted,
        "more": lambda value, now: value > wanted,
        "contains": lambda value, now: wanted in value,
        "starts_with": lambda value, now: value.startswith(wanted),
    }[op]


def _literal(fact: facts.Fact, literal: Any) -> Any:
    if isinstance(literal, str) and len(literal) > MAX_TEXT:
        raise WrongValue(f"a text of at most {MAX_TEXT} characters is expected")
    value = taker(fact.type)(literal)
    if fact.type == facts.CHOICE and fact.choices and value not in fact.choices:
        raise WrongValue(f"{value!r} is none of its choices: {', '.join(sorted(fact.choices))}")
    return value


def _among(fact: facts.Fact, op: str, literal: Any) -> Test:
    if not isinstance(literal, (list, tuple)) or not literal or len(literal) > MAX_ITEMS:
        raise WrongValue(f"{op} takes a list of 1 to {MAX_ITEMS} values")
    if fact.type == facts.LIST:
        items = _list(literal)
        if op == "any_of":
            return lambda value, now: not items.isdisjoint(value)
        if op == "all_of":
            return lambda value, now: items <= value
        return lambda value, now: value is None or items.isdisjoint(value)
    wanted = frozenset(_literal(fact, item) for item in literal)
    if op == "contains_any":
        return lambda value, now: any(item in value for item in wanted)
    return (lambda value, now: value in wanted) if op == "in" else (lambda value, now: value not in wanted)


def _pattern(literal: Any) -> Test:
    if not isinstance(literal, str) or not literal or len(literal) > MAX_PATTERN:
        raise WrongValue(f"a pattern of 1 to {MAX_PATTERN} characters is expected")
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 1 << 20
    options.log_errors = False
    try:
        search = re2.compile(literal, options).search
    except re2.error as problem:
        raise WrongValue(f"not a pattern: {problem}") from None
    return lambda value, now: search(value) is not None


def _counted(fact: facts.Fact, op: str, span: float) -> Test:
    try:
        length = timedelta(seconds=span)
    except OverflowError:
        raise WrongValue("the duration is too long") from None
    if span < 0:
        raise WrongValue("a duration from 0 on is expected")
    if fact.type == facts.DATE:
        days = timedelta(days=math.floor(length / timedelta(days=1)))
        if op == "older_than":
            return lambda value, now: now.date() - value > days
        if op == "within":
            return lambda value, now: timedelta(0) <= now.date() - value <= days
        return lambda value, now: timedelta(0) <= value - now.date() <= days
    if op == "older_than":
        return lambda value, now: now - value > length
    if op == "within":
        return lambda value, now: timedelta(0) <= now - value <= length
    return lambda value, now: timedelta(0) <= value - now <= length


def _amount(value: tuple[Decimal, str], wanted: tuple[Decimal, str]) -> Decimal:
    if value[1] != wanted[1] and value[1] and wanted[1]:
        raise WrongValue(f"an amount in {wanted[1]} is expected, this one is in {value[1]}")
    return value[0]


def _money_test(op: str, wanted: tuple[Decimal, str]) -> Test:
    amount = wanted[0]
    return {
        "is": lambda value, now: _amount(value, wanted) == amount,
        "is_not": lambda value, now: value is None or _amount(value, wanted) != amount,
        "less": lambda value, now: _amount(value, wanted) < amount,
        "at_most": lambda value, now: _amount(value, wanted) <= amount,
        "at_least": lambda value, now: _amount(value, wanted) >= amount,
        "more": lambda value, now: _amount(value, wanted) > amount,
    }[op]
