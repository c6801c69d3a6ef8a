"""The agent's script panel: what to say, what to do, the question, and the way back and forward."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.flows import effects as fx
from cordboard.guidance import actions_script as scripts
from cordboard.guidance import queries_script as queries
from cordboard.guidance.actions_script import Script
from cordboard.interactions.models import Interaction
from cordboard.interactions.queries import Mine
from cordboard.org.languages import OWN_NAMES, html_lang

CONTROLS = {"number": "number", "rating": "number", "date": "date", "telephone": "tel", "email": "email", "digits": "text"}
KEY = "script_of_%d"
"""In the session: the script of a contact that is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say, to do, or that was found. `kind`: "say", "do", "found"."""

    kind: str
    text: str
    lang: str = ""
    title: str = ""
    mark_url: str = ""
    """Where it is marked as said or done, or as not (`marked`). One mark a step: at its last line."""
    marked: bool = False
    must: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    control: str
    """ "choice", "multiple", "area", or the type of an input"""
    choices: tuple[Choice, ...] = ()
    value: str = ""
    optional: bool = False
    help: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    url: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """`turn` names the page of the script that is shown: another one comes whole, with nothing left of what was typed."""

    topics: str
    turn: str = ""
    find_url: str = ""
    tabs: tuple[Tab, ...] = ()
    name: str = ""
    step: str = ""
    lines: tuple[Line, ...] = ()
    question: Question | None = None
    moves: int = 0
    answer_url: str = ""
    back_url: str = ""
    forward_url: str = ""
    finish_url: str = ""
    go_on_url: str = ""
    ended: str = ""
    busy: bool = False
    """It waits for something that was being looked up when it was left."""
    missing: str = ""
    """What must still be done before it may be put away without a reason."""
    spoken: str = ""
    """Said when it is not in the customer's language."""


def panel(user: Any, one: Mine | None, session: Any) -> Panel:
    """For the contact that the desk shows; empty while none is there or it only rings."""
    if one is None or one.segment.state == "offered":
        return Panel(f"user:{user.pk}")
    number = one.interaction.pk
    going = [each for each in queries.of_contact(number) if not each.ended]
    around = Panel(f"user:{user.pk} interaction:{number}", f"{number}", reverse("desktop:script_find", args=[number]))
    if not going:
        return around
    wanted = session.get(KEY % number)
    shown = next((each for each in going if each.run == wanted), going[-1])
    tabs = tuple(Tab(each.name, _url(number, each.run, "open"), each.run == shown.run) for each in going) if len(going) > 1 else ()
    return _of(scripts.look(shown.run, user), one.interaction, replace(around, tabs=tabs, name=shown.name))


def _of(script: Script, contact: Interaction, around: Panel) -> Panel:
    question, number = script.question, contact.pk
    steps = script.flow.runs_as["steps"]
    step = steps.get(script.state["at"], {})
    marks = script.state.get("marks", {})
    said: list[Line] = []

    def tells(kind: str, effect: fx.Say | fx.Instruct) -> None:
        last = said[-1] if said else None
        if last is not None and last.mark_url and last.mark_url == _mark(script, number, effect.step):
            said[-1] = replace(last, mark_url="")
        of = steps.get(effect.step, {})
        markable = of.get("type") == "say"
        said.append(
            Line(
                kind, effect.text, html_lang(effect.language), "", _mark(script, number, effect.step) if markable else "", effect.step in marks,
                markable and bool(of.get("must")),
            )
        )  # fmt: skip

    for effect in script.told:
        match effect:
            case fx.Say():
                tells("say", effect)
            case fx.Instruct():
                tells("do", effect)
            case fx.Show():
                said += [Line("found", str(one.get("text", "")), title=str(one.get("title", ""))) for one in effect.items if isinstance(one, dict)]
            case fx.Ask() if effect is question:
                said += [Line("say", one.text, html_lang(one.language)) for one in effect.prompt]
    return replace(
        around,
        turn=f"{number}:{script.run}:{script.state.get('moves', 0)}",
        step=str(step.get("title") or ""),
        lines=tuple(said),
        question=_question(script, question, step) if question is not None else None,
        moves=int(script.state.get("moves", 0)),
        answer_url=_url(number, script.run, "answer"),
        back_url=_url(number, script.run, "back") if script.may_go_back else "",
        forward_url=_url(number, script.run, "forward") if script.may_go_forward else "",
        finish_url=_url(number, script.run, "finish"),
        go_on_url=_url(number, script.run, "go-on"),
        ended=_ended(script),
        busy=question is None and not script.ended,
        missing=script.missing,
        spoken=_spoken(contact.language, {one.lang for one in said if one.kind == "say"}),
    )


def _mark(script: Script, number: int, step: str) -> str:
    return f"{_url(number, script.run, 'mark')}?step={quote(step)}"


def _spoken(wanted: str, shown: set[str]) -> str:
    """The script speaks another language than the customer: the agent is told which."""
    others = sorted(OWN_NAMES.get(one.lower(), one) for one in shown if one and one.split("-")[0] != wanted.split("-")[0])
    if not wanted or not others:
        return ""
    return _("This script has no text in %(wanted)s; it is shown in %(shown)s.") % {
        "wanted": OWN_NAMES.get(wanted.lower(), wanted), "shown": ", ".join(others),
    }  # fmt: skip


def _question(script: Script, asked: fx.Ask, step: Any) -> Question:
    standing = script.standing if script.standing is not None else asked.now
    held = {str(one) for one in standing} if isinstance(standing, list) else {"" if standing is None else str(standing)}
    choices = tuple(Choice(value, words, value in held) for value, words in asked.options)
    open = bool(step.get("open"))
    if asked.kind in ("choice", "multiple"):
        typed = next(iter(held - {value for value, _words in asked.options}), "") if open else ""
        return Question(asked.kind, choices, typed, asked.optional, asked.help, open)
    control = CONTROLS.get(asked.kind, "area")
    return Question(control, (), "" if standing is None else str(standing), asked.optional, asked.help)


def _ended(script: Script) -> str:
    if not script.ended:
        return ""
    left = script.left
    if left is None:
        return _("The script is at its end.")
    if left["do"] == "transfer":
        return _("The script ends here: transfer the customer to %(to)s.") % {"to": left["to"]}
    if left.get("queue"):
        return _("The script ends here: transfer the customer to the queue %(queue)s.") % {"queue": left["queue"]}
    return _("The script ends here: it is yours from here on.")


def _url(interaction: int, run: int, verb: str) -> str:
    return reverse("desktop:script", args=[interaction, run, verb])
