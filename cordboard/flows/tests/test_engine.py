"""Flows step by step: what a caller hears and presses, what is kept, and that nothing ever hangs."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.demo.sources import folder
from cordboard.flows import steps as step_types
from cordboard.flows.effects import (
    Answered,
    Ask,
    Done,
    End,
    Enqueue,
    HandOver,
    HungUp,
    Key,
    LookedUp,
    LookUp,
    MessageLeft,
    NoAnswer,
    Say,
    SetContext,
    SetLanguage,
    Started,
    TakeMessage,
    Wait,
)
from cordboard.flows.engine import BUDGET, begin, compile_flow, step
from cordboard.flows.graph import exits, validate

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WELCOME = next(spec["graph"] for spec in folder("flows") if spec["code"] == "service-line")
LANGUAGES = ["en", "nl", "ru", "th", "zh-hans"]
CALLER = {
    "line.languages": ["nl", "en"],
    "line.language": "nl",
    "queue.code": "service",
    "queue.open": True,
    "call.recorded": True,
    "caller.known": False,
}


class Caller:
    """Plays a flow from the caller's side; every state goes through JSON, as it would through the database."""

    def __init__(self, graph=WELCOME, values=None, language="", timezone="Europe/Amsterdam", **more):
        self.flow = compile_flow(graph)
        self.state = begin(self.flow)
        self.heard: list[str] = []
        self.kept: dict[str, object] = {}
        self.does(Started({**CALLER, **(values or {}), **more}, language, timezone))

    def does(self, input):
        self.state, self.effects = step(self.flow, json.loads(json.dumps(self.state)), input, NOW)
        self.last = self.effects[-1] if self.effects else None
        for effect in self.effects:
            if isinstance(effect, Say):
                self.heard.append(effect.text)
            if isinstance(effect, Ask):
                self.heard += [one.text for one in effect.prompt]
            if isinstance(effect, SetContext):
                self.kept[effect.name] = (effect.value, effect.by)
        return self

    def press(self, keys):
        return self.does(Answered(keys))


def test_the_demo_flow_has_nothing_wrong_with_it():
    assert validate(WELCOME, "ivr") == []


def test_every_sentence_of_the_demo_flow_is_there_in_five_languages():
    texts = [step[field] for step in WELCOME["steps"].values() for field in ("texts", "wrong", "silent") if field in step]
    texts += [WELCOME["queue"][field] for field in ("wait", "longer", "still")]
    assert all(sorted(one) == sorted(LANGUAGES) and all(one.values()) for one in texts)


def test_a_caller_whom_we_do_not_know_on_a_dutch_line():
    caller = Caller()
    assert [type(effect).__name__ for effect in caller.effects] == ["SetLanguage", "Say", "Say", "Ask"]
    assert caller.heard[0] == "Goedemorgen. Welkom bij Lamp en Ketel."
    assert caller.last.keys == "123"
    assert caller.last.at_once == "1230"
    caller.press("1")
    assert caller.last.kind == "digits"
    assert (caller.last.end_key, caller.last.at_once, caller.last.min, caller.last.max) == ("#", "0", 4, 12)
    caller.press("44712260")
    assert caller.last == LookUp("find", "customer_by_number", {"number": "44712260"}, 2.0)
    caller.does(LookedUp({"party": 7, "language": "nl"}))
    assert caller.last == Enqueue("service", {"matter": "product", "customer.number": "44712260"})
    assert caller.kept == {"matter": ("product", "ivr"), "matter.key": ("1", "ivr"), "customer.number": ("44712260", "ivr")}
    assert caller.state["vars"]["_customer"]["by"] == "lookup"
    assert caller.state["ended"] == "queued"
    assert ["matter", "next", 0.0] in caller.state["path"]


def test_a_customer_whom_the_number_settles_is_not_asked_for_another():
    caller = Caller(values={"caller.known": True, "caller.language": "th"})
    assert caller.heard[0] == "สวัสดีตอนเช้า ยินดีต้อนรับสู่แลมป์แอนด์เคเทิล"
    assert isinstance(caller.press("2").last, Enqueue)


