"""Replays of drafts: asked for, followed while they run, shown."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.interactions.permissions import VIEW as SEE_CONTACTS
from cordboard.lib.permissions import permitted, user_may
from cordboard.rules import queries
from cordboard.rules.actions import Refused
from cordboard.rules.actions_replay import ask_replay, stop_replay
from cordboard.rules.models import Policy, PolicyReplay
from cordboard.rules.permissions import EDIT, VIEW
from cordboard.workbench import replays, tasks


@permitted(VIEW)
@require_GET
def panel(request: HttpRequest, policy: int) -> HttpResponse:
    """The newest replay of a version (or `?replay=`), and the form that asks for one. While one runs, the panel asks for itself again."""
    return _panel(request, get_object_or_404(Policy, pk=policy))


@permitted(EDIT)
@require_POST
def ask(request: HttpRequest, policy: int) -> HttpResponse:
    """`from` and `to`: days, both included; or `days`: so many before today."""
    row = get_object_or_404(Policy, pk=policy)
    problem = ""
    try:
        begin, end = _range(request.POST)
        with transaction.atomic():
            made = ask_replay(policy, begin, end, request.user)
            tasks.replay.enqueue(made.pk)
    except Refused as refused:
        problem = refused.message
    return _panel(request, row, problem)


@permitted(EDIT)
@require_POST
def stop(request: HttpRequest, policy: int, replay: int) -> HttpResponse:
    row = get_object_or_404(Policy, pk=policy)
    get_object_or_404(PolicyReplay, pk=replay, policy=row)
    stop_replay(replay, request.user)
    return _panel(request, row)


def _range(given: dict[str, str]) -> tuple[datetime, datetime]:
    """The moments of the days asked for, in the reader's zone. Raises Refused."""
    zone = timezone.get_current_timezone()
    try:
        first, last = date.fromisoformat(given.get("from", "")), date.fromisoformat(given.get("to", ""))
        return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    except (ValueError, OverflowError):
        raise Refused("range", _("This is no day: choose the first and the last one.")) from None


def _panel(request: HttpRequest, row: Policy, problem: str = "") -> HttpResponse:
    listed = queries.replays(row.pk)
    asked = request.GET.get("replay", "")
    chosen = next((one for one in listed if str(one.pk) == asked), listed[0] if listed else None)
    if asked and (chosen is None or str(chosen.pk) != asked):
        raise Http404
    today = timezone.localdate()
    context = {
        "policy": row,
        "replay": replays.shown(chosen) if chosen is not None else None,
        "listed": listed,
        "may_edit": user_may(request.user, EDIT) is not None,
        "may_see": user_may(request.user, SEE_CONTACTS) is not None,
        "first": today - timedelta(days=1),
        "last": today - timedelta(days=1),
        "today": today,
        "problem": problem,
    }
    return render(request, "workbench/parts/replay.html", context, status=422 if problem else 200)
