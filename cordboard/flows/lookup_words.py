"""How a look-up came, in words, from the note that a trace keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cordboard.rules.facts import REGISTRY

FAILURES = ("unreachable", "refused", "not_allowed", "not_json", "too_large", "query")


def failure(code: str) -> str:
    """Why there is no answer, by the code that services give."""
    words = {
        "unreachable": _("nobody answers there"),
        "refused": _("the service answers with an error"),
        "not_allowed": _("its address may not be asked"),
        "not_json": _("the answer is no JSON"),
        "too_large": _("the answer is too large"),
        "query": _("the database does not understand the question"),
        "timeout": _("no answer in time"),
    }
    return words.get(code, code)


def said(note: Mapping[str, Any]) -> str:
    """A note of `Batch.notes`: "read in 35 ms"."""
    how, why = str(note.get("how", "")), str(note.get("why", ""))
    if how == "not_asked" and (fact := REGISTRY.get(why)) is not None:
        why = str(fact.words)
    values = {"ms": note.get("ms", 0), "age": note.get("age", 0), "limit": note.get("limit", 0), "why": failure(why)}
    words = {
        "read": _("read in %(ms)d ms"),
        "kept": _("kept answer from %(age)d s ago"),
        "slow": _("too slow: %(limit)d ms limit, default used"),
        "failed": _("failed after %(ms)d ms, default used: %(why)s"),
        "resting": _("left alone after repeated failures, default used"),
        "busy": _("too much of it was under way, default used"),
        "off": _("switched off, default used"),
        "not_asked": _("not asked: %(why)s is not known"),
        "in_a_hurry": _("not asked: nothing could wait here, default used"),
    }
    return words.get(how, how) % values


def notes(trace: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name of the look-up, how it came) for each that a decision asked for."""
    found = trace.get("looked_up")
    return [(str(one.get("name", code)), said(one)) for code, one in found.items() if isinstance(one, Mapping)] if isinstance(found, Mapping) else []
