"""Steps that talk: say, ask, collect_secret, voicemail. Pure.

A question takes: choice, multiple, number, digits (keys of a telephone), text, date, telephone, email, rating (answers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.flows.answers import FACT_TYPES, TAKE, WrongAnswer, choice_of, taken
from cordboard.flows.effects import Answered, Ask, AskSecret, Input, Instruct, LookedUp, MessageLeft, NoAnswer, Say, SetContext, TakeMessage
from cordboard.flows.steps import SCREENS, Field, Step, Type, declare

if TYPE_CHECKING:
    from cordboard.flows.engine import Run
    from cordboard.flows.graph import Look

BY = {"ivr": "ivr", "bot": "bot", "script": "agent", "survey": "survey"}
"""Who gave an answer, by surface."""
KEYS = frozenset("0123456789*#")
DIGITS = "0123456789"
SHORT = ("number", "date", "rating", "telephone")
"""Questions that can be answered with keys, besides choice and digits."""


# -- say ------------------------------------------------------------------------------------------------------------------


def _say(run: Run, step: Step) -> str | None:
    """Says `texts` in the run's language; in every language one after another with `every_language`. `do`: what the agent does here, on a script."""
    _instruct(run, step)
    if step.get("texts"):
        run.effects += run.words(step["texts"], every=bool(step.get("every_language")))
    return "next"


def _check_say(look: Look, name: str, step: Step) -> None:
    if step.get("texts") is None and (look.surface != "script" or not step.get("do")):
        look.wrong(name, "texts", "%(field)s are texts by language.", field="texts")


def _instruct(run: Run, step: Step) -> None:
    if step.get("do") and run.surface == "script":
        theirs = run.words(step["do"], first=run.value("agent.language"))  # it is the agent who reads this, whatever the customer speaks
        run.effects += [Instruct(one.text, one.language, run.at) for one in theirs]


# -- ask ------------------------------------------------------------------------------------------------------------------


def _ask(run: Run, step: Step) -> str | None:
    """Puts the question. Fields: `kind`, `texts`, `choices` or `min` and `max`; `into`, the variable; `tries` (3); `timeout` and `gap` in seconds; `wrong`
    and `silent`, said before it is asked again; `help`, said on `help_key` (*); `skip`, where it goes when only the end key comes; `give_up`, where after
    the last try. With `keep_tries` coming back to the question is another try, not a fresh start."""
    if step.get("keep_tries") and run.count("came") > 1 and run.count("tries") >= int(step.get("tries", 3)):
        return "give_up"
    _instruct(run, step)
    _put(run, step, ())
    return None


def _put(run: Run, step: Step, before: tuple[Say, ...]) -> None:
    kind = step["kind"]
    person = run.flow.person_key
    chosen = kind == "choice"
    keys = "".join(choice.get("key", "") for choice in step.get("choices", ())) if chosen else DIGITS
    out = person if person and (chosen or not step.get("leading_zero")) else ""
    helps = step.get("help_key", "*") if step.get("help") else ""
    least, most = (1, 1) if chosen else _lengths(step)
    options: tuple[tuple[str, str], ...] = ()
    if run.surface in SCREENS:
        options = tuple((str(one["value"]), run.label(one)) for one in _ordered(run, step))
    explained = run.words(step["help"]) if step.get("help") and run.surface in SCREENS else ()
    run.effects.append(
        Ask(
            step=run.at,
            kind=kind,
            prompt=(*before, *run.words(step["texts"], every=bool(step.get("every_language")))),
            keys=keys,
            min=least,
            max=most,
            end_key="" if chosen else str(step.get("end_key", "#")),
            first_timeout=float(step.get("timeout", 6.0)),
            gap_timeout=float(step.get("gap", 3.0)),
            at_once=f"{keys if chosen else ''}{out}{helps}",
            options=options,
            optional=bool(step.get("optional")),
            help=" ".join(one.text for one in explained),
            now=run.value(step["into"]) if step.get("into") and run.surface in SCREENS else None,
        )
    )


