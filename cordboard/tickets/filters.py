"""Which tickets a view shows, as a plan that a database can be asked by. Pure: `now` and who asks are arguments.

A view's condition is written as in rules (rules/evaluate.py): `all`, `any`, `not`, or one comparison of a fact. What an unknown value meets is as there:
`unknown`, `is_not`, `not_in`, and nothing else. A plan has its negations at its leaves, so that a database's third truth value never decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cordboard.rules import conditions
from cordboard.rules.facts import BOOLEAN, DATE, DATETIME, LIST, Fact

MAX_DEPTH = 6
MAX_TESTS = 60

ME, MINE = "me", "mine"
"""Values that stand for whoever looks: oneself, one's own unit or position."""


class WrongFilter(ValueError):
    """A condition that no view can have; `path` says where, as in `all[0].value`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path, self.message = path, message


class MaskedFilter(WrongFilter):
    """The reader's role masks what is asked for."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: the ids that `me` and `mine` stand for. No unit, no position: `mine` fits nothing. `masked`: customers' details are masked for them."""

    user: int
    unit: int | None = None
    position: int | None = None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """One comparison. `op` is one of is, in, less, at_most, at_least, more, between, contains, starts_with, known; `negated`: it must not hold (unknown values then do)."""

    column: str
    op: str
    value: Any = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Plan, ...] = ()


Plan = Has | Every | Some
ALL = Every()
NONE = Some()


@dataclass(frozen=True, slots=True)
class Field:
    """A fact that views may ask for. `column`: what of a ticket it is. `id`: its values are ids written as text, or `me` and `mine`, which is
    the reader's unit or position as `own` says. `whole` makes a plan of its own for a boolean fact (is it so, now, for this reader). `masked`: which values a reader whose role
    masks customers' details cannot ask for (with None: none at all), since finding would tell what is not shown."""

    fact: Fact
    column: str = ""
    id: bool = False
    whole: Callable[[datetime, Reader], Plan] | None = None
    own: str = "unit"
    masked: Callable[[Any], bool] | None = None


def plan(condition: Any, fields: Mapping[str, Field], *, now: datetime, reader: Reader) -> Plan:
    """The plan of a condition; none (None or an empty object) shows all. Raises WrongFilter."""
    return _Planner(fields, now, reader).condition(condition, "", 0, False) if condition else ALL


def problems(condition: Any, fields: Mapping[str, Field], now: datetime, reader: Reader | None = None) -> list[WrongFilter]:
    """What is wrong with a condition; empty when it can be a view's, and asked by this reader."""
    try:
        plan(condition, fields, now=now, reader=reader or Reader(0))
    except WrongFilter as wrong:
        return [wrong]
    return []


def negation(made: Plan) -> Plan:
    match made:
        case Every(parts):
            return Some(tuple(negation(part) for part in parts))
        case Some(parts):
            return Every(tuple(negation(part) for part in parts))
        case Has(column, op, value, negated):
            return Has(column, op, value, not negated)


class _Planner:
    def __init__(self, fields: Mapping[str, Field], now: datetime, reader: Reader) -> None:
        self.fields, self.now, self.reader = fields, now, reader
        self.tests = 0

    def condition(self, given: Any, path: str, depth: int, negated: bool) -> Plan:
        if depth > MAX_DEPTH:
            raise WrongFilter(path, "groups of conditions stand in one another too deep")
        if not isinstance(given, Mapping):
            raise WrongFilter(path, "a condition is an object")
        dot = f"{path}." if path else ""
        for kind, joined in (("all", Every), ("any", Some)):
            if kind in given:
                parts = given[kind]
                if not isinstance(parts, list) or not parts:
                    raise WrongFilter(f"{dot}{kind}", "a list of at least one condition is expected")
                made = tuple(self.condition(part, f"{dot}{kind}[{place}]", depth + 1, negated) for place, part in enumerate(parts))
                return (Some if joined is Every else Every)(made) if negated else joined(made)
        if "not" in given:
            return self.condition(given["not"], f"{dot}not", depth + 1, not negated)
        made_test = self.test(given, dot)
        return negation(made_test) if negated else made_test

    def test(self, given: Mapping[str, Any], dot: str) -> Plan:
        self.tests += 1
        if self.tests > MAX_TESTS:
            raise WrongFilter(dot.rstrip("."), f"at most {MAX_TESTS} conditions")
        field = self.fields.get(str(given.get("fact")))
        if field is None:
            raise WrongFilter(f"{dot}fact", f"there is no fact {given.get('fact')!r} of a ticket")
        op, literal = str(given.get("op")), given.get("value")
        if op == "matches":
            raise WrongFilter(f"{dot}op", "a list cannot be asked by a pattern")
        try:
            conditions.test(field.fact, op, literal)
        except conditions.WrongValue as wrong:
            raise WrongFilter(f"{dot}value" if op in conditions.OPS[field.fact.type] else f"{dot}op", str(wrong)) from None
        if self.reader.masked and field.masked is not None and field.masked(literal):
            raise MaskedFilter(f"{dot}fact", "what is masked cannot be asked for")
        if op in ("known", "unknown"):
            made = self._known(field)
            return made if op == "known" else negation(made)
        if field.fact.type == BOOLEAN and field.whole is not None:
            made = field.whole(self.now, self.reader)
            return made if literal is (op == "is") else negation(made)
        return self._compared(field, op, literal, dot)

    def _known(self, field: Field) -> Plan:
        return ALL if field.whole is not None else Has(field.column, "known")

    def _compared(self, field: Field, op: str, literal: Any, dot: str) -> Plan:
        if op in ("older_than", "within", "within_next"):
            span = timedelta(seconds=conditions.seconds(literal))
            try:
                early, late = self.moment(field, self.now - span), self.moment(field, self.now + span)
                if op == "older_than":
                    return Has(field.column, "less", early)
                between = (early, self.moment(field, self.now)) if op == "within" else (self.moment(field, self.now), late)
            except OverflowError:
                raise WrongFilter(f"{dot}value", "the duration is too long") from None
            return Has(field.column, "between", between)
        if op in ("is_not", "not_in", "none_of"):
            return negation(self._compared(field, {"is_not": "is", "not_in": "in", "none_of": "any_of"}[op], literal, dot))
        if op == "all_of":
            return Every(tuple(Has(field.column, "is", self.value(field, one, dot)) for one in literal))
        if op == "contains_any":
            return Some(tuple(Has(field.column, "contains", self.value(field, one, dot)) for one in literal))
        if op == "contains" and field.fact.type == LIST:
            return Has(field.column, "is", self.value(field, literal, dot))
        if op in ("in", "any_of"):
            return Has(field.column, "in", tuple(self.value(field, one, dot) for one in literal))
        if op == "between":
            return Has(field.column, "between", (self.value(field, literal[0], dot), self.value(field, literal[1], dot)))
        return Has(field.column, op, self.value(field, literal, dot))

    def moment(self, field: Field, at: datetime) -> Any:
        """As its column has it: a day as text."""
        return at.date().isoformat() if field.fact.type == DATE else at

    def value(self, field: Field, literal: Any, dot: str) -> Any:
        if field.id:
            if literal == ME:
                return self.reader.user
            if literal == MINE:
                own = self.reader.position if field.own == "position" else self.reader.unit
                return own if own is not None else -1
            if not str(literal).isdecimal() or len(str(literal)) > 15:
                raise WrongFilter(f"{dot}value", "one of its choices is expected")
            return int(literal)
        if field.fact.type == DATE:
            return date.fromisoformat(literal).isoformat()
        return conditions.taker(DATETIME)(literal) if field.fact.type == DATETIME else literal
