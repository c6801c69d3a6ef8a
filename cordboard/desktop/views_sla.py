"""Trying out calendars and service levels, and the report of pauses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.views_settings import kind_for, once
from cordboard.org.models import Unit
from cordboard.org.permissions import permitted, signed_in
from cordboard.tickets import sla, sla_words
from cordboard.tickets.actions_calendar import MANAGE
from cordboard.tickets.calendar import always
from cordboard.tickets.models_sla import TicketClock
from cordboard.tickets.queries_pauses import report
from cordboard.tickets.queries_sla import Terms, calendar_for, fill, line_of, plan_of

PERIODS = (7, 30, 90)
TARGETS = ("1h", "8h", "3d")


@signed_in
@require_POST
def try_plan(request: HttpRequest, number: int) -> HttpResponse:
    """What a ticket of this service level that is opened at a moment would be due. Nothing is kept."""
    which = kind_for(request, "service-levels")
    row = which.find(request.user, number)
    if row is None:
        raise Http404
    asked: dict[str, Any] = {
        "kind": request.POST.get("kind", "")[:20],
        "unit": _number(request.POST.get("unit")),
        "segment": request.POST.get("segment", "")[:20],
        "at": request.POST.get("at", ""),
    }
    at, refused = _moment(asked["at"])
    unit = Unit.objects.filter(pk=asked["unit"]).first() if asked["unit"] else None
    plan = plan_of(row.code)
    assert plan is not None
    calendar, line = calendar_for(unit, asked["segment"])
    if plan.around_the_clock:
        calendar, line = None, always(line.week.timezone)
    terms = Terms(plan, line, calendar, sla.targets_of(plan.targets, asked["kind"]))
    tried = [] if refused else [clock for kind in sla.CLOCKS if fill(clock := TicketClock(kind=kind, started_at=at), terms)]
    shown = {"tried": [{"sentences": sla_words.explain(clock), "due": clock.due_at is not None} for clock in tried], "was_tried": True, "try_refused": refused}
    return once(request, which, row, {**shown, "asked": asked})


@signed_in
@require_POST
def try_calendar(request: HttpRequest, number: int) -> HttpResponse:
    """When some usual targets from a moment on are reached by this calendar, as it is kept."""
    which = kind_for(request, "calendars")
    row = which.find(request.user, number)
    if row is None:
        raise Http404
    at, refused = _moment(request.POST.get("at", ""))
    line = line_of(row, row.unit.timezone if row.unit is not None else timezone.get_current_timezone_name())
    tried = []
    for text in TARGETS if not refused else ():
        clock = TicketClock(kind=sla.RESOLUTION, started_at=at)
        fill(clock, Terms(sla.Plan("", "", {}), line, row, {sla.RESOLUTION: text}))
        tried.append({"sentences": sla_words.explain(clock), "due": clock.due_at is not None})
    opening = line.next_opening(at) if not refused else None
    words = (
        ""
        if refused
        else _("It does not open any more.")
        if opening is None
        else _("It is open then.")
        if line.is_open(at)
        else _("It opens %(when)s.") % {"when": sla_words.at(opening)}
    )
    return once(request, which, row, {"tried": tried, "was_tried": True, "try_refused": refused, "opens": words, "asked": {"at": request.POST.get("at", "")}})


@permitted(MANAGE)
@require_GET
def pauses(request: HttpRequest) -> HttpResponse:
    """Who waits for the customer oddly often."""
    user: Any = request.user
    days = _number(request.GET.get("days")) or PERIODS[1]
    days = days if days in PERIODS else PERIODS[1]
    now = timezone.now()
    found = report(user, now - timedelta(days=days), now)
    rows = [
        {
            "name": found.names.get(one.agent, ""),
            "unit": found.units.get(one.unit or 0, ""),
            "tickets": one.tickets,
            "pauses": one.pauses,
            "expected": one.expected,
            "shortly": one.shortly,
            "odd": _("mostly shortly before a deadline") if one.near else _("more often than the others") if one.odd else "",
            "examples": [
                {"number": number, "title": title, "pauses": count, "url": reverse("desktop:ticket", args=[number])}
                for number, title, count in found.examples.get(one.agent, ())
            ],
        }
        for one in found.agents
    ]
    return render(request, "desktop/pauses.html", {"rows": rows, "days": days, "periods": PERIODS})


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _moment(text: str) -> tuple[datetime, str]:
    """(the moment typed in the reader's time zone, or now; what is wrong with it)."""
    if not text.strip():
        return timezone.now(), ""
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        return timezone.now(), _("This is no moment. Write it as 2026-12-24 14:00.")
    return found if timezone.is_aware(found) else timezone.make_aware(found), ""