def _ordered(run: Run, step: Step) -> list[Step]:
    """The choices, those first whose values the list `order` names, in its order: the most frequent fault is asked about first."""
    choices = list(step.get("choices", ()))
    wanted = run.value(step["order"]) if step.get("order") else None
    if not isinstance(wanted, list):
        return choices
    place = {str(value): number for number, value in reversed(list(enumerate(wanted)))}
    return sorted(choices, key=lambda one: place.get(str(one["value"]), len(place)))


def _lengths(step: Step) -> tuple[int, int]:
    """How many keys are waited for on a telephone."""
    kind = step["kind"]
    if kind in ("digits", "text"):
        return int(step.get("min", 1)), int(step.get("max", 20))
    if kind == "rating":
        return 1, len(str(step.get("max", 5)))
    return 1, {"date": 10, "telephone": 16, "number": 20}.get(kind, 20)


def _answered(run: Run, step: Step, input: Input) -> str | None:
    if isinstance(input, NoAnswer):
        return _again(run, step, "silent")
    if not isinstance(input, Answered):
        return None
    value = input.value.strip() if isinstance(input.value, str) else input.value
    if step.get("help") and value == step.get("help_key", "*") and run.surface not in SCREENS:
        asked = run.count("help")
        if asked > 3:
            return _again(run, step, "help")
        _put(run, step, run.words(step["help"]))
        return None
    if not value and step.get("skip"):
        return "skip"
    try:
        found = taken(step, value, today=run.today, surface=run.surface)
    except WrongAnswer:
        return _again(run, step, "wrong")
    if step.get("into"):
        run.set(step["into"], found, BY.get(run.surface, "rule"))
    if step["kind"] != "choice" or found is None:
        return "next"
    number = choice_of(step, value, run.surface)
    if number is None:  # typed, where that is open
        return "next"
    choice = step["choices"][number]
    if step.get("into") and choice.get("key"):
        run.effects.append(SetContext(f"{step['into']}.key", choice["key"], BY.get(run.surface, "rule")))
    return f"choices[{number}]" if choice.get("next") else "next"


def _again(run: Run, step: Step, why: str) -> str | None:
    """Asks once more, or gives up when it was the last try."""
    if run.count("tries") >= int(step.get("tries", 3)):
        return "give_up"
    _put(run, step, run.words(step[why]) if why != "help" and step.get(why) else ())
    return None


def _check_ask(look: Look, name: str, step: Step) -> None:
    kind = step.get("kind")
    if kind not in TAKE:
        look.wrong(name, "field", "A question asks for a choice, several, a number, keys, text, a date, a telephone number, an e-mail address or a rating.")
        return
    if look.surface == "ivr" and kind in ("text", "email", "multiple"):
        look.wrong(name, "surface", "This cannot be asked on a telephone: it has keys only.")
    if kind in ("digits", "text", "multiple") and not _fits(
        step.get("min", 1), step.get("max", 20 if kind == "digits" else 1000), 50 if kind == "digits" else 4000
    ):
        look.wrong(name, "field", "min and max do not fit.")
    if kind in ("number", "rating") and "min" in step and "max" in step and not step["min"] <= step["max"]:
        look.wrong(name, "field", "min and max do not fit.")
    if isinstance(step.get("into"), str) and look.variables.get(step["into"]) not in (None, *FACT_TYPES.get(kind, ("text", "choice"))):
        look.wrong(name, "variable_type", "The variable %(variable)s cannot keep this answer: it is of another type.", variable=step["into"])
    if kind in ("choice", "multiple"):
        _check_choices(look, name, step)


def _fits(least: Any, most: Any, limit: int) -> bool:
    return isinstance(least, int) and isinstance(most, int) and 0 <= least <= most <= limit


