"""A compiled policy at work: facts read when asked for, rules gone through, and the trace of it made when somebody looks. Pure.

`evaluate.py` says how policies are written and compiles them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from cordboard.rules.conditions import WrongValue, taker
from cordboard.rules.facts import Fact, NotRead

MAX_SHOWN = 200
"""Characters of a fact's value that a trace keeps."""

Read = Callable[[str], Any] | Mapping[str, Any]


class Unreadable:
    """In place of a value: why the fact could not be read."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why


class Skip(Exception):
    """The rule asks for a fact that cannot be used."""

    def __init__(self, fact: str, why: str) -> None:
        self.fact = fact
        self.why = why


class Facts:
    """The facts of one evaluation, read when asked for and kept."""

    __slots__ = ("_known", "_read", "values")

    def __init__(self, known: Mapping[str, Fact], read: Read) -> None:
        self._known = known
        self._read = read
        self.values: dict[str, Any] = {}

    def load(self, name: str) -> Any:
        """The value as taken in: None when not known, Unreadable when it cannot be used."""
        read = self._read
        try:
            value = read(name) if callable(read) else read.get(name)
        except NotRead as why:
            value = Unreadable(str(why)[:MAX_SHOWN])
        except Exception as failure:  # noqa: BLE001 - readers are other packages' and may fail in any way: the rule is skipped and the trace says why
            value = Unreadable(f"{type(failure).__name__}: {failure}"[:MAX_SHOWN])
        else:
            if value is not None:
                try:
                    value = taker(self._known[name].type)(value)
                except WrongValue as wrong:
                    value = Unreadable(f"{wrong}, not {_shown(value)!r}"[:MAX_SHOWN])
        self.values[name] = value
        return value

    def get(self, name: str) -> Any:
        return self.values[name] if name in self.values else self.load(name)

    def notes(self) -> Mapping[str, Any]:
        """What the reader has to say of how it read."""
        notes: Mapping[str, Any] = getattr(self._read, "notes", {})
        return notes


Check = Callable[[Facts, datetime], bool]


@dataclass(frozen=True, slots=True)
class Node:
    """A condition, kept beside its closure for the trace. `kind`: "all", "any", "not" or "test"."""

    kind: Literal["all", "any", "not", "test"]
    check: Check
    parts: tuple[Node, ...] = ()
    fact: str = ""
    op: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    name: str
    node: Node | None
    actions: tuple[Mapping[str, Any], ...]
    plain: bool
    """No field of an action comes from a fact."""
    stop: bool
    enabled: bool
    begins: datetime | None
    ends: datetime | None
    table: str | None = None
    """The decision table whose row it is, by its id: of one table one row holds at most."""

    def in_force(self, now: datetime) -> bool:
        return self.enabled and (self.begins is None or now >= self.begins) and (self.ends is None or now < self.ends)


class Outcome:
    """`actions` of the rules that held, in order, each with the `rule` it comes from; `trace` tells why (JSON, small)."""

    __slots__ = ("_facts", "_policy", "_trace", "actions", "now")

    def __init__(self, policy: CompiledPolicy, facts: Facts, actions: list[dict[str, Any]], now: datetime) -> None:
        self._policy = policy
        self._facts = facts
        self._trace: dict[str, Any] | None = None
        self.actions = actions
        self.now = now

    @property
    def trace(self) -> dict[str, Any]:
        """`{"at", "facts": {name: value}, "unreadable": {name: why}, "looked_up": {name: how}, "rules": [{"id", "name", "result", "tests", ...}]}`.

        `result` of a rule: "held", "not_held", "skipped" (with `fact`), "not_in_force" or "not_reached" (only counted, in `not_reached`).
        `tests` are the comparisons that decided it: `{"fact", "op", "value", "holds"}`; the value met is under `facts`. `left_out` numbers actions
        whose fact was not known.
        """
        if self._trace is None:
            self._trace = self._policy._trace(self._facts, self.now)
        return self._trace

    @property
    def rules(self) -> list[str]:
        """The rules that held, by id."""
        return [rule["id"] for rule in self.trace["rules"] if rule["result"] == "held"]


class CompiledPolicy:
    """Made by `compile_policy`; may be kept and used by many threads."""

    __slots__ = ("_facts", "_live", "_rules", "parameters")

    def __init__(self, rules: tuple[Rule, ...], facts: Mapping[str, Fact], parameters: Mapping[str, Any]) -> None:
        self._rules = rules
        self._live = tuple(rule for rule in rules if rule.enabled)
        self._facts = facts
        self.parameters = parameters

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules in their order, those of decision tables row by row."""
        return self._rules

    @property
    def known(self) -> Mapping[str, Fact]:
        """The facts against which it was compiled."""
        return self._facts

    def facts_asked(self) -> frozenset[str]:
        """Names of the facts that some rule may ask for, in a condition or for a field of an action."""
        found: set[str] = set()
        for rule in self._rules:
            found.update(field.fact for action in rule.actions for field in action.values() if isinstance(field, FromFact))
            nodes = [rule.node] if rule.node is not None else []
            while nodes:
                node = nodes.pop()
                nodes += node.parts
                if node.fact:
                    found.add(node.fact)
        return frozenset(found)

    def compared_with(self, fact: str) -> frozenset[Any]:
        """The values with which rules that are not switched off compare a fact: of a number those at which what holds may change."""
        found: set[Any] = set()
        nodes = [rule.node for rule in self._live if rule.node is not None]
        while nodes:
            node = nodes.pop()
            nodes += node.parts
            if node.fact == fact and node.value is not None:
                found.update(node.value if isinstance(node.value, (list, tuple, set, frozenset)) else (node.value,))
        return frozenset(found)

    def evaluate(self, read: Read, now: datetime) -> Outcome:
        """What to do. `read` is a mapping or a function of a fact's name; `now` is aware. Raises nothing that a reader or a value may cause."""
        facts = Facts(self._facts, read)
        actions: list[dict[str, Any]] = []
        done: str | None = None
        for rule in self._live:
            if done is not None and rule.table == done:
                continue
            if (rule.begins is not None and now < rule.begins) or (rule.ends is not None and now >= rule.ends):
                continue
            if rule.node is not None:
                try:
                    if not rule.node.check(facts, now):
                        continue
                except Skip:
                    continue
            if rule.plain:
                actions += [{**action, "rule": rule.id} for action in rule.actions]
            else:
                actions += [filled for action in rule.actions if (filled := _filled(action, rule.id, facts)) is not None]
            if rule.stop:
                break
            if rule.table is not None:
                done = rule.table
        return Outcome(self, facts, actions, now)

    def _trace(self, facts: Facts, now: datetime) -> dict[str, Any]:
        told: list[dict[str, Any]] = []
        rest = 0
        stopped = False
        done: str | None = None
        for rule in self._rules:
            if stopped or (done is not None and rule.table == done):
                rest += 1
                continue
            entry: dict[str, Any] = {"id": rule.id, "name": rule.name}
            told.append(entry)
            if not rule.in_force(now):
                entry["result"] = "not_in_force"
                continue
            tests: list[dict[str, Any]] = []
            try:
                held = rule.node is None or _explain(rule.node, facts, now, tests)
            except Skip as skip:
                entry.update(result="skipped", fact=skip.fact, why=skip.why)
                continue
            entry["result"] = "held" if held else "not_held"
            if tests:
                entry["tests"] = tests
            if held and (left_out := [number for number, action in enumerate(rule.actions) if _filled(action, rule.id, facts) is None]):
                entry["left_out"] = left_out
            stopped = held and rule.stop
            if held and rule.table is not None:
                done = rule.table
        trace: dict[str, Any] = {
            "at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "facts": {name: _shown(value) for name, value in facts.values.items() if not isinstance(value, Unreadable)},
            "rules": told,
        }
        if unreadable := {name: value.why for name, value in facts.values.items() if isinstance(value, Unreadable)}:
            trace["unreadable"] = unreadable
        if rest:
            trace["not_reached"] = rest
        if notes := facts.notes():
            trace["looked_up"] = notes
        return trace


