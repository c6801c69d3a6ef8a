"""How well guidance is followed: by rule, by queue, by agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.analytics import presenters
from cordboard.analytics.asked import Choices
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.views import question_of
from cordboard.guidance import queries
from cordboard.guidance.queries import Adherence
from cordboard.org.permissions import permitted


@dataclass(frozen=True, slots=True)
class Table:
    """One way to part the same alerts."""

    title: str
    head: str
    lines: list[tuple[str, Adherence, str]]


def percent(share: float | None) -> str:
    """As in the tables of figures; a dash when nothing is decided yet."""
    return "–" if share is None else _("%(n)s%%") % {"n": number_format(round(100 * share), 0)}


def _table(title: str, head: str, rows: list[Adherence], nobody: str) -> Table:
    return Table(title, head, [(row.name or nobody, row, percent(row.share)) for row in rows])


@permitted(VIEW)
@require_GET
def guidance(request: HttpRequest) -> HttpResponse:
    """What became of alerts raised in a range of days. Three queries for any number of them."""
    choices = Choices(request.user)
    question, problem = question_of(request.GET.dict(), choices)
    begin = datetime.combine(question.first, time(), question.zone)
    end = datetime.combine(question.last + timedelta(days=1), time(), question.zone)
    agents = choices.within.get("agent")
    before, after = presenters.around(question, "analytics:guidance")
    context: dict[str, Any] = {
        "question": question,
        "problem": problem,
        "before": before,
        "after": after,
        "today": presenters.address("analytics:guidance", question, **{"from": "", "to": ""}),
        "tables": [
            _table(_("By rule"), _("Rule"), queries.by_rule(begin, end, agents), _("A rule without a name")),
            _table(_("By queue"), _("Queue"), queries.by_queue(begin, end, agents), _("No queue")),
            _table(_("By agent"), _("Agent"), queries.by_agent(begin, end, agents), _("Nobody yet")),
        ],
    }
    return render(request, "analytics/guidance.html", context, status=422 if problem else 200)