def test_a_line_for_all_asks_for_the_language_in_each_of_them():
    caller = Caller(values={"line.languages": LANGUAGES})
    assert [one.language for one in caller.last.prompt] == LANGUAGES
    caller.press("3")
    assert caller.heard[-1].startswith("Если товар не работает")
    assert SetLanguage("ru") in caller.effects
    silent = Caller(values={"line.languages": LANGUAGES, "line.language": "en"}).does(NoAnswer()).does(NoAnswer())
    assert silent.heard[-3] == "Good morning. Welcome to Lamp and Ketel."


def test_zero_leads_to_a_person_at_any_time_and_nothing_keyed_is_lost():
    assert Caller().press("0").last.reason == "asked"
    caller = Caller().press("3").press("0")
    assert isinstance(caller.last, HandOver)
    assert caller.last.context["matter"] == "account"
    while_looking = Caller().press("1").press("12345").does(Key("0"))
    assert (while_looking.last.reason, while_looking.last.queue) == ("asked", "service")
    assert Caller().does(Key("5")).effects == []


def test_a_customer_number_is_asked_for_three_times_then_a_person():
    caller = Caller().press("1")
    for _ in range(2):
        caller.press("99999999").does(LookedUp(None))
        assert caller.last.kind == "digits"
    caller.press("99999999").does(LookedUp(None))
    assert isinstance(caller.last, Enqueue)
    silent = Caller().press("1").press("12")
    assert silent.heard[-2] == "Een klantnummer heeft vier tot twaalf cijfers."
    assert isinstance(silent.does(NoAnswer()).does(NoAnswer()).last, Enqueue)
    assert isinstance(Caller().press("1").press("").last, Enqueue)  # the hash key alone


def test_a_look_up_that_fails_takes_its_own_path():
    caller = Caller().press("1").press("12345").does(LookedUp(failed="timeout"))
    assert isinstance(caller.last, Enqueue)


def test_outside_hours_says_when_we_open_takes_a_message_and_ends():
    caller = Caller(values={"queue.open": False, "hours.closed": {"nl": "We zijn nu gesloten.", "en": "We are closed now."}})
    assert caller.heard[-1].startswith("We zijn nu gesloten. Op onze website")
    assert isinstance(caller.last, TakeMessage)
    assert caller.does(MessageLeft(4.2)).heard[-1].startswith("Uw bericht is bewaard")
    assert caller.last == End("closed")
    assert caller.press("1").effects == []


def test_the_time_of_day_is_the_callers():
    assert Caller(timezone="Asia/Bangkok").heard[0].startswith("Goedemiddag")
    assert Caller(timezone="nowhere").heard[0].startswith("Goedemorgen")


def test_who_hangs_up_ends_the_run_and_late_news_changes_nothing():
    caller = Caller().press("1").does(HungUp())
    assert (caller.state["ended"], caller.effects) == ("hung_up", [])
    assert caller.does(Answered("12345")).effects == []
    flow = compile_flow(WELCOME)
    assert step(flow, begin(flow), HungUp(), NOW)[0]["ended"] == "hung_up"  # before it was answered
    waiting = Caller()
    before = waiting.state
    assert waiting.does(LookedUp({"party": 1})).effects == []
    assert {**waiting.state, "turn": 0} == {**before, "turn": 0}
    assert waiting.does(Started()).effects == []


def test_the_same_question_afresh_has_all_its_tries():
    graph = {
        "code": "x", "languages": ["en"], "start": "q", "on_error": "p", "person": "p",
        "variables": {"v": {"type": "text"}},
        "steps": {
            "q": {"type": "ask", "kind": "choice", "texts": {"en": "?"}, "help": {"en": "Help."}, "choices": [{"key": "1", "value": "a"}], "into": "v", "tries": 2, "next": "w", "give_up": "p"},
            "w": {"type": "wait", "seconds": 3, "next": "q"},
            "p": {"type": "hand_over"},
        },
    }  # fmt: skip
    caller = Caller(graph).press("9").press("1")
    assert caller.last == Wait("w", 3.0)
    caller.does(Done()).press("*")
    assert [one.text for one in caller.last.prompt] == ["Help.", "?"]
    assert isinstance(caller.press("9").last, Ask)
    assert caller.press("9").last == HandOver("tries", "", {"v": "a"})


