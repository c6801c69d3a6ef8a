"""What the editor of conditions says (islands/src/conditions): comparisons by type of fact, a sentence for each, and its buttons, in the reader's language.

{"conditions": editor_words(), "facts": [fact_row(fact) for fact in REGISTRY.values()]}
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cordboard.rules.conditions import OPS
from cordboard.rules.facts import DATE, DATETIME, DURATION, LIST, MONEY, NUMBER, TEXT, Fact

_ORDER = (
    "is",
    "is_not",
    "in",
    "not_in",
    "contains",
    "contains_any",
    "starts_with",
    "any_of",
    "all_of",
    "none_of",
    "less",
    "at_most",
    "at_least",
    "more",
    "between",
    "older_than",
    "within",
    "within_next",
    "matches",
    "known",
    "unknown",
)


def fact_row(fact: Fact) -> dict[str, Any]:
    """A fact as the editor wants it."""
    return {
        "name": fact.name,
        "words": str(fact.words),
        "type": fact.type,
        "choices": [[code, str(words)] for code, words in fact.choices.items()],
        "unit": str(fact.unit),
    }


def _short() -> dict[str, str]:
    return {
        "is": _("is"),
        "is_not": _("is not"),
        "in": _("is one of"),
        "not_in": _("is none of"),
        "contains": _("has in it"),
        "contains_any": _("has in it one of"),
        "starts_with": _("begins with"),
        "any_of": _("has one of"),
        "all_of": _("has all of"),
        "none_of": _("has none of"),
        "less": _("is less than"),
        "at_most": _("is at most"),
        "at_least": _("is at least"),
        "more": _("is more than"),
        "between": _("is between"),
        "older_than": _("is longer ago than"),
        "within": _("is in the last"),
        "within_next": _("is in the next"),
        "matches": _("is written like (pattern)"),
        "known": _("is known"),
        "unknown": _("is not known"),
    }


def _of_type(type: str) -> list[list[str]]:
    short = _short()
    if type in (DATE, DATETIME):
        short |= {"less": _("is before"), "at_most": _("is at the latest"), "at_least": _("is at the earliest"), "more": _("is after")}
    return [[op, short[op]] for op in _ORDER if op in OPS[type]]


def editor_words() -> dict[str, Any]:
    """Everything that the editor says. Keys as in islands/src/conditions/words.ts."""
    return {
        "ops": {type: _of_type(type) for type in (TEXT, NUMBER, MONEY, DATE, DATETIME, DURATION, LIST, "boolean", "choice")},
        "tests": {
            "is": _("{fact} is {value}"),
            "is_not": _("{fact} is not {value}"),
            "in": _("{fact} is {value}"),
            "not_in": _("{fact} is none of {value}"),
            "contains": _("{fact} has “{value}” in it"),
            "contains_any": _("{fact} has {value} in it"),
            "starts_with": _("{fact} begins with “{value}”"),
            "any_of": _("{fact} has {value}"),
            "all_of": _("{fact} has all of {value}"),
            "none_of": _("{fact} has none of {value}"),
            "less": _("{fact} is less than {value}"),
            "at_most": _("{fact} is at most {value}"),
            "at_least": _("{fact} is at least {value}"),
            "more": _("{fact} is more than {value}"),
            "between": _("{fact} is from {low} to {high}"),
            "older_than": _("{fact} is longer ago than {value}"),
            "within": _("{fact} is in the last {value}"),
            "within_next": _("{fact} is in the next {value}"),
            "matches": _("{fact} is written like {value}"),
            "known": _("{fact} is known"),
            "unknown": _("{fact} is not known"),
        },
        "units": [["s", _("seconds")], ["m", _("minutes")], ["h", _("hours")], ["d", _("days")], ["w", _("weeks")]],
        "spans": {"s": _("{number} s"), "m": _("{number} min"), "h": _("{number} h"), "d": _("{number} days"), "w": _("{number} weeks")},
        "modes": {"all": _("All of these hold"), "any": _("One of these holds"), "none": _("None of these holds"), "not_all": _("Not all of these hold")},
        "yes": _("yes"),
        "no": _("no"),
        "and": pgettext("conditions", "{first} and {second}"),
        "or": pgettext("conditions", "{first} or {second}"),
        "none": pgettext("conditions", "not: {tests}"),
        "not_all": pgettext("conditions", "not together: {tests}"),
        "always": pgettext("conditions", "always"),
        "fact": _("What is looked at"),
        "comparison": _("Comparison"),
        "value": _("Value"),
        "from": pgettext("conditions", "From"),
        "to": pgettext("conditions", "To"),
        "unit": _("Unit"),
        "add_test": _("Add a condition"),
        "add_group": _("Add a group"),
        "add_value": _("Add a value"),
        "remove": _("Take away"),
        "remove_value": _("Take {value} away"),
        "group": pgettext("conditions", "Conditions"),
        "unknown_fact": _("not known here"),
    }
