"""Types of steps: what each does, what may come next, and what it needs. The basic ones are declared here; packages declare theirs in a module
`steps.py`:

    declare(Type("book", run=book, answer=booked, exits=("next", "full"), needs={"calendar": str}, waits=True, surfaces=frozenset({"ivr", "bot"})))

`run(run, step)` does the step: it adds effects to the run and returns the exit to take, or None when it waits for an input. `answer(run, step, input)`
takes that input and returns the exit, or None to go on waiting. Both are pure but for the run that they are given (engine.Run). A step of a graph is a
dict with its `type`; an exit is a field of it that names the next step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cordboard.flows.effects import (
    Answered,
    Ask,
    AskSecret,
    Done,
    End,
    Enqueue,
    HandOver,
    Input,
    LookedUp,
    LookUp,
    MessageLeft,
    NoAnswer,
    Say,
    SetContext,
    TakeMessage,
    Transfer,
    Wait,
)

if TYPE_CHECKING:
    from cordboard.flows.engine import Run

Step = Mapping[str, Any]
ANYWHERE = frozenset({"ivr", "bot", "script", "survey", "journey"})


@dataclass(frozen=True, slots=True)
class Type:
    """`exits` are the fields that may name a next step, the first of them is the usual one; `choices` have a `next` of their own. `texts` are fields with
    texts by language, `needs` and `takes` the other fields by JSON type. `waits`: an input is needed to go on. `ends`: nothing comes after."""

    name: str
    run: Callable[[Run, Step], str | None]
    answer: Callable[[Run, Step, Input], str | None] | None = None
    exits: tuple[str, ...] = ("next",)
    optional_exits: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    optional_texts: tuple[str, ...] = ()
    needs: Mapping[str, type | tuple[type, ...]] = field(default_factory=dict)
    takes: Mapping[str, type | tuple[type, ...]] = field(default_factory=dict)
    waits: bool = False
    ends: bool = False
    surfaces: frozenset[str] = ANYWHERE


REGISTRY: dict[str, Type] = {}


def declare(type: Type) -> Type:
    """Add a type of step; the same name again replaces it only when it comes from the same module (a reload)."""
    known = REGISTRY.get(type.name)
    if known is not None and known.run.__module__ != type.run.__module__:
        raise ValueError(f"step type {type.name!r} is declared twice")
    REGISTRY[type.name] = type
    return type


@dataclass(frozen=True, slots=True)
class Lookup:
    """A named look-up that flows may ask: `args` by JSON type, `gives` the fields of its result by type of fact. The surface that performs it finds
    the answer, a dict or None."""

    name: str
    words: Any
    args: Mapping[str, type]
    gives: Mapping[str, str]


LOOKUPS: dict[str, Lookup] = {}


def declare_lookup(name: str, words: Any, *, args: Mapping[str, type], gives: Mapping[str, str]) -> Lookup:
    """Add a look-up. ValueError when the name is taken by another one."""
    lookup = Lookup(name, words, dict(args), dict(gives))
    known = LOOKUPS.get(name)
    if known is not None and (known.args, known.gives) != (lookup.args, lookup.gives):
        raise ValueError(f"look-up {name!r} is declared twice")
    LOOKUPS[name] = lookup
    return lookup


# -- say, ask -----------------------------------------------------------------------------------------------------


def _say(run: Run, step: Step) -> str | None:
    """Says `texts` in the run's language; in every language one after another with `every_language`."""
    run.effects += run.words(step["texts"], every=bool(step.get("every_language")))
    return "next"


def _ask(run: Run, step: Step) -> str | None:
    """Puts the question. Fields: `kind` ("choice", "digits", "text"), `texts`, `choices` or `min` and `max`; `into`, the variable; `tries` (3);
    `timeout` and `gap` in seconds; `wrong` and `silent`, said before it is asked again; `help`, said on `help_key` (*); `skip`, where it goes when only
    the end key comes; `give_up`, where after the last try. With `keep_tries` coming back to the question is another try, not a fresh start."""
    if step.get("keep_tries") and run.count("came") > 1 and run.count("tries") >= int(step.get("tries", 3)):
        return "give_up"
    _put(run, step, ())
    return None


