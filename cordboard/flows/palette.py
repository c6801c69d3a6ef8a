"""What the designer may draw with: types of steps and their forms, look-ups, acts, what fields offer. As JSON, in the language that is active."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.flows import engine, steps
from cordboard.flows.steps import Field, Type
from cordboard.rules import facts
from cordboard.rules.conditions import OPS

GROUPS: Mapping[str, Any] = {
    "talk": _("Talk"),
    "know": _("Find out"),
    "decide": _("Decide"),
    "act": _("Do"),
    "leave": pgettext_lazy("step of a flow", "Leave"),
    "other": _("More"),
}
SURFACES: Mapping[str, Any] = {
    "ivr": _("telephone"),
    "bot": _("chat bot"),
    "script": _("agent script"),
    "survey": _("survey"),
    "journey": _("journey"),
}
VARIABLE_TYPES: Mapping[str, Any] = {
    facts.TEXT: _("text"),
    facts.NUMBER: _("number"),
    facts.BOOLEAN: _("yes or no"),
    facts.CHOICE: _("one of several"),
    facts.LIST: _("several of several"),
    facts.DATE: _("date"),
    facts.DATETIME: _("moment"),
    facts.MONEY: _("amount of money"),
    facts.DURATION: _("duration"),
}


def palette(surface: str = "") -> dict[str, Any]:
    """Everything; with a surface only the types that it can perform. What fields of a kind offer ("queue": [[value, words], ...]) costs a query each."""
    types = [_type(one) for one in steps.REGISTRY.values() if not one.hidden and (not surface or surface in one.surfaces)]
    return {
        "groups": [{"group": group, "words": str(words)} for group, words in GROUPS.items()],
        "surfaces": [{"surface": one, "words": str(words)} for one, words in SURFACES.items()],
        "types": sorted(types, key=lambda one: list(GROUPS).index(one["group"]) if one["group"] in GROUPS else len(GROUPS)),
        "look_ups": [
            {"name": one.name, "words": str(one.words), "args": {name: kind.__name__ for name, kind in one.args.items()}, "gives": dict(one.gives)}
            for one in steps.LOOKUPS.values()
        ],
        "acts": [
            {
                "name": one.name, "kind": one.kind, "words": str(one.words), "args": {name: kind.__name__ for name, kind in one.args.items()},
                "optional": sorted(one.optional), "gives": dict(one.gives),
            }
            for one in steps.ACTS.values()
        ],
        "options": {kind: [list(pair) for pair in read()] for kind, read in steps.OPTIONS.items()},
        "variable_types": [{"type": type, "words": str(words), "ops": sorted(OPS[type])} for type, words in VARIABLE_TYPES.items()],
        "variables": [
            {"name": one.name, "type": one.type, "words": str(one.words), "surfaces": sorted(one.surfaces)} for one in steps.VARIABLES.values()
        ],
        "built_in": dict(engine.BUILT_IN),
    }  # fmt: skip


def _type(type: Type) -> dict[str, Any]:
    return {
        "type": type.name,
        "words": str(type.words) or type.name,
        "help": str(type.help),
        "group": type.group,
        "surfaces": sorted(type.surfaces),
        "waits": type.waits,
        "ends": type.ends,
        "exits": [
            *({"name": name, "words": str(words), "optional": False} for name, words in type.exits.items()),
            *({"name": name, "words": str(words), "optional": True} for name, words in type.optional_exits.items()),
        ],
        "fields": [_field(one) for one in type.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "kind": field.kind,
        "words": str(field.words) or field.name,
        "help": str(field.help),
        "required": field.required,
        "options": [[value, str(words)] for value, words in field.options.items()],
        "default": field.default,
        "when": {name: list(values) for name, values in field.when.items()},
    }
