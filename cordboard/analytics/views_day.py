"""One agent's day: states to the second, and the own figures. Every agent sees the own; managers those of their agents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from cordboard.analytics import presenters, queries, states
from cordboard.analytics.asked import Choices, Item, Question, zone_of
from cordboard.analytics.columns import clock
from cordboard.analytics.intervals import between, laid
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.timeline import Span, logged_in, totals
from cordboard.analytics.views import listing, question_of, rows_words, steps_words
from cordboard.org.models import User
from cordboard.org.permissions import permitted
from cordboard.routing import levels
from cordboard.routing.models import AgentState, NotReadyReason
from cordboard.routing.permissions import AGENT

WIDTH = 1200


@dataclass(frozen=True, slots=True)
class Piece:
    """A span on the picture of the day."""

    x: float
    width: float
    sign: str
    title: str


@permitted(AGENT)
@require_GET
def my_day(request: HttpRequest) -> HttpResponse:
    return _day(request, request.user, "analytics:my_day")


@permitted(AGENT)
@require_GET
def my_contacts(request: HttpRequest) -> HttpResponse:
    """The contacts behind one of the agent's own figures."""
    choices = Choices(request.user)
    choices.__dict__["within"] = {"agent": frozenset({request.user.pk})}
    given = {name: value for name, value in request.GET.dict().items() if isinstance(value, str) and name in ("from", "to", "interval")}
    question, problem = question_of(given, choices)
    question = replace(question, only={"agent": Item(request.user.pk, "", str(request.user))})  # type: ignore[arg-type]
    return listing(request, question, choices, problem, back=f"{reverse('analytics:my_day')}?day={question.first.isoformat()}")


@permitted(VIEW)
@require_GET
def agent_day(request: HttpRequest, number: int) -> HttpResponse:
    """Of an agent whom the reader's scope reaches."""
    if number not in Choices(request.user).agent:
        raise Http404
    return _day(request, User.objects.select_related("unit").get(pk=number), "analytics:agent_day", number)


def _day(request: HttpRequest, agent: Any, view: str, *given: int) -> HttpResponse:
    """Fixed queries: two of the log, one of the figures, the words of the reasons."""
    now = timezone.now()
    zone = zone_of(agent)
    today = now.astimezone(zone).date()
    try:
        day = date.fromisoformat(request.GET.get("day", "") or today.isoformat())
    except ValueError:
        day = today
    day = min(max(day, date(2000, 1, 1)), date(2099, 12, 30))
    log = states.day_of(agent.pk, day, zone, now)
    names = {one.code: one.name_in(translation.get_language() or "en") for one in NotReadyReason.objects.all()}
    breaks = set(NotReadyReason.objects.filter(is_break=True).values_list("code", flat=True))
    step = request.GET.get("interval", "60")
    own = Question(day, day, zone, "time", step if step in steps_words() else "60", levels.DEFAULT, {"agent": Item(agent.pk, "", str(agent))})
    rows = queries.figures(own.asked(step=own.step))
    logged = logged_in(log)
    mine = view == "analytics:my_day"
    choices = Choices(request.user)
    address = reverse(view, args=given)
    context = {
        "agent": agent,
        "mine": mine,
        "day": day,
        "zone": zone.key,
        "is_today": day == today,
        "before": f"{address}?{urlencode({'day': day - timedelta(days=1)})}",
        "after": f"{address}?{urlencode({'day': day + timedelta(days=1)})}",
        "today": address,
        "logged": clock(logged),
        "pieces": _pieces(log, day, zone, names, breaks),
        "hours": _hours(day, zone),
        "totals": [
            {
                "sign": sign(one.state, one.reason, breaks),
                "words": words(one.state, one.reason, names),
                "time": clock(one.seconds),
                "times": one.times,
                "share": round(100 * one.seconds / logged) if logged else 0,
            }
            for one in totals(log)
        ],
        "spans": [
            {
                "begin": span.begin.astimezone(zone),
                "end": None if span.open else span.end.astimezone(zone),
                "sign": sign(span.state, span.reason, breaks),
                "words": words(span.state, span.reason, names),
                "time": clock(span.seconds),
            }
            for span in log
        ],
        "question": own,
        "lengths": [
            {"words": words, "url": f"{address}?{urlencode({'day': day, 'interval': code})}", "on": code == own.step} for code, words in steps_words().items()
        ],
        "rows": rows_words(),
        "table": presenters.table(own, rows, choices, opens="analytics:my_contacts" if mine else "analytics:contacts"),
    }
    return render(request, "analytics/day.html", context)


def words(state: str, reason: str | None, names: dict[str, str]) -> str:
    """A state as it is called on the desk: by its reason where it has one."""
    return names.get(reason, reason) if reason else str(AgentState.State(state).label) if state in AgentState.State.values else state


def sign(state: str, reason: str | None, breaks: set[str]) -> str:
    """The name of its sign (data-state)."""
    if state == "not_ready":
        return "break" if reason in breaks else "notready"
    return state


def _hours(day: date, zone: ZoneInfo) -> list[tuple[float, str]]:
    """Every third hour of the wall clock and where it stands."""
    begin, end = between(day, day, zone)
    whole = (end - begin).total_seconds()
    found = []
    for one in laid(day, day, zone, "60"):
        local = one.begin.astimezone(zone)
        if local.hour % 3 == 0 and local.minute == 0 and not local.fold:
            found.append((round(WIDTH * (one.begin - begin).total_seconds() / whole + 2, 1), f"{local:%H:%M}"))
    return found


def _pieces(log: list[Span], day: date, zone: ZoneInfo, names: dict[str, str], breaks: set[str]) -> list[Piece]:
    """The day as a line from midnight to midnight; on the days when the clock is changed an hour is a little wider or narrower."""
    begin, end = between(day, day, zone)
    whole = (end - begin).total_seconds()

    def at(moment: datetime) -> float:
        return WIDTH * (moment - begin).total_seconds() / whole

    return [
        Piece(
            round(at(span.begin), 2),
            round(max(0.6, at(span.end) - at(span.begin)), 2),
            sign(span.state, span.reason, breaks),
            f"{words(span.state, span.reason, names)} {span.begin.astimezone(zone):%H:%M:%S}–{span.end.astimezone(zone):%H:%M:%S}, {clock(span.seconds)}",
        )
        for span in log
        if span.state != "offline"
    ]
