"""A flow as a readable outline: each step under its code, what it says and keeps, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cordboard.flows import steps as step_types
from cordboard.flows.graph import exits
from cordboard.flows.steps import Type


def of_flow(name: str, graph: Mapping[str, Any]) -> str:
    """Plain text, a step after another in the order in which they are met."""
    return "\n".join(_lines(name, graph)) + "\n"


def _lines(name: str, graph: Mapping[str, Any]) -> Iterator[str]:
    yield name
    yield "=" * len(name)
    yield _("Languages: %(languages)s") % {"languages": ", ".join(map(str, graph.get("languages", ())))}
    for field, words in (("start", _("Starts with")), ("person", _("To a person")), ("on_error", _("When it cannot go on"))):
        if graph.get(field):
            yield f"{words}: {graph[field]}"
    raw = graph.get("steps")
    steps: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    order = _order(graph, steps)
    for number, code in enumerate(order, 1):
        step = steps[code]
        type = step_types.REGISTRY.get(str(step.get("type"))) if isinstance(step, dict) else None
        yield ""
        title = f": {step['title']}" if isinstance(step, dict) and step.get("title") else ""
        yield f"{number}. {code} ({type.words if type is not None else _('unknown')}){title}"
        if type is not None:
            yield from _step(step, type, graph)


def _order(graph: Mapping[str, Any], steps: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for root in (graph.get("start"), graph.get("person"), graph.get("on_error"), *steps):
        todo = [root]
        while todo:
            name = str(todo.pop(0) or "")
            if name not in steps or name in found:
                continue
            found[name] = None
            step = steps[name]
            type = step_types.REGISTRY.get(str(step.get("type"))) if isinstance(step, dict) else None
            if type is not None:
                todo += [target for _exit, target in exits(step, type)]
    return list(found)


def _step(step: Mapping[str, Any], type: Type, graph: Mapping[str, Any]) -> Iterator[str]:
    if step.get("note"):
        yield f"   # {step['note']}"
    for field in type.fields:
        value = step.get(field.name)
        if value in (None, "", [], {}):
            continue
        if field.kind == "texts" and isinstance(value, dict):
            yield f"   {field.words}:"
            for language, text in value.items():
                yield f"      {language}: {text.get('text', '') if isinstance(text, dict) else text}"
        elif field.kind == "choices" and isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    yield f"   [{one.get('key', ' ')}] {one.get('value', '')}" + (f" -> {one['next']}" if one.get("next") else "")
        elif field.kind == "branches" and isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    yield f"   {_condition(one.get('when'))} -> {one.get('next', '?')}"
        else:
            yield f"   {field.words}: {_value(value)}"
    rows = ("choices[", "branches[")
    for exit, target in exits(step, type):
        if not exit.startswith(rows):
            words = type.exits.get(exit) or type.optional_exits.get(exit) or exit
            yield f"   {words} -> {target}"


def _value(value: Any) -> str:
    if isinstance(value, dict) and "var" in value:
        return f"{{{value['var']}}}" + (f" / {value['else']}" if value.get("else") else "")
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_value(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _condition(condition: Any) -> str:
    if not isinstance(condition, dict):
        return "?"
    for name, joint in (("all", _("and")), ("any", _("or"))):
        if isinstance(condition.get(name), list):
            return "(" + f" {joint} ".join(_condition(one) for one in condition[name]) + ")"
    if "not" in condition:
        return f"{_('not')} {_condition(condition['not'])}"
    said = f"{condition.get('fact', '?')} {str(condition.get('op', '')).replace('_', ' ')}"
    return f"{said} {_value(condition['value'])}" if "value" in condition else said
