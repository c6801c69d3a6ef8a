"""Written guidelines for agents, and the knowledge base of the actions that each of them requires, as scripts. Pure.

    guidelines: {flow: {"description": ..., "subflows": {name: {"instructions": [...], "actions": [
                    {"type": ..., "button": "Pull up Account", "text": ..., "subtext": [...]}, ...]}}}}
    actions:    {code of a subflow: ["pull-up-account", "verify-identity", ...]}

Principles (docs/decisions): the knowledge base says which actions are required and in which order, the guidelines say how each is done. What is not in the
knowledge base is told on the way and not required. Names of the two are paired by what they say and by what stands together with them (pairing.py), never by
a list of known names. Rules are taken from a text only where it is explicit ("If Guest or Bronze: ... [End Conversation]", "If Yes, skip the next step").
Without a knowledge base the buttons of the guidelines are the required actions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cordboard.flows import pairing
from cordboard.flows.files import MAX_BYTES, WrongFile

Like = Callable[[str, str], float]

MAX_SUBFLOWS = 2_000
MAX_ACTIONS = 200


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of a guideline. `button` is "" where there is nothing to press: it is only told."""

    button: str
    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guideline:
    flow: str
    name: str
    description: str
    instructions: tuple[str, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Required:
    """An action that has to be done. `told` is the entry of the guideline that says how, if one does; `line` one line within another entry."""

    code: str
    told: int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """A guideline with the actions that it requires. `key`: its name in the knowledge base, "" when it has none."""

    guideline: Guideline
    key: str
    required: tuple[Required, ...]
    sure: float = 1.0
    """How like the two are, 0 to 1."""
    any_order: bool = field(default=False)
    """The guideline says that the order is free."""


# -- reading ----------------------------------------------------------------------------------------------------------------


def read(content: bytes | str) -> list[Guideline]:
    """The guidelines of a file. Raises files.WrongFile, with words."""
    data = _json(content)
    if not isinstance(data, dict) or not data:
        raise WrongFile(_("There are no guidelines in this file."))
    found = []
    for flow, body in data.items():
        subflows = body.get("subflows") if isinstance(body, dict) else None
        if not isinstance(subflows, dict):
            raise WrongFile(_("The guidelines of %(flow)s have no subflows."), flow=str(flow)[:60])
        for name, sub in subflows.items():
            if not isinstance(sub, dict) or not isinstance(sub.get("actions"), list):
                raise WrongFile(_("The guideline %(name)s has no actions."), name=str(name)[:60])
            if len(sub["actions"]) > MAX_ACTIONS:
                raise WrongFile(_("The guideline %(name)s has more than %(most)s actions."), name=str(name)[:60], most=MAX_ACTIONS)
            actions = tuple(_action(one) for one in sub["actions"] if isinstance(one, dict))
            found.append(Guideline(plain(flow), plain(name), plain(body.get("description", "")), _lines(sub.get("instructions")), actions))
    if not found or len(found) > MAX_SUBFLOWS:
        raise WrongFile(_("A file has from one to %(most)s guidelines; this one has %(number)s."), most=MAX_SUBFLOWS, number=len(found))
    return found


def read_required(content: bytes | str) -> dict[str, list[str]]:
    """The required actions of a file, by the code of the subflow. Raises files.WrongFile, with words."""
    data = _json(content)
    if not isinstance(data, dict) or not data or len(data) > MAX_SUBFLOWS:
        raise WrongFile(_("There are no required actions in this file."))
    for name, codes in data.items():
        if not isinstance(codes, list) or not codes or len(codes) > MAX_ACTIONS or not all(isinstance(one, str) and one.strip() for one in codes):
            raise WrongFile(_("The required actions of %(name)s are not a list of names."), name=str(name)[:60])
    return {str(name): [str(one).strip() for one in codes] for name, codes in data.items()}


def _json(content: bytes | str) -> Any:
    if len(content) > MAX_BYTES:
        raise WrongFile(_("The file is larger than %(megabytes)s MB."), megabytes=MAX_BYTES // 1_000_000)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise WrongFile(_("The file is not JSON, so nothing was taken in.")) from None


def _action(given: Mapping[str, Any]) -> Action:
    button = plain(given.get("button") or "")
    if button.casefold() in ("", "n/a", "na", "none", "-"):
        button = ""
    return Action(button, plain(given.get("text") or ""), _lines(given.get("subtext")))


def _lines(given: Any) -> tuple[str, ...]:
    several = given if isinstance(given, list) else [given] if given else []
    return tuple(text for one in several if isinstance(one, str) and (text := plain(one)))


def plain(given: Any) -> str:
    """A text as flows have it: no tags, no braces (those are variables), no control characters."""
    text = str(given).replace("\x00", "").replace("{", "(").replace("}", ")")
    text = re.sub(r"<\s*/?\s*([A-Za-z][\w ]{0,20})>", r"(\1)", text).replace("<", "‹")
    text = re.sub(r"javascript\s*:", "javascript", text, flags=re.IGNORECASE)
    return re.sub(r"[ \t]+", " ", text).strip()[:1800]


# -- joining ----------------------------------------------------------------------------------------------------------------

_ANY_ORDER = re.compile(r"\b(in any order|any order|order in which you choose|shuffle)\b", re.IGNORECASE)


def join(guidelines: Sequence[Guideline], required: Mapping[str, Sequence[str]]) -> list[Joined]:
    """Each guideline with the entry of the knowledge base that means the same. With an empty knowledge base the buttons are what is required. Guidelines
    for which no entry is left are taken as they are."""
    if not required:
        return [_alone(one) for one in guidelines]
    keys = list(required)
    weight = pairing.rarity([f"{one.flow} {one.name}" for one in guidelines] + keys)
    buttons = [[action.button for action in one.actions if action.button] for one in guidelines]
    names = [
        [max(pairing.likeness(one.name, key, weight), 0.9 * pairing.likeness(f"{one.flow} {one.name}", key, weight)) for key in keys] for one in guidelines
    ]
    by_name = _kept(pairing.likeness)
    like = by_name
    pairs: list[tuple[int, int]] = []
    for _round in range(3):  # what was paired says which actions mean the same, which says better what to pair
        scores = [
            [2 * names[row][column] + 2 * pairing.alike(own, list(required[key]), like) for column, key in enumerate(keys)] for row, own in enumerate(buttons)
        ]
        _neighbours(scores, guidelines, pairs)
        pairs = pairing.paired(scores)
        often = pairing.together((buttons[row], required[keys[column]]) for row, column in pairs)
        like = _kept(_likely(by_name, often))
    joined = {row: (keys[column], scores[row][column] / 4) for row, column in pairs}
    return [
        _joined(one, joined[row][0], required[joined[row][0]], like, joined[row][1]) if row in joined else _alone(one) for row, one in enumerate(guidelines)
    ]


def _neighbours(scores: list[list[float]], guidelines: Sequence[Guideline], pairs: Sequence[tuple[int, int]]) -> None:
    """Files of one house keep their order: an entry whose neighbours in the same flow were paired with the neighbours of a key is a little likelier."""
    at = dict(pairs)
    for row in range(len(scores)):
        for step in (-1, 1):
            other = row + step
            if other in at and 0 <= other < len(scores) and guidelines[other].flow == guidelines[row].flow:
                column = at[other] - step
                if 0 <= column < len(scores[row]):
                    scores[row][column] += 0.2


def _likely(by_name: Like, often: Like) -> Like:
    """What two names say, and how often they stand together. Names that are a little alike and never stand together are most likely different."""

    def like(a: str, b: str) -> float:
        name, together = by_name(a, b), often(a, b)
        return max(name, 0.75 * together) if together or name > 0.6 else name / 2

    return like


def _kept(score: Like) -> Like:
    known: dict[tuple[str, str], float] = {}

    def kept(a: str, b: str) -> float:
        if (a, b) not in known:
            known[a, b] = score(a, b)
        return known[a, b]

    return kept


def _alone(one: Guideline) -> Joined:
    required = tuple(Required(slug(action.button), place) for place, action in enumerate(one.actions) if action.button and not _closing(action))
    return Joined(one, "", required, any_order=_free(one))


def _closing(action: Action) -> bool:
    """A button that ends the conversation is no action that can be left out."""
    return pairing.likeness(action.button, "end conversation") >= 0.99


def _free(one: Guideline) -> bool:
    return any(_ANY_ORDER.search(text) for text in one.instructions)


def _joined(one: Guideline, key: str, codes: Sequence[str], like: Like, sure: float) -> Joined:
    places = [place for place, action in enumerate(one.actions) if action.button]
    scores = [
        [like(one.actions[place].button, code) + 0.02 * (1 - abs(i / len(places) - number / len(codes))) for i, place in enumerate(places)]
        for number, code in enumerate(codes)
    ]
    found = {number: places[i] for number, i in pairing.paired(scores) if like(one.actions[places[i]].button, codes[number]) >= 0.4}
    required = tuple(Required(code, found.get(number), "" if number in found else _mention(one, code)) for number, code in enumerate(codes))
    return Joined(one, key, required, min(1.0, sure), _free(one))


_BRACKETS = re.compile(r"\[([^\][]{2,60})\]")


def _mention(one: Guideline, code: str) -> str:
    """A line that names the action's button in brackets, in an entry about something else."""
    for action in one.actions:
        for line in (action.text, *action.lines):
            if any(pairing.likeness(name, code) >= 0.8 for name in _BRACKETS.findall(line)):
                return line
    return ""


def slug(name: str) -> str:
    """A code from a name: "Log Out/In" is log-out-in."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "x"