def _put(run: Run, step: Step, before: tuple[Say, ...]) -> None:
    kind = step["kind"]
    person = run.flow.person_key
    keys = "".join(choice["key"] for choice in step.get("choices", ())) if kind == "choice" else "0123456789"
    out = person if person and (kind == "choice" or not step.get("leading_zero")) else ""
    helps = step.get("help_key", "*") if step.get("help") else ""
    run.effects.append(
        Ask(
            step=run.at,
            kind=kind,
            prompt=(*before, *run.words(step["texts"], every=bool(step.get("every_language")))),
            keys=keys,
            min=1 if kind == "choice" else int(step.get("min", 1)),
            max=1 if kind == "choice" else int(step.get("max", 20)),
            end_key="" if kind == "choice" else str(step.get("end_key", "#")),
            first_timeout=float(step.get("timeout", 6.0)),
            gap_timeout=float(step.get("gap", 3.0)),
            at_once=f"{keys if kind == 'choice' else ''}{out}{helps}",
        )
    )


def _answered(run: Run, step: Step, input: Input) -> str | None:
    if isinstance(input, NoAnswer):
        return _again(run, step, "silent")
    if not isinstance(input, Answered):
        return None
    value = input.value.strip()
    if step.get("help") and value == step.get("help_key", "*"):
        asked = run.count("help")
        if asked > 3:
            return _again(run, step, "help")
        _put(run, step, run.words(step["help"]))
        return None
    if step["kind"] == "choice":
        for number, choice in enumerate(step["choices"]):
            if value == choice["key"]:
                if step.get("into"):
                    run.set(step["into"], choice["value"], "ivr")
                    run.effects.append(SetContext(f"{step['into']}.key", choice["key"], "ivr"))
                return f"choices[{number}]" if choice.get("next") else "next"
        return _again(run, step, "wrong")
    if not value and step.get("skip"):
        return "skip"
    if step["kind"] == "digits":
        good = value.isascii() and value.isdigit() and int(step.get("min", 1)) <= len(value) <= int(step.get("max", 20))
    else:
        good = 0 < len(value) <= int(step.get("max", 1000))
    if not good:
        return _again(run, step, "wrong")
    if step.get("into"):
        run.set(step["into"], value, "ivr")
    return "next"


def _again(run: Run, step: Step, why: str) -> str | None:
    """Asks once more, or gives up when it was the last try."""
    if run.count("tries") >= int(step.get("tries", 3)):
        return "give_up"
    _put(run, step, run.words(step[why]) if why != "help" and step.get(why) else ())
    return None


# -- look up, set, decide -----------------------------------------------------------------------------------------


def _look_up(run: Run, step: Step) -> str | None:
    args = {name: run.value_of(value) for name, value in step.get("args", {}).items()}
    run.effects.append(LookUp(run.at, step["name"], args, float(step.get("timeout", 2.0))))
    return None


def _looked_up(run: Run, step: Step, input: Input) -> str | None:
    """Fields: `name`, `args`, `into` for the whole result, `fields` {variable: field of the result}; `nothing` and `failed` are where it goes without one."""
    if not isinstance(input, LookedUp):
        return None
    if input.failed:
        return "failed"
    if input.result is None:
        return "nothing"
    if step.get("into"):
        run.set(step["into"], input.result, "lookup")
    for variable, name in step.get("fields", {}).items():
        value = input.result.get(name) if isinstance(input.result, dict) else None
        if value is not None:
            run.set(variable, value, "lookup")
    return "next"


def _set(run: Run, step: Step) -> str | None:
    run.set(step["name"], run.value_of(step["value"]), "rule")
    return "next"


def _language(run: Run, step: Step) -> str | None:
    """Goes on in the first of `from` that the flow speaks: variables by name, or languages as they are."""
    for name in step["from"]:
        if run.speak(run.value_of({"var": name}) if name in run.flow.variables else name):
            return "next"
    return "unknown"


def _decide(run: Run, step: Step) -> str | None:
    """Takes the first of `branches` whose condition holds; `next` when none does."""
    return run.flow.decide(run.at, run.values(), run.now)


