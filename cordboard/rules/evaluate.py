"""Policies: ordered rules over named facts, compiled once, evaluated with the reasons. Pure: `now` is an argument, facts come from a reader.

A policy's body is JSON:

    {"schema": 1, "mode": "first", "timezone": "Europe/Amsterdam", "parameters": {...},
     "rules": [
       {"id": "overdue", "name": "Overdue accounts",
        "when": {"all": [{"fact": "party.overdue", "op": "more", "value": 100},
                         {"not": {"fact": "interaction.matter", "op": "is", "value": "safety"}}]},
        "actions": [{"do": "queue", "queue": "collections"}],
        "then": "stop", "enabled": true, "from": "2026-01-01", "until": "2026-12-31"},
       {"id": "everyone", "name": "Everyone else",
        "actions": [{"do": "require", "skill": {"fact": "party.language", "else": "en"}, "proficiency": 3}]}]}

- Conditions nest: `all`, `any`, `not`, or one comparison of a fact (conditions.py). No `when`: the rule always holds.
- `mode` "first" (default): the first rule that holds decides; "all": every rule that holds adds its actions. A rule's own `then`
  ("stop" or "continue") goes before the mode.
- `from` and `until` are dates (in `timezone`, both included) or moments (`until` is not included).
- A field of an action that is `{"fact": name, "else": value}` is read when the rule holds; unknown and without `else`, the action is left out.
- A rule may be a decision table (tables.py): `{"id": ..., "table": {"inputs": [...], "outputs": [...], "rows": [...]}}`. Each row is a rule of its own, and of one
  table at most one row holds: the first. A `when` beside the table goes before every row.

Facts are read when they are asked for, each at most once. A fact that cannot be read or is not of its type makes the rule that asks be skipped, never
the evaluation fail. The trace tells all of it, and is made only when somebody looks: the facts as read are kept and the rules gone through again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cordboard.rules import facts as fact_registry
from cordboard.rules import verbs as verb_registry
from cordboard.rules.conditions import NONE_TOO, Test, WrongValue, test
from cordboard.rules.facts import Fact
from cordboard.rules.outcome import Check, CompiledPolicy, Facts, FromFact, Node, Outcome, Read, Rule, Skip, Unreadable
from cordboard.rules.tables import MAX_ROWS, Table, TableRow, WrongTable, read_table
from cordboard.rules.verbs import Verb

__all__ = ["BadPolicy", "CompiledPolicy", "Outcome", "Problem", "Read", "check_policy", "compile_policy"]

SCHEMA = 1
MAX_RULES = 2_000
MAX_DEPTH = 12
MAX_ACTIONS = 50
MAX_ID = 80
MAX_CONDITIONS = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a policy and where: `path` as in `rules[2].when.all[0].value`."""

    path: str
    message: str


