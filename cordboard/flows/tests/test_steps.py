"""Every type of step by itself: what is asked, what an answer means, what goes out, and where it goes on."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.flows import linking
from cordboard.flows.answers import WrongAnswer, taken
from cordboard.flows.difference import difference
from cordboard.flows.effects import Answered, Ask, CallService, LookedUp, LookUp, NoAnswer, Perform, Say, SetContext, Show, Started
from cordboard.flows.engine import BUDGET, begin, compile_flow, step
from cordboard.flows.graph import validate
from cordboard.flows.play import expected_of, play, test
from cordboard.flows.tests.test_engine import INPUTS, random_graph

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def graph(steps: dict, *, variables: dict | None = None, start: str = "") -> dict:
    kinds = {"v": "text", "n": "number", "l": "list", "d": "date", **(variables or {})}
    return {
        "schema": 1, "code": "x", "languages": ["en"], "start": start or next(iter(steps)), "person_key": "0", "person": "p", "on_error": "p",
        "variables": {name: {"type": kind} for name, kind in kinds.items()}, "steps": {**steps, "p": {"type": "hand_over"}},
    }  # fmt: skip


class Play:
    def __init__(self, steps: dict, surface: str = "script", **more):
        self.flow = compile_flow(graph(steps, **more))
        self.state = begin(self.flow)
        self.does(Started(surface=surface))

    def does(self, given):
        self.state, self.effects = step(self.flow, json.loads(json.dumps(self.state)), given, NOW)
        return self

    @property
    def last(self):
        return self.effects[-1] if self.effects else None

    def value(self, name):
        return self.state["vars"][name]["value"]


# -- answers ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "given", "value"),
    [
        ({"kind": "number"}, " 12,50 ", 12.5),
        ({"kind": "number"}, "-3", -3),
        ({"kind": "number", "whole": True}, "4.0", 4),
        ({"kind": "rating"}, "5", 5),
        ({"kind": "digits", "min": 4}, "0123", "0123"),
        ({"kind": "text"}, " hello ", "hello"),
        ({"kind": "date"}, "2026-02-28", "2026-02-28"),
        ({"kind": "date"}, "28-2-2026", "2026-02-28"),
        ({"kind": "date"}, "28.02.2026", "2026-02-28"),
        ({"kind": "date"}, "28022026", "2026-02-28"),
        ({"kind": "telephone", "region": "NL"}, "020 555 0123", "+31205550123"),
        ({"kind": "telephone"}, "+66 2 123 4567", "+6621234567"),
        ({"kind": "email"}, "Anna@EXAMPLE.com", "Anna@example.com"),
        ({"kind": "choice", "choices": [{"value": "a"}, {"value": "b"}]}, "b", "b"),
        ({"kind": "choice", "choices": [{"value": "a"}], "open": True}, "other", "other"),
        ({"kind": "multiple", "choices": [{"value": "a"}, {"value": "b"}]}, ["b", "a", "b"], ["b", "a"]),
        ({"kind": "multiple", "choices": [{"value": "a"}, {"value": "b"}]}, "a, b", ["a", "b"]),
        ({"kind": "text", "optional": True}, "", None),
    ],
)
def test_what_an_answer_means(question, given, value):
    assert taken(question, given, today=TODAY, surface="script") == value


@pytest.mark.parametrize(
    ("question", "given", "code"),
    [
        ({"kind": "number"}, "12x", "number"),
        ({"kind": "number"}, "1e9", "number"),
        ({"kind": "number"}, "٣", "number"),
        ({"kind": "number", "whole": True}, "1.5", "whole"),
        ({"kind": "number", "min": 2}, "1", "small"),
        ({"kind": "rating", "max": 10}, "11", "large"),
        ({"kind": "digits"}, "12a", "digits"),
        ({"kind": "digits", "min": 4}, "123", "short"),
        ({"kind": "text", "max": 3}, "long", "long"),
        ({"kind": "date"}, "31-2-2026", "date"),
        ({"kind": "date", "range": "past"}, "2026-11-23", "late"),
        ({"kind": "date", "range": "future"}, "2026-11-21", "early"),
        ({"kind": "telephone"}, "020 555 0123", "telephone"),
        ({"kind": "telephone", "region": "NL"}, "12", "telephone"),
        ({"kind": "email"}, "anna@", "email"),
        ({"kind": "choice", "choices": [{"value": "a"}]}, "z", "choice"),
        ({"kind": "multiple", "choices": [{"value": "a"}, {"value": "b"}], "min": 2}, "a", "few"),
        ({"kind": "multiple", "choices": [{"value": "a"}, {"value": "b"}], "max": 1}, "a,b", "many"),
        ({"kind": "text"}, "   ", "empty"),
    ],
)
def test_answers_that_are_not_taken(question, given, code):
    with pytest.raises(WrongAnswer) as told:
        taken(question, given, today=TODAY, surface="script")
    assert told.value.code == code


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["number", "rating", "digits", "text", "date", "telephone", "email", "choice", "multiple"]),
    given=st.text(max_size=20) | st.none() | st.lists(st.text(max_size=4), max_size=3),
)
def test_whatever_is_answered_it_is_taken_or_refused(kind, given):
    try:
        value = taken({"kind": kind, "choices": [{"value": "a"}]}, given, today=TODAY, surface="bot")
    except WrongAnswer:
        return
    json.dumps(value)
    assert value is not None


def test_keys_mean_choices_on_the_telephone_and_values_elsewhere():
    question = {
        "type": "ask",
        "kind": "choice",
        "texts": {"en": "?"},
        "into": "v",
        "choices": [{"key": "1", "value": "2"}, {"key": "2", "value": "x"}],
        "next": "p",
        "give_up": "p",
    }
    assert Play({"q": question}, "ivr").does(Answered("2")).value("v") == "x"
    assert Play({"q": question}, "bot").does(Answered("x")).value("v") == "x"
    assert Play({"q": {**question, "kind": "number", "choices": []}}, "survey").does(Answered("0")).value("v") == 0  # no way out to a person


# -- looking up, doing, scoring -----------------------------------------------------------------------------------------------


def test_a_web_service_is_asked_and_its_answer_kept():
    call = {
        "type": "web_service", "service": "shop", "path": "/orders/{v}", "args": {"who": {"var": "n", "else": "nobody"}, "text": "about {v}"},
        "fields": {"n": "order.items.0.price"}, "next": "end", "failed": "p",
    }  # fmt: skip
    steps = {"s": {"type": "set", "name": "v", "value": "a/../b?c", "next": "call"}, "call": call, "end": {"type": "end"}}
    played = Play(steps)
    assert played.last == CallService("call", "shop", "/orders/a%2F..%2Fb%3Fc", {"who": "nobody", "text": "about a/../b?c"}, 5.0)
    assert played.does(LookedUp({"order": {"items": [{"price": 9}]}})).state["ended"] == "end"
    assert played.value("n") == 9
    assert Play(steps).does(LookedUp(failed="timeout")).state["ended"] == "handed_over"


def test_an_act_is_done_with_a_key_of_its_own():
    steps = {"a": {"type": "book", "name": "x", "args": {"day": "{v}"}, "fields": {"n": "id"}, "next": "end", "failed": "p"}, "end": {"type": "end"}}
    played = Play(steps)
    assert played.last == Perform("a", "x", {"day": ""}, "a")
    assert played.does(LookedUp({"id": 7})).value("n") == 7
    assert Play(steps).does(LookedUp(failed="full")).state["ended"] == "handed_over"


def test_what_a_search_finds_is_shown_on_screens():
    steps = {"s": {"type": "search", "query": "help", "first": "v", "next": "p", "nothing": "e", "failed": "e"}, "e": {"type": "end", "reason": "none"}}
    played = Play(steps)
    assert played.last == LookUp("s", "knowledge.search", {"text": "help", "language": "en"})
    found = {"articles": [{"id": 3, "title": "T", "text": "Turn it."}]}
    played.does(LookedUp(found))
    assert (played.effects[0], played.value("v")) == (Show("articles", found["articles"]), "Turn it.")
    assert Play(steps).does(LookedUp(None)).state["ended"] == "none"
    assert Play(steps).does(LookedUp({"articles": "odd"})).state["ended"] == "none"


def test_points_are_added_for_what_holds():
    points = [
        {"when": {"fact": "v", "op": "is", "value": "a"}, "points": 5},
        {"when": {"fact": "n", "op": "unknown"}, "points": 0.5},
        {"when": {"fact": "v", "op": "is", "value": "b"}, "points": 9},
    ]
    score = {"type": "score", "into": "n", "points": points, "base": 1, "next": "end"}
    steps = {"s": {"type": "set", "name": "v", "value": "a", "next": "t"}, "t": score, "end": {"type": "end"}}
    assert Play(steps).value("n") == 6.5
    assert [one for one in validate(graph(steps), "script") if one.level == "error"] == []
    wrong = graph({**steps, "t": {**score, "into": "v"}})
    assert [one.code for one in validate(wrong, "script") if one.level == "error"] == ["variable_type"]


def test_an_optional_answer_left_out_takes_back_what_stood():
    steps = {"q": {"type": "ask", "kind": "text", "optional": True, "texts": {"en": "?"}, "into": "v", "next": "end"}, "end": {"type": "end"}}
    assert SetContext("v", "", "agent") in Play(steps).does(Answered("")).effects


# -- sub-flows ----------------------------------------------------------------------------------------------------------------

IDENTIFY = graph({
    "ask": {"type": "ask", "kind": "choice", "texts": {"en": "Member?"}, "choices": [{"key": "1", "value": "y", "next": "yes"}, {"key": "2", "value": "n"}], "into": "v", "next": "no", "give_up": "p"},
    "yes": {"type": "end", "reason": "known"},
    "no": {"type": "end", "reason": "unknown"},
})  # fmt: skip
CALLER = graph({
    "hello": {"type": "say", "texts": {"en": "Hello."}, "next": "who"},
    "who": {"type": "sub_flow", "flow": "identify", "next": "bye", "ends": {"known": "welcome"}},
    "welcome": {"type": "say", "texts": {"en": "Welcome back."}, "next": "bye"},
    "bye": {"type": "enqueue", "queue": "service"},
})  # fmt: skip


def test_a_sub_flow_is_a_part_of_the_graph_that_runs():
    linked = linking.link(CALLER, {"identify": IDENTIFY}.get)
    assert [one for one in validate(linked, "ivr") if one.level == "error"] == []
    assert linked["sub_flows"] == ["identify"]
    played = Play({"e": {"type": "end"}})
    played.flow = compile_flow(linked)
    for answer, said in (("1", ["Welcome back."]), ("2", [])):
        played.state = begin(played.flow)
        played.does(Started())
        assert played.state["at"] == "who/ask"
        played.does(Answered(answer))
        assert [one.text for one in played.effects if isinstance(one, Say)] == said
        assert played.state["ended"] == "queued"
    assert [one[0] for one in played.state["path"]] == ["hello", "who", "who/ask", "who/no"]
    told = play(CALLER, "ivr", [{"is": "answered", "value": "2"}], now=NOW, linked=linked)
    assert told.ended == "queued"


def test_sub_flows_that_cannot_be_put_in():
    for flows, words in (
        ({}, "no published flow"),
        ({"identify": {**IDENTIFY, "steps": {**IDENTIFY["steps"], "ask": CALLER["steps"]["who"]}}}, "in a circle"),
        ({"identify": {**IDENTIFY, "variables": {"v": {"type": "number"}}}}, "of another type"),
    ):
        with pytest.raises(linking.CannotLink, match=words) as told:
            linking.link(CALLER, flows.get)
        assert told.value.problem.step == "who"
    big = {**IDENTIFY, "steps": {f"s{n}": {"type": "end"} for n in range(9_000)}, "start": "s0"}
    many = graph({f"c{n}": {"type": "sub_flow", "flow": "big", "next": "p"} for n in range(3)})
    with pytest.raises(linking.CannotLink, match="more than"):
        linking.link(many, {"big": big}.get)


# -- playing, comparing -------------------------------------------------------------------------------------------------------


def test_a_play_tells_each_turn_and_a_test_says_what_came_out_otherwise():
    steps = {
        "q": {
            "type": "ask",
            "kind": "choice",
            "texts": {"en": "?"},
            "choices": [{"key": "1", "value": "a"}, {"key": "2", "value": "b"}],
            "into": "v",
            "next": "f",
            "give_up": "p",
        },
        "f": {"type": "web_service", "service": "s", "fields": {"n": "n"}, "next": "e", "failed": "p"},
        "e": {"type": "enqueue", "queue": "service"},
    }
    asked = play(graph(steps), "ivr", [{"is": "answered", "value": "1"}], now=NOW)
    assert (asked.at, asked.waits_for["do"], asked.ended) == ("f", "call_service", "")
    played = play(graph(steps), "ivr", [{"is": "answered", "value": "1"}], {"answers": {"f": {"n": 4}}}, now=NOW)
    assert (played.ended, played.path, [turn.changed for turn in played.turns][1:]) == ("queued", ["q", "f", "e"], [{"v": "a"}, {"n": 4}])
    expected = expected_of(played)
    assert test("t", expected, played).passed
    failed = play(graph(steps), "ivr", [{"is": "answered", "value": "1"}], {"answers": {"f": {"failed": "timeout"}}}, now=NOW)
    assert [one["what"] for one in test("t", expected, failed).wrong] == ["path", "ended", "effect", "values"]
    assert play({}, "ivr", [], now=NOW).problems


def test_the_difference_between_two_versions():
    old = graph({"a": {"type": "say", "texts": {"en": "A"}, "next": "b"}, "b": {"type": "end"}})
    new = json.loads(json.dumps(old))
    new["steps"]["a"]["place"] = {"x": 1}
    assert (difference(old, new).moved, difference(old, new).any) == (["a"], False)
    new["steps"]["a"] |= {"texts": {"en": "Z"}, "next": "p"}
    new["steps"]["c"] = new["steps"].pop("b")
    new["fallback"] = "en"
    told = difference(old, new)
    assert (told.added, told.removed, told.moved) == (["c"], ["b"], [])
    assert told.changed == {"a": {"texts": ({"en": "A"}, {"en": "Z"}), "next": ("b", "p")}}
    assert (told.edges_added, told.edges_removed) == ([("a", "next", "p")], [("a", "next", "b")])
    assert told.flow == {"fallback": (None, "en")}


# -- random flows ---------------------------------------------------------------------------------------------------------------


def random_steps(rng: random.Random) -> dict:
    """As test_engine's, with the further types of steps mixed in, and on any surface."""
    made = random_graph(rng)
    names = [*made["steps"]]

    def to() -> str:
        return rng.choice(names)

    made["variables"] |= {"n": {"type": "number"}, "l": {"type": "list"}}
    for name in names[:-1]:
        if rng.random() < 0.5:
            made["steps"][name] = rng.choice([
                lambda: {"type": "ask", "kind": rng.choice(["number", "rating", "date", "text", "email", "telephone"]), "texts": {"en": "?"}, "into": "v", "optional": rng.random() < 0.5, "next": to(), "give_up": to()},
                lambda: {"type": "ask", "kind": "multiple", "texts": {"en": "?"}, "choices": [{"key": "1", "value": "a"}, {"value": "b"}], "into": "l", "next": to(), "give_up": to()},
                lambda: {"type": "web_service", "service": "s", "path": "/{v}", "fields": {"n": "party"}, "next": to(), "failed": to()},
                lambda: {"type": rng.choice(["document", "book", "send"]), "name": "x", "args": {"a": "{n}"}, "into": "l", "next": to(), "failed": to()},
                lambda: {"type": "search", "query": {"var": "v"}, "first": "v", "next": to(), "nothing": to(), "failed": to()},
                lambda: {"type": "score", "into": "n", "add": True, "points": [{"when": {"fact": "v", "op": "known"}, "points": 2}], "next": to()},
                lambda: {"type": "enter", "next": to()},
            ])()  # fmt: skip
    return made


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    surface=st.sampled_from(["ivr", "bot", "script", "survey"]),
    inputs=st.lists(INPUTS | st.just(Answered(["a", "b"])), max_size=12),
)
def test_no_flow_of_any_steps_hangs_and_a_resumed_run_ends_the_same(seed, surface, inputs):
    flow = compile_flow(random_steps(random.Random(seed)))
    straight = stored = begin(flow)
    answered: dict[str, object] = {}
    for one_input in [Started({"v": "x"}, surface=surface), *inputs, NoAnswer()]:
        straight, effects = step(flow, straight, one_input, NOW)
        stored, same = step(flow, json.loads(json.dumps(stored)), one_input, NOW)
        assert effects == same
        assert json.loads(json.dumps(straight)) == json.loads(json.dumps(stored))
        assert len(effects) <= 4 * BUDGET
        answered |= {one.name: one.value for one in effects if isinstance(one, SetContext) and not one.name.endswith(".key")}
        for name, value in answered.items():  # what was answered, found or set is still there
            kept = straight["vars"][name]["value"]
            assert kept == value or (kept is None and value == "")
        if not straight["ended"] and effects:
            assert isinstance(effects[-1], Ask | LookUp | Perform | CallService) or flow.types[straight["at"]].waits
