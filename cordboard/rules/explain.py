"""Why a past decision came out as it did, and what it missed by little. Pure: from the policy's version and the facts that were kept with the decision.

Nearness counts comparisons: how many would have to come out otherwise for a rule to hold. All of: the sum over what failed. Any of: the nearest part.
Not: what it takes to make the inner condition fail. A fact that was never read counts as one that is open: the rule may have been nearer than one knows, and
is told as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.rules.outcome import CompiledPolicy, Facts, Node, Rule, Skip

NEAR = 1
MAX_NEAR = 20


@dataclass(slots=True)
class Looked:
    """One rule as looked at again. `result` as in a trace, "not_reached" included. `short` is by how many comparisons it failed; `failed` are those comparisons, and
    `unknown` the facts that nobody had read."""

    id: str
    name: str
    result: str
    short: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    tests: list[dict[str, Any]] = field(default_factory=list)
    why: str = ""

    @property
    def near(self) -> bool:
        return self.result in ("not_held", "not_reached") and self.short == NEAR and not self.unknown


def kept_facts(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a trace, to evaluate a policy with."""
    facts = trace.get("facts")
    return dict(facts) if isinstance(facts, Mapping) else {}


def look_again(policy: CompiledPolicy, trace: Mapping[str, Any], now: datetime) -> list[Looked]:
    """Every rule of the policy against the facts that were kept with a decision made at `now`, in order."""
    known = kept_facts(trace)
    facts = Facts(policy.known, known)
    told = {one["id"]: one for one in trace.get("rules", ()) if isinstance(one, Mapping) and "id" in one}
    found = []
    for rule in policy.rules:
        was = told.get(rule.id)
        looked = Looked(rule.id, rule.name, str(was["result"]) if was else "not_reached")
        if was:
            looked.tests = list(was.get("tests", ()))
            looked.why = str(was.get("fact") or "")
        if not rule.in_force(now):
            looked.result = "not_in_force"
        elif looked.result in ("not_held", "not_reached") and rule.node is not None:
            _nearness(rule, looked, facts, known, now)
        found.append(looked)
    return found


def near_misses(policy: CompiledPolicy, trace: Mapping[str, Any], now: datetime) -> list[Looked]:
    """The rules that one comparison kept from holding, in the policy's order."""
    return [one for one in look_again(policy, trace, now) if one.near][:MAX_NEAR]


def _nearness(rule: Rule, looked: Looked, facts: Facts, known: Mapping[str, Any], now: datetime) -> None:
    assert rule.node is not None
    try:
        looked.short, looked.failed, unknown = _short(rule.node, True, facts, known, now)
    except Skip as skip:
        looked.why = skip.fact
        looked.short, unknown = 0, {skip.fact}
    looked.unknown = sorted(unknown)


def _short(node: Node, wanted: bool, facts: Facts, known: Mapping[str, Any], now: datetime) -> tuple[int, list[dict[str, Any]], set[str]]:
    """(by how many comparisons, which, facts not known of them) the node misses being `wanted`."""
    if node.kind == "test":
        if node.fact not in known:
            return 1, [], {node.fact}
        holds = node.check(facts, now)
        if holds is wanted:
            return 0, [], set()
        return 1, [{"fact": node.fact, "op": node.op, "value": node.value, "got": known[node.fact], "holds": holds}], set()
    if node.kind == "not":
        return _short(node.parts[0], not wanted, facts, known, now)
    parts = [_short(part, wanted, facts, known, now) for part in node.parts]
    if (node.kind == "all") is wanted:  # each part must come out so
        return sum(part[0] for part in parts), [test for part in parts for test in part[1]], set().union(*(part[2] for part in parts))
    return min(parts, key=lambda part: (part[0], len(part[2])))
