"""A guideline with its required actions (guidelines.py) as the graph of an agent script. Pure.

Each required action is a question with the action's code; what is only told is said on the way. Where a text says explicitly what an answer leads to, the
answer is a choice: "[End Conversation]" ends the script there, "skip the next step" goes past the next action.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cordboard.flows.graph import MAX_TEXT
from cordboard.flows.guidelines import Action, Joined, Required, plain, slug

STOPPED = "stopped"
"""How a script ends that a rule of its guideline ended."""
DONE = "done"


def script(joined: Joined, code: str, language: str = "en") -> dict[str, Any]:
    """The graph, for the surface "script"."""
    return _Script(joined, code, language).graph()


class _Script:
    def __init__(self, joined: Joined, code: str, language: str) -> None:
        self.joined = joined
        self.code = code
        self.language = language
        self.steps: dict[str, dict[str, Any]] = {}
        self.variables: dict[str, dict[str, str]] = {}

    def graph(self) -> dict[str, Any]:
        one = self.joined.guideline
        names = list(self._names())
        before, after = self._told()
        firsts: list[str] = []
        """Of each action, the step to go to for it: what is told before it, or the action itself."""
        for number, (name, required) in enumerate(zip(names, self.joined.required, strict=True)):
            notes = [f"{name}-note" if place == 0 else f"{name}-note-{place + 1}" for place in range(len(before[number]))]
            firsts.append([*notes, name][0])
            for note, following, action in zip(notes, [*notes, name][1:], before[number], strict=True):
                self._note(note, (action.text, *action.lines), following)
            self._action(name, required)
        closing = [line for action in after for line in (action.text, *action.lines)] + list(one.instructions[1:])
        last = "close" if closing else "end"
        if closing:
            self._note("close", closing, "end")
        self.steps["end"] = {"type": "end", "reason": DONE}
        for number, name in enumerate(names):
            self._lead_on(name, self.joined.required[number], [*firsts, last], number)
        start = firsts[0] if firsts else last
        if one.instructions:
            self._note("begin", one.instructions[:1], start)
            start = "begin"
        return {
            "schema": 1, "code": self.code, "languages": [self.language], "fallback": self.language, "start": start, "variables": self.variables,
            "steps": self.steps, "any_order": self.joined.any_order,
            "from": {"flow": one.flow, "guideline": one.name, "required": self.joined.key},
        }  # fmt: skip

    def _names(self) -> Iterator[str]:
        used = {"begin", "close", "end"}
        for required in self.joined.required:
            base, number = slug(required.code)[:40], 1
            name = base
            while name in used:
                number += 1
                name = f"{base}-{number}"
            used |= {name, f"{name}-stop"}
            yield name

    def _told(self) -> tuple[list[list[Action]], list[Action]]:
        """What is only told: before each required action, and after all. An entry goes before the next action that the guideline has after it."""
        before: list[list[Action]] = [[] for _ in self.joined.required]
        after: list[Action] = []
        told = {required.told: number for number, required in enumerate(self.joined.required) if required.told is not None}
        for place, action in enumerate(self.joined.guideline.actions):
            if place in told:
                continue
            following = [number for at, number in sorted(told.items()) if at > place]
            (before[following[0]] if following else after).append(action)
        return before, after

    def _text(self, lines: Any) -> dict[str, str]:
        return {self.language: "\n".join(line.replace(" > ", "\n– ") for line in lines if line)[: MAX_TEXT - 10] or "–"}

    def _note(self, name: str, lines: Any, following: str) -> None:
        self.steps[name] = {"type": "say", "do": self._text(lines), "next": following}

    def _action(self, name: str, required: Required) -> None:
        action = self.joined.guideline.actions[required.told] if required.told is not None else None
        title = action.button if action is not None else plain(required.code.replace("-", " ").replace("_", " ")).capitalize() or "–"
        lines = (action.text, *action.lines) if action is not None else (required.line,) if required.line else ()
        variable = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")
        variable = variable if variable[:1].isalpha() else f"a_{variable}"
        values = options(action) if action is not None else []
        self.variables[variable] = {"type": "choice" if values else "text"}
        step: dict[str, Any] = {
            "type": "ask", "title": title[:120], "action": required.code, "kind": "choice" if values else "text", "texts": {self.language: title},
            "into": variable, "optional": True,
        }  # fmt: skip
        if lines:
            step["do"] = self._text(lines)
        if values:
            step["choices"] = [{"value": value} for value in values]
            step["open"] = True
        self.steps[name] = step

    def _lead_on(self, name: str, required: Required, firsts: list[str], number: int) -> None:
        step = self.steps[name]
        step["next"] = firsts[number + 1]
        if required.told is None or "choices" not in step:
            return
        rules = outcomes(self.joined.guideline.actions[required.told], [one["value"] for one in step["choices"]])
        for choice in step["choices"]:
            outcome, line = rules.get(choice["value"], ("", ""))
            if outcome == "stop":
                stop = f"{name}-stop" if f"{name}-stop" not in self.steps else f"{name}-stop-{len(self.steps)}"
                self._note(stop, (line,), f"{stop}ped")
                self.steps[f"{stop}ped"] = {"type": "end", "reason": STOPPED}
                choice["next"] = stop
            elif outcome == "skip":
                choice["next"] = firsts[min(number + 2, len(firsts) - 1)]


# -- what a text offers, and what it says an answer leads to -----------------------------------------------------------------

_ITEM = r"['‘“\"]?[A-Z][\w%$/-]*(?: [\w%$/-]+){0,3}?['’”\"]?"
_SEPARATOR = r"(?:\s*,\s*(?:or|and)\s+|\s*,\s*|\s+or\s+|\s+and\s+)"
_LIST = re.compile(rf"{_ITEM}(?:{_SEPARATOR}{_ITEM})+")
_INTRODUCED = re.compile(r"\b(?:options?|values?|levels?|returns?|return)\b[^.]*?(?:\bare\b|\binclude\b|:|\(|\breturns?\b)\s*\[?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(([^()]{3,120})\)")
_DEFINED = re.compile(r"^([A-Z][\w ]{1,30}?) [-–] ")
_OF_A_KIND = re.compile(r"^((?:[A-Z]\w+(?:, | or | and )?)+) (\w+s?):")
_CONDITION = re.compile(r"^(?:If|When)\b(.*?)(?:[:,>]| then\b|$)", re.IGNORECASE)
_YES_NO = re.compile(r"\breturns? (Yes) or (No)\b", re.IGNORECASE)
_YES, _NO = re.compile(r"^If\b[^.:>]*\byes\b", re.IGNORECASE), re.compile(r"^If\b[^.:>]*\bno\b(?! longer)", re.IGNORECASE)


def options(action: Action) -> list[str]:
    """The answers that an entry offers, as it writes them; none where it does not list them."""
    lines = (action.text, *action.lines)
    for line in lines:
        if (found := _YES_NO.search(line)) is not None:
            return [found[1].capitalize(), found[2].capitalize()]
        introduced = _INTRODUCED.search(line)
        if introduced is not None:
            items = _items(line[introduced.end() :])
            if len(items) >= 2:
                return items
    if _INTRODUCED.search(action.text + ":") and len(items := [found[1] for line in action.lines if (found := _DEFINED.match(line))]) >= 2:
        return items
    for line in lines:
        for bracket in _IN_BRACKETS.findall(line):
            found_list = _LIST.fullmatch(bracket.strip())
            if found_list is not None and len(items := _items(bracket)) >= 3:
                return items
    if any(map(_YES.match, action.lines)) and any(map(_NO.match, action.lines)):
        return ["Yes", "No"]
    kinds: dict[str, list[str]] = {}
    conditions: list[str] = []
    for line in action.lines:
        if (of_a_kind := _OF_A_KIND.match(line)) is not None:
            kinds.setdefault(of_a_kind[2], []).extend(_items(of_a_kind[1]))
        if (condition := _CONDITION.match(line)) is not None and re.fullmatch(rf"{_LIST.pattern}|{_ITEM}", condition[1].strip()):
            conditions += _items(condition[1])
    for items in (*kinds.values(), conditions):
        if len(set(items)) >= 2:
            return list(dict.fromkeys(items))
    return []


def _items(text: str) -> list[str]:
    """The items of the list with which a text begins: capitalised or quoted, with commas, "or" or "and" between them."""
    text = text.strip()
    quoted = re.findall(r"['‘“\"]([^'’”\"]{1,40})['’”\"]", text)
    if len(quoted) >= 2:
        return list(dict.fromkeys(quoted))
    found = _LIST.match(text)
    if found is None:
        one = re.fullmatch(_ITEM, text)
        return [one[0].strip("'‘’“”\"")] if one is not None else []
    items = [item.strip("'‘’“”\" ") for item in re.split(_SEPARATOR, found[0])]
    return list(dict.fromkeys(item for item in items if item))[:20]


_STOP = re.compile(r"\[end (?:the )?conversation\]|\bend the conversation\b", re.IGNORECASE)
_SKIP = re.compile(r"\bskip the next (?:step|action)\b", re.IGNORECASE)


def outcomes(action: Action, values: list[str]) -> Mapping[str, tuple[str, str]]:
    """What the entry says explicitly that an answer leads to: "stop" or "skip", and the line that says so. A line tells of the answers that its condition
    names; an ending stands in its line."""
    found: dict[str, tuple[str, str]] = {}
    for line in action.lines:
        outcome = "stop" if _STOP.search(line) else "skip" if _SKIP.search(line) else ""
        condition = re.split(r"[:>]| then\b|,(?=[^,]*$)", line)[0] if re.match(r"(?:If|When)\b", line) else ""
        if outcome and condition:
            for value in values:
                if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", condition):
                    found[value] = (outcome, line)
    return found if len(found) < len(values) else {}
