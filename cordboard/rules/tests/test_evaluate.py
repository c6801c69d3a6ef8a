"""Policies at work: which rule decides, what stands in the trace, and that nothing a person writes or a database answers breaks it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.rules import facts
from cordboard.rules.conditions import OPS
from cordboard.rules.evaluate import BadPolicy, check_policy, compile_policy
from cordboard.rules.verbs import Verb
from cordboard.rules.words import PHRASES, TESTS, say, sentences

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

REGISTRY = facts.Registry()
REGISTRY.declare("party.segment", facts.CHOICE, "value segment", choices={"gold": "Gold", "silver": "Silver", "new": "New"})
REGISTRY.declare("party.overdue", facts.MONEY, "balance overdue")
REGISTRY.declare("party.language", facts.TEXT, "language")
REGISTRY.declare("party.since", facts.DATE, "customer since")
REGISTRY.declare("tickets.open", facts.NUMBER, "open tickets")
REGISTRY.declare("call.matter", facts.TEXT, "matter")
REGISTRY.declare("call.last", facts.DATETIME, "last call")
REGISTRY.declare("call.wait", facts.DURATION, "wait")
REGISTRY.declare("product.safety", facts.BOOLEAN, "safety defect")
REGISTRY.declare("party.flags", facts.LIST, "flags")

VERBS = {
    "queue": Verb("queue", "send to", {"queue": str}),
    "priority": Verb("priority", "priority", {"priority": int}),
    "require": Verb("require", "need", {"skill": str, "proficiency": int}),
}

OVERDUE = {
    "id": "overdue",
    "name": "Overdue accounts",
    "when": {"all": [{"fact": "party.overdue", "op": "more", "value": 100}, {"not": {"fact": "product.safety", "op": "is", "value": True}}]},
    "actions": [{"do": "queue", "queue": "collections"}],
}
VALUED = {
    "id": "valued",
    "name": "Valued customers first",
    "when": {
        "any": [
            {"fact": "party.segment", "op": "is", "value": "gold"},
            {"all": [{"fact": "party.segment", "op": "is", "value": "silver"}, {"fact": "tickets.open", "op": "at_least", "value": 1}]},
        ]
    },
    "actions": [{"do": "priority", "priority": 2}],
}
EVERYONE = {
    "id": "everyone",
    "name": "Everyone else",
    "actions": [{"do": "require", "skill": {"fact": "party.language", "else": "en"}, "proficiency": 3}],
}


def policy(*rules, **more):
    return compile_policy({"rules": list(rules), **more}, REGISTRY, VERBS)


def holds(fact: str, op: str, value, got) -> bool:
    return bool(
        policy({"id": "r", "when": {"fact": fact, "op": op, "value": value}, "actions": [{"do": "queue", "queue": "q"}]}).evaluate({fact: got}, NOW).actions
    )


def test_the_first_rule_that_holds_decides():
    house = policy(OVERDUE, VALUED, EVERYONE)
    assert house.evaluate({"party.overdue": 250, "party.segment": "gold"}, NOW).actions == [{"do": "queue", "queue": "collections", "rule": "overdue"}]
    assert house.evaluate({"party.overdue": 250, "product.safety": True, "party.segment": "gold"}, NOW).actions == [
        {"do": "priority", "priority": 2, "rule": "valued"}
    ]
    assert house.evaluate({"party.overdue": 0, "party.segment": "new", "party.language": "th"}, NOW).actions == [
        {"do": "require", "skill": "th", "proficiency": 3, "rule": "everyone"}
    ]


def test_all_matches_adds_up_and_a_rule_may_stop():
    assert [one["rule"] for one in policy(OVERDUE, VALUED, EVERYONE, mode="all").evaluate({"party.overdue": 250, "party.segment": "gold"}, NOW).actions] == [
        "overdue",
        "valued",
        "everyone",
    ]
    stops = {**VALUED, "then": "stop"}
    assert [one["rule"] for one in policy(stops, EVERYONE, mode="all").evaluate({"party.segment": "gold"}, NOW).actions] == ["valued"]


def test_the_trace_says_what_was_tried_and_what_stood_in_the_way():
    outcome = policy(OVERDUE, VALUED, EVERYONE, {**EVERYONE, "id": "never"}).evaluate({"party.overdue": 0, "party.segment": "silver", "tickets.open": 1}, NOW)
    trace = json.loads(json.dumps(outcome.trace))
    assert [(rule["id"], rule["result"]) for rule in trace["rules"]] == [("overdue", "not_held"), ("valued", "held")]
    assert trace["not_reached"] == 2
    assert trace["rules"][0]["tests"] == [{"fact": "party.overdue", "op": "more", "value": 100, "holds": False}]
    assert [(one["fact"], one["holds"]) for one in trace["rules"][1]["tests"]] == [("party.segment", True), ("tickets.open", True)]
    assert trace["facts"] == {"party.overdue": 0, "party.segment": "silver", "tickets.open": 1}
    assert outcome.rules == ["valued"]


def test_the_trace_is_told_in_plain_words():
    outcome = policy(OVERDUE, VALUED, EVERYONE).evaluate({"party.overdue": 0, "party.segment": "silver", "tickets.open": 1}, NOW)
    told = sentences(outcome.trace)
    assert [say(one, str, REGISTRY) for one in told] == [
        "Not Overdue accounts: balance overdue is 0, not more than 100.",
        "Valued customers first: value segment is Silver, and open tickets is 1, at least 1.",
    ]
    assert [one["rule"] for one in told] == ["overdue", "valued"]
    nothing = policy(VALUED).evaluate({}, NOW)
    assert [say(one, str, REGISTRY) for one in sentences(nothing.trace)] == [
        "Not Valued customers first: value segment is not known.",
        "No rule held.",
    ]


def test_every_comparison_has_words_for_both_answers():
    assert {op for ops in OPS.values() for op in ops} == {op for op, _ in TESTS}
    assert all((op, answer) in TESTS for op, _ in TESTS for answer in (True, False))
    assert {"rule.held", "rule.not_held", "rule.skipped", "policy.nothing"} <= set(PHRASES)


def test_a_fact_is_read_once_and_only_when_asked_for():
    asked = []

    def read(name):
        asked.append(name)
        return {"party.overdue": 0, "party.segment": "new"}.get(name)

    policy(OVERDUE, VALUED, EVERYONE).evaluate(read, NOW)
    assert asked == ["party.overdue", "party.segment", "party.language"]


def test_a_fact_that_cannot_be_read_skips_its_rule_and_says_so():
    def read(name):
        if name == "party.overdue":
            raise TimeoutError("the ledger did not answer")
        return {"party.segment": "gold"}.get(name)

    outcome = policy(OVERDUE, VALUED).evaluate(read, NOW)
    assert [one["rule"] for one in outcome.actions] == ["valued"]
    assert outcome.trace["rules"][0]["result"] == "skipped"
    assert outcome.trace["unreadable"] == {"party.overdue": "TimeoutError: the ledger did not answer"}
    assert say(sentences(outcome.trace)[0], str, REGISTRY) == "Overdue accounts was passed over: balance overdue could not be read."


@pytest.mark.parametrize(
    ("fact", "got"),
    [
        ("party.overdue", "much"),
        ("party.overdue", float("nan")),
        ("tickets.open", True),
        ("tickets.open", "3"),
        ("party.segment", 3),
        ("product.safety", "yes"),
        ("call.last", datetime(2026, 1, 1)),
        ("party.flags", "vip"),
        ("party.since", "yesterday"),
    ],
)
def test_a_value_of_the_wrong_type_never_makes_a_rule_hold_not_even_turned_round(fact, got):
    test = {"fact": fact, "op": "known"}
    for when in (test, {"not": test}):
        outcome = policy({"id": "r", "when": when, "actions": [{"do": "queue", "queue": "q"}]}).evaluate({fact: got}, NOW)
        assert outcome.actions == []
        assert outcome.trace["rules"][0]["result"] == "skipped"
        json.dumps(outcome.trace)


@pytest.mark.parametrize(
    ("fact", "op", "value", "got", "answer"),
    [
        ("party.segment", "is", "gold", "gold", True),
        ("party.segment", "is_not", "gold", None, True),
        ("party.segment", "is", "gold", None, False),
        ("party.segment", "not_in", ["gold", "silver"], "new", True),
        ("call.matter", "contains", "KAPUTT", "Alles kaputt!", True),
        ("call.matter", "contains_any", ["cancel", "leave"], "I want to leave", True),
        ("call.matter", "starts_with", "i ", "I want", True),
        ("call.matter", "matches", r"f\s?4\b", "it says F 4 again", True),
        ("call.matter", "matches", r"^f4$", "it says F4", False),
        ("party.overdue", "more", {"amount": "99.99", "currency": "EUR"}, (Decimal("100.00"), "EUR"), True),
        ("party.overdue", "more", 100, {"amount": 100, "currency": "EUR"}, False),
        ("party.overdue", "between", [10, 20], 20, True),
        ("tickets.open", "at_least", 1, 1, True),
        ("tickets.open", "in", [1, 2], 3, False),
        ("tickets.open", "between", [1, 3], 0, False),
        ("party.since", "older_than", "365d", date(2025, 11, 22), False),
        ("party.since", "older_than", "365d", date(2025, 11, 21), True),
        ("party.since", "within", "30d", "2026-11-01", True),
        ("call.last", "within", "7d", NOW - timedelta(days=7), True),
        ("call.last", "within", "7d", NOW + timedelta(seconds=1), False),
        ("call.last", "within_next", "1h", NOW + timedelta(minutes=59), True),
        ("call.last", "less", "2026-11-22T10:00:00+01:00", NOW - timedelta(seconds=1), True),
        ("call.wait", "more", "3m", 181, True),
        ("call.wait", "more", "3m", timedelta(minutes=3), False),
        ("product.safety", "is", False, False, True),
        ("party.flags", "contains", "VIP", ["vip", "deaf"], True),
        ("party.flags", "any_of", ["a", "deaf"], ["vip", "deaf"], True),
        ("party.flags", "all_of", ["a", "deaf"], ["vip", "deaf"], False),
        ("party.flags", "none_of", ["a"], None, True),
        ("party.language", "known", None, "nl", True),
        ("party.language", "unknown", None, None, True),
    ],
)
def test_comparisons(fact, op, value, got, answer):
    assert holds(fact, op, value, got) is answer


def test_amounts_in_two_currencies_are_not_compared():
    outcome = policy({"id": "r", "when": {"fact": "party.overdue", "op": "less", "value": {"amount": 5, "currency": "EUR"}}}).evaluate(
        {"party.overdue": (1, "THB")}, NOW
    )
    assert outcome.trace["rules"][0]["result"] == "skipped"


def test_a_rule_holds_between_its_dates_in_the_policys_time_zone():
    rule = {**EVERYONE, "from": "2026-11-22", "until": "2026-11-22"}
    house = policy(rule, timezone="Asia/Bangkok")
    held = [hour for hour in range(-12, 36) if house.evaluate({}, datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hour)).actions]
    assert held == list(range(-7, 17))
    assert policy({**rule, "enabled": False}).evaluate({}, NOW).trace["rules"][0]["result"] == "not_in_force"


def test_an_action_whose_fact_is_not_known_is_left_out():
    needs = {"id": "r", "name": "Own language", "actions": [{"do": "require", "skill": {"fact": "party.language"}, "proficiency": 3}]}
    outcome = policy(needs).evaluate({}, NOW)
    assert outcome.actions == []
    assert outcome.trace["rules"][0]["left_out"] == [0]
    assert [one["code"] for one in sentences(outcome.trace)] == ["rule.always", "action.left_out"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, ""),
        ({"rules": [], "schema": 2}, "schema"),
        ({"rules": {}}, "rules"),
        ({"rules": [], "mode": "some"}, "mode"),
        ({"rules": [], "timezone": "Mars/Phobos"}, "timezone"),
        ({"rules": [], "rule": []}, "rule"),
        ({"rules": ["x"]}, "rules[0]"),
        ({"rules": [{"name": "x"}]}, "rules[0].id"),
        ({"rules": [{"id": "a"}, {"id": "a"}]}, "rules[1].id"),
        ({"rules": [{"id": "a", "from": "soon"}]}, "rules[0].from"),
        ({"rules": [{"id": "a", "when": {"all": []}}]}, "rules[0].when.all"),
        ({"rules": [{"id": "a", "when": {"all": [{}], "any": [{}]}}]}, "rules[0].when"),
        ({"rules": [{"id": "a", "when": {"any": [{"fact": "weather", "op": "is", "value": 1}]}}]}, "rules[0].when.any[0].fact"),
        ({"rules": [{"id": "a", "when": {"fact": "tickets.open", "op": "contains", "value": "1"}}]}, "rules[0].when.value"),
        ({"rules": [{"id": "a", "when": {"fact": "party.segment", "op": "is", "value": "platinum"}}]}, "rules[0].when.value"),
        ({"rules": [{"id": "a", "when": {"fact": "call.matter", "op": "matches", "value": "(a+"}}]}, "rules[0].when.value"),
        ({"rules": [{"id": "a", "when": {"fact": "call.matter", "op": "matches", "value": "a" * 501}}]}, "rules[0].when.value"),
        ({"rules": [{"id": "a", "when": {"fact": "party.since", "op": "older_than", "value": "a while"}}]}, "rules[0].when.value"),
        ({"rules": [{"id": "a", "actions": [{"do": "dance"}]}]}, "rules[0].actions[0].do"),
        ({"rules": [{"id": "a", "actions": [{"do": "priority"}]}]}, "rules[0].actions[0].priority"),
        ({"rules": [{"id": "a", "actions": [{"do": "priority", "priority": True}]}]}, "rules[0].actions[0].priority"),
        ({"rules": [{"id": "a", "actions": [{"do": "queue", "queue": {"fact": "weather"}}]}]}, "rules[0].actions[0].queue.fact"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_with_its_place(body, path):
    assert path in [problem.path for problem in check_policy(body, REGISTRY, VERBS)]
    with pytest.raises(BadPolicy):
        compile_policy(body, REGISTRY, VERBS)


def test_trees_too_deep_or_too_many_are_refused_quickly():
    deep = {"fact": "tickets.open", "op": "is", "value": 1}
    for _ in range(500):
        deep = {"not": deep}
    assert "nest" in check_policy({"rules": [{"id": "a", "when": deep}]}, REGISTRY, VERBS)[0].message
    wide = {"any": [{"fact": "tickets.open", "op": "is", "value": 1}] * 30_000}
    assert len(check_policy({"rules": [{"id": "a", "when": wide}]}, REGISTRY, VERBS)) == 1


def test_a_pattern_that_would_freeze_a_backtracking_engine_is_quick():
    assert not holds("call.matter", "matches", "(a+)+$", "a" * 5000 + "!")


def test_facts_are_declared_once():
    registry = facts.Registry()
    registry.declare("x", facts.TEXT, "x")
    registry.declare("x", facts.TEXT, "x again, as when modules are loaded twice")
    with pytest.raises(ValueError, match="twice"):
        registry.declare("x", facts.NUMBER, "x")
    with pytest.raises(ValueError, match="type"):
        registry.declare("y", "colour", "y")


def test_a_registered_reader_gets_the_situation():
    registry = facts.Registry()
    registry.declare("party.name", facts.TEXT, "name", read=lambda at: at["party"]["name"])
    registry.declare("minutes", facts.NUMBER, "minutes")
    read = registry.reader({"party": {"name": "Somchai"}, "minutes": 3})
    assert (read("party.name"), read("minutes")) == ("Somchai", 3)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=6,
)
LEAF = st.fixed_dictionaries(
    {"fact": st.sampled_from(sorted(REGISTRY)), "op": st.sampled_from(sorted({op for ops in OPS.values() for op in ops})), "value": ANYTHING}
)
TREE = st.recursive(
    LEAF,
    lambda part: (
        st.fixed_dictionaries({"all": st.lists(part, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(part, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"not": part})
    ),
    max_leaves=4,
)


@settings(max_examples=80, deadline=None)
@given(when=TREE | ANYTHING, values=st.dictionaries(st.sampled_from(sorted(REGISTRY)), ANYTHING))
def test_whatever_is_written_and_whatever_is_read_nothing_breaks(when, values):
    body = {"rules": [{"id": "r", "when": when, "actions": [{"do": "queue", "queue": "q"}]}, EVERYONE]}
    try:
        compiled = compile_policy(body, REGISTRY, VERBS)
    except BadPolicy:
        assert all(problem.message for problem in check_policy(body, REGISTRY, VERBS))
        return
    outcome = compiled.evaluate(values, NOW)
    held = [one["rule"] for one in outcome.actions]
    trace = json.loads(json.dumps(outcome.trace))
    assert [rule["id"] for rule in trace["rules"] if rule["result"] == "held"] == held
    assert all(say(one, str, REGISTRY) for one in sentences(trace))
