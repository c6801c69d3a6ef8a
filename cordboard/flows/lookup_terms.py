"""Look-ups at the time of a decision, without asking anybody: what is asked with which inputs, how an answer is taken in, what is kept, when a service is left alone. Pure:
`now` is an argument (seconds, from any clock that runs steadily)."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from cordboard.flows.knowing import field_of
from cordboard.rules import facts
from cordboard.rules.conditions import WrongValue, taker

PREFIX = "lookup."
FAILED = "failed"
"""The output that every look-up has: whether it failed."""
TYPES = (facts.TEXT, facts.NUMBER, facts.BOOLEAN, facts.DATE, facts.DATETIME, facts.MONEY, facts.DURATION, facts.LIST)
MOST_ROWS = 100
MOST_MS = 1500
"""Milliseconds that one decision waits for all its look-ups together, at most: they are begun at one moment."""
LEAST_MS = 50
MOST_KEEP = 7 * 86400

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_INPUT = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


@dataclass(frozen=True, slots=True)
class Output:
    """A fact that a look-up gives. `path` leads to it in the answer ("customer.tier", "0.name"); of a database it is a column."""

    name: str
    type: str
    path: str
    words: str = ""
    has_default: bool = False
    default: Any = None
    """When it fails or is slow. Without one the rule that asks is passed over."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A look-up as declared. Times in seconds."""

    code: str
    name: str
    service: str
    kind: str
    path: str
    post: bool
    query: str
    inputs: tuple[tuple[str, str], ...]
    """(name, fact)"""
    outputs: Mapping[str, Output]
    limit: float
    keep: float
    active: bool
    stamp: str
    """Another one when anything of it was changed: answers to what was asked before are no answers to this."""


def outputs_of(given: Sequence[Mapping[str, Any]]) -> dict[str, Output]:
    """As kept with a look-up."""
    return {
        str(one["name"]): Output(
            str(one["name"]), str(one["type"]), str(one.get("path") or one["name"]), str(one.get("words", "")), "default" in one, one.get("default")
        )
        for one in given
    }


def is_name(text: Any) -> bool:
    """Whether an input or output may be called so."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def split(fact: str) -> tuple[str, str]:
    """(code, output) of a fact's name; ("", "") for what is none of ours."""
    code, dot, output = fact.removeprefix(PREFIX).rpartition(".")
    return (code, output) if fact.startswith(PREFIX) and dot and code else ("", "")


# -- asking -----------------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A fact's value as it is sent: text, number, yes or no, or a list of texts."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [str(one) for one in (sorted(value, key=str) if isinstance(value, (set, frozenset)) else value)]
    return str(value)


def key_of(terms: Terms, values: Mapping[str, Any]) -> str:
    """The same for the same question."""
    return json.dumps([terms.code, terms.stamp, sorted(values.items())], ensure_ascii=False, default=str)


def names_in_path(path: str) -> set[str]:
    return set(_INPUT.findall(path))


def filled(path: str, values: Mapping[str, Any]) -> str:
    """The path with its inputs put in, each written so that it stays one part of it."""
    return _INPUT.sub(lambda found: quote(str(values.get(found[1], "")), safe=""), path)


_SQL = re.compile(
    r"""(?P<kept>--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$|::)"""
    r"""|:(?P<input>[a-z][a-z0-9_]{0,39})\b|(?P<end>;)|(?P<percent>%)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart. `postgresql` is it as psycopg wants it; the values are bound by the database and never put into the text."""

    sqlite: str
    postgresql: str
    names: frozenset[str]


class WrongQuery(ValueError):
    """`code`: "empty", "not_reading", "several"."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def query_of(text: str) -> Query:
    """Raises WrongQuery for what is not one SELECT (or WITH, VALUES). What it may do is held by the database: it is opened to be read only."""
    text = text.strip().rstrip(";").rstrip()
    names: set[str] = set()
    several = False

    def put(found: re.Match[str]) -> str:
        nonlocal several
        if found["input"]:
            names.add(found["input"])
            return f"%({found['input']})s"
        several = several or bool(found["end"])
        return found[0].replace("%", "%%")

    made = _SQL.sub(put, text)
    bare = _SQL.sub(lambda found: " " if found["kept"] and found[0][:2] in ("--", "/*") else found[0], text).strip()
    if not bare:
        raise WrongQuery("empty")
    if several:
        raise WrongQuery("several")
    if not re.match(r"(select|with|values)\b", bare, re.IGNORECASE):
        raise WrongQuery("not_reading")
    return Query(text, f"SELECT * FROM (\n{made}\n) AS asked LIMIT {MOST_ROWS}", frozenset(names))


# -- taking in --------------------------------------------------------------------------------------------------------------


def value_of(output: Output, result: Any) -> Any:
    """The output in an answer; None when it is not there. Raises rules.conditions.WrongValue when it is of another type."""
    if isinstance(result, Rows):
        value = result.column(output.path) if output.type == facts.LIST else result.first(output.path)
    else:
        value = field_of(result, output.path)
    return taken(output.type, value)


def taken(type: str, value: Any) -> Any:
    """A value as others write it, as one of a type of ours. Raises WrongValue."""
    if value is None:
        return None
    if type in (facts.NUMBER, facts.MONEY) and isinstance(value, str):
        try:
            value = Decimal(value.strip())
            value = value if type == facts.MONEY else plain(value)
        except (ValueError, ArithmeticError):
            raise WrongValue("a number is expected") from None
    elif type == facts.BOOLEAN and not isinstance(value, bool):
        value = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False, "t": True, "f": False}.get(str(value).strip().casefold(), value)
    elif type == facts.TEXT and isinstance(value, (int, float, Decimal, date, datetime)) and not isinstance(value, bool):
        value = str(plain(value))
    elif type == facts.LIST and isinstance(value, (list, tuple)):
        value = [str(one) for one in value[:MOST_ROWS] if one is not None]
    taker(type)(value)
    return value


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query found."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def first(self, column: str) -> Any:
        return self.rows[0][self.columns.index(column)] if self.rows and column in self.columns else None

    def column(self, column: str) -> list[Any] | None:
        return [row[self.columns.index(column)] for row in self.rows] if column in self.columns else None


# -- keeping, and leaving alone ---------------------------------------------------------------------------------------------


class Kept:
    """Answers by question, the one unused longest dropped when there are too many."""

    def __init__(self, most: int = 5_000) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[float, Any]] = OrderedDict()

    def put(self, key: str, answer: Any, now: float) -> None:
        self._kept[key] = (now, answer)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, key: str, keep: float, now: float) -> tuple[float, Any] | None:
        """(its age, the answer), when it is not older than `keep`."""
        found = self._kept.get(key)
        if found is None:
            return None
        age = max(0.0, now - found[0])
        if age >= keep:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return age, found[1]

    def clear(self) -> None:
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


@dataclass(slots=True)
class Breaker:
    """A service that failed `after` times in a row is left alone for `rest` seconds; then one question is let through to see how it is."""

    after: int = 5
    rest: float = 30.0
    failures: int = 0
    until: float = field(default=0.0)

    def may_ask(self, now: float) -> bool:
        if self.failures < self.after:
            return True
        if now < self.until:
            return False
        self.until = now + self.rest
        return True

    def answered(self) -> None:
        self.failures, self.until = 0, 0.0

    def failed(self, now: float) -> bool:
        """Whether it is left alone from now on."""
        self.failures += 1
        if self.failures < self.after:
            return False
        self.until = now + self.rest
        return self.failures == self.after
