"""A play in words, for "Try it": what the flow says, what the customer does, what would happen, and what may be answered next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cordboard.flows import steps
from cordboard.flows.play import Played, Verdict
from cordboard.flows.presenters import said as problem_said

SAMPLES: Mapping[str, Any] = {
    "text": "text",
    "number": 1,
    "boolean": True,
    "choice": "value",
    "date": "2026-01-31",
    "list": ["value"],
    "money": 10,
    "duration": 60,
}


def shown(played: Played, graph: Mapping[str, Any]) -> dict[str, Any]:
    """As the designer shows it."""
    lines = [line for turn in played.turns for line in (*_input(turn.input), *(line for effect in turn.effects for line in _effect(effect)))]
    fresh = played.turns[-1].changed if played.turns else {}
    return {
        "problems": [{"step": one.step, "code": one.code, "message": problem_said(one, graph), "level": one.level} for one in played.problems],
        "lines": lines,
        "at": played.at,
        "ended": played.ended,
        "ended_words": _ended(played.ended),
        "path": [[str(one[0]), str(one[1])] for turn in played.turns for one in turn.path],
        "values": [{"name": name, "value": _value(held["value"]), "fresh": name in fresh} for name, held in sorted(played.values.items())],
        "waits": _waits(played.waits_for, graph, played.language) if played.waits_for is not None and not played.ended else None,
        "error": played.error,
    }


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _line(who: str, text: str, language: str = "") -> dict[str, str]:
    return {"who": who, "text": text, "language": "zh-Hans" if language == "zh-hans" else language}


def _note(text: str) -> list[dict[str, str]]:
    return [_line("note", text)]


def _input(given: Mapping[str, Any]) -> list[dict[str, str]]:
    kind = given["is"]
    if kind in ("answered", "key"):
        value = given.get("value", given.get("key"))
        return [_line("customer", ", ".join(map(str, value)) if isinstance(value, list) else str(value))]
    if kind == "looked_up":
        if given.get("failed"):
            return _note(_("No answer: %(why)s") % {"why": given["failed"]})
        return _note(_("Nothing found") if given.get("result") is None else _("Found: %(what)s") % {"what": _value(given["result"])})
    said = {
        "no_answer": _("The customer does nothing"),
        "done": _("The time is over"),
        "hung_up": _("The customer leaves"),
        "message_left": _("The customer speaks for %(seconds)s s") % {"seconds": given.get("seconds", 0)},
    }
    return _note(said[kind]) if kind in said else [] if kind == "started" else _note(kind)


def _effect(effect: Mapping[str, Any]) -> list[dict[str, str]]:
    kind = effect["do"]
    said = [_line("flow", one["text"], one["language"]) for one in effect.get("prompt", ())]
    if kind == "say":
        return [_line("flow", effect["text"], effect["language"])]
    if kind in ("ask", "ask_secret", "take_message"):
        return said
    if kind == "set_context":
        return []
    if kind == "instruct":
        return _note(_("The agent: %(text)s") % {"text": effect["text"]})
    words = {
        "set_language": lambda: _("Goes on in %(language)s") % {"language": effect["language"]},
        "look_up": lambda: _("Looks up: %(what)s") % {"what": _called(effect)},
        "wait": lambda: _("Waits %(seconds)s s") % {"seconds": effect["seconds"]},
        "enqueue": lambda: _("Goes into the queue %(queue)s") % {"queue": _option("queue", effect["queue"])},
        "transfer": lambda: _("Is transferred to %(to)s") % {"to": effect["to"]},
        "hand_over": lambda: _("Is handed over to a person"),
        "end": lambda: _("The flow ends: %(reason)s") % {"reason": effect["reason"]},
    }
    return said + _note(words[kind]() if kind in words else kind.replace("_", " "))


def _called(effect: Mapping[str, Any]) -> str:
    known = steps.LOOKUPS.get(str(effect.get("name"))) or steps.ACTS.get(str(effect.get("name")))
    args = ", ".join(_value(value) for value in (effect.get("args") or {}).values() if value not in (None, ""))
    words = str(known.words) if known is not None else str(effect.get("name", ""))
    return f"{words} ({args})" if args else words


def _option(kind: str, value: Any) -> str:
    read = steps.OPTIONS.get(kind)
    return next((str(words) for code, words in (read() if read is not None else ()) if code == value), str(value or "?"))


def _ended(how: str) -> str:
    known = {
        "queued": _("Over: the customer waits in the queue."),
        "handed_over": _("Over: a person takes it from here."),
        "transferred": _("Over: transferred."),
        "hung_up": _("Over: the customer has left."),
        "end": _("Over."),
        "": "",
    }
    return known.get(how, _("Over: %(how)s.") % {"how": how})


def _answer(words: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"words": words, "input": {"is": kind, **fields}}


def _waits(effect: Mapping[str, Any], graph: Mapping[str, Any], language: str) -> dict[str, Any]:
    kind = str(effect["do"])
    answers: list[dict[str, Any]] = []
    words, types = "", False
    if kind == "ask":
        types = effect["kind"] not in ("choice", "rating") or not _choices(effect, graph)
        words = _("A question: %(kind)s") % {"kind": _("keys, then #") if effect["kind"] == "digits" else effect["kind"]} if types else ""
        answers = _choices(effect, graph)
        if graph.get("person_key") and graph.get("person"):
            answers.append(_answer(_("%(key)s: to a person") % {"key": graph["person_key"]}, "answered", value=graph["person_key"]))
        answers.append(_answer(_("says nothing"), "no_answer"))
    elif kind == "ask_secret":
        words = _("Keys that nobody may see")
        answers = [
            _answer(_("keys that are right"), "looked_up", result={"last": "1111", "length": 16}),
            _answer(_("keys that are wrong"), "looked_up", failed="wrong"),
        ]
    elif kind == "take_message":
        answers = [_answer(_("leaves a message"), "message_left", seconds=5.0), _answer(_("says nothing"), "message_left", seconds=0.0)]
    elif kind == "wait":
        answers = [_answer(_("the time is over"), "done")]
    else:
        words, types = _("What does it answer? Choose, or write name=value, name=value."), True
        answers = [
            _answer(_("found"), "looked_up", result=_sample(effect)),
            _answer(_("nothing found"), "looked_up"),
            _answer(_("fails"), "looked_up", failed="timeout"),
        ]
    return {"do": kind, "kind": str(effect.get("kind", "")), "words": words, "answers": [*answers, _answer(_("leaves"), "hung_up")], "types": types}


def _choices(effect: Mapping[str, Any], graph: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices of a question as they are pressed or clicked; those of a sub-flow's question by their keys."""
    step = (graph.get("steps") or {}).get(effect["step"])
    if effect.get("options"):
        return [_answer(words or value, "answered", value=value) for value, words in effect["options"]]
    rows = step.get("choices") if isinstance(step, dict) else None
    if effect["kind"] == "choice" and isinstance(rows, list):
        return [
            _answer(f"{one.get('key', '')}: {one.get('value', '')}", "answered", value=one["key"]) for one in rows if isinstance(one, dict) and one.get("key")
        ]
    if effect["kind"] == "choice":
        return [_answer(key, "answered", value=key) for key in effect.get("keys", "")]
    return []


def _sample(effect: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the right form, with made-up values."""
    known = steps.LOOKUPS.get(str(effect.get("name"))) or steps.ACTS.get(str(effect.get("name")))
    return {name: SAMPLES.get(kind, "text") for name, kind in known.gives.items()} if known is not None else {"id": 1}


def verdict(one: Verdict) -> list[str]:
    """What is wrong with a test conversation, a sentence each."""
    said = []
    for wrong in one.wrong:
        expected, got = wrong["expected"], wrong["got"]
        if wrong["what"] == "path":
            at = next((number for number, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), min(len(expected), len(got)))
            said.append(
                _("It goes to %(got)s, not to %(expected)s.")
                % {"got": got[at] if at < len(got) else _("nowhere"), "expected": expected[at] if at < len(expected) else _("nowhere")}
            )
        elif wrong["what"] == "problems":
            said.append(_("The flow has problems, so it was not played."))
        elif wrong["what"] == "ended":
            said.append(_("It ends as %(got)s, not as %(expected)s.") % {"got": got or _("still going on"), "expected": expected or _("still going on")})
        else:
            said.append(_("%(what)s: %(got)s, not %(expected)s.") % {"what": wrong["what"], "got": _value(got), "expected": _value(expected)})
    return said
