"""What differs between two versions of a policy, as data, and a version made of another one and that difference. Pure.

    {"settings": {"mode": {"before": "first", "after": "all"}},
     "removed": [{"id": "silver", "at": 4, "rule": {...}}],
     "added": [{"id": "platinum", "at": 2, "rule": {...}}],
     "changed": [{"id": "owner", "fields": {"when": {"before": ..., "after": ...}, "note": {"after": ...}}}],
     "moved": ["overdue"], "order": ["safety", "overdue", ...]}

A side that is missing was or becomes absent. `moved` names the fewest rules whose moving explains the new order; `order` is that order, and is there when
something moved or was added. `applied(old, difference(old, new)) == new` for all bodies whose rules have ids of their own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

Difference = dict[str, Any]


class NotThisVersion(ValueError):
    """The difference was not made from this version."""


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """What leads from `old` to `new`. ValueError when a rule has no id of its own."""
    before, after = _by_id(old), _by_id(new)
    found: Difference = {
        "settings": {name: sides for name in sorted((old.keys() | new.keys()) - {"rules"}) if (sides := _sides(old, new, name))},
        "removed": [{"id": id, "at": at, "rule": rule} for at, (id, rule) in enumerate(before.items()) if id not in after],
        "added": [{"id": id, "at": at, "rule": rule} for at, (id, rule) in enumerate(after.items()) if id not in before],
        "changed": [],
    }
    for id, rule in after.items():
        was = before.get(id)
        if was is not None and not _same(was, rule):
            found["changed"].append(
                {"id": id, "fields": {name: _sides(was, rule, name) for name in sorted(was.keys() | rule.keys()) if _sides(was, rule, name)}}
            )
    stayed = [id for id in before if id in after]
    found["moved"] = _moved(stayed, [id for id in after if id in before])
    if found["moved"] or found["added"]:
        found["order"] = list(after)
    return found


def applied(old: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The version to which the difference leads. Raises NotThisVersion when it was made from another one."""
    made = {name: value for name, value in old.items() if name != "rules"}
    _settle(made, change.get("settings", {}), "the policy")
    rules = dict(_by_id(old))
    for one in change.get("removed", ()):
        if not _same(rules.pop(one["id"], None), one["rule"]):
            raise NotThisVersion(f"the rule {one['id']} is another one")
    for one in change.get("changed", ()):
        if one["id"] not in rules:
            raise NotThisVersion(f"there is no rule {one['id']}")
        rule = dict(rules[one["id"]])
        _settle(rule, one["fields"], f"the rule {one['id']}")
        rules[one["id"]] = rule
    for one in change.get("added", ()):
        if one["id"] in rules:
            raise NotThisVersion(f"there is a rule {one['id']} already")
        rules[one["id"]] = one["rule"]
    order: Sequence[str] = change.get("order", list(rules))
    if set(order) != rules.keys():
        raise NotThisVersion("the rules are others")
    if "rules" in old or rules:
        made["rules"] = [dict(rules[id]) for id in order]
    return made


def is_empty(change: Mapping[str, Any]) -> bool:
    return not any(change.get(name) for name in ("settings", "removed", "added", "changed", "moved"))


def counts(change: Mapping[str, Any]) -> dict[str, int]:
    """How many rules were added, removed, changed and moved."""
    return {name: len(change.get(name, ())) for name in ("added", "removed", "changed", "moved")}


def _by_id(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for rule in body.get("rules", ()):
        id = rule.get("id") if isinstance(rule, Mapping) else None
        if not isinstance(id, str) or not id or id in found:
            raise ValueError("every rule needs an id of its own")
        found[id] = rule
    return found


def _sides(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> dict[str, Any]:
    if name in old and name in new and _same(old[name], new[name]):
        return {}
    return {**({"before": old[name]} if name in old else {}), **({"after": new[name]} if name in new else {})}


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 and true are not the same, though Python has them equal."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _settle(target: dict[str, Any], fields: Mapping[str, Any], what: str) -> None:
    for name, sides in fields.items():
        if ("before" in sides) != (name in target) or (name in target and not _same(target[name], sides["before"])):
            raise NotThisVersion(f"{what} has another {name}")
        if "after" in sides:
            target[name] = sides["after"]
        else:
            del target[name]


def _moved(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The fewest that must move: all but a longest run of `new` that is in the order of `old`."""
    place = {id: at for at, id in enumerate(old)}
    tails: list[int] = []
    ends: list[str] = []
    before: dict[str, str | None] = {}
    for id in new:
        at = bisect_left(tails, place[id])
        before[id] = ends[at - 1] if at else None
        if at == len(tails):
            tails.append(place[id])
            ends.append(id)
        else:
            tails[at], ends[at] = place[id], id
    kept: set[str] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return [id for id in new if id not in kept]
