"""How well scripts are followed: by script, by queue, by agent, the contacts behind each figure, and all of it as CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.analytics import presenters
from cordboard.analytics.asked import Choices, Question
from cordboard.analytics.export import safe
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.views import question_of
from cordboard.analytics.views_guidance import percent
from cordboard.guidance import queries_record as queries
from cordboard.guidance.models import ScriptRecord
from cordboard.guidance.queries_record import Followed
from cordboard.interactions.permissions import VIEW as SEE_CONTACTS
from cordboard.org.permissions import permitted, user_may

A_PAGE = 50
COLUMNS = ("script", "script_name", "queue", "agent", "interaction", "begun", "ended", "how", "given_by", "required", "followed", "asked", "answered", "skipped", "late", "marked", "told", "missing", "seconds", "excuse")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One way to part the same records; a line is (name, address of the contacts, figures, share followed)."""

    title: str
    head: str
    lines: list[tuple[str, str, Followed, str]]


def _asked(request: HttpRequest, view: str) -> tuple[Question, str, QuerySet[ScriptRecord], dict[str, Any]]:
    choices = Choices(request.user)
    only = {name: request.GET[name][:60] for name in queries.WAYS if name in request.GET}
    question, problem = question_of({name: value for name, value in request.GET.dict().items() if name in ("from", "to")}, choices)
    begin = datetime.combine(question.first, time(), question.zone)
    end = datetime.combine(question.last + timedelta(days=1), time(), question.zone)
    rows = queries.records(begin, end, choices.within.get("agent"), **only)
    before, after = presenters.around(question, view)
    today = presenters.address(view, question, **{"from": "", "to": ""})
    return question, problem, rows, {"question": question, "problem": problem, "before": before, "after": after, "today": today, "only": only}


def _days(question: Question, **more: str) -> str:
    return urlencode({"from": question.first.isoformat(), "to": question.last.isoformat(), **more})


@permitted(VIEW)
@require_GET
def scripts(request: HttpRequest) -> HttpResponse:
    """What became of scripts begun in a range of days. Four queries for any number of them."""
    question, problem, rows, context = _asked(request, "analytics:scripts")
    contacts = reverse("analytics:script_contacts")
    heads = {
        "script": (_("By script"), _("Script"), ""),
        "queue": (_("By queue"), _("Queue"), _("No queue")),
        "agent": (_("By agent"), _("Agent"), _("Nobody")),
    }
    tables = []
    for way, (title, head, nobody) in heads.items():
        found = queries.counted(rows, way)
        tables.append(Table(title, head, [(one.name or nobody, f"{contacts}?{_days(question, **{way: one.key})}", one, percent(one.share)) for one in found]))
    context |= {"tables": tables, "csv": f"{reverse('analytics:scripts_csv')}?{_days(question)}"}
    return render(request, "analytics/scripts.html", context, status=422 if problem else 200)


@permitted(VIEW)
@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    """The scripts behind a figure, newest first, each leading to how it was gone through."""
    question, problem, rows, context = _asked(request, "analytics:script_contacts")
    page = Paginator(rows.select_related("agent", "queue", "interaction__subject").order_by("-begun_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    more = f"{reverse('analytics:script_contacts')}?{_days(question, **context['only'])}&page="
    context |= {
        "page": page,
        "more": more,
        "may_see": user_may(request.user, SEE_CONTACTS) is not None,
        "back": f"{reverse('analytics:scripts')}?{_days(question)}",
        "csv": f"{reverse('analytics:scripts_csv')}?{_days(question, **context['only'])}",
    }
    return render(request, "analytics/script_contacts.html", context, status=422 if problem else 200)


@permitted(VIEW)
@require_GET
def as_file(request: HttpRequest) -> HttpResponse:
    """One row for each script of a contact, names of columns for machines."""
    question, problem, rows, _context = _asked(request, "analytics:scripts")
    if problem:
        return HttpResponse(problem, status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="scripts-{question.first}-{question.last}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    out = csv.writer(response)
    out.writerow(COLUMNS)
    for one in rows.select_related("agent", "queue").order_by("begun_at", "pk").iterator(chunk_size=500):
        out.writerow(
            [
                safe(value)
                for value in (
                    one.script, one.name, one.queue.code if one.queue else "", one.agent.username if one.agent else "", one.interaction_id,
                    one.begun_at.isoformat(timespec="seconds"), one.ended_at.isoformat(timespec="seconds"), one.ended, one.given_by, int(one.required),
                    int(one.followed), one.asked, one.answered, one.skipped, one.late, one.marked, one.told, one.missing,
                    round((one.ended_at - one.begun_at).total_seconds(), 1), one.excuse,
                )
            ]
        )  # fmt: skip
    return response