def _filled(action: Mapping[str, Any], rule: str, facts: Facts) -> dict[str, Any] | None:
    """The action with its facts read; None when one is not known and has no `else`."""
    filled: dict[str, Any] = {}
    for name, field in action.items():
        if isinstance(field, FromFact):
            value = facts.get(field.fact)
            if value is None or isinstance(value, Unreadable):
                if not field.has_default:
                    return None
                value = field.default
            filled[name] = _shown(value)
        else:
            filled[name] = field
    filled["rule"] = rule
    return filled


@dataclass(frozen=True, slots=True)
class FromFact:
    fact: str
    default: Any
    has_default: bool


def _explain(node: Node, facts: Facts, now: datetime, tests: list[dict[str, Any]]) -> bool:
    """Like the node's check, noting the comparisons that decided: what stood in the way, or all that was needed."""
    if node.kind == "test":
        holds = node.check(facts, now)
        tests.append({"fact": node.fact, "op": node.op, "value": _shown(node.value), "holds": holds})
        return holds
    if node.kind == "not":
        return not _explain(node.parts[0], facts, now, tests)
    decisive = node.kind == "any"  # the first part with this answer decides
    noted: list[dict[str, Any]] = []
    for part in node.parts:
        own: list[dict[str, Any]] = []
        if _explain(part, facts, now, own) is decisive:
            tests += own
            return decisive
        noted += own
    tests += noted
    return not decisive


def _shown(value: Any) -> Any:
    """A value as JSON, short enough to keep."""
    if isinstance(value, str):
        text = value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 1] + "…"
        return text.replace("\0", "").encode("utf-8", "replace").decode()  # what a database takes as JSON
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Decimal):  # money
        return {"amount": _shown(value[0]), "currency": value[1]} if value[1] else _shown(value[0])
    if isinstance(value, (frozenset, set)):
        return sorted(map(str, value))[:20]
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value[:20]]
    return str(value)[:MAX_SHOWN]
