"""What the designer and the list of flows show: rows and versions as data, in the reader's language and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from cordboard.flows import palette, queries
from cordboard.flows.graph import Problem, validate
from cordboard.flows.models import Flow
from cordboard.flows.permissions import DESIGN, PUBLISH
from cordboard.flows.steps import REGISTRY
from cordboard.flows.words import designer_words
from cordboard.lib.days import day
from cordboard.lib.permissions import user_may
from cordboard.rules.editor import editor_words, fact_row
from cordboard.rules.facts import REGISTRY as FACTS

ICONS = {
    "say": "message-2",
    "ask": "help-circle",
    "collect_secret": "lock",
    "voicemail": "microphone",
    "look_up": "database-search",
    "search": "book-2",
    "web_service": "world",
    "document": "file-plus",
    "book": "calendar-plus",
    "send": "send",
    "set": "variable",
    "score": "chart-bar",
    "language": "language",
    "decide": "arrows-split-2",
    "wait": "hourglass",
    "sub_flow": "sitemap",
    "enqueue": "stack-2",
    "offer_callback": "phone-incoming",
    "transfer": "phone-outgoing",
    "hand_over": "user-share",
    "end": "flag",
}
BY_GROUP = {"talk": "message", "know": "search", "decide": "arrows-split-2", "act": "tool", "leave": "flag"}


def moment(at: datetime | None, *, now: datetime | None = None) -> str:
    """14:31 for today, else 3 Nov."""
    if at is None:
        return ""
    today = timezone.localtime(now or timezone.now()).date()
    local = timezone.localtime(at)
    return formats.time_format(local, "H:i") if local.date() == today else day(local, today)


def name_of(user: Any) -> str:
    return str(getattr(user, "name", "") or user) if user is not None else ""


def problem_rows(code: str, graph: Any, surfaces: Sequence[str]) -> list[dict[str, Any]]:
    """What is wrong, with the surfaces on which it is, where not on all. Those of sub-flows among them."""
    seen: dict[tuple[str, str, str], list[str]] = {}
    for surface in surfaces:
        for one in validate(graph, surface):
            seen.setdefault(_key(one), []).append(surface)
    rows = []
    for one in queries.problems_of(code, graph, surfaces):
        where = seen.get(_key(one), [])
        only = " ".join(where) if one.code == "surface" or 0 < len(set(where)) < len(surfaces) else ""
        rows.append({"step": one.step, "code": one.code, "message": said(one, graph), "level": one.level, "surface": only})
    return rows


def said(one: Problem, graph: Any) -> str:
    """The problem in words that the form has: fields, exits and languages by what they are called there."""
    steps = graph.get("steps") if isinstance(graph, dict) else None
    step = steps.get(one.step) if isinstance(steps, dict) else None
    type = REGISTRY.get(str(step.get("type"))) if isinstance(step, dict) else None
    values = dict(one.values)
    if type is not None and values.get("field") in type.by_name:
        values["field"] = type.by_name[values["field"]].words or values["field"]
    if type is not None and "exit" in values:
        values["exit"] = type.exits.get(values["exit"]) or type.optional_exits.get(values["exit"]) or values["exit"]
    if values.get("language") in dict(settings.LANGUAGES):
        values["language"] = translation.get_language_info(values["language"])["name_local"]
    return _(one.phrase) % values if values else _(one.phrase)


def _key(one: Problem) -> tuple[str, str, str]:
    return one.step, one.code, one.message


def standing(row: Flow) -> dict[str, Any]:
    """A flow as the designer opens it: its draft, or what is in force. Two queries beside those of sub-flows."""
    versions = queries.versions(row.code)
    live = next((one for one in versions if one.state == Flow.State.PUBLISHED), None)
    return {
        "id": row.pk,
        "version": row.version,
        "state": row.state,
        "revision": row.revision,
        "name": row.name,
        "surfaces": row.surfaces,
        "graph": row.graph,
        "when": _when(row),
        "by": name_of(row.changed_by),
        "live": _("Version %(number)s is live since %(when)s.") % {"number": live.version, "when": moment(live.published_at)} if live is not None else "",
        "live_version": live.version if live is not None else None,
        "problems": problem_rows(row.code, row.graph, row.surfaces),
        "versions": [version(one) for one in versions],
    }


def _when(row: Flow) -> str:
    if row.state == Flow.State.DRAFT:
        return _("Draft %(number)s, saved %(when)s.") % {"number": row.version, "when": moment(row.changed_at)}
    if row.state == Flow.State.PUBLISHED:
        return ""
    return _("Version %(number)s is retired.") % {"number": row.version}


def version(one: Flow) -> dict[str, Any]:
    published = one.published_at is not None
    return {
        "version": one.version,
        "state": one.state,
        "when": moment(one.published_at or one.changed_at),
        "by": name_of(one.published_by if published else one.changed_by),
        "comment": one.comment,
        "runs": getattr(one, "runs_count", 0),
    }


def step_types(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The palette's types as the designer wants them."""
    rows = []
    for one in given:
        row = {key: one[key] for key in ("words", "help", "group", "surfaces", "fields", "waits", "ends")}
        row |= {
            "name": one["type"],
            "icon": ICONS.get(one["type"], BY_GROUP.get(one["group"], "tool")),
            "exits": [{"name": exit["name"], "words": exit["words"], "needed": not exit["optional"]} for exit in one["exits"]],
            "hidden": False,
        }
        rows.append(row)
    return rows


