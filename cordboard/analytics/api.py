"""Figures for programs: JSON by pages of whole days, and the same rows as CSV in one piece. docs/api.md describes them; a test runs its examples."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from cordboard.analytics import export
from cordboard.analytics.asked import BadQuestion, Choices, Question, read, zone_of
from cordboard.analytics.columns import formula
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.queries import KINDS
from cordboard.org.tokens import api, problem

PAGE = 5_000
"""Rows after which a page ends with the day at hand."""
KNOWN = {"from", "to", "interval", "rows", "level", "zone", "cursor", *KINDS}


def _question(request: HttpRequest) -> tuple[Question, Choices]:
    """Raises BadQuestion: a program that asks for what there is not is told so, rather than given something else."""
    for name in request.GET:
        if name not in KNOWN:
            raise BadQuestion(name, f"There is no such parameter. There are: {', '.join(sorted(KNOWN))}.")
    choices = Choices(request.user)
    today = timezone.now().astimezone(zone_of(request.user)).date()
    return read(request.GET.dict(), choices, today, rows="queue"), choices


def _refused(bad: BadQuestion) -> HttpResponse:
    return problem(422, "The question cannot be answered.", str(bad), parameter=bad.name)


@api(VIEW)
def figures(request: HttpRequest) -> HttpResponse:
    """{"from", "to", "zone", "interval", "rows", "service_level": {"code", "formula"}, "items": [...], "next": cursor or null}. A cursor is the day that the next page begins with."""
    try:
        question, choices = _question(request)
        begin = _cursor(request.GET.get("cursor", ""), question)
    except BadQuestion as bad:
        return _refused(bad)
    items: list[dict[str, Any]] = []
    day = begin
    while day <= question.last and len(items) < PAGE:
        items.extend(export.records(replace(question, first=day, last=day), choices))
        day += timedelta(days=1)
    body = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "zone": question.zone.key,
        "interval": question.step,
        "rows": question.rows,
        "service_level": {"code": question.level, "formula": formula(question.level)},
        "items": items,
        "next": day.isoformat() if day <= question.last else None,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False, separators=(",", ":")), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _cursor(given: str, question: Question) -> date:
    if not given:
        return question.first
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = date.min
    if not question.first <= day <= question.last:
        raise BadQuestion("cursor", "It is not one of this question's.")
    return day


@api(VIEW)
def as_file(request: HttpRequest) -> HttpResponse:
    """All rows as CSV, sent as they are read."""
    try:
        question, choices = _question(request)
    except BadQuestion as bad:
        return _refused(bad)
    response = StreamingHttpResponse(export.csv_of(question, choices), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{export.file_name(question)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # it streams
