"""Complaints: how many, how severe, how soon they were answered, how satisfied customers were; by week and by part; what is behind each figure; and all of it as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.analytics import complaints, presenters
from cordboard.analytics.asked import Choices, Question
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.surveys import mean
from cordboard.analytics.views import question_of
from cordboard.catalogue.models import Product
from cordboard.interactions.models import ContactReason
from cordboard.org.models import Unit, User
from cordboard.org.permissions import permitted, user_may
from cordboard.tickets import queries_complaint
from cordboard.tickets import queries_complaint_report as queries
from cordboard.tickets.models import Complaint
from cordboard.tickets.queries import visible
from cordboard.tickets.queries_complaint_report import Asked

PAGE = 50
DAYS = 84
"""Shown when nobody asks for others: twelve weeks."""


@dataclass(frozen=True, slots=True)
class Page:
    question: Question
    problem: str
    asked: Asked
    narrowed: dict[str, Any]
    low: float


def _page(request: HttpRequest) -> Page:
    given = request.GET.dict()
    choices = Choices(request.user)
    days = {name: given[name] for name in ("from", "to") if given.get(name)}
    question, problem = question_of(days, choices)
    if not days:
        begins = (question.last - timedelta(days=DAYS - 1)).isoformat()
        question, problem = question_of({"from": begins, "to": question.last.isoformat()}, choices)
    first, last = question.first, question.last
    narrowed: dict[str, Any] = {
        name: int(given[name]) for name in ("unit", "product", "reason", "owner") if given.get(name, "").isdecimal() and len(given[name]) < 18
    }
    if given.get("band") in Complaint.Band.values:
        narrowed["band"] = given["band"]
    if (week := _day(given.get("week", ""))) is not None:
        narrowed["week"] = week.isoformat()
        first, last = max(first, week), min(last, week + timedelta(days=6))
    if given.get("what") in complaints.WHAT:
        narrowed["what"] = given["what"]
    begin, end = (datetime.combine(day, time(), question.zone) for day in (first, last + timedelta(days=1)))
    user: Any = request.user
    units = None if user_may(user, VIEW) == "all" else {user.unit_id} - {None}
    asked = Asked(begin, end, question.zone, units, now=timezone.now(), **{name: value for name, value in narrowed.items() if name != "week"})
    return Page(question, problem, asked, narrowed, queries_complaint.body_of(queries_complaint.newest_scheme())["low"])


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


@permitted(VIEW)
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Of a range of days. As many queries for any number of complaints."""
    page = _page(request)
    question = page.question
    language = translation.get_language() or "en"
    found = queries.figures(page.asked, page.low, timezone.now())
    to = complaints.Addresses(question.first, question.last, page.narrowed)
    parts = found.parts
    units, owners = (
        dict(model.objects.filter(pk__in=[key for key in parts[part] if key]).values_list("pk", "name")) for model, part in ((Unit, "unit"), (User, "owner"))
    )
    products = {one.pk: one.name_in(language) for one in Product.objects.filter(pk__in=[key for key in parts["product"] if key])}
    reasons = {one.pk: one.name_in(language) for one in ContactReason.objects.filter(pk__in=[key for key in parts["reason"] if key])}
    bands = dict(Complaint.Band.choices)
    before, after = presenters.around(question, "analytics:complaints")
    context = {
        "question": question, "problem": page.problem, "before": before, "after": after, "export": to.file(), "whole": complaints.line("", found.whole, to, {}),
        "trend": complaints.trend(parts["week"], queries.weeks(question.first, question.last), to), "low": page.low,
        "tables": [
            complaints.table(_("By department"), _("Department"), "unit", parts["unit"], to, lambda key: units.get(key) or _("No department")),
            complaints.table(_("By product"), _("Product"), "product", parts["product"], to, lambda key: products.get(key) or _("No product")),
            complaints.table(_("By type"), _("Type"), "reason", parts["reason"], to, lambda key: reasons.get(key) or _("No type")),
            complaints.table(_("By severity"), _("Severity"), "band", parts["band"], to, lambda key: str(bands.get(key, key))),
            complaints.table(_("By account owner"), _("Account owner"), "owner", parts["owner"], to, lambda key: owners.get(key) or _("Nobody")),
        ],
    }  # fmt: skip
    return render(request, "analytics/complaints.html", context, status=422 if page.problem else 200)


RELATED = ("account_owner", "ticket__party__account_owner", "ticket__product__product", "ticket__reason", "ticket__owner", "unit")


@permitted(VIEW)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The complaints behind a figure."""
    page = _page(request)
    rows = queries.rows_of(page.asked, page.low).select_related(*RELATED).order_by("-score", "-ticket__opened_at", "-pk")
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    language = translation.get_language() or "en"
    user: Any = request.user
    may = set(visible(user).filter(pk__in=[row.ticket_id for row in found]).values_list("pk", flat=True))
    context = {
        "page": found, "lines": [_line(row, page.question.zone, language, row.ticket_id in may) for row in found], "question": page.question, "problem": page.problem,
        "more": {name: value for name, value in request.GET.dict().items() if name != "page"},
        "back": complaints.Addresses(page.question.first, page.question.last, {}).figures(),
    }  # fmt: skip
    return render(request, "analytics/complaint_list.html", context, status=422 if page.problem else 200)


def _line(row: Complaint, zone: Any, language: str, may: bool) -> dict[str, Any]:
    """The customer and the words of a ticket are shown to those who may see it."""
    ticket = row.ticket

    def at(moment: datetime | None) -> str:
        return date_format(moment.astimezone(zone), "SHORT_DATETIME_FORMAT") if moment is not None else ""

    return {
        "number": ticket.number, "url": reverse("desktop:ticket", args=[ticket.number]) if may else "", "title": ticket.title if may else "",
        "customer": ticket.party.name if may and ticket.party is not None else "", "score": row.score, "band": row.get_band_display(),
        "unit": row.unit.name if row.unit is not None else "", "reason": ticket.reason.name_in(language) if ticket.reason is not None else "",
        "opened": at(ticket.opened_at), "due": at(ticket.due_at), "answered": at(row.answered_at),
        "late": row.answered_at is None and ticket.due_at is not None and ticket.due_at < timezone.now(), "rating": mean(row.rating) if row.rating is not None else "",
    }  # fmt: skip


@permitted(VIEW)
@require_GET
def as_file(request: HttpRequest) -> HttpResponse:
    page = _page(request)

    def rows() -> Iterator[Complaint]:
        last = None
        while True:
            found = queries.rows_of(page.asked, page.low).select_related(*RELATED)
            pack = list((found if last is None else found.filter(pk__lt=last)).order_by("-pk")[:500])
            if not pack:
                return
            yield from pack
            last = pack[-1].pk

    answer = StreamingHttpResponse(complaints.file(rows(), page.question.zone), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="complaints-{page.question.first}-{page.question.last}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]  # it streams