def _check_choices(look: Look, name: str, step: Step) -> None:
    choices = step.get("choices")
    if not isinstance(choices, list) or not choices:
        look.wrong(name, "field", "There is nothing to choose from.")
        return
    if len(choices) > 200:
        look.wrong(name, "field", "There are more than 200 choices.")
        return
    keys = [choice.get("key") if isinstance(choice, dict) else None for choice in choices]
    for key in keys:
        if key is None and look.surface != "ivr":
            continue
        if not isinstance(key, str) or key not in KEYS:
            look.wrong(name, "key", "%(key)s is no key of a telephone.", key=repr(key))
        elif key == look.person_key:
            look.wrong(name, "key", "%(key)s is the way out to a person.", key=key)
        elif keys.count(key) > 1:
            look.wrong(name, "key", "The key %(key)s is given twice.", key=key)
    values = []
    for choice in choices:
        if not isinstance(choice, dict) or not isinstance(choice.get("value"), (str, int, float, bool)):
            look.wrong(name, "field", "A choice has a value.")
            continue
        values.append(str(choice["value"]))
        if choice.get("texts") is not None:
            look.texts(name, "choices", choice["texts"])
    if len(set(values)) < len(values):
        look.wrong(name, "field", "Two choices have the same value.")


# -- secrets and messages -------------------------------------------------------------------------------------------------


def _collect_secret(run: Run, step: Step) -> str | None:
    """Asks for keys that are never kept (`min` to `max` of them) and hands them to the look-up `use`; what it answers goes into the variables `fields` names. `wrong` is said before
    it is asked again, `tries` (3) times in all; then `give_up`."""
    _put_secret(run, step, ())
    return None


def _put_secret(run: Run, step: Step, before: tuple[Say, ...]) -> None:
    least, most = int(step.get("min", 1)), int(step.get("max", 19))
    run.effects.append(AskSecret(run.at, (*before, *run.words(step["texts"])), str(step["use"]), least, most))


def _secret_taken(run: Run, step: Step, input: Input) -> str | None:
    if isinstance(input, NoAnswer) or (isinstance(input, LookedUp) and (input.failed or not isinstance(input.result, dict))):
        if run.count("tries") >= int(step.get("tries", 3)):
            return "give_up"
        _put_secret(run, step, run.words(step["wrong"]) if step.get("wrong") else ())
        return None
    if not isinstance(input, LookedUp):
        return None
    for variable, name in step.get("fields", {}).items():
        value = input.result.get(name)
        if value is not None:
            run.set(variable, value, "lookup")
    return "next"


def _voicemail(run: Run, step: Step) -> str | None:
    """Says `texts`, a tone, and records: for `queue`, or for `agent` (a username), at most `seconds` (120). `next` when something was said, else `nothing`."""
    run.effects.append(
        TakeMessage(
            run.at,
            run.words(step["texts"]),
            str(run.value_of(step.get("queue", "")) or ""),
            str(run.value_of(step.get("agent", "")) or ""),
            min(600.0, max(5.0, float(step.get("seconds", 120.0)))),
        )
    )
    return None


def _message_left(run: Run, step: Step, input: Input) -> str | None:
    if not isinstance(input, MessageLeft):
        return None
    return "next" if input.seconds > 0 or not step.get("nothing") else "nothing"


QUESTIONS: Mapping[str, Any] = {
    "choice": _("one of several"),
    "multiple": _("several of several"),
    "number": _("a number"),
    "digits": _("keys of a telephone"),
    "text": _("text"),
    "date": _("a date"),
    "telephone": _("a telephone number"),
    "email": _("an e-mail address"),
    "rating": _("a rating"),
}
_DO = Field("do", "texts", _("What the agent does"), _("Shown to the agent beside what to say. On scripts only."))
_MUST = Field("must", "boolean", _("Must be done"), _("The agent cannot finish the contact while this is not said, done or answered. On scripts only."))
_EVERY = Field("every_language", "boolean", _("In every language"), _("Said in all languages one after another, where nobody knows yet which to speak."))

