"""What the workbench says of policies: tables equal their rules, a difference leads from one version to the other, dead rules are dead, near misses are near."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.rules import facts
from cordboard.rules.difference import NotThisVersion, applied, counts, difference, is_empty
from cordboard.rules.evaluate import check_policy, compile_policy
from cordboard.rules.explain import look_again, near_misses
from cordboard.rules.findings import findings
from cordboard.rules.phrases import Speaker
from cordboard.rules.tables import MAX_ROWS
from cordboard.rules.verbs import Verb

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

REGISTRY = facts.Registry()
REGISTRY.declare("party.segment", facts.CHOICE, "value segment", choices={"gold": "Gold", "silver": "Silver", "new": "New"})
REGISTRY.declare("party.overdue", facts.NUMBER, "overdue for", unit="days")
REGISTRY.declare("party.language", facts.TEXT, "language")
REGISTRY.declare("safety", facts.BOOLEAN, "it is a safety defect")
REGISTRY.declare("party.flags", facts.LIST, "flags")

VERBS = {
    "queue": Verb("queue", "send it to a queue", {"queue": str}, sentence="send to %(queue)s", options={"queue": lambda: {"c": "Collections"}}, single=True),
    "priority": Verb("priority", "priority", {"priority": int}, sentence="give it priority %(priority)s"),
    "require": Verb(
        "require", "ask for a skill", {"skill": str}, {"proficiency": int}, sentence="ask for %(skill)s", more={"proficiency": "level %(proficiency)s"}
    ),
}


def is_(fact: str, value: Any, op: str = "is") -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value}


def rule(id: str, when: Any = None, queue: str = "q", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": id.capitalize(), **({"when": when} if when else {}), "actions": [{"do": "queue", "queue": queue}], **more}


def policy(*rules: dict[str, Any], **more: Any):
    return compile_policy({"rules": list(rules), **more}, REGISTRY, VERBS)


# -- decision tables ------------------------------------------------------------------------------------------------

CELLS = {
    ("party.segment", "in"): st.none() | st.lists(st.sampled_from(["gold", "silver", "new"]), min_size=1, max_size=2, unique=True),
    ("party.overdue", "at_least"): st.none() | st.integers(0, 3),
    ("safety", "is"): st.none() | st.booleans(),
}
SITUATIONS = st.fixed_dictionaries(
    {
        "party.segment": st.sampled_from(["gold", "silver", "new", None]),
        "party.overdue": st.none() | st.integers(0, 3),
        "safety": st.booleans() | st.none(),
    }
)


@st.composite
def tables(draw: Any) -> dict[str, Any]:
    columns = list(CELLS)
    rows = draw(st.lists(st.tuples(*CELLS.values(), st.integers(1, 9), st.booleans()), max_size=8))
    return {
        "inputs": [{"fact": fact, "op": op} for fact, op in columns],
        "outputs": [{"do": "priority", "field": "priority"}],
        "rows": [{"when": list(row[:3]), "do": [row[3]], "enabled": row[4]} for row in rows],
    }


@given(tables(), SITUATIONS)
def test_a_decision_table_does_what_its_rows_say(table: dict[str, Any], situation: dict[str, Any]) -> None:
    made = policy({"id": "t", "name": "Table", "table": table}, rule("rest"), mode="all").evaluate(situation, NOW)
    wanted = None
    for row in table["rows"]:
        segments, least, safety = row["when"]
        fits = (
            (segments is None or situation["party.segment"] in segments)
            and (least is None or (situation["party.overdue"] is not None and situation["party.overdue"] >= least))
            and (safety is None or situation["safety"] is safety)
        )
        if row["enabled"] and fits:
            wanted = row["do"][0]
            break
    assert [action["priority"] for action in made.actions if action["do"] == "priority"] == ([] if wanted is None else [wanted])
    assert made.actions[-1]["rule"] == "rest"


@given(tables(), SITUATIONS)
def test_a_decision_table_equals_its_rules(table: dict[str, Any], situation: dict[str, Any]) -> None:
    rows = [
        {
            "id": f"t/{number + 1}",
            "when": {"all": tests}
            if (tests := [is_(*column, op) for (fact, op), cell in zip(CELLS, row["when"], strict=True) if cell is not None for column in [(fact, cell)]])
            else None,
            "actions": [{"do": "priority", "priority": row["do"][0]}],
            "enabled": row["enabled"],
        }
        for number, row in enumerate(table["rows"])
    ]
    assert policy({"id": "t", "table": table}).evaluate(situation, NOW).actions == policy(*rows).evaluate(situation, NOW).actions


def test_what_is_wrong_with_a_table_is_said_at_its_cell() -> None:
    table = {
        "inputs": [{"fact": "party.segment", "op": "is"}],
        "outputs": [{"do": "queue", "field": "queue"}],
        "rows": [{"when": ["gold"], "do": ["c"]}, {"when": ["platinum"], "do": [7]}],
    }
    problems = check_policy({"rules": [{"id": "t", "table": table}]}, REGISTRY, VERBS)
    assert [problem.path for problem in problems] == ["rules[0].table.rows[1].when[0].value", "rules[0].table.rows[1].do[0].queue"]
    assert (
        check_policy({"rules": [{"id": "t", "table": {**table, "rows": [{"when": ["gold", "x"]}]}}]}, REGISTRY, VERBS)[0].path == "rules[0].table.rows[0].when"
    )
    many = {**table, "rows": [{"when": ["gold"], "do": ["c"]}] * (MAX_ROWS // 2 + 1)}
    assert "at most" in check_policy({"rules": [{"id": "a", "table": many}, {"id": "b", "table": many}]}, REGISTRY, VERBS)[0].message
    for wrong in (
        None,
        [],
        {"rows": []},
        {"inputs": [], "outputs": [], "rows": []},
        {**table, "x": 1},
        {**table, "outputs": [{"do": 3}]},
        {**table, "rows": {"a": 1}},
    ):
        assert check_policy({"rules": [{"id": "t", "table": wrong}]}, REGISTRY, VERBS)


# -- differences ----------------------------------------------------------------------------------------------------

FIELDS = st.fixed_dictionaries(
    {}, optional={"name": st.sampled_from(["A", "B"]), "enabled": st.booleans(), "when": st.sampled_from([1, True, {"all": []}, None])}
)
BODIES = st.builds(
    lambda ids, fields, mode: {**mode, "rules": [{"id": id, **more} for id, more in zip(ids, fields, strict=False)]},
    st.permutations(list("abcdefg")),
    st.lists(FIELDS, max_size=7),
    st.fixed_dictionaries({}, optional={"mode": st.sampled_from(["first", "all"]), "parameters": st.dictionaries(st.sampled_from("xy"), st.integers(0, 1))}),
)


def canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)


@given(BODIES, BODIES)
def test_a_difference_leads_to_the_other_version(old: dict[str, Any], new: dict[str, Any]) -> None:
    change = difference(old, new)
    json.dumps(change)
    assert canonical(applied(old, change)) == canonical(new)
    assert is_empty(change) == (canonical(old) == canonical(new))


def test_a_difference_names_the_fewest_that_moved() -> None:
    old = {"rules": [{"id": id} for id in "abcde"]}
    new = {"rules": [{"id": id} for id in "eabcd"]}
    assert difference(old, new)["moved"] == ["e"]
    assert counts(difference(old, {"rules": [{"id": "a"}, {"id": "x"}]})) == {"added": 1, "removed": 4, "changed": 0, "moved": 0}


def test_a_difference_is_refused_by_another_version() -> None:
    change = difference({"rules": [{"id": "a", "name": "A"}]}, {"rules": [{"id": "a", "name": "B"}]})
    with pytest.raises(NotThisVersion, match="name"):
        applied({"rules": [{"id": "a", "name": "C"}]}, change)


# -- dead rules and contradictions ----------------------------------------------------------------------------------


def test_rules_that_never_get_their_turn_are_found() -> None:
    house = policy(
        rule("many", is_("party.overdue", 30, "at_least")),
        rule("few", is_("party.overdue", 30, "less")),
        rule("known", is_("party.overdue", None, "known")),
        rule("never", {"all": [is_("party.overdue", 5, "less"), is_("party.overdue", 7, "more")]}),
        rule("nobody", is_("party.segment", "gold"), enabled=False),
        rule("summer", is_("party.segment", "gold"), until="2026-08-31"),
        rule("gold", is_("party.segment", "gold")),
        rule("both", {"all": [is_("party.segment", "gold"), is_("safety", True)]}),
        rule("rest"),
        rule("after", is_("party.language", "nl")),
    )
    told = {one["rule"]: one["code"] for one in findings(house, NOW, VERBS)}
    assert told == {"known": "covered", "never": "never", "summer": "ended", "both": "covered", "after": "covered"}
    assert next(one["by"] for one in findings(house, NOW, VERBS) if one["rule"] == "known") == ["many", "few"]


def test_rules_that_contradict_are_found() -> None:
    house = policy(
        rule("owing", is_("party.overdue", 30, "at_least"), "c"),
        rule("gold", is_("party.segment", "gold"), "s"),
        rule("little", is_("party.overdue", 3, "less"), "c"),
        mode="all",
    )
    assert findings(house, NOW, VERBS) == [
        {"code": "against", "rule": "gold", "by": ["owing"], "verb": "queue"},
        {"code": "against", "rule": "little", "by": ["gold"], "verb": "queue"},
    ]


CONDITIONS = st.recursive(
    st.builds(is_, st.just("party.segment"), st.sampled_from(["gold", "silver", "new"]), st.sampled_from(["is", "is_not"]))
    | st.builds(is_, st.just("safety"), st.booleans(), st.sampled_from(["is", "is_not"]))
    | st.builds(is_, st.just("party.overdue"), st.integers(0, 2), st.sampled_from(["less", "at_most", "more", "is", "is_not"]))
    | st.sampled_from([{"fact": "party.overdue", "op": "unknown"}, {"fact": "safety", "op": "known"}]),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(lambda parts: st.sampled_from([{"all": parts}, {"any": parts}, {"not": parts[0]}])),
    max_leaves=5,
)
WORLD = [
    {"party.segment": segment, "safety": safety, "party.overdue": overdue}
    for segment, safety, overdue in itertools.product(["gold", "silver", "new", None], [True, False, None], [None, -1, 0, 0.5, 1, 1.5, 2, 3])
]


@settings(max_examples=60, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=5))
def test_exactly_the_dead_rules_are_called_dead(conditions: list[Any]) -> None:
    house = policy(*(rule(f"r{number}", when) for number, when in enumerate(conditions)))
    called = {one["rule"] for one in findings(house, NOW, VERBS) if one["code"] in ("never", "covered")}
    alive = {action["rule"] for situation in WORLD for action in house.evaluate(situation, NOW).actions}
    assert called == {f"r{number}" for number in range(len(conditions))} - alive


def test_a_long_table_is_looked_at_in_time() -> None:
    rows = [{"when": [f"l{number % 2500}"], "do": ["c"]} for number in range(MAX_ROWS)]
    table = {"inputs": [{"fact": "party.language", "op": "is"}], "outputs": [{"do": "queue", "field": "queue"}], "rows": rows}
    told = findings(policy({"id": "t", "table": table}), NOW, VERBS)
    assert told[0] == {"code": "covered", "rule": "t/2501", "by": ["t/1"]}


# -- explaining -----------------------------------------------------------------------------------------------------


def test_a_near_miss_is_one_comparison_short() -> None:
    house = policy(
        rule("owing", {"all": [is_("party.overdue", 30, "at_least"), {"not": is_("safety", True)}]}),
        rule("two", {"all": [is_("party.overdue", 90, "at_least"), is_("party.segment", "gold")]}),
        rule("either", {"any": [is_("party.segment", "gold"), is_("party.overdue", 50, "more")]}),
        rule("unread", is_("party.language", "nl")),
        rule("rest"),
        rule("late", is_("party.segment", "new")),
    )
    situation = {"party.overdue": 20, "safety": False, "party.segment": "silver", "party.language": "th"}
    trace = house.evaluate(situation, NOW).trace
    looked = {one.id: one for one in look_again(house, trace, NOW)}
    assert [one.id for one in near_misses(house, trace, NOW)] == ["either", "unread", "late"]
    assert looked["owing"].short == 2
    assert looked["owing"].unknown == ["safety"]  # nobody needed to ask whether it was safe
    assert looked["two"].short == 2
    assert looked["either"].failed[0] == {"fact": "party.segment", "op": "is", "value": "gold", "got": "silver", "holds": False}
    assert looked["rest"].result == "held"
    assert (looked["late"].result, looked["late"].near) == ("not_reached", True)


@settings(max_examples=60, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.sampled_from(WORLD))
def test_what_held_is_never_a_near_miss_and_what_missed_is(conditions: list[Any], situation: dict[str, Any]) -> None:
    house = policy(*(rule(f"r{number}", when) for number, when in enumerate(conditions)), mode="all")
    outcome = house.evaluate(situation, NOW)
    trace = {**outcome.trace, "facts": situation}
    for one in look_again(house, trace, NOW):
        assert (one.short == 0) == (one.id in outcome.rules)


# -- sentences ------------------------------------------------------------------------------------------------------


def test_rules_are_said_as_sentences() -> None:
    speaker = Speaker(str, REGISTRY, VERBS)
    owing = {
        "id": "o",
        "when": {"all": [is_("party.overdue", 30, "at_least"), {"any": [is_("party.segment", ["gold", "new"], "in"), {"not": is_("safety", True)}]}]},
        "actions": [{"do": "queue", "queue": "c"}, {"do": "require", "skill": {"fact": "party.language", "else": "en"}, "proficiency": 3}],
    }
    assert speaker.rule(owing) == (
        "When overdue for is at least 30 days, and (value segment is one of Gold, New, or not so that it is a safety defect), "
        "then send to Collections and ask for the language (or en) level 3."
    )
    assert speaker.rule({"actions": [{"do": "priority", "priority": 2}]}, first=True) == "Otherwise give it priority 2."
    assert speaker.rule({"when": is_("safety", False), "actions": []}) == "When not so that it is a safety defect, then do nothing."
    table = {"inputs": [{"fact": "party.segment", "op": "is"}], "outputs": [{"do": "queue", "field": "queue"}], "rows": [{}, {}]}
    assert speaker.rule({"table": table}) == "Decision table with 2 rows, by value segment."


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["fact", "op", "value", "all", "any", "not", "do", "queue"]), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_anything_is_said_without_falling_over(thing: Any) -> None:
    speaker = Speaker(str, REGISTRY, VERBS)
    assert isinstance(speaker.condition(thing), str)
    assert isinstance(speaker.rule({"when": thing, "actions": thing if isinstance(thing, list) else [thing]}), str)
