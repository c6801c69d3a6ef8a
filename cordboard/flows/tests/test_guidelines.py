"""Written guidelines become scripts: which action comes next, what is flagged, and what happens to files that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.flows import guidelines, pairing, queries, scripts
from cordboard.flows.actions import Refused
from cordboard.flows.actions_guidelines import import_guidelines
from cordboard.flows.adherence import follow
from cordboard.flows.engine import compile_flow
from cordboard.flows.files import WrongFile
from cordboard.flows.graph import validate

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def entry(button: str, text: str = "Do it", *lines: str) -> dict:
    return {"type": "interaction", "button": button, "text": text, "subtext": list(lines)}


LAMPS = {
    "Lamp faults": {
        "description": "what to do with lamps",
        "subflows": {
            "Flickering Lamps": {
                "instructions": ["The lamp flickers.", "Thank the customer."],
                "actions": [
                    entry("Find Customer", "Ask for the customer number"),
                    entry("N/A", "Explain that you look at the warranty <now>"),
                    entry(
                        "Check the Warranty",
                        "Look at the {date}",
                        "The system returns Yes or No",
                        "If No: > apologise and [End Conversation]",
                        "If Yes: > go on",
                    ),
                    entry("Service Tier", "Which tier", "If Basic or Plain: > skip the next step", "If Royal: > go to the next step"),
                    entry("Offer a Gift", "Choose a gift"),
                    entry("Send Replacement", "Send a new lamp"),
                ],
            },
            "Lamp Arrived Broken": {
                "instructions": ["Choose these in any order."],
                "actions": [entry("Find Customer"), entry("Send Replacement"), entry("Record Photo")],
            },
        },
    },
    "Kettles": {"description": "", "subflows": {"Leaking Kettle": {"instructions": [], "actions": [entry("Find Customer"), entry("Tell Workshop")]}}},
}
REQUIRED = {
    "leak": ["find-customer", "notify-workshop"],
    "flicker": ["find-customer", "warranty", "tier", "gift", "send-replacement"],
    "arrived_broken": ["find-customer", "record-photo", "send-replacement"],
}


def joined() -> dict[str, guidelines.Joined]:
    return {one.guideline.name: one for one in guidelines.join(guidelines.read(json.dumps(LAMPS)), REQUIRED)}


def flow(name: str = "Flickering Lamps"):
    graph = scripts.script(joined()[name], "x")
    assert validate(graph, "script") == []
    return compile_flow(graph)


def kinds(done: list, name: str = "Flickering Lamps", *, over: bool = False, any_order: bool = False) -> list[tuple[str, str]]:
    return [(one.kind, one.action) for one in follow(flow(name), done, now=NOW, over=over, any_order=any_order).deviations]


def test_guidelines_find_their_required_actions_by_what_both_say():
    assert {name: one.key for name, one in joined().items()} == {
        "Flickering Lamps": "flicker",
        "Lamp Arrived Broken": "arrived_broken",
        "Leaking Kettle": "leak",
    }
    told = [(one.code, joined()["Flickering Lamps"].guideline.actions[one.told].button) for one in joined()["Flickering Lamps"].required]
    assert told == [
        ("find-customer", "Find Customer"),
        ("warranty", "Check the Warranty"),
        ("tier", "Service Tier"),
        ("gift", "Offer a Gift"),
        ("send-replacement", "Send Replacement"),
    ]


def test_along_the_required_actions_the_next_one_is_right():
    for name, one in joined().items():
        for number, code in enumerate(REQUIRED[one.key]):
            followed = follow(flow(name), REQUIRED[one.key][:number], now=NOW)
            assert (followed.next, followed.deviations) == (code, [])
        assert follow(flow(name), REQUIRED[one.key], now=NOW, over=True).adheres


def test_an_answer_leads_where_the_guideline_says():
    begun = ["find-customer", ("warranty", "Yes")]
    assert follow(flow(), begun, now=NOW).next == "tier"
    assert follow(flow(), [*begun, ("tier", "Basic")], now=NOW).next == "send-replacement"
    assert follow(flow(), [*begun, ("tier", "Royal")], now=NOW).next == "gift"
    stopped = follow(flow(), ["find-customer", ("warranty", "No")], now=NOW, over=True)
    assert (stopped.ended, stopped.next, stopped.deviations) == ("stopped", "", [])


def test_what_breaks_the_guideline_is_flagged():
    assert kinds(["warranty"]) == [("skipped", "find-customer")]
    assert kinds(["warranty", "find-customer"]) == [("skipped", "find-customer"), ("late", "find-customer")]
    assert kinds(["find-customer", "find-customer"]) == [("repeated", "find-customer")]
    assert kinds(["find-customer", "dance"]) == [("foreign", "dance")]
    assert kinds(["find-customer", ("warranty", "No"), "gift"]) == [("against", "gift")]
    assert kinds(["find-customer", ("warranty", "Yes"), ("tier", "Basic"), "gift"]) == [("against", "gift")]
    assert kinds(["find-customer", "warranty", "tier", "gift"], over=True) == [("skipped", "send-replacement")]


def test_where_the_order_is_free_another_order_is_only_noted():
    assert joined()["Lamp Arrived Broken"].any_order
    followed = follow(flow("Lamp Arrived Broken"), ["send-replacement", "find-customer", "record-photo"], now=NOW, any_order=True, over=True)
    assert followed.adheres
    assert [(one.kind, one.action, one.level) for one in followed.deviations] == [("late", "send-replacement", "note")]
    assert kinds(["send-replacement"], "Lamp Arrived Broken", any_order=True, over=True) == [
        ("late", "send-replacement"), ("skipped", "find-customer"), ("skipped", "record-photo"),
    ]  # fmt: skip


def test_texts_are_plain_and_what_is_only_told_stands_where_it_is_told():
    graph = scripts.script(joined()["Flickering Lamps"], "x")
    assert "(now)" in graph["steps"]["warranty-note"]["do"]["en"]
    assert "(date)" in graph["steps"]["warranty"]["do"]["en"]
    assert [one["value"] for one in graph["steps"]["warranty"]["choices"]] == ["Yes", "No"]
    assert graph["steps"]["close"]["do"] == {"en": "Thank the customer."}


def test_without_required_actions_the_buttons_are_required():
    alone = guidelines.join(guidelines.read(json.dumps(LAMPS)), {})
    assert [one.code for one in alone[0].required] == ["find-customer", "check-the-warranty", "service-tier", "offer-a-gift", "send-replacement"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"a": 1}', '{"a": {"subflows": {}}}', '{"a": {"subflows": {"b": {}}}}', "[" * 9000, b"\xff",
     json.dumps({"a": {"subflows": {"b": {"actions": [{}] * 300}}}})],
)  # fmt: skip
def test_what_is_no_guideline_is_refused(content):
    with pytest.raises(WrongFile):
        guidelines.read(content)


@pytest.mark.parametrize("content", ["[]", "{}", '{"a": []}', '{"a": [1]}', '{"a": "b"}', '{"a": [""]}'])
def test_what_are_no_required_actions_is_refused(content):
    with pytest.raises(WrongFile):
        guidelines.read_required(content)


ODD = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=30), lambda inner: st.lists(inner, max_size=3), max_leaves=6)


@settings(max_examples=30, deadline=None)
@given(
    actions=st.lists(st.fixed_dictionaries({"button": ODD, "text": ODD, "subtext": ODD}), max_size=6),
    codes=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6),
)
def test_whatever_a_guideline_says_it_becomes_a_script_that_ends(actions, codes):
    content = json.dumps({"f": {"description": None, "subflows": {"g": {"instructions": ["{x} <b>"], "actions": actions}}}})
    wanted = {"k": [code for code in codes if code.strip()] or ["a"]}
    (one,) = guidelines.join(guidelines.read(content), guidelines.read_required(json.dumps(wanted)))
    graph = scripts.script(one, "x")
    assert [problem for problem in validate(graph, "script") if problem.level == "error"] == []
    if len(set(wanted["k"])) == len(wanted["k"]):
        followed = follow(compile_flow(graph), [code.strip() for code in wanted["k"]], now=NOW, over=True)
        assert (followed.ended, followed.deviations) == ("done", [])


def test_names_are_compared_by_their_words():
    assert pairing.words("Log Out/In") == ("log", "out", "in")
    assert pairing.likeness("Reset Two-Factor Auth", "reset_2fa") > 0.5
    assert pairing.likeness("Offer Refund", "offer-refund") == 1
    assert pairing.likeness("Offer Refund", "make-password") == 0
    assert pairing.likeness("", "x") == 0
    assert pairing.paired([[0.9, 0.8], [0.8, 0.1]]) == [(0, 1), (1, 0)]
    assert pairing.paired([[1.0], [2.0], [0.5]]) == [(1, 0)]
    assert pairing.paired([]) == []


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=1, max_size=5)))
def test_pairs_are_the_best_that_there_are(scores):
    from itertools import permutations

    rows, columns = len(scores), len(scores[0])
    pairs = pairing.paired(scores)
    assert len(pairs) == min(rows, columns)
    got = sum(scores[row][column] for row, column in pairs)
    if rows <= columns:
        best = max(sum(scores[row][column] for row, column in enumerate(order)) for order in permutations(range(columns), rows))
    else:
        best = max(sum(scores[row][column] for column, row in enumerate(order)) for order in permutations(range(rows), columns))
    assert got == pytest.approx(best)


@pytest.mark.django_db
def test_taken_in_again_only_what_changed_makes_a_new_version():
    content, required = json.dumps(LAMPS), json.dumps(REQUIRED)
    made = import_guidelines(content, required, None)
    assert [(one.came, one.flow.state, one.flow.version) for one in made] == [("new", "published", 1)] * 3
    assert [one.came for one in import_guidelines(content, required, None)] == ["same"] * 3
    changed = json.loads(content)
    changed["Kettles"]["subflows"]["Leaking Kettle"]["actions"][1]["text"] = "Call the workshop"
    again = {one.joined.guideline.name: one for one in import_guidelines(json.dumps(changed), required, None)}
    assert [again[name].came for name in ("Flickering Lamps", "Leaking Kettle")] == ["same", "changed"]
    assert queries.published(again["Leaking Kettle"].flow.code).version == 2
    with pytest.raises(Refused):
        import_guidelines("{}", required, None)


@pytest.mark.django_db
def test_what_somebody_has_drawn_on_is_left_alone():
    from cordboard.flows import actions

    content = json.dumps(LAMPS)
    kettle = import_guidelines(content, None, None)[2].flow
    draft = actions.open_draft(kettle.code, None)
    drawn = {**draft.graph, "steps": {name: {**step, "place": {"x": 1, "y": 2}} for name, step in draft.graph["steps"].items()}}
    actions.save_draft(draft.pk, drawn, draft.revision, None)
    assert [one.came for one in import_guidelines(content, None, None)] == ["same", "same", "kept"]
