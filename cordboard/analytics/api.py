"""Figures for programs: JSON by pages of whole days, and the same rows as CSV in one piece. docs/api.md describes them; a test runs its examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
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
STATES = {"from", "to", "zone", "cursor", "agent"}


def _question(request: HttpRequest, known: Collection[str] = KNOWN) -> tuple[Question, Choices]:
    """Raises BadQuestion: a program that asks for what there is not is told so, rather than given something else."""
    for name in request.GET:
        if name not in known:
            raise BadQuestion(name, f"There is no such parameter. There are: {', '.join(sorted(known))}.")
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
        items, after = _page(request, question, lambda day: export.records(replace(question, first=day, last=day), choices))
    except BadQuestion as bad:
        return _refused(bad)
    level = {"code": question.level, "formula": formula(question.level)}
    return _json(question, {"interval": question.step, "rows": question.rows, "service_level": level}, items, after)


@api(VIEW)
def as_file(request: HttpRequest) -> HttpResponse:
    """All rows as CSV, sent as they are read."""
    try:
        question, choices = _question(request)
    except BadQuestion as bad:
        return _refused(bad)
    return _file(export.csv_of(question, choices), export.file_name(question))


@api(VIEW)
def agent_states(request: HttpRequest) -> HttpResponse:
    """The log of agents' states, for adherence: {"from", "to", "zone", "items": [...], "next"}."""
    try:
        question, choices = _question(request, STATES)
        now = timezone.now()
        items, after = _page(request, question, lambda day: export.states_of(replace(question, first=day, last=day), choices, now))
    except BadQuestion as bad:
        return _refused(bad)
    return _json(question, {}, items, after)


@api(VIEW)
def states_as_file(request: HttpRequest) -> HttpResponse:
    try:
        question, choices = _question(request, STATES)
    except BadQuestion as bad:
        return _refused(bad)
    return _file(export.csv_of_states(question, choices, timezone.now()), f"agent-states-{question.first}-{question.last}.csv")


def _page(request: HttpRequest, question: Question, rows: Callable[[date], Iterator[dict[str, Any]]]) -> tuple[list[dict[str, Any]], date | None]:
    """Whole days from the cursor on, until there are enough rows; and the day that comes next."""
    items: list[dict[str, Any]] = []
    day = _cursor(request.GET.get("cursor", ""), question)
    while day <= question.last and len(items) < PAGE:
        items.extend(rows(day))
        day += timedelta(days=1)
    return items, day if day <= question.last else None


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


def _json(question: Question, more: dict[str, Any], items: list[dict[str, Any]], after: date | None) -> HttpResponse:
    body = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "zone": question.zone.key,
        **more,
        "items": items,
        "next": after.isoformat() if after else None,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False, separators=(",", ":")), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _file(lines: Iterator[str], name: str) -> HttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # it streams
