"""A step of a survey as a page: what is said, the question and its control, how far it is, in which other languages it can be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.flows import effects as fx
from cordboard.flows import pages
from cordboard.flows.compiled import compiled
from cordboard.flows.wrong import words
from cordboard.guidance.actions_script import Script
from cordboard.guidance.actions_survey import MOVED
from cordboard.org.languages import OWN_NAMES, html_lang

INPUTS = {
    "number": ("text", "decimal", "off"), "digits": ("text", "numeric", "off"), "date": ("date", "", "off"), "telephone": ("tel", "tel", "tel"),
    "email": ("email", "email", "email"), "rating": ("text", "numeric", "off"),
}  # fmt: skip
"""Type, inputmode and autocomplete of an input, by kind of question."""
MOST_STARS = 11
"""Values that a rating may have to be shown side by side; one with more is typed."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """`control`: "choice", "multiple", "rating", "area" or "input"."""

    control: str
    prompt: str
    choices: tuple[Choice, ...] = ()
    value: str = ""
    optional: bool = False
    help: str = ""
    open: bool = False
    """Another answer may be typed beside the choices."""
    type: str = "text"
    inputmode: str = ""
    autocomplete: str = "off"
    least: str = ""
    most: str = ""
    length: int = 0
    low: str = ""
    high: str = ""
    """What the ends of a rating mean."""


@dataclass(frozen=True, slots=True)
class Page:
    """`title`: what is asked; the name of the flow is the managers' own."""

    lang: str
    title: str
    said: tuple[str, ...]
    found: tuple[tuple[str, str], ...]
    question: Question | None
    wrong: str
    moved: bool
    moves: int
    number: int
    most: int | None
    """Questions there are at most, this one and those before among them; None when nobody can say."""
    back: bool
    forward: bool
    languages: tuple[tuple[str, str, str, bool], ...]
    """(code, its own name, lang, whether it is spoken now)"""

    @property
    def percent(self) -> int:
        """How far it is; 0 when nobody can say."""
        return round(100 * (self.number - 1) / self.most) if self.most else 0


def of_script(script: Script, given: list[str] | None = None) -> Page:
    """The survey where it stands. `given`: what was typed and not taken, so that nobody types it twice."""
    flow = compiled(script.flow)
    at = str(script.state["at"])
    step: Mapping[str, Any] = script.flow.runs_as["steps"].get(at, {})
    asked = script.question
    number = len(script.answers) + 1
    left = pages.questions_left(flow, at) if asked is not None else None
    language = str(script.state["language"])
    return Page(
        lang=html_lang(language),
        title=" ".join(one.text for one in asked.prompt)[:120] if asked is not None else "",
        said=tuple(one.text for one in script.told if isinstance(one, fx.Say) and one.text.strip()),
        found=tuple(
            (str(item.get("title", "")), str(item.get("text", "")))
            for one in script.told
            if isinstance(one, fx.Show)
            for item in one.items
            if isinstance(item, dict)
        ),
        question=_question(script, asked, step, given) if asked is not None else None,
        wrong=words(script.wrong, step) if script.wrong and script.wrong != MOVED else "",
        moved=script.wrong == MOVED,
        moves=int(script.state.get("moves", 0)),
        number=number,
        most=number - 1 + left if left is not None else None,
        back=script.may_go_back,
        forward=script.may_go_forward,
        languages=tuple((code, OWN_NAMES.get(code, code), html_lang(code), code == language) for code in flow.languages) if len(flow.languages) > 1 else (),
    )


def _question(script: Script, asked: fx.Ask, step: Mapping[str, Any], given: list[str] | None) -> Question:
    standing: Any = given if given is not None else script.standing  # never what was known before: nobody is to answer by pressing on
    held = [str(one) for one in standing] if isinstance(standing, list) else [] if standing in (None, "") else [str(standing)]
    kind = asked.kind
    common: dict[str, Any] = {"prompt": " ".join(one.text for one in asked.prompt), "optional": asked.optional, "help": asked.help}
    if kind in ("choice", "multiple"):
        choices = tuple(Choice(value, label, value in held) for value, label in asked.options)
        typed = next((one for one in held if one not in {value for value, _label in asked.options}), "") if step.get("open") else ""
        return Question(kind, choices=choices, value=typed, open=bool(step.get("open")), **common)
    if kind == "rating":
        low, high = int(step.get("min", 1)), int(step.get("max", 5))
        if high - low < MOST_STARS:
            return Question("rating", choices=tuple(Choice(str(n), str(n), str(n) in held) for n in range(low, high + 1)), **common)
    value = held[0] if held else ""
    if kind == "text":
        return Question("area", value=value, length=int(step.get("max", 1000)), **common)
    type, inputmode, autocomplete = INPUTS.get(kind, ("text", "", "off"))
    today = timezone.localdate().isoformat()
    return Question(
        "input", value=value, type=type, inputmode=inputmode, autocomplete=autocomplete,
        least=today if step.get("range") == "future" and kind == "date" else "", most=today if step.get("range") == "past" and kind == "date" else "",
        **{**common, "help": common["help"] or _hint(kind, step)},
    )  # fmt: skip


def _hint(kind: str, step: Mapping[str, Any]) -> str:
    """What is expected, where the survey does not say."""
    if kind == "telephone":
        return (
            _("With the area code, such as 020 555 0123, or with the country, such as +31 20 555 0123.")
            if step.get("region")
            else _("With the country, such as +31 20 555 0123.")
        )
    if kind == "number" and "min" in step and "max" in step:
        return _("From %(min)s to %(max)s.") % {"min": step["min"], "max": step["max"]}
    return ""