class BadPolicy(ValueError):
    """A policy that does not compile; `problems` lists all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in self.problems[:10]))


def check_policy(body: Any, facts: Mapping[str, Fact] | None = None, verbs: Mapping[str, Verb] | None = None) -> list[Problem]:
    """Everything that is wrong with a policy; empty when it compiles."""
    try:
        compile_policy(body, facts, verbs)
    except BadPolicy as bad:
        return bad.problems
    return []


def compile_policy(body: Any, facts: Mapping[str, Fact] | None = None, verbs: Mapping[str, Verb] | None = None) -> CompiledPolicy:
    """Compile a policy's body against the facts and verbs that are declared (default: those of this installation).

    With `verbs` an empty mapping, any action is taken as it is. Raises BadPolicy with every problem found.
    """
    compiler = _Compiler(fact_registry.REGISTRY if facts is None else facts, verb_registry.REGISTRY if verbs is None else verbs)
    policy = compiler.policy(body)
    if compiler.problems or policy is None:
        raise BadPolicy(compiler.problems)
    return policy


class _Compiler:
    def __init__(self, facts: Mapping[str, Fact], verbs: Mapping[str, Verb]) -> None:
        self.facts = facts
        self.verbs = verbs
        self.problems: list[Problem] = []
        self.count = 0
        self.rows = 0
        self.found: dict[str, Fact] = {}

    def wrong(self, path: str, message: str) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(path, message))

    def policy(self, body: Any) -> CompiledPolicy | None:
        if not isinstance(body, dict):
            self.wrong("", "a policy is an object with rules")
            return None
        schema = body.get("schema", SCHEMA)
        if not isinstance(schema, int) or schema < 1:
            self.wrong("schema", "a whole number is expected")
            return None
        if schema > SCHEMA:
            self.wrong("schema", f"made for a later version of Cordboard (schema {schema}, this one knows {SCHEMA})")
            return None
        self.extra(body, {"schema", "mode", "timezone", "parameters", "rules", "area", "code", "name"}, "")
        mode = body.get("mode", "first")
        if mode not in ("first", "all"):
            self.wrong("mode", 'either "first" or "all"')
        zone: ZoneInfo | None = None
        try:
            zone = ZoneInfo(body.get("timezone", "UTC"))
        except (KeyError, ValueError, TypeError, OSError):
            self.wrong("timezone", "there is no such time zone")
        parameters = body.get("parameters", {})
        if not isinstance(parameters, dict):
            self.wrong("parameters", "an object is expected")
        rules = body.get("rules")
        if not isinstance(rules, list):
            self.wrong("rules", "a list of rules is expected")
            return None
        if len(rules) > MAX_RULES:
            self.wrong("rules", f"at most {MAX_RULES} rules")
            return None
        made: list[Rule] = []
        seen: set[str] = set()
        for number, rule in enumerate(rules):
            compiled = self.rule(rule, f"rules[{number}]", mode == "first", zone or ZoneInfo("UTC"))
            id = (compiled[0].table or compiled[0].id) if compiled else ""
            if id and id in seen:
                self.wrong(f"rules[{number}].id", f"another rule has the id {id!r}")
            seen.add(id)
            made += compiled
        # Facts that are found by name only (Registry.source) are not in a list of all: those that were asked for are kept too.
        return CompiledPolicy(tuple(made), {**dict(self.facts), **self.found}, parameters)

    def extra(self, given: dict[str, Any], known: set[str], path: str) -> None:
        for name in given:
            if name not in known:
                self.wrong(f"{path}.{name}".lstrip("."), "not known here")

    def rule(self, rule: Any, path: str, first: bool, zone: ZoneInfo) -> list[Rule]:
        """The rule as compiled: one, or those of a decision table's rows."""
        if not isinstance(rule, dict):
            self.wrong(path, "a rule is an object")
            return []
        self.extra(rule, {"id", "name", "when", "actions", "table", "then", "enabled", "from", "until", "note"}, path)
        id = rule.get("id")
        if not isinstance(id, str) or not id or len(id) > MAX_ID:
            self.wrong(f"{path}.id", f"a text of 1 to {MAX_ID} characters is expected")
            id = path
        name = rule.get("name", id)
        if not isinstance(name, str):
            self.wrong(f"{path}.name", "a text is expected")
        then = rule.get("then", "stop" if first else "continue")
        if then not in ("stop", "continue"):
            self.wrong(f"{path}.then", 'either "stop" or "continue"')
        enabled = rule.get("enabled", True)
        if not isinstance(enabled, bool):
            self.wrong(f"{path}.enabled", "true or false is expected")
        when = rule.get("when")
        node = self.node(when, f"{path}.when", 1) if when not in (None, {}) else None
        begins = self.moment(rule.get("from"), f"{path}.from", zone, 0)
        ends = self.moment(rule.get("until"), f"{path}.until", zone, 1)
        stop = then == "stop"
        if "table" in rule:
            if "actions" in rule:
                self.wrong(f"{path}.actions", "a decision table has its actions in its columns")
            return self.table(rule["table"], f"{path}.table", node, Rule(id, str(name), None, (), True, stop, bool(enabled), begins, ends))
        filled = self.actions(rule.get("actions", []), f"{path}.actions")
        return [Rule(id, str(name), node, filled, _plain(filled), stop, bool(enabled), begins, ends)]

    def actions(self, actions: Any, path: str) -> tuple[dict[str, Any], ...]:
        if not isinstance(actions, list) or len(actions) > MAX_ACTIONS:
            self.wrong(path, f"a list of at most {MAX_ACTIONS} actions is expected")
            return ()
        return tuple(made for number, action in enumerate(actions) if (made := self.action(action, f"{path}[{number}]")) is not None)

    def table(self, given: Any, path: str, guard: Node | None, like: Rule) -> list[Rule]:
        try:
            table = read_table(given)
        except WrongTable as wrong:
            self.wrong(f"{path}{wrong.path}", str(wrong))
            return []
        self.rows += len(table.rows)
        if self.rows > MAX_ROWS:
            self.wrong(f"{path}.rows", f"at most {MAX_ROWS} rows in the decision tables of a policy")
            return []
        return [self.row(table, row, f"{path}.rows[{row.number}]", guard, like) for row in table.rows]

    def row(self, table: Table, row: TableRow, path: str, guard: Node | None, like: Rule) -> Rule:
        parts = [guard] if guard is not None else []
        for place, condition in table.conditions(row):
            node = self.test(condition, f"{path}.when[{place}]")
            if node is not None:
                parts.append(node)
        actions = tuple(made for place, action in table.actions(row) if (made := self.action(action, f"{path}.do[{place}]")) is not None)
        node = None if not parts else parts[0] if len(parts) == 1 else _joined("all", tuple(parts))
        number = row.number + 1
        return replace(
            like, id=f"{like.id}/{number}", name=f"{like.name} ({number})", node=node, actions=actions, plain=_plain(actions), enabled=like.enabled and row.enabled,
            table=like.id,
        )  # fmt: skip

    def moment(self, value: Any, path: str, zone: ZoneInfo, days: int) -> datetime | None:
        """A date in the policy's zone (`days` later, at the start of the day) or a moment, in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            try:
                if len(value) == 10:
                    return datetime.combine(date.fromisoformat(value) + timedelta(days=days), time(), zone).astimezone(UTC)
                moment = datetime.fromisoformat(value)
                return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                pass  # told below
        self.wrong(path, "a date (2026-01-31) or a moment is expected")
        return None

    def node(self, condition: Any, path: str, depth: int) -> Node | None:
        self.count += 1
        if self.count > MAX_CONDITIONS:
            if self.count == MAX_CONDITIONS + 1:
                self.wrong(path, f"at most {MAX_CONDITIONS} conditions in a policy")
            return None
        if depth > MAX_DEPTH:
            self.wrong(path, f"conditions nest at most {MAX_DEPTH} deep")
            return None
        if not isinstance(condition, dict):
            self.wrong(path, "a condition is an object")
            return None
        kinds = [kind for kind in ("all", "any", "not") if kind in condition]
        if len(kinds) == 1 and len(condition) == 1:
            kind = kinds[0]
            given = [condition["not"]] if kind == "not" else condition[kind]
            if not isinstance(given, list) or not given:
                self.wrong(f"{path}.{kind}", "a list of at least one condition is expected")
                return None
            parts = [self.node(part, f"{path}.not" if kind == "not" else f"{path}.{kind}[{number}]", depth + 1) for number, part in enumerate(given)]
            good = tuple(part for part in parts if part is not None)
            return _joined(kind, good) if len(good) == len(parts) else None
        if kinds:
            self.wrong(path, f"{kinds[0]!r} stands alone in its object")
            return None
        return self.test(condition, path)

    def test(self, condition: dict[str, Any], path: str) -> Node | None:
        self.extra(condition, {"fact", "op", "value"}, path)
        name, op, literal = condition.get("fact"), condition.get("op"), condition.get("value")
        fact = self.facts.get(name) if isinstance(name, str) else None
        if fact is None:
            self.wrong(f"{path}.fact", f"there is no fact {name!r}")
            return None
        self.found[fact.name] = fact
        if not isinstance(op, str):
            self.wrong(f"{path}.op", "a comparison is expected")
            return None
        try:
            holds = test(fact, op, literal)
        except WrongValue as wrong:
            self.wrong(f"{path}.value", str(wrong))
            return None
        return Node("test", _check(fact.name, holds, op in NONE_TOO), fact=fact.name, op=op, value=literal)

    def action(self, action: Any, path: str) -> dict[str, Any] | None:
        if not isinstance(action, dict) or not isinstance(action.get("do"), str):
            self.wrong(path, 'an action is an object with "do"')
            return None
        filled = {name: self.field(field, f"{path}.{name}") for name, field in action.items()}
        if not self.verbs:
            return filled
        verb = self.verbs.get(action["do"])
        if verb is None:
            self.wrong(f"{path}.do", f"there is no action {action['do']!r}")
            return None
        self.extra(action, {"do", "note", *verb.fields, *verb.optional}, path)
        for name, type in {**verb.fields, **verb.optional}.items():
            if name not in filled:
                if name in verb.fields:
                    self.wrong(f"{path}.{name}", "is missing")
                continue
            value = filled[name]
            if isinstance(value, FromFact):
                continue
            if isinstance(value, bool) != (type is bool) or not isinstance(value, (int, float) if type is float else type):
                self.wrong(f"{path}.{name}", f"{_JSON_WORDS.get(type, type.__name__)} is expected")
        return filled

    def field(self, field: Any, path: str) -> Any:
        if isinstance(field, dict) and "fact" in field:
            self.extra(field, {"fact", "else"}, path)
            name = field["fact"]
            if not isinstance(name, str) or name not in self.facts:
                self.wrong(f"{path}.fact", f"there is no fact {name!r}")
                return None
            self.found[name] = self.facts[name]
            return FromFact(name, field.get("else"), "else" in field)
        return field


_JSON_WORDS: dict[type, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "an object"}


def _plain(actions: Sequence[Mapping[str, Any]]) -> bool:
    return not any(isinstance(field, FromFact) for action in actions for field in action.values())


def _check(name: str, holds: Test, none_too: bool) -> Check:
    def check(facts: Facts, now: datetime) -> bool:
        values = facts.values
        value = values[name] if name in values else facts.load(name)
        if value is None:
            return none_too and holds(None, now)
        if value.__class__ is Unreadable:
            raise Skip(name, value.why)
        try:
            return holds(value, now)
        except WrongValue as wrong:  # an amount in another currency: seen only when both are there
            raise Skip(name, str(wrong)) from None

    return check


def _joined(kind: str, parts: tuple[Node, ...]) -> Node:
    checks = tuple(part.check for part in parts)
    if kind == "not":
        only = checks[0]
        return Node("not", lambda facts, now: not only(facts, now), parts)
    if kind == "all":

        def every(facts: Facts, now: datetime) -> bool:
            for check in checks:  # noqa: SIM110 - a generator costs more than the checks
                if not check(facts, now):
                    return False
            return True

        return Node("all", every, parts)

    def some(facts: Facts, now: datetime) -> bool:
        for check in checks:  # noqa: SIM110
            if check(facts, now):
                return True
        return False

    return Node("any", some, parts)
