"""A trace put into plain sentences, as data: a code and values, so that a screen says it in its reader's language.

`sentences(trace)` gives `[{"code": "rule.held", "values": {...}, "rule": "overdue"}, ...]`, the form in which decisions are kept. `PHRASES` has the
English of every code and comparison, with named placeholders, marked for translation; `say` fills them. Facts are named by the words that
their packages declared. Never rule language: "Balance overdue is 0, not more than 100", not `party.overdue > 100`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cordboard.rules import facts as fact_registry
from cordboard.rules.facts import Fact


def _(text: str) -> str:
    """Marks a text for the catalogues; `say` translates it."""
    return text


PHRASES: dict[str, str] = {
    "rule.held": _("%(name)s: %(tests)s."),
    "rule.always": _("%(name)s: holds for everyone."),
    "rule.not_held": _("Not %(name)s: %(tests)s."),
    "rule.skipped": _("%(name)s was passed over: %(fact)s could not be read."),
    "policy.nothing": _("No rule held."),
    "action.left_out": _("%(name)s: a value that it needs is not known, so part of it was left out."),
}
"""A sentence by its code."""

TESTS: dict[tuple[str, bool], str] = {
    ("is", True): _("%(fact)s is %(got)s"),
    ("is", False): _("%(fact)s is %(got)s, not %(value)s"),
    ("is_not", True): _("%(fact)s is %(got)s, not %(value)s"),
    ("is_not", False): _("%(fact)s is %(got)s"),
    ("in", True): _("%(fact)s is %(got)s"),
    ("in", False): _("%(fact)s is %(got)s, none of %(value)s"),
    ("not_in", True): _("%(fact)s is %(got)s, none of %(value)s"),
    ("not_in", False): _("%(fact)s is %(got)s"),
    ("less", True): _("%(fact)s is %(got)s, less than %(value)s"),
    ("less", False): _("%(fact)s is %(got)s, not less than %(value)s"),
    ("at_most", True): _("%(fact)s is %(got)s, at most %(value)s"),
    ("at_most", False): _("%(fact)s is %(got)s, more than %(value)s"),
    ("at_least", True): _("%(fact)s is %(got)s, at least %(value)s"),
    ("at_least", False): _("%(fact)s is %(got)s, less than %(value)s"),
    ("more", True): _("%(fact)s is %(got)s, more than %(value)s"),
    ("more", False): _("%(fact)s is %(got)s, not more than %(value)s"),
    ("between", True): _("%(fact)s is %(got)s, from %(low)s to %(high)s"),
    ("between", False): _("%(fact)s is %(got)s, not from %(low)s to %(high)s"),
    ("contains", True): _("%(fact)s has “%(value)s” in it"),
    ("contains", False): _("%(fact)s does not have “%(value)s” in it"),
    ("contains_any", True): _("%(fact)s has one of %(value)s in it"),
    ("contains_any", False): _("%(fact)s has none of %(value)s in it"),
    ("any_of", True): _("%(fact)s has one of %(value)s in it"),
    ("any_of", False): _("%(fact)s has none of %(value)s in it"),
    ("all_of", True): _("%(fact)s has all of %(value)s in it"),
    ("all_of", False): _("%(fact)s does not have all of %(value)s in it"),
    ("none_of", True): _("%(fact)s has none of %(value)s in it"),
    ("none_of", False): _("%(fact)s has one of %(value)s in it"),
    ("starts_with", True): _("%(fact)s begins with “%(value)s”"),
    ("starts_with", False): _("%(fact)s does not begin with “%(value)s”"),
    ("matches", True): _("%(fact)s is written as expected"),
    ("matches", False): _("%(fact)s is not written as expected"),
    ("older_than", True): _("%(fact)s, %(got)s, is longer ago than %(value)s"),
    ("older_than", False): _("%(fact)s, %(got)s, is not longer ago than %(value)s"),
    ("within", True): _("%(fact)s, %(got)s, is in the last %(value)s"),
    ("within", False): _("%(fact)s, %(got)s, is not in the last %(value)s"),
    ("within_next", True): _("%(fact)s, %(got)s, is in the next %(value)s"),
    ("within_next", False): _("%(fact)s, %(got)s, is not in the next %(value)s"),
    ("known", True): _("%(fact)s is known"),
    ("known", False): _("%(fact)s is not known"),
    ("unknown", True): _("%(fact)s is not known"),
    ("unknown", False): _("%(fact)s is known"),
}
"""What is said of a comparison, by its name and whether it held. When the value is not known, ("unknown", True) is said."""

YES, NO, AND = _("yes"), _("no"), _("%(first)s, and %(second)s")


def sentences(trace: Mapping[str, Any], *, held_only: bool = False) -> list[dict[str, Any]]:
    """What a trace says, in the order of the rules. Rules not in force are passed over; `held_only` leaves out those that did not hold.

    Tests are `{"fact", "op", "value", "got", "holds"}`. JSON, as the trace itself.
    """
    met = trace.get("facts", {})
    told: list[dict[str, Any]] = []
    held = 0
    for rule in trace.get("rules", ()):
        result = rule["result"]
        values: dict[str, Any] = {"name": rule["name"]}
        if tests := rule.get("tests"):
            values["tests"] = [{**one, "got": met.get(one["fact"])} for one in tests]
        if result == "held":
            held += 1
            code = "rule.held" if tests else "rule.always"
        elif result == "not_held" and not held_only:
            code = "rule.not_held"
        elif result == "skipped" and not held_only:
            code = "rule.skipped"
            values["fact"] = rule["fact"]
        else:
            continue
        told.append({"code": code, "values": values, "rule": rule["id"]})
        if rule.get("left_out"):
            told.append({"code": "action.left_out", "values": {"name": rule["name"]}, "rule": rule["id"]})
    if not held:
        told.append({"code": "policy.nothing", "values": {}, "rule": ""})
    return told


def say(sentence: Mapping[str, Any], translate: Callable[[str], str], facts: Mapping[str, Fact] | None = None) -> str:
    """The sentence in words. `translate` is gettext of the reader's language; `facts` (default: all declared) give the facts' words and choices."""
    known = fact_registry.REGISTRY if facts is None else facts
    values = dict(sentence["values"])
    if "tests" in values:
        parts = list(dict.fromkeys(_test(one, translate, known) for one in values["tests"]))
        said = parts[0]
        for part in parts[1:]:
            said = translate(AND) % {"first": said, "second": part}
        values["tests"] = said
    if "fact" in values:
        values["fact"] = _fact(values["fact"], known)
    return translate(PHRASES[sentence["code"]]) % values


def say_test(one: Mapping[str, Any], translate: Callable[[str], str], facts: Mapping[str, Fact] | None = None) -> str:
    """One comparison, {"fact", "op", "value", "got", "holds"}, as it came out: "Balance overdue is 0, not more than 100"."""
    return _test(one, translate, fact_registry.REGISTRY if facts is None else facts)


def _fact(name: str, facts: Mapping[str, Fact]) -> str:
    return str(facts[name].words) if name in facts else name


def _test(one: Mapping[str, Any], translate: Callable[[str], str], facts: Mapping[str, Fact]) -> str:
    op, holds, got = one["op"], one["holds"], one["got"]
    fact = facts.get(one["fact"])
    values = {"fact": _fact(one["fact"], facts)}
    if got is None and op not in ("known", "unknown"):
        return translate(TESTS["unknown", True]) % values

    def show(value: Any) -> str:
        if isinstance(value, bool):
            return translate(YES if value else NO)
        if isinstance(value, list):
            return ", ".join(map(show, value))
        if isinstance(value, dict):  # money
            return f"{value.get('currency', '')} {value.get('amount', '')}".strip()
        if fact is not None and value in fact.choices:
            return str(fact.choices[value])
        return f"{value} {fact.unit}" if fact is not None and fact.unit and isinstance(value, (int, float)) else str(value)

    values["got"] = show(got)
    if op == "between":
        values["low"], values["high"] = map(show, one["value"])
    else:
        values["value"] = show(one["value"])
    return translate(TESTS[op, holds]) % values