def _callable(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"name": given["name"], "kind": given.get("kind", kind), "words": given["words"], "args": list(given["args"]), "gives": given["gives"]}


def page(row: Flow, user: Any) -> dict[str, Any]:
    """Everything that the designer needs to begin."""
    offered = palette.palette()
    languages = [(code, translation.get_language_info(code)["name_local"]) for code, _words in settings.LANGUAGES]
    return {
        "code": row.code,
        "standing": standing(row),
        "types": step_types(offered["types"]),
        "groups": [[one["group"], one["words"]] for one in offered["groups"]],
        "surfaces": [[one["surface"], one["words"]] for one in offered["surfaces"]],
        "languages": languages,
        "variable_types": [[one["type"], one["words"]] for one in offered["variable_types"]],
        "built_in": offered["built_in"],
        "options": offered["options"],
        "lookups": [_callable(one, "look_up") for one in offered["look_ups"]],
        "acts": [_callable(one, "") for one in offered["acts"]],
        "conditions": editor_words(),
        "facts": [fact_row(fact) for fact in FACTS.values() if fact.name in (row.graph.get("variables") or {})] + _built_in(),
        "may": {"design": user_may(user, DESIGN) is not None, "publish": user_may(user, PUBLISH) is not None},
        "urls": {name: reverse(f"flows:{name}", args=[row.code]) for name in _URLS} | {"list": reverse("flows:list")},
        "icons": staticfiles_storage.url("cordboard/icons.svg"),
        "words": designer_words(),
    }


_URLS = ("save", "check", "publish", "standing", "version", "play", "tests", "test_save", "test_delete", "figures", "export", "outline", "delete", "retire")


def _built_in() -> list[dict[str, Any]]:
    parts = [["morning", _("morning")], ["afternoon", _("afternoon")], ["evening", _("evening")], ["night", _("night")]]
    return [
        {"name": "time.daypart", "words": _("Time of day"), "type": "choice", "choices": parts, "unit": ""},
        {"name": "language", "words": _("Language spoken"), "type": "text", "choices": [], "unit": ""},
    ]


def surface_words(surfaces: Sequence[str]) -> str:
    return ", ".join(str(palette.SURFACES.get(one, one)) for one in surfaces)


def list_rows(listed: Sequence[queries.Listed], problems: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """The list of flows. `problems`: errors and notes by code."""
    rows = []
    for one in listed:
        newest = one.newest
        errors, notes = problems.get(one.code, (0, 0))
        rows.append(
            {
                "code": one.code,
                "name": one.name,
                "url": reverse("flows:designer", args=[one.code]),
                "surfaces": surface_words(one.surfaces),
                "live": one.published.version if one.published is not None else None,
                "since": moment(one.published.published_at) if one.published is not None else "",
                "draft": one.draft.version if one.draft is not None else None,
                "saved": moment(one.draft.changed_at) if one.draft is not None else "",
                "by": name_of(newest.changed_by if one.draft is not None else newest.published_by),
                "errors": errors,
                "notes": notes,
                "runs": one.runs,
                "running": one.running,
            }
        )
    return rows
