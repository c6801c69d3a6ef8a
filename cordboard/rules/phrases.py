"""Rules as sentences: "When value segment is Gold, and open tickets is at least 1, then give it priority 2." As written, not as it came out: that is words.py.

`mark` may wrap what stands out (a fact, a value, a name); it gets plain text, and what it returns goes into the sentence as it is. `escape` gets every other piece, so
that a screen can make HTML of it without trusting anything that a person wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cordboard.rules import facts as fact_registry
from cordboard.rules import verbs as verb_registry
from cordboard.rules.facts import BOOLEAN, Fact
from cordboard.rules.verbs import Verb


def _(text: str) -> str:
    """Marks a text for the catalogues; `Speaker` translates it."""
    return text


SAID: dict[str, str] = {
    "is": _("%(fact)s is %(value)s"),
    "is_not": _("%(fact)s is not %(value)s"),
    "in": _("%(fact)s is one of %(value)s"),
    "not_in": _("%(fact)s is none of %(value)s"),
    "less": _("%(fact)s is less than %(value)s"),
    "at_most": _("%(fact)s is at most %(value)s"),
    "at_least": _("%(fact)s is at least %(value)s"),
    "more": _("%(fact)s is more than %(value)s"),
    "between": _("%(fact)s is from %(low)s to %(high)s"),
    "contains": _("%(fact)s has %(value)s in it"),
    "contains_any": _("%(fact)s has one of %(value)s in it"),
    "any_of": _("%(fact)s has one of %(value)s in it"),
    "all_of": _("%(fact)s has all of %(value)s in it"),
    "none_of": _("%(fact)s has none of %(value)s in it"),
    "starts_with": _("%(fact)s begins with %(value)s"),
    "matches": _("%(fact)s matches %(value)s"),
    "older_than": _("%(fact)s is longer ago than %(value)s"),
    "within": _("%(fact)s is in the last %(value)s"),
    "within_next": _("%(fact)s is in the next %(value)s"),
    "known": _("%(fact)s is known"),
    "unknown": _("%(fact)s is not known"),
}
"""A comparison in a rule, by its name."""

NOT, TRUE = _("not so that %(condition)s"), "%(fact)s"
BOTH, EITHER, GROUP = _("%(first)s, and %(second)s"), _("%(first)s, or %(second)s"), "(%(inner)s)"
WHEN, ALWAYS, OTHERWISE = _("When %(conditions)s, then %(actions)s."), _("Always %(actions)s."), _("Otherwise %(actions)s.")
NOTHING, AND_DO, FROM, ELSE = _("do nothing"), _("%(first)s and %(second)s"), _("the %(fact)s"), _("the %(fact)s (or %(value)s)")
TABLE, TABLE_WHEN = _("Decision table with %(count)s rows, by %(facts)s."), _("When %(conditions)s: decision table with %(count)s rows, by %(facts)s.")
FIELD = "%(name)s %(value)s"
YES, NO = _("yes"), _("no")
GONE = _("%(name)s (not known here)")
MAX_ITEMS_SAID = 12


def _plain(_kind: str, text: str) -> str:
    return text


@dataclass(slots=True)
class Speaker:
    """Says rules in one reader's language. `options` of facts and verbs are asked once each."""

    translate: Callable[[str], str]
    facts: Mapping[str, Fact] | None = None
    verbs: Mapping[str, Verb] | None = None
    mark: Callable[[str, str], str] = _plain
    escape: Callable[[str], str] = str
    _options: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def rule(self, rule: Mapping[str, Any], *, first: bool = False, alone: bool = False) -> str:
        """The whole rule. `first`: in a policy whose first rule decides, an unconditional one is said as "otherwise", unless it stands `alone`."""
        when = rule.get("when") or None
        table = rule.get("table")
        if isinstance(table, Mapping):
            return self._table(table, when)
        actions = self.actions(rule.get("actions") or [])
        if when is None:
            return self._fill(OTHERWISE if first and not alone else ALWAYS, actions=actions)
        return self._fill(WHEN, conditions=self.condition(when), actions=actions)

    def condition(self, condition: Any, *, inner: bool = False) -> str:
        """A condition; `inner`: within another, so that mixed and / or get parentheses."""
        if not isinstance(condition, Mapping):
            return "…"
        for kind, joined in (("all", BOTH), ("any", EITHER)):
            parts = condition.get(kind)
            if isinstance(parts, list):
                said = self._join([self.condition(part, inner=True) for part in parts], joined)
                return self._fill(GROUP, inner=said) if inner and len(parts) > 1 else said
        if "not" in condition:
            return self._fill(NOT, condition=self.condition(condition["not"], inner=True))
        return self._test(condition)

    def actions(self, actions: Sequence[Any]) -> str:
        said = [self.action(action) for action in actions if isinstance(action, Mapping)]
        return self._join(said, AND_DO) if said else self._fill(NOTHING)

    def action(self, action: Mapping[str, Any]) -> str:
        verb = self._verbs().get(str(action.get("do")))
        if verb is None:
            return self._fill(GONE, name=self.mark("verb", str(action.get("do"))))
        fields = {name: self._field(verb, name, action[name]) for name in (*verb.fields, *verb.optional) if name in action}
        if verb.sentence:
            needed = {**dict.fromkeys(verb.fields, "…"), **fields}
            said = self._fill(str(verb.sentence), **needed)
            rest = [name for name in verb.optional if name in fields and name in verb.more]
            return " ".join([said, *(self._fill(str(verb.more[name]), **fields) for name in rest)])
        shown = [self._fill(FIELD, name=self.escape(name), value=value) for name, value in fields.items() if not isinstance(action[name], Mapping)]
        return self.escape(str(verb.words)) + (f" ({', '.join(shown)})" if shown else "")

    def fact(self, name: str) -> str:
        known = self._facts().get(name)
        return self.mark("fact", str(known.words)) if known is not None else self._fill(GONE, name=self.mark("fact", name))

    def value(self, fact: Fact | None, value: Any) -> str:
        """A value of a fact in words, marked."""
        return self.mark("value", self.shown(fact, value))

    def shown(self, fact: Fact | None, value: Any) -> str:
        if isinstance(value, bool):
            return self.translate(YES if value else NO)
        if isinstance(value, (list, tuple)):
            shown = [self.shown(fact, one) for one in value[:MAX_ITEMS_SAID]]
            return ", ".join([*shown, "…"] if len(value) > MAX_ITEMS_SAID else shown)
        if isinstance(value, Mapping):  # money
            return f"{value.get('currency', '')} {value.get('amount', '')}".strip()
        if fact is not None:
            if value in fact.choices:
                return str(fact.choices[value])
            if fact.options is not None and (found := self._asked("fact", fact.name, fact.options).get(value)):
                return str(found)
            if fact.unit and isinstance(value, (int, float)):
                return f"{value} {fact.unit}"
        return str(value)

    def _test(self, condition: Mapping[str, Any]) -> str:
        name, op, value = str(condition.get("fact", "")), str(condition.get("op", "")), condition.get("value")
        fact = self._facts().get(name)
        said = self.fact(name)
        if fact is not None and fact.type == BOOLEAN and op in ("is", "is_not") and isinstance(value, bool):
            return self._fill(TRUE, fact=said) if value is (op == "is") else self._fill(NOT, condition=said)
        if op not in SAID:
            return f"{said} …"
        if op == "between" and isinstance(value, (list, tuple)) and len(value) == 2:
            return self._fill(SAID[op], fact=said, low=self.value(fact, value[0]), high=self.value(fact, value[1]))
        shown = self.value(fact, value)
        return self._fill(SAID[op], fact=said, value=shown, low=shown, high="…")

    def _field(self, verb: Verb, name: str, value: Any) -> str:
        if isinstance(value, Mapping) and "fact" in value:
            fact = self.fact(str(value["fact"]))
            return self._fill(ELSE, fact=fact, value=self.value(None, value["else"])) if "else" in value else self._fill(FROM, fact=fact)
        options = self._asked(verb.name, name, verb.options[name]) if name in verb.options else {}
        if isinstance(value, str) and value in options:
            return self.mark("strong", str(options[value]))
        return self.value(None, value)

    def _table(self, table: Mapping[str, Any], when: Any) -> str:
        inputs = [column for column in table.get("inputs") or [] if isinstance(column, Mapping)]
        facts = ", ".join(dict.fromkeys(self.fact(str(column.get("fact", ""))) for column in inputs)) or "…"
        rows = table.get("rows")
        count = self.mark("value", str(len(rows) if isinstance(rows, list) else 0))
        return self._fill(TABLE_WHEN, conditions=self.condition(when), count=count, facts=facts) if when else self._fill(TABLE, count=count, facts=facts)

    def _asked(self, owner: str, name: str, options: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        if (owner, name) not in self._options:
            self._options[owner, name] = options()
        return self._options[owner, name]

    def _facts(self) -> Mapping[str, Fact]:
        return fact_registry.REGISTRY if self.facts is None else self.facts

    def _verbs(self) -> Mapping[str, Verb]:
        return verb_registry.REGISTRY if self.verbs is None else self.verbs

    def _fill(self, template: str, **values: str) -> str:
        """The template in the reader's language, escaped; the values are said already."""
        return self.escape(self.translate(template)) % values

    def _join(self, said: list[str], template: str) -> str:
        joined = said[0] if said else "…"
        for part in said[1:]:
            joined = self._fill(template, first=joined, second=part)
        return joined
