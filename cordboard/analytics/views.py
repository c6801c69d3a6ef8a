"""Figures for managers: the table with its chart, the contacts behind each figure, and all of it as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.analytics import export, presenters, queries
from cordboard.analytics.asked import BadQuestion, Choices, Question, read, zone_of
from cordboard.analytics.columns import BY_MEASURE, LEVEL_WORDS, OF_AGENTS, OF_CONTACTS, formula
from cordboard.analytics.contacts import listed
from cordboard.analytics.intervals import laid
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.queries import KINDS
from cordboard.analytics.sums import MEASURES, TIMES
from cordboard.org.permissions import permitted

MOST_LINES = 700
PAGE = 100


def rows_words() -> dict[str, str]:
    return {"time": _("Time"), "queue": _("Queue"), "agent": _("Agent"), "skill": _("Skill"), "reason": _("Reason"), "channel": _("Channel")}


def steps_words() -> dict[str, str]:
    return {"15": _("15 minutes"), "30": _("30 minutes"), "60": _("Hour"), "day": _("Day")}


def question_of(given: Mapping[str, str], choices: Choices) -> tuple[Question, str]:
    """The question of a screen, and what was wrong with it: the parameter that is none is left out, the others hold."""
    problem = ""
    kept = dict(given)
    while True:
        try:
            today = timezone.now().astimezone(zone_of(choices.user)).date()
            return read(kept, choices, today), problem
        except BadQuestion as bad:
            problem = str(bad)
            if bad.name not in kept:
                raise
            del kept[bad.name]


def _shortened(question: Question) -> tuple[Question, str]:
    """A long range by the quarter of an hour is no page to be read: by days then."""
    if question.rows == "time" and question.step != "day":
        day = sum(1 for _one in laid(question.first, question.first, question.zone, question.step))
        if day * question.days > MOST_LINES:
            return replace(question, step="day"), _("That is more than a page can show by the clock, so it is shown by day. The CSV file has every interval.")
    return question, ""


@permitted(VIEW)
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Figures of a range. As many queries for any range and size."""
    choices = Choices(request.user)
    asked, problem = question_of(request.GET.dict(), choices)
    question, note = _shortened(asked)
    if question.rows == "time":
        rows = queries.figures(question.asked(step=question.step))
    else:
        rows = queries.figures(question.asked(by=question.rows))
    before, after = presenters.around(question, "analytics:figures")
    context = {
        "question": question,
        "problem": problem,
        "note": note,
        "table": presenters.table(question, rows, choices),
        "chart": presenters.chart(question, rows, choices),
        "before": before,
        "after": after,
        "today": presenters.address("analytics:figures", question, **{"from": "", "to": ""}),
        "export": presenters.address("analytics:export", question, **({"rows": "queue"} if question.rows == "time" else {})),
        "kinds": [
            {
                "code": kind,
                "words": rows_words()[kind],
                "all": _all_words()[kind],
                "items": list(choices.of(kind).values()),
                "chosen": question.only[kind].id if kind in question.only else 0,
            }
            for kind in KINDS
        ],
        "rows": rows_words(),
        "steps": steps_words(),
        "levels": LEVEL_WORDS,
        "formula": formula(question.level) if presenters.columns_of(question) is OF_CONTACTS else "",
        "formulas": [(words, formula(code)) for code, words in LEVEL_WORDS.items()],
        "meanings": list({one.code: one for one in (*OF_CONTACTS, *OF_AGENTS)}.values()),
    }
    return render(request, "analytics/figures.html", context, status=422 if problem else 200)


def _all_words() -> dict[str, str]:
    return {
        "queue": _("All queues"),
        "skill": _("All skills"),
        "agent": _("All agents"),
        "reason": _("All reasons"),
        "channel": _("All channels"),
    }


@permitted(VIEW)
@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    """The contacts behind one figure."""
    choices = Choices(request.user)
    question, problem = question_of(request.GET.dict(), choices)
    return listing(request, question, choices, problem, back=presenters.address("analytics:figures", question))


def listing(request: HttpRequest, question: Question, choices: Choices, problem: str, *, back: str) -> HttpResponse:
    """`of`: the measure; `at`: the key of the interval, left out for the whole range."""
    measure = request.GET.get("of", "offered")
    if measure not in BY_MEASURE or measure not in MEASURES:
        measure, problem = "offered", _("There is no such figure.")
    column = BY_MEASURE[measure]
    interval = None
    given = request.GET.get("at", "")
    if given:
        interval = next((one for one in laid(question.first, question.last, question.zone, question.step) if str(one.key) == given), None)
        if interval is None:
            problem = _("There is no such interval in this range, so all of it is shown.")
    edges = {"begin": interval.key, "end": int(interval.end.timestamp())} if interval else {}
    behind = queries.contacts(question.asked(), measure, **edges)
    whole, number = queries.whole_of(behind, measure)
    pages = Paginator(range(number), PAGE)
    page = pages.get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    context: dict[str, Any] = {
        "question": question,
        "problem": problem,
        "column": column,
        "figure": column.words(whole),
        "number": number,
        "is_time": measure in TIMES,
        "interval": interval,
        "begins": interval.begin.astimezone(question.zone) if interval else None,
        "ends": interval.end.astimezone(question.zone) if interval else None,
        "lines": listed(behind[first : first + PAGE], choices, question.zone),
        "page": page,
        "more": {name: value for name, value in request.GET.items() if name != "page"},
        "back": back,
        "only": [(rows_words()[kind], item.name) for kind, item in question.only.items()],
    }
    return render(request, "analytics/contacts.html", context, status=422 if problem else 200)


@permitted(VIEW)
@require_GET
def as_file(request: HttpRequest) -> HttpResponse:
    """The same question as CSV, every interval of it."""
    choices = Choices(request.user)
    question, problem = question_of(request.GET.dict(), choices)
    if problem:
        return HttpResponse(problem, status=422, content_type="text/plain; charset=utf-8")
    response = StreamingHttpResponse(export.csv_of(question, choices), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{export.file_name(question)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # it streams
