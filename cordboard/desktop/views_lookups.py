"""Trying a service or a look-up from its settings: asked now, with what came and how long it took. Nothing is kept of it."""

from __future__ import annotations

import json
import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.desktop.settings_services import Lookups, Services
from cordboard.desktop.views_settings import once
from cordboard.flows import lookup_sql, lookup_words, lookups, services
from cordboard.flows.effects import LookedUp
from cordboard.flows.lookup_terms import Rows, outputs_of, plain, query_of, value_of
from cordboard.flows.models import Lookup, WebService
from cordboard.flows.permissions import LOOKUPS, SERVICES
from cordboard.lib.permissions import permitted
from cordboard.lib.sealed import Unreadable, unseal
from cordboard.rules.conditions import WrongValue

MOST_SHOWN = 2_000
"""Characters of an answer."""
MOST_INPUT = 500


@permitted(SERVICES)
@require_POST
def try_service(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the service for a path (a database: whether it is there)."""
    row = get_object_or_404(WebService, pk=number)
    path = request.POST.get("path", "").strip()[:300]
    begun = time.monotonic()
    if row.kind == WebService.Kind.HTTP:
        found = services.fetch(services.plan_of(row), path, None, row.timeout)
    elif not row.active:
        found = LookedUp(failed="not_allowed")
    else:
        try:
            source = lookup_sql.Source(row.kind, row.base_url, unseal(row.secret), row.inside)
        except Unreadable:
            found = LookedUp(failed="not_allowed")
        else:
            found = lookup_sql.ask(source, query_of("SELECT 1 AS there"), {}, min(row.timeout, 5.0))
    return once(request, Services(), row, {"tried": {"status": _status(found), **_told(found, begun), "path": path}})


@permitted(LOOKUPS)
@require_POST
def try_lookup(request: HttpRequest, number: int) -> HttpResponse:
    """Ask it with the inputs that were typed."""
    row = get_object_or_404(Lookup.objects.select_related("service"), pk=number)
    typed = {str(one["name"]): request.POST.get(f"input-{one['name']}", "").strip()[:MOST_INPUT] for one in row.inputs}
    shown: dict[str, Any] = {}
    kind = Lookups(typed)
    if missing := [name for name, value in typed.items() if not value]:
        return once(request, kind, row, {"tried": {"missing": missing[0]}}, 422)
    answer = lookups.once(row, typed)
    found = LookedUp(answer.result, "" if answer.good else answer.why or "timeout")
    shown |= {"status": _status(found), "ms": answer.ms, "good": answer.good, "answer": _answer(found)}
    shown["values"] = [_value(output, answer) for output in outputs_of(row.outputs).values()] if answer.good else []
    return once(request, kind, row, {"tried": shown})


def _status(found: LookedUp) -> str:
    if found.failed:
        return _("It failed: %(why)s.") % {"why": lookup_words.failure(found.failed)}
    return _("It answered.") if found.result is not None else _("It answered that there is nothing.")


def _told(found: LookedUp, begun: float) -> dict[str, Any]:
    return {"ms": round(1000 * (time.monotonic() - begun)), "good": not found.failed, "answer": _answer(found)}


def _answer(found: LookedUp) -> str:
    """The answer as text, short enough for a page."""
    if found.result is None:
        return ""
    value = [dict(zip(found.result.columns, map(plain, row), strict=True)) for row in found.result.rows] if isinstance(found.result, Rows) else found.result
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def _value(output: Any, answer: lookups.Answer) -> dict[str, str]:
    try:
        value = value_of(output, answer.result)
    except WrongValue as wrong:
        return {"name": output.words or output.name, "value": "", "wrong": str(wrong)}
    if value is None:
        return {"name": output.words or output.name, "value": _("not known"), "wrong": ""}
    if isinstance(value, bool):
        return {"name": output.words or output.name, "value": _("yes") if value else _("no"), "wrong": ""}
    return {"name": output.words or output.name, "value": ", ".join(value) if isinstance(value, list) else str(value), "wrong": ""}