declare(
    Type(
        "say",
        _say,
        words=_("Say"),
        help=_("Says or shows a text."),
        group="talk",
        fields=(Field("texts", "texts", _("Text")), _DO, _MUST, _EVERY),
        check=_check_say,
    )
)
declare(
    Type(
        "ask",
        _ask,
        _answered,
        words=_("Ask"),
        help=_("Asks a question and keeps the answer."),
        group="talk",
        exits={"next": pgettext_lazy("step of a flow", "answered"), "give_up": _("after the last try")},
        optional_exits={"skip": _("left out")},
        fields=(
            Field("texts", "texts", _("Question"), required=True),
            Field("kind", "choice", _("Asks for"), required=True, options=QUESTIONS, default="choice"),
            Field("choices", "choices", _("Choices"), when={"kind": ("choice", "multiple")}),
            Field(
                "order",
                "variable",
                _("Order of the choices"),
                _("A list of values: choices with these come first. On screens."),
                when={"kind": ("choice", "multiple")},
            ),
            Field("open", "boolean", _("Another answer may be typed"), when={"kind": ("choice", "multiple")}),
            Field("into", "variable", _("Keep the answer in")),
            _DO,
            _MUST,
            Field("min", "number", _("At least"), _("Of a number its value, of text and keys how many.")),
            Field("max", "number", _("At most"), _("Of a number its value, of text and keys how many.")),
            Field("whole", "boolean", _("Whole numbers only"), when={"kind": ("number",)}),
            Field(
                "range",
                "choice",
                _("Which dates"),
                options={"any": _("any"), "past": _("today or before"), "future": _("today or later")},
                when={"kind": ("date",)},
            ),
            Field("region", "text", _("Country of national numbers"), _("Two letters, such as NL."), when={"kind": ("telephone",)}),
            Field("optional", "boolean", _("May be left out")),
            Field("help", "texts", _("Help")),
            Field("wrong", "texts", _("Said when the answer does not fit")),
            Field("silent", "texts", _("Said when nothing comes")),
            Field("tries", "integer", _("Tries"), default=3),
            Field("timeout", "number", _("Seconds to the first key"), default=6),
            Field("gap", "number", _("Seconds between keys"), default=3),
            Field("end_key", "key", _("Key that ends the answer"), default="#"),
            Field("help_key", "key", _("Key for help"), default="*"),
            Field("leading_zero", "boolean", _("May begin with the key for a person"), when={"kind": ("digits", "telephone", "date", "number")}),
            Field("keep_tries", "boolean", _("Coming back counts as another try")),
            _EVERY,
        ),
        waits=True,
        check=_check_ask,
    )
)
declare(
    Type(
        "collect_secret",
        _collect_secret,
        _secret_taken,
        words=_("Ask for secret keys"),
        help=_("Takes keys that nobody may see or keep, such as a card number. The recording is paused."),
        group="talk",
        exits={"next": _("accepted"), "give_up": _("after the last try")},
        fields=(
            Field("texts", "texts", _("Question"), required=True),
            Field("use", "look_up", _("What the keys are for"), required=True),
            Field("fields", "fields", _("Keep of the answer")),
            Field("min", "integer", _("At least"), default=1),
            Field("max", "integer", _("At most"), default=19),
            Field("wrong", "texts", _("Said when the answer does not fit")),
            Field("tries", "integer", _("Tries"), default=3),
        ),
        waits=True,
        surfaces=frozenset({"ivr"}),
    )
)
declare(
    Type(
        "voicemail",
        _voicemail,
        _message_left,
        words=_("Take a message"),
        help=_("Records what the caller says, for a queue or an agent."),
        group="talk",
        exits={"next": _("a message was left")},
        optional_exits={"nothing": _("nothing was said")},
        fields=(
            Field("texts", "texts", _("Said before the tone"), required=True),
            Field("queue", "queue", _("For queue")),
            Field("agent", "text_or_variable", _("For agent")),
            Field("seconds", "number", _("Seconds at most"), default=120),
        ),
        waits=True,
        surfaces=frozenset({"ivr"}),
    )
)