# -- leaving ------------------------------------------------------------------------------------------------------


def _wait(run: Run, step: Step) -> str | None:
    run.effects.append(Wait(run.at, float(step["seconds"])))
    return None


def _waited(run: Run, step: Step, input: Input) -> str | None:
    return "next" if isinstance(input, Done) else None


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


def _enqueue(run: Run, step: Step) -> str | None:
    run.finish("queued", Enqueue(str(run.value_of(step["queue"])), run.context(step.get("context")), step.get("priority")))
    return None


def _offer_callback(run: Run, step: Step) -> str | None:
    """As enqueue, for one who chose to be called back: the surface confirms the number, keeps the place and lets the customer go."""
    run.finish("queued", Enqueue(str(run.value_of(step["queue"])), run.context(step.get("context")), step.get("priority"), callback=True))
    return None


def _transfer(run: Run, step: Step) -> str | None:
    run.finish("transferred", Transfer(str(run.value_of(step["to"]))))
    return None


def _hand_over(run: Run, step: Step) -> str | None:
    run.finish("handed_over", HandOver(run.why or str(step.get("reason", "flow")), str(run.value_of(step.get("queue", ""))), run.context(step.get("context"))))
    return None


def _end(run: Run, step: Step) -> str | None:
    run.finish(str(step.get("reason", "end")), End(str(step.get("reason", "end"))))
    return None


_VALUE = (str, int, float, bool, list, dict)
declare(Type("say", _say, texts=("texts",), takes={"every_language": bool}))
declare(
    Type(
        "ask",
        _ask,
        _answered,
        exits=("next", "give_up"),
        optional_exits=("skip",),
        texts=("texts",),
        optional_texts=("wrong", "silent", "help"),
        needs={"kind": str},
        takes={
            "choices": list,
            "into": str,
            "tries": int,
            "timeout": (int, float),
            "gap": (int, float),
            "min": int,
            "max": int,
            "end_key": str,
            "help_key": str,
            "leading_zero": bool,
            "keep_tries": bool,
            "every_language": bool,
        },
        waits=True,
    )
)
declare(
    Type(
        "look_up",
        _look_up,
        _looked_up,
        exits=("next", "nothing", "failed"),
        needs={"name": str},
        takes={"args": dict, "into": str, "fields": dict, "timeout": (int, float)},
        waits=True,
    )
)
declare(Type("set", _set, needs={"name": str, "value": _VALUE}))
declare(Type("language", _language, exits=("next", "unknown"), needs={"from": list}))
declare(Type("decide", _decide, needs={"branches": list}))
declare(Type("wait", _wait, _waited, needs={"seconds": (int, float)}, waits=True))
declare(
    Type(
        "collect_secret",
        _collect_secret,
        _secret_taken,
        exits=("next", "give_up"),
        texts=("texts",),
        optional_texts=("wrong",),
        needs={"use": str},
        takes={"fields": dict, "min": int, "max": int, "tries": int},
        waits=True,
        surfaces=frozenset({"ivr"}),
    )
)
declare(
    Type(
        "voicemail",
        _voicemail,
        _message_left,
        optional_exits=("nothing",),
        texts=("texts",),
        takes={"queue": (str, dict), "agent": (str, dict), "seconds": (int, float)},
        waits=True,
        surfaces=frozenset({"ivr"}),
    )
)
declare(Type("enqueue", _enqueue, exits=(), needs={"queue": (str, dict)}, takes={"context": list, "priority": int}, ends=True))
declare(
    Type(
        "offer_callback",
        _offer_callback,
        exits=(),
        needs={"queue": (str, dict)},
        takes={"context": list, "priority": int},
        ends=True,
        surfaces=frozenset({"ivr"}),
    )
)
declare(Type("transfer", _transfer, exits=(), needs={"to": (str, dict)}, ends=True, surfaces=frozenset({"ivr", "script"})))
declare(Type("hand_over", _hand_over, exits=(), takes={"reason": str, "queue": (str, dict), "context": list}, ends=True))
declare(Type("end", _end, exits=(), takes={"reason": str}, ends=True))
