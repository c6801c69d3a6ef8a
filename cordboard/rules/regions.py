"""Conditions as regions: for which values of the facts a condition holds. What is dead or in conflict is found with these. Pure.

A condition is brought to a list of **boxes** (one must hold); a box gives, for some keys, the values allowed; what it does not name is free. A key is a fact, or a
comparison that is taken as a yes-or-no question of its own (a pattern, one item of a list). Not known (None) is a value like any other. Keys are taken as independent
of one another, so a region may be larger than life, and a rule is never called dead that could hold. Boxes are counted; past MAX_BOXES one gives up (TooMany).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cordboard.rules import facts as types
from cordboard.rules.conditions import WrongValue, seconds, taker
from cordboard.rules.facts import Fact
from cordboard.rules.outcome import Node

MAX_BOXES = 64
Key = tuple[Hashable, ...]
Box = Mapping[Key, "Values"]


class TooMany(Exception):
    """More boxes, or more work, than is worth it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some of a kind of values that are only equal or not. `every` lists them all where they are countable (a choice, yes or no); `out`: all but `values`."""

    values: frozenset[Any]
    out: bool = False
    every: frozenset[Any] | None = None

    def _plain(self) -> Chosen:
        return Chosen(self.every - self.values, False, self.every) if self.out and self.every is not None else self

    def both(self, other: Values) -> Values:
        assert isinstance(other, Chosen)
        one, two = self._plain(), other._plain()
        if one.out and two.out:
            return Chosen(one.values | two.values, True, one.every)
        if one.out:
            return Chosen(two.values - one.values, False, one.every)
        return Chosen(one.values - two.values if two.out else one.values & two.values, False, one.every)

    def other(self) -> Chosen:
        return Chosen(self.values, not self.out, self.every)._plain()

    @property
    def empty(self) -> bool:
        plain = self._plain()
        return not plain.out and not plain.values


Span = tuple[float, bool, float, bool]
"""(from, from itself included, to, to itself included)"""
ALL_NUMBERS: Span = (-math.inf, False, math.inf, False)


@dataclass(frozen=True, slots=True)
class Spans:
    """Numbers, amounts, lengths and moments: spans in ascending order that do not touch, and whether "not known" is among them."""

    spans: tuple[Span, ...]
    none: bool = False

    def both(self, other: Values) -> Values:
        assert isinstance(other, Spans)
        found = []
        for a_low, a_in, a_high, a_out in self.spans:
            for b_low, b_in, b_high, b_out in other.spans:
                low, low_in = max((a_low, not a_in), (b_low, not b_in))
                high, high_in = min((a_high, a_out), (b_high, b_out))
                if low < high or (low == high and not low_in and high_in):
                    found.append((low, not low_in, high, high_in))
        return Spans(tuple(sorted(found)), self.none and other.none)

    def other(self) -> Spans:
        found: list[Span] = []
        low, low_in = -math.inf, False
        for begin, begin_in, end, end_in in self.spans:
            if low < begin or (low == begin and low_in and not begin_in):
                found.append((low, low_in, begin, not begin_in))
            low, low_in = end, not end_in
        if low < math.inf:
            found.append((low, low_in, math.inf, False))
        return Spans(tuple(found), not self.none)

    @property
    def empty(self) -> bool:
        return not self.spans and not self.none


Values = Chosen | Spans


def within(one: Values, other: Values) -> bool:
    """Every value of `one` is one of `other`."""
    return one.both(other.other()).empty


def boxes(node: Node | None, facts: Mapping[str, Fact]) -> list[Box]:
    """The boxes of a condition, empty ones left out: none means that it can never hold. Raises TooMany."""
    return [{}] if node is None else _boxes(node, True, facts)


def _boxes(node: Node, wanted: bool, facts: Mapping[str, Fact]) -> list[Box]:
    if node.kind == "test":
        return _test(node, wanted, facts)
    if node.kind == "not":
        return _boxes(node.parts[0], not wanted, facts)
    parts = [_boxes(part, wanted, facts) for part in node.parts]
    if (node.kind == "any") is wanted:
        return _few([box for part in parts for box in part])
    found: list[Box] = [{}]
    for part in parts:
        found = _few([box for one in found for other in part if (box := meet(one, other)) is not None])
    return found


def _few(found: list[Box]) -> list[Box]:
    if len(found) > MAX_BOXES:
        raise TooMany
    return found


def meet(one: Box, other: Box) -> Box | None:
    """What lies in both; None when nothing does."""
    if not one or not other:
        return one or other
    found = dict(one)
    for key, values in other.items():
        if key in found:
            values = found[key].both(values)
            if values.empty:
                return None
        found[key] = values
    return found


def covered(box: Box, others: Sequence[Box], budget: list[int]) -> bool:
    """Every situation of the box lies in one of the others: what each leaves over is handed to the next. `budget[0]` counts down; TooMany at its end."""
    budget[0] -= 1
    if budget[0] < 0:
        raise TooMany
    for number, other in enumerate(others):
        if meet(box, other) is None:
            continue
        inside: dict[Key, Values] = dict(box)
        for key, values in other.items():
            free = inside.get(key)
            outside = values.other() if free is None else free.both(values.other())
            if not outside.empty and not covered({**inside, key: outside}, others[number + 1 :], budget):
                return False
            inside[key] = values if free is None else free.both(values)
        return True
    return False


# -- comparisons --------------------------------------------------------------------------------------------------


def _yes(key: Key, wanted: bool) -> Box:
    return {key: Chosen(frozenset({wanted}), False, frozenset({True, False}))}


def _questions(keys: Iterable[Key], every: bool, wanted: bool) -> list[Box]:
    """All (every) or one of the questions come out yes; or, when not wanted, the contrary."""
    listed = list(keys)
    if every is wanted:
        return [{key: values for one in listed for key, values in _yes(one, wanted).items()}]
    return _few([_yes(key, wanted) for key in listed])


def _test(node: Node, wanted: bool, facts: Mapping[str, Fact]) -> list[Box]:
    fact, op, value = facts[node.fact], node.op, node.value
    name = fact.name
    if fact.type == types.LIST and op not in ("known", "unknown"):
        items = [str(one).casefold() for one in (value if isinstance(value, (list, tuple)) else [value])]
        if op == "none_of":
            return _questions([(name, "has", item) for item in items], False, not wanted)
        return _questions([(name, "has", item) for item in items], op in ("all_of", "contains"), wanted)
    if fact.type == types.TEXT and op in ("contains", "contains_any"):
        items = [str(one).casefold() for one in (value if isinstance(value, (list, tuple)) else [value])]
        return _questions([(name, "in it", item) for item in items], False, wanted)
    if op in ("matches", "starts_with"):
        return [_yes((name, op, str(value)), wanted)]
    if op in ("older_than", "within", "within_next"):
        values: Values = _age(fact, op, value)
        key: Key = (name, "age")
    elif fact.type in (types.TEXT, types.CHOICE, types.BOOLEAN, types.LIST):
        values, key = _chosen(fact, op, value), (name,)
    else:
        values, key = _spans(fact, op, value), (name, _currency(fact, value))
    values = values if wanted else values.other()
    return [] if values.empty else [{key: values}]


def _chosen(fact: Fact, op: str, value: Any) -> Chosen:
    every: frozenset[Any] | None = None
    if fact.type == types.BOOLEAN:
        every = frozenset({True, False, None})
    elif fact.type == types.CHOICE and fact.choices:
        every = frozenset({*fact.choices, None})
    if op in ("known", "unknown"):
        return Chosen(frozenset({None}), op == "known", every)
    take = taker(fact.type)
    literals = frozenset(take(one) for one in (value if op in ("in", "not_in") else [value]))
    return Chosen(literals, op in ("is_not", "not_in"), every)


def _spans(fact: Fact, op: str, value: Any) -> Spans:
    if op == "known":
        return Spans((ALL_NUMBERS,))
    if op == "unknown":
        return Spans((), True)
    if op in ("in", "not_in"):
        points = Spans(tuple(sorted((number, True, number, True) for number in {_number(fact, one) for one in value})))
        return points if op == "in" else points.other()
    if op == "between":
        low, high = (_number(fact, one) for one in value)
        return Spans(((low, True, high, True),)) if low <= high else Spans(())
    number = _number(fact, value)
    if op in ("is", "is_not"):
        point = Spans(((number, True, number, True),))
        return point if op == "is" else point.other()
    span: Span = {
        "less": (-math.inf, False, number, False),
        "at_most": (-math.inf, False, number, True),
        "at_least": (number, True, math.inf, False),
        "more": (number, False, math.inf, False),
    }[op]
    return Spans((span,))


def _age(fact: Fact, op: str, value: Any) -> Spans:
    """How long ago it is, in seconds (dates: in days): what these comparisons say of it."""
    length = seconds(value)
    if fact.type == types.DATE:
        length = float(math.floor(length / 86400))
    if op == "older_than":
        return Spans(((length, False, math.inf, False),))
    return Spans(((0.0, True, length, True),)) if op == "within" else Spans(((-length, True, 0.0, True),))


def _number(fact: Fact, literal: Any) -> float:
    value = taker(fact.type)(literal)
    if fact.type == types.MONEY:
        return float(value[0])
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    return float(value)


def _currency(fact: Fact, literal: Any) -> str:
    """Amounts in one currency say nothing about those in another."""
    if fact.type != types.MONEY or literal is None:
        return ""
    try:
        one = literal[0] if isinstance(literal, (list, tuple)) and literal and not isinstance(literal[0], (int, float)) else literal
        return str(taker(fact.type)(one)[1])
    except (WrongValue, IndexError):
        return ""
