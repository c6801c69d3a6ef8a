"""Random policies: never more work than is written, each fact read once at most, nothing that held is lost, and what was kept decides the same again."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.rules import facts
from cordboard.rules.actions import DEEPEST, Refused, keepable
from cordboard.rules.evaluate import BadPolicy, CompiledPolicy, check_policy, compile_policy
from cordboard.rules.words import sentences

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REGISTRY = facts.Registry()
VALUES: dict[str, tuple[str, list[Any]]] = {
    "segment": (facts.CHOICE, ["gold", "silver", None]),
    "overdue": (facts.NUMBER, [0, 31, 250.5, None]),
    "safety": (facts.BOOLEAN, [True, False, None]),
    "text": (facts.TEXT, ["late order", "", None]),
    "tags": (facts.LIST, [["vip"], [], None]),
}
for one_name, (kind, _values) in VALUES.items():
    REGISTRY.declare(one_name, kind, one_name, choices={"gold": "Gold", "silver": "Silver"} if kind == facts.CHOICE else None)

TESTS = st.sampled_from(
    [
        {"fact": "segment", "op": "is", "value": "gold"},
        {"fact": "segment", "op": "in", "value": ["gold", "silver"]},
        {"fact": "overdue", "op": "more", "value": 30},
        {"fact": "overdue", "op": "between", "value": [0, 100]},
        {"fact": "overdue", "op": "unknown"},
        {"fact": "safety", "op": "is_not", "value": True},
        {"fact": "text", "op": "contains", "value": "late"},
        {"fact": "tags", "op": "any_of", "value": ["vip", "press"]},
    ]
)
TREES = st.recursive(
    TESTS,
    lambda part: (
        st.fixed_dictionaries({"all": st.lists(part, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(part, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"not": part})
    ),
    max_leaves=8,
)
ACTIONS = st.lists(
    st.sampled_from([{"do": "queue", "queue": "q"}, {"do": "tag", "tag": {"fact": "segment"}}, {"do": "tag", "tag": {"fact": "text", "else": "none"}}]),
    max_size=3,
)
CELLS = st.sampled_from([None, "gold", "silver"])
TABLES = st.lists(
    st.fixed_dictionaries({"when": st.tuples(CELLS).map(list), "do": st.sampled_from(["a", "b", None]).map(lambda one: [one])}), min_size=1, max_size=4
).map(lambda rows: {"inputs": [{"fact": "segment", "op": "is"}], "outputs": [{"do": "queue", "field": "queue"}], "rows": rows})
DATES = st.sampled_from([{}, {"from": "2026-01-01"}, {"until": "2026-11-21"}, {"from": "2026-11-22", "until": "2026-11-22"}, {"enabled": False}])
RULES = st.builds(
    lambda what, dates, then: {**what, **dates, **then},
    st.builds(lambda when, actions: {"when": when, "actions": actions}, TREES, ACTIONS) | TABLES.map(lambda table: {"table": table}),
    DATES,
    st.sampled_from([{}, {"then": "stop"}, {"then": "continue"}]),
)
BODIES = st.builds(
    lambda mode, rules: {"schema": 1, "mode": mode, "rules": [{"id": f"r{number}", "name": f"Rule {number}", **rule} for number, rule in enumerate(rules)]},
    st.sampled_from(["first", "all"]),
    st.lists(RULES, min_size=1, max_size=6),
)
SITUATIONS = st.fixed_dictionaries({name: st.sampled_from(values) for name, (_type, values) in VALUES.items()})


def compiled(body: dict[str, Any]) -> CompiledPolicy:
    return compile_policy(json.loads(json.dumps(body)), REGISTRY, {})


@settings(deadline=None)
@given(BODIES, SITUATIONS)
def test_a_decision_reads_each_fact_once_and_what_was_kept_decides_the_same_again(body: dict[str, Any], situation: dict[str, Any]) -> None:
    read: Counter[str] = Counter()

    def reader(name: str) -> Any:
        read[name] += 1
        return situation[name]

    outcome = compiled(body).evaluate(reader, NOW)
    trace = json.loads(json.dumps(outcome.trace))
    assert all(count == 1 for count in read.values())
    assert len(trace["rules"]) <= sum(len(rule["table"]["rows"]) if "table" in rule else 1 for rule in body["rules"])
    # Taken up again from what stands with the contact: the facts that were asked for, and nothing else.
    stored = {**dict.fromkeys(VALUES), **trace["facts"]}
    again = compiled(body).evaluate(stored, NOW)
    assert again.actions == outcome.actions
    assert [(rule["id"], rule["result"]) for rule in again.trace["rules"]] == [(rule["id"], rule["result"]) for rule in trace["rules"]]
    # Every rule that held has done all that it says, in the order of the rules, but for what is told as left out.
    done = Counter(action["rule"] for action in outcome.actions)
    by_id = {rule["id"]: rule for rule in body["rules"]}
    for rule in trace["rules"]:
        if rule["result"] == "held" and "/" not in rule["id"]:
            assert done[rule["id"]] == len(by_id[rule["id"]].get("actions", [])) - len(rule.get("left_out", []))
        elif rule["result"] != "held":
            assert rule["id"] not in done
    assert sentences(trace)


@settings(deadline=None)
@given(
    BODIES,
    SITUATIONS,
    st.frozensets(st.sampled_from(sorted(VALUES)), min_size=1),
    st.sampled_from([RuntimeError("down"), TimeoutError(), KeyError("x"), object()]),
)
def test_facts_that_fail_to_read_cost_their_own_rules_only(body: dict[str, Any], situation: dict[str, Any], broken: frozenset[str], failure: Any) -> None:
    def reader(name: str) -> Any:
        if name in broken and isinstance(failure, Exception):
            raise failure
        return failure if name in broken else situation[name]

    body = {**body, "mode": "all", "rules": [{**rule, "then": "continue"} for rule in body["rules"]]}
    whole = compiled(body).evaluate(situation, NOW)
    outcome = compiled(body).evaluate(reader, NOW)
    results = {rule["id"]: rule for rule in outcome.trace["rules"]}
    for rule in whole.trace["rules"]:
        if rule["id"] not in results:
            continue  # a row of a table whose earlier row was skipped or held instead
        asked = compiled({**body, "rules": [one for one in body["rules"] if one["id"] == rule["id"].partition("/")[0]]}).facts_asked()
        if not asked & broken:
            assert results[rule["id"]]["result"] == rule["result"]
    skipped = [rule for rule in outcome.trace["rules"] if rule["result"] == "skipped"]
    if skipped:
        assert any(one["code"] == "rule.skipped" for one in sentences(json.loads(json.dumps(outcome.trace)))), sentences(outcome.trace)


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["id", "when", "all", "not", "fact", "op", "rows", "do", "x"]), part, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["schema", "mode", "rules", "timezone", "parameters", "x"]), JUNK | st.lists(JUNK, max_size=3)))
def test_whatever_a_file_says_it_is_kept_or_refused_and_its_problems_are_told(body: dict[str, Any]) -> None:
    refused = refusal(body)
    if refused is not None:
        assert refused.message.endswith(".")
        return
    kept = keepable(body)
    problems = check_policy(kept, REGISTRY, {})
    try:
        compile_policy(kept, REGISTRY, {})
    except BadPolicy:
        assert problems


def refusal(body: dict[str, Any]) -> Refused | None:
    try:
        keepable(body)
    except Refused as refused:
        return refused
    return None


def test_ten_thousand_levels_are_refused_and_what_is_kept_is_looked_at() -> None:
    for levels, code in ((10_000, "deep"), (DEEPEST, "deep"), (DEEPEST - 10, "")):
        when: Any = {"fact": "segment", "op": "known"}
        for _level in range(levels):
            when = {"not": when}
        body = {"rules": [{"id": "deep", "when": when}]}
        refused = refusal(body)
        assert (refused.code if refused else "") == code
        if not code:
            assert "nest at most" in check_policy(body, REGISTRY, {})[0].message
