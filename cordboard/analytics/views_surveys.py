"""What came of surveys: figures by day, queue, agent and reason, what was answered, who answered it, and all of it as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.analytics import presenters, surveys
from cordboard.analytics.asked import Choices, Question
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.views import question_of
from cordboard.guidance import queries_survey as queries
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation, Way
from cordboard.guidance.queries_survey import Asked
from cordboard.interactions.permissions import VIEW as SEE_CONTACTS
from cordboard.org.permissions import permitted, user_may

PAGE = 50
DAYS = 30
"""Shown when nobody asks for others: a survey's answers come in slowly."""


@dataclass(frozen=True, slots=True)
class Page:
    question: Question
    problem: str
    used: list[tuple[str, str, int]]
    code: str
    asked: Asked

    @property
    def name(self) -> str:
        return next((name for code, name, _number in self.used if code == self.code), self.code)


def _page(request: HttpRequest, choices: Choices) -> Page:
    given = request.GET.dict()
    question, problem = question_of(given, choices)
    if not given.get("from") and not given.get("to"):
        first = (question.last - timedelta(days=DAYS - 1)).isoformat()
        question, problem = question_of({**given, "from": first, "to": question.last.isoformat()}, choices)
    begin = datetime.combine(question.first, time(), question.zone)
    end = datetime.combine(question.last + timedelta(days=1), time(), question.zone)
    agents = choices.within.get("agent")
    used = queries.used(begin, end, agents)
    wanted = given.get("survey", "")
    code = wanted if wanted in {code for code, _name, _number in used} or not used else used[0][0]
    return Page(question, problem, used, code, Asked(code, begin, end, agents, **_narrowed(given)))


def _narrowed(given: Mapping[str, str]) -> dict[str, Any]:
    more: dict[str, Any] = {name: int(given[name]) for name in ("queue", "agent", "reason") if given.get(name, "").isdecimal() and len(given[name]) < 18}
    if given.get("way") in Way.values:
        more["way"] = given["way"]
    if given.get("answered"):
        more["answered"] = True
    if given.get("name"):
        value = given.get("value", "")
        more |= {"name": given["name"][:60], "value": _typed(value) if value else None}
    return more


def _typed(value: str) -> Any:
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value[:1000]


@permitted(VIEW)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Of one survey in a range of days. As many queries for any number of answers."""
    choices = Choices(request.user)
    page = _page(request, choices)
    question, asked = page.question, page.asked
    to = surveys.Addresses(page.code, question.first, question.last)
    words, values = queries.asked_words(page.code, translation.get_language() or "en")
    before, after = presenters.around(question, "analytics:surveys")
    ways: Mapping[str, Any] = dict(Way.choices)
    context: dict[str, Any] = {
        "question": question, "problem": page.problem, "before": before, "after": after, "used": page.used, "code": page.code, "name": page.name,
        "whole": queries.in_all(asked), "unsent": queries.unsent(asked), "export": to.file(),
        "tables": [
            surveys.table(_("By queue"), _("Queue"), queries.by_queue(asked), "queue", to, lambda row: row.name or _("No queue")),
            surveys.table(_("By agent"), _("Agent"), queries.by_agent(asked), "agent", to, lambda row: row.name or _("Nobody")),
            surveys.table(_("By reason"), _("Reason"), queries.by_reason(asked, choices.language), "reason", to, lambda row: row.name or _("No reason")),
            surveys.table(_("By way"), _("Way"), queries.by_way(asked), "way", to, lambda row: str(ways.get(row.key, row.key))),
            surveys.table(_("By day"), _("Day"), queries.by_day(asked, question.zone), "day", to, lambda row: date_format(row.key, "DATE_FORMAT")),
        ],
        "questions": [surveys.asked(one, words, values, to) for one in queries.questions(asked)],
        "comments": queries.comments(asked) if user_may(request.user, SEE_CONTACTS) is not None else [],
        "may_see": user_may(request.user, SEE_CONTACTS) is not None,
    }  # fmt: skip
    context["share"], context["rating"] = surveys.percent(context["whole"].share), surveys.mean(context["whole"].rating)
    return render(request, "analytics/surveys.html", context, status=422 if page.problem else 200)


def _rows(asked: Asked) -> Any:
    return queries.rows_of(asked).select_related("party", "queue", "agent").order_by("-made_at", "-pk")


@permitted(VIEW)
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """Who was asked, and what they answered: what is behind a figure."""
    choices = Choices(request.user)
    page = _page(request, choices)
    found = Paginator(_rows(page.asked), PAGE).get_page(request.GET.get("page"))
    rows = list(found)
    words, values = queries.asked_words(page.code, translation.get_language() or "en")
    given = queries.answers_of([row.pk for row in rows])
    may_see = user_may(request.user, SEE_CONTACTS) is not None
    lines = [surveys.given(row, given.get(row.pk, []), page.question.zone, may_see, values) for row in rows]
    for line in lines:
        line.answers[:] = [(words.get(name) or name, said) for name, said in line.answers]
    context = {
        "page": found, "lines": lines, "name": page.name, "question": page.question, "problem": page.problem,
        "more": {name: value for name, value in request.GET.dict().items() if name != "page"},
        "back": surveys.Addresses(page.code, page.question.first, page.question.last).results(),
    }  # fmt: skip
    return render(request, "analytics/survey_answers.html", context, status=422 if page.problem else 200)


@permitted(VIEW)
@require_GET
def as_file(request: HttpRequest) -> HttpResponse:
    """Everybody who was asked, with what they answered."""
    choices = Choices(request.user)
    page = _page(request, choices)
    names = list(SurveyAnswer.objects.filter(invitation__in=queries.rows_of(page.asked)).order_by("name").values_list("name", flat=True).distinct())

    def packs() -> Iterator[tuple[SurveyInvitation, list[SurveyAnswer]]]:
        last = None
        while True:
            rows = list((_rows(page.asked) if last is None else _rows(page.asked).filter(pk__lt=last)).order_by("-pk")[:500])
            if not rows:
                return
            given = queries.answers_of([row.pk for row in rows])
            yield from ((row, given.get(row.pk, [])) for row in rows)
            last = rows[-1].pk

    answer = StreamingHttpResponse(surveys.file(packs(), names, page.question.zone), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="survey-{page.code}-{page.question.first}-{page.question.last}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]  # it streams
