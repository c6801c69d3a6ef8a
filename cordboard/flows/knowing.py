"""Steps that find out, decide and do: look_up, search, web_service, set, score, language, decide, document, book, send. Pure: what is to be asked or done
goes out as an effect, and what came of it comes back as an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.flows.effects import CallService, Input, LookedUp, LookUp, Perform, Show
from cordboard.flows.steps import ACTS, LOOKUPS, SCREENS, Field, Step, Type, declare
from cordboard.rules.evaluate import compile_policy

if TYPE_CHECKING:
    from cordboard.flows.engine import Flow, Run
    from cordboard.flows.graph import Look

LONGEST = 30.0
"""Seconds that a step may wait for an answer from elsewhere."""
SEARCH = "knowledge.search"
"""The look-up that answers `search`: {"articles": [{"id": ..., "title": ..., "text": ...}, ...]}. Knowledge declares it."""

# -- look up, search, web service -----------------------------------------------------------------------------------------


def _look_up(run: Run, step: Step) -> str | None:
    run.effects.append(LookUp(run.at, step["name"], run.arguments(step), _seconds(step, 2.0)))
    return None


def _seconds(step: Step, usual: float) -> float:
    return min(LONGEST, max(0.1, float(step.get("timeout", usual))))


def _looked_up(run: Run, step: Step, input: Input) -> str | None:
    """Fields: `name`, `args`, `into` for the whole result, `fields` {variable: field of the result}; `nothing` and `failed` are where it goes without one."""
    if not isinstance(input, LookedUp):
        return None
    if input.failed:
        return "failed"
    if input.result is None:
        return "nothing" if step.get("nothing") else "next"
    _keep(run, step, input.result)
    return "next"


def _keep(run: Run, step: Step, result: Any) -> None:
    """What was found into variables: the whole, and fields of it ("customer.name" is the name within its customer, "0" the first of a list)."""
    if step.get("into"):
        run.set(step["into"], result, "lookup")
    for variable, name in step.get("fields", {}).items():
        value = field_of(result, str(name))
        if value is not None:
            run.set(variable, value, "lookup")


def field_of(result: Any, name: str) -> Any:
    """A field of a result by its name, or by a path with dots; None when there is none."""
    if isinstance(result, Mapping) and name in result:
        return result[name]
    for part in name.split("."):
        if isinstance(result, Mapping):
            result = result.get(part)
        elif isinstance(result, list) and part.isdigit() and int(part) < len(result):
            result = result[int(part)]
        else:
            return None
    return result


def _check_look_up(look: Look, name: str, step: Step) -> None:
    if not isinstance(step.get("name"), str):
        return
    lookup = LOOKUPS.get(step["name"])
    if lookup is None:
        look.wrong(name, "look_up", "There is no look-up %(name)s.", name=step["name"])
        return
    args, fields = step.get("args", {}), step.get("fields", {})
    for arg in lookup.args.keys() - (args.keys() if isinstance(args, dict) else set()):
        look.wrong(name, "look_up", "The look-up asks for %(argument)s.", argument=arg)
    for field in fields.values() if isinstance(fields, dict) else ():
        if not isinstance(field, str) or field not in lookup.gives:
            look.wrong(name, "look_up", "The look-up does not give %(field)s.", field=field)


def _search(run: Run, step: Step) -> str | None:
    """Searches knowledge for `query`: a text with variables in it. The articles are shown on screens; `into` keeps them, `first` the text of the best."""
    run.effects.append(LookUp(run.at, SEARCH, {"text": str(run.value_of(step["query"]) or ""), "language": run.language}, _seconds(step, 2.0)))
    return None


def _searched(run: Run, step: Step, input: Input) -> str | None:
    if not isinstance(input, LookedUp):
        return None
    found = input.result.get("articles") if isinstance(input.result, Mapping) else None
    if input.failed:
        return "failed"
    if not isinstance(found, list) or not found:
        return "nothing"
    if run.surface in SCREENS:
        run.effects.append(Show("articles", found))
    if step.get("into"):
        run.set(step["into"], [str(one.get("id", "")) for one in found], "lookup")
    if step.get("first"):
        run.set(step["first"], str(found[0].get("text", "")), "lookup")
    return "next"


def _check_search(look: Look, name: str, step: Step) -> None:
    if SEARCH not in LOOKUPS:
        look.wrong(name, "look_up", "There is no look-up %(name)s.", name=SEARCH)


def _call(run: Run, step: Step) -> str | None:
    """Asks the web service `service` for `path`; with `args` it sends them as JSON. `into` and `fields` keep of its answer. One that fails, hangs or answers
    with an error takes `failed`."""
    body = run.arguments(step) if step.get("args") else None
    run.effects.append(CallService(run.at, str(step["service"]), run.filled_path(str(step.get("path", ""))), body, _seconds(step, 5.0)))
    return None


def _check_call(look: Look, name: str, step: Step) -> None:
    path = step.get("path", "")
    if isinstance(path, str) and path and (not path.startswith("/") or "//" in path or ".." in path or "\\" in path or "#" in path):
        look.wrong(name, "path", "A path begins with / and stays within the service.")
    if isinstance(path, str):
        look.uses(name, path)


# -- acts: document, book, send -------------------------------------------------------------------------------------------


def _perform(run: Run, step: Step) -> str | None:
    run.effects.append(Perform(run.at, step["name"], run.arguments(step), run.at, _seconds(step, 5.0)))
    return None


def _performed(run: Run, step: Step, input: Input) -> str | None:
    if not isinstance(input, LookedUp):
        return None
    if input.failed:
        return "failed"
    _keep(run, step, input.result)
    return "next"


def _check_act(look: Look, name: str, step: Step) -> None:
    if not isinstance(step.get("name"), str):
        return
    act = ACTS.get(step["name"])
    if act is None or act.kind != step["type"]:
        look.wrong(name, "act", "There is nothing called %(name)s that this step could do.", name=step["name"])
        return
    args, fields = step.get("args", {}), step.get("fields", {})
    given = args.keys() if isinstance(args, dict) else set()
    for arg in act.args.keys() - act.optional - given:
        look.wrong(name, "act", "It needs %(argument)s.", argument=arg)
    for arg in given - act.args.keys():
        look.wrong(name, "act", "It knows no %(argument)s.", argument=arg)
    for field in fields.values() if isinstance(fields, dict) else ():
        if not isinstance(field, str) or field.partition(".")[0] not in act.gives:
            look.wrong(name, "act", "It does not give %(field)s.", field=field)


# -- set, score, language, decide -----------------------------------------------------------------------------------------


def _set(run: Run, step: Step) -> str | None:
    run.set(step["name"], run.value_of(step["value"]), "rule")
    return "next"


def _prepare_score(flow: Flow, step: Step) -> Any:
    return _compiled(flow, step["points"], "all")


def _compiled(flow: Flow, rows: list[Step], mode: str) -> Any:
    """Conditions as a policy: each row is a rule with an action, so that which held is known without its trace."""
    rules = [{"id": str(number), "when": one["when"], "actions": [{"do": "take"}]} for number, one in enumerate(rows)]
    return compile_policy({"mode": mode, "rules": rules}, flow.facts, {})


def _score(run: Run, step: Step) -> str | None:
    """Adds the `points` of every condition that holds to the number `into`; it starts at `base` (0), or goes on from where it is with `add`."""
    before = run.value(step["into"]) if step.get("add") else None
    total = before if isinstance(before, int | float) and not isinstance(before, bool) else step.get("base", 0)
    for held in run.flow.prepared[run.at].evaluate(run.value, run.now).actions:
        total += step["points"][int(held["rule"])]["points"]
    run.set(step["into"], total, "rule")
    return "next"


def _check_score(look: Look, name: str, step: Step) -> None:
    points = step.get("points")
    if not isinstance(points, list) or not points:
        look.wrong(name, "field", "There is nothing to score.")
        return
    for number, one in enumerate(points):
        value = one.get("points") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not one.get("when") or isinstance(value, bool) or not isinstance(value, (int, float)):
            look.wrong(name, "field", "Row %(number)s needs a condition and its points.", number=number + 1)
            continue
        look.condition(name, one["when"], number + 1)
    if isinstance(step.get("into"), str) and look.variables.get(step["into"], "number") != "number":
        look.wrong(name, "variable_type", "The variable %(variable)s cannot keep this answer: it is of another type.", variable=step["into"])


def _language(run: Run, step: Step) -> str | None:
    """Goes on in the first of `from` that the flow speaks: variables by name, or languages as they are."""
    for name in step["from"]:
        if run.speak(run.value_of({"var": name}) if name in run.flow.variables else name):
            return "next"
    return "unknown"


def _prepare_decide(flow: Flow, step: Step) -> Any:
    return _compiled(flow, step["branches"], "first")


def _decide(run: Run, step: Step) -> str | None:
    """Takes the first of `branches` whose condition holds; `next` when none does."""
    held = run.flow.prepared[run.at].evaluate(run.value, run.now).actions
    return f"branches[{held[0]['rule']}]" if held else "next"


def _check_decide(look: Look, name: str, step: Step) -> None:
    branches = step.get("branches")
    if not isinstance(branches, list) or not branches:
        look.wrong(name, "field", "There is nothing to decide on.")
        return
    for number, branch in enumerate(branches):
        if not isinstance(branch, dict) or not branch.get("when") or not isinstance(branch.get("next"), str):
            look.wrong(name, "dead_end", "Branch %(number)s needs a condition and a next step.", number=number + 1)
            continue
        look.condition(name, branch["when"], number + 1)


_TIMEOUT = Field("timeout", "number", _("Seconds to wait"))
_FIELDS = Field("fields", "fields", _("Keep of the answer"), _("Variables and the fields of the answer that go into them."))
_INTO = Field("into", "variable", _("Keep the whole answer in"))
_ARGS = Field("args", "arguments", _("Given along"))
_FAILED = {"next": _("done"), "failed": _("failed")}

declare(
    Type(
        "look_up",
        _look_up,
        _looked_up,
        words=_("Look up"),
        help=_("Finds something in the centre's records."),
        group="know",
        exits={"next": _("found"), "nothing": _("nothing found"), "failed": _("failed")},
        fields=(Field("name", "look_up", _("Look up"), required=True), _ARGS, _FIELDS, _INTO, _TIMEOUT),
        waits=True,
        check=_check_look_up,
    )
)
declare(
    Type(
        "search",
        _search,
        _searched,
        words=_("Search knowledge"),
        help=_("Searches the solutions and shows what was found."),
        group="know",
        exits={"next": _("found"), "nothing": _("nothing found"), "failed": _("failed")},
        fields=(
            Field("query", "text_or_variable", _("Search for"), required=True),
            Field("first", "variable", _("Keep the best text in")),
            Field("into", "variable", _("Keep what was found in")),
            _TIMEOUT,
        ),
        waits=True,
        check=_check_search,
    )
)
declare(
    Type(
        "web_service",
        _call,
        _looked_up,
        words=_("Call a web service"),
        help=_("Asks a service that an administrator has allowed. One that does not answer in time takes the exit for that."),
        group="know",
        exits={"next": pgettext_lazy("step of a flow", "answered"), "failed": _("failed")},
        optional_exits={"nothing": _("not found")},
        fields=(
            Field("service", "service", _("Service"), required=True),
            Field("path", "text", _("Path"), _("Such as /orders/{order}.")),
            _ARGS,
            _FIELDS,
            _INTO,
            _TIMEOUT,
        ),
        waits=True,
        check=_check_call,
    )
)
for _kind, _words, _help, _label in (
    ("document", _("Create or change a document"), _("Makes a document of the centre, or changes the one that this run made."), _("Document")),
    ("book", _("Book"), _("Books a time or a call back."), _("Book")),
    ("send", _("Send"), _("Sends the customer a message."), _("Send")),
):
    declare(
        Type(
            _kind,
            _perform,
            _performed,
            words=_words,
            help=_help,
            group="act",
            exits=_FAILED,
            fields=(Field("name", "act", _label, required=True), _ARGS, _FIELDS, _INTO, _TIMEOUT),
            waits=True,
            check=_check_act,
        )
    )
declare(
    Type(
        "set",
        _set,
        words=_("Set a variable"),
        group="decide",
        fields=(Field("name", "variable", _("Variable"), required=True), Field("value", "value", _("Value"), required=True)),
    )
)
declare(
    Type(
        "score",
        _score,
        words=_("Score"),
        help=_("Adds up points for what holds."),
        group="decide",
        fields=(
            Field("into", "variable", _("Keep the points in"), required=True),
            Field("points", "points", _("Points"), required=True),
            Field("base", "number", _("Starts at"), default=0),
            Field("add", "boolean", _("Add to what it has")),
        ),
        prepare=_prepare_score,
        check=_check_score,
    )
)
declare(
    Type(
        "language",
        _language,
        words=_("Choose the language"),
        help=_("Goes on in the first of these that the flow speaks."),
        group="decide",
        exits={"next": pgettext_lazy("step of a flow", "spoken"), "unknown": _("none of them")},
        fields=(Field("from", "languages", _("Languages"), required=True),),
    )
)
declare(
    Type(
        "decide",
        _decide,
        words=_("Decide"),
        help=_("Takes the first branch whose condition holds."),
        group="decide",
        exits={"next": _("otherwise")},
        fields=(Field("branches", "branches", _("Branches"), required=True),),
        prepare=_prepare_decide,
        check=_check_decide,
    )
)