def loop():
    return {
        "code": "round", "languages": ["en"], "start": "a", "person": "p", "on_error": "p",
        "steps": {"a": {"type": "say", "texts": {"en": "Round"}, "next": "b"}, "b": {"type": "say", "texts": {"en": "and round"}, "next": "a"}, "p": {"type": "hand_over"}},
    }  # fmt: skip


def test_a_loop_without_an_end_goes_to_a_person_without_a_hundred_prompts():
    caller = Caller(loop())
    assert (caller.effects, caller.state["ended"]) == ([HandOver("error", "", {})], "handed_over")
    assert caller.state["passed"] == BUDGET
    worse = loop()
    worse["steps"]["p"] = {"type": "say", "texts": {"en": "Sorry"}, "next": "a"}
    assert Caller(worse).last.reason == "error"


def test_a_state_is_for_its_own_flow_and_version():
    flow = compile_flow(WELCOME, 2)
    with pytest.raises(ValueError, match="version"):
        step(flow, begin(compile_flow(WELCOME, 1)), Started(), NOW)
    with pytest.raises(ValueError, match="schema"):
        step(flow, {**begin(flow), "schema": 9}, Started(), NOW)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda g: g["steps"].pop("to_person"), "way_out"),
        (lambda g: g.pop("person_key"), "way_out"),
        (lambda g: g.update(on_error="goodbye"), "way_out"),
        (lambda g: g.update(start="nowhere"), "start"),
        (lambda g: g.update(schema=7), "schema"),
        (lambda g: g["steps"]["good_morning"]["texts"].pop("th"), "language"),
        (lambda g: g["steps"]["good_morning"].update(next="nowhere"), "dead_end"),
        (lambda g: g["steps"]["find"].pop("failed"), "dead_end"),
        (lambda g: g["steps"]["find"].update(name="parties.by_horoscope"), "look_up"),
        (lambda g: g["steps"]["find"].update(args={}), "look_up"),
        (lambda g: g["steps"]["closed"]["texts"].update(en="{hours.moon}"), "variable"),
        (lambda g: g["variables"].pop("matter"), "variable"),
        (lambda g: g["variables"].pop("queue.open"), "variable"),
        (lambda g: g["steps"]["open"]["branches"][0]["when"].update(op="older_than"), "condition"),
        (lambda g: g["steps"]["matter"]["choices"].append({"key": "0", "value": "x"}), "key"),
        (lambda g: g["steps"]["matter"]["choices"].append({"key": "1", "value": "x"}), "key"),
        (lambda g: g["steps"]["number"].update(kind="text"), "surface"),
        (lambda g: g["steps"]["number"].update(min="four"), "field"),
        (lambda g: g["steps"]["matter"].update(colour="red"), "field"),
        (lambda g: g["steps"].update(lost={"type": "end"}), "unreachable"),
        (lambda g: g["steps"].update(odd={"type": "dance"}), "type"),
        (lambda g: g["steps"]["no_matter"].update(next="no_matter"), "endless"),
        (lambda g: g["variables"].update(unused={"type": "text"}), "never_set"),
    ],
)
def test_what_is_wrong_with_a_flow_is_found_before_it_is_published(change, code):
    graph = json.loads(json.dumps(WELCOME))
    change(graph)
    assert code in [problem.code for problem in validate(graph, "ivr")]


def test_what_is_no_flow_at_all():
    assert [validate(thing, "ivr")[0].code for thing in (None, [], {}, {"steps": {}}, {"steps": {"a": {}}})] == ["not_a_flow"] * 4 + ["languages"]


ANYTHING = [None, True, 3, -1.5, "", "x", [], [1], {}, {"fact": []}, {"en": 1}, ["a", {"key": []}], [{"when": 3, "next": []}]]
PLACES = [()] + [(name,) for name in WELCOME] + [("steps", name) for name in WELCOME["steps"]]
PLACES += [("steps", name, field) for name, step in WELCOME["steps"].items() for field in step] + [("variables", name, "type") for name in WELCOME["variables"]]


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_whatever_is_put_into_a_flow_checking_it_says_what_is_wrong_and_never_breaks(place):
    for thing in ANYTHING:
        whatever_stands(place, thing)


