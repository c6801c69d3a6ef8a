"""What a policy's rules do to one another: rules that can never hold, rules that never get their turn, rules that contradict. Pure.

    [{"code": "never", "rule": "old"}, {"code": "covered", "rule": "silver", "by": ["gold", "everyone"]},
     {"code": "against", "rule": "two", "by": ["one"], "verb": "queue"}, {"code": "ended", "rule": "summer"}, {"code": "not_looked", "rule": "long"}]

`never`: its own conditions exclude one another. `covered`: wherever it would hold, rules above it hold and stop (`by`: those that touch it). `against`: both can
hold at once, and ask for what can be done one way only. `ended`: its dates are over. `not_looked`: too large to be sure of. A rule found dead is dead as long as the facts
of the rules above it can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordboard.rules import verbs as verb_registry
from cordboard.rules.outcome import CompiledPolicy, Rule
from cordboard.rules.regions import Box, Chosen, Key, TooMany, boxes, covered, meet
from cordboard.rules.verbs import Verb

MAX_FOUND = 200
WORK = 4_000
"""Steps for one rule."""
ALL_WORK = 400_000
"""Steps for one policy."""


def findings(policy: CompiledPolicy, now: datetime, verbs: Mapping[str, Verb] | None = None) -> list[dict[str, Any]]:
    """All of it, in the order of the rules; at most MAX_FOUND."""
    known = verb_registry.REGISTRY if verbs is None else verbs
    found: list[dict[str, Any]] = []
    above = _Above()
    doing: list[tuple[Rule, list[Box]]] = []
    left = ALL_WORK
    for rule in policy.rules:
        if len(found) >= MAX_FOUND:
            break
        if not rule.enabled:
            continue
        if rule.ends is not None and rule.ends <= now:
            found.append({"code": "ended", "rule": rule.id})
            continue
        try:
            own = boxes(rule.node, policy.known)
        except TooMany:
            found.append({"code": "not_looked", "rule": rule.id})
            continue
        if not own:
            found.append({"code": "never", "rule": rule.id})
            continue
        budget = [min(WORK, left)]
        try:
            dead, by = above.cover(rule, own, budget)
        except TooMany:
            dead, by = False, []
            found.append({"code": "not_looked", "rule": rule.id})
        left -= min(WORK, left) - max(0, budget[0])
        if dead:
            found.append({"code": "covered", "rule": rule.id, "by": by[:5]})
        else:
            found += _against(rule, own, doing, known)
            doing.append((rule, own))
        above.add(rule, own)
    return found[:MAX_FOUND]


class _Above:
    """The boxes of the rules above that stop, to be found by a value of a key of theirs."""

    def __init__(self) -> None:
        self._wide: list[tuple[int, Rule, Box]] = []
        self._by: dict[Key, dict[Any, list[tuple[int, Rule, Box]]]] = {}
        self._count = 0

    def add(self, rule: Rule, own: list[Box]) -> None:
        if not rule.stop and rule.table is None:
            return
        for box in own:
            self._count += 1
            entry = (self._count, rule, box)
            few = [(len(values.values), str(key), key) for key, values in box.items() if isinstance(values, Chosen) and not values.out]
            if not few or min(few)[0] > 8:
                self._wide.append(entry)
                continue
            key = min(few)[2]
            values = box[key]
            assert isinstance(values, Chosen)
            for value in values.values:
                self._by.setdefault(key, {}).setdefault(value, []).append(entry)

    def cover(self, rule: Rule, own: list[Box], budget: list[int]) -> tuple[bool, list[str]]:
        by: dict[str, None] = {}
        for box in own:
            near = [(one, other) for one, other in self._near(box) if _counts_for(one, rule)]
            budget[0] -= len(near) // 8
            if not covered(box, [other for _, other in near], budget):
                return False, []
            by.update(dict.fromkeys(one.id for one, _ in near))
        return True, list(by)

    def _near(self, box: Box) -> list[tuple[Rule, Box]]:
        """Those that touch the box, in their order."""
        found = list(self._wide)
        for key, by_value in self._by.items():
            values = box.get(key)
            if isinstance(values, Chosen) and not values.out:
                listed = [entry for value in values.values for entry in by_value.get(value, ())]
            else:
                listed = [entry for entries in by_value.values() for entry in entries]
            found += listed
        ordered = {count: (rule, other) for count, rule, other in found}
        return [ordered[count] for count in sorted(ordered) if meet(ordered[count][1], box) is not None]


def _counts_for(above: Rule, rule: Rule) -> bool:
    """It is in force whenever the other is, and ends the search for it."""
    if not above.stop and (above.table is None or above.table != rule.table):
        return False
    return (above.begins is None or (rule.begins is not None and above.begins <= rule.begins)) and (
        above.ends is None or (rule.ends is not None and above.ends >= rule.ends)
    )


def _against(rule: Rule, own: list[Box], doing: list[tuple[Rule, list[Box]]], verbs: Mapping[str, Verb]) -> list[dict[str, Any]]:
    found = []
    for action in rule.actions:
        verb = verbs.get(action["do"])
        if verb is None or not (verb.single or verb.against):
            continue
        for other, its in doing:
            if other.stop or (rule.table is not None and rule.table == other.table) or not _contrary(action, verb, other):
                continue
            if any(meet(one, two) is not None for one in own for two in its):
                found.append({"code": "against", "rule": rule.id, "by": [other.id], "verb": verb.name})
                break
    return found


def _contrary(action: Mapping[str, Any], verb: Verb, other: Rule) -> bool:
    return any(one["do"] in verb.against or (verb.single and one["do"] == verb.name and dict(one) != dict(action)) for one in other.actions)