def whatever_stands(place, thing):
    graph = json.loads(json.dumps(WELCOME))
    if place:
        at = graph
        for name in place[:-1]:
            at = at[name]
        at[place[-1]] = thing
    problems = validate(graph if place else thing, "ivr")
    if not any(problem.level == "error" for problem in problems):
        state, _ = step(compile_flow(graph), begin(compile_flow(graph)), Started(CALLER, "en"), NOW)
        assert "error" not in state


def random_graph(rng: random.Random) -> dict:
    """Steps of all types, joined at random: most such flows are nonsense, none may hang."""
    names = [f"s{number}" for number in range(rng.randint(2, 8))]

    def to() -> str:
        return rng.choice([*names, "p"])

    made = {}
    for name in names:
        made[name] = rng.choice([
            lambda: {"type": "say", "texts": {"en": "Hello {v} {nobody}"}, "next": to()},
            lambda: {"type": "set", "name": "v", "value": rng.choice([1, "x", {"var": "w"}, {"var": "v", "else": "y"}]), "next": to()},
            lambda: {"type": "ask", "kind": "choice", "texts": {"en": "?"}, "choices": [{"key": "1", "value": "a", "next": to()}, {"key": "2", "value": "b"}], "into": "v", "next": to(), "give_up": to()},
            lambda: {"type": "ask", "kind": "digits", "texts": {"en": "?"}, "into": "w", "skip": to(), "keep_tries": rng.random() < 0.5, "next": to(), "give_up": to()},
            lambda: {"type": "look_up", "name": "x", "args": {"n": {"var": "w"}}, "fields": {"w": "party"}, "next": to(), "nothing": to(), "failed": to()},
            lambda: {"type": "decide", "branches": [{"when": {"fact": rng.choice("vw"), "op": rng.choice(["is", "is_not"]), "value": "a"}, "next": to()}], "next": to()},
            lambda: {"type": "wait", "seconds": 1, "next": to()},
            lambda: {"type": "language", "from": ["nl"], "next": to(), "unknown": to()},
            lambda: {"type": "end"},
        ])()  # fmt: skip
    made["p"] = {"type": "hand_over"} if rng.random() < 0.8 else {"type": "say", "texts": {}, "next": to()}
    return {
        "code": "x", "languages": ["en"], "start": names[0], "person_key": "0", "person": "p", "on_error": "p",
        "variables": {"v": {"type": "text"}, "w": {"type": "text"}}, "steps": made,
    }  # fmt: skip


INPUTS = st.sampled_from(
    [
        Answered("1"),
        Answered("2"),
        Answered("0"),
        Answered(""),
        Answered("12345"),
        NoAnswer(),
        LookedUp({"party": "9"}),
        LookedUp(None),
        LookedUp(["odd"]),
        LookedUp(failed="timeout"),
        Key("0"),
        Key("7"),
        Done(),
        Started(),
        HungUp(),
    ]
)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), inputs=st.lists(INPUTS, max_size=12))
def test_no_flow_hangs_and_a_run_resumed_from_what_was_kept_is_the_same(seed, inputs):
    flow = compile_flow(random_graph(random.Random(seed)))
    straight = stored = begin(flow)
    for input in [Started({"v": "x"}), *inputs]:
        before = json.dumps(straight)
        straight_after, effects = step(flow, straight, input, NOW)
        assert json.dumps(straight) == before  # the state that was given is not changed
        stored, same = step(flow, json.loads(json.dumps(stored)), input, NOW)
        straight = straight_after
        assert effects == same
        assert json.loads(json.dumps(straight)) == json.loads(json.dumps(stored))
        assert len(effects) <= 4 * BUDGET
        waits = isinstance(effects[-1], Ask | LookUp | Wait) if effects else True
        assert straight["ended"] or waits


def test_the_designer_sees_where_every_step_leads():
    ask = WELCOME["steps"]["number"]
    assert dict(exits(ask, step_types.REGISTRY["ask"])) == {"next": "find", "give_up": "no_matter", "skip": "to_queue"}
