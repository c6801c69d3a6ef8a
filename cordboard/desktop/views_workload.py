"""Workload: what each person of a unit has open, for its head and whoever may hand over work; and giving it to others in one act."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cordboard.desktop.presenters import say
from cordboard.desktop.presenters import work as presenter
from cordboard.desktop.presenters.telephone import state_words
from cordboard.desktop.views import refused
from cordboard.desktop.views_work import MOST_AT_ONCE, said, work_of
from cordboard.org import actions_worklist as actions
from cordboard.org.models import Unit, User
from cordboard.org.permissions import HAND_OVER, signed_in, user_may
from cordboard.org.queries_absence import away
from cordboard.org.worklist import MOST, Asked, gathered, kinds, loads
from cordboard.routing.models import AgentState

MOST_PEOPLE = 300


def units_of(user: Any) -> list[Unit]:
    """Units whose workload `user` may see: with reach over all every one; of those that the user heads, with what is below them; with reach over the unit, the own.
    One query."""
    every = list(Unit.objects.order_by("name"))
    scope = user_may(user, HAND_OVER)
    if scope == "all":
        return every
    found = {one.pk for one in every if one.head_id == user.pk or (scope == "unit" and one.pk == user.unit_id)}
    grown = True
    while grown:
        below = {one.pk for one in every if one.parent_id in found} - found
        found |= below
        grown = bool(below)
    return [one for one in every if one.pk in found]


def need(user: Any) -> list[Unit]:
    """Raises PermissionDenied for who heads nothing."""
    found = units_of(user)
    if not found:
        raise PermissionDenied(_("The workload is for whoever heads a unit."))
    return found


@signed_in
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`?unit=`: one of those whose workload the reader may see."""
    units = need(request.user)
    given = request.GET.get("unit", "")
    own = next((one for one in units if one.pk == request.user.unit_id), units[0])  # type: ignore[union-attr]
    unit = next((one for one in units if str(one.pk) == given), own) if given else own
    if given and str(unit.pk) != given:
        raise Http404
    now = timezone.now()
    people = list(User.objects.filter(is_active=True, unit=unit).select_related("position").order_by("name")[:MOST_PEOPLE])
    ids = [one.pk for one in people]
    every = [kind for kind in kinds() if kind.open_of is not None]
    found = loads(ids, {kind.code: kind.open_of(ids) for kind in every if kind.open_of is not None}, now, _midnight(now))
    absent = away(now)
    states = {row.agent_id: row for row in AgentState.objects.filter(agent__in=ids).select_related("reason")}
    rows: list[dict[str, Any]] = []
    for one in people:
        load = found[one.pk]
        state = states.get(one.pk)
        gone = absent.get(one.pk)
        rows.append(
            {
                "url": reverse("desktop:workload_person", args=[one.pk]),
                "name": str(one),
                "position": str(one.position or ""),
                "open": load.open,
                "cells": [load.by_kind[kind.code] for kind in every],
                "late": load.late,
                "today": load.today,
                "age": _age(load.age_hours),
                "state": state_words(state, translation.get_language() or "en") if state is not None and state.state != "offline" else None,
                "away": _("away until %(day)s") % {"day": say.day(gone.last_day, timezone.localdate())} if gone is not None else "",
                "width": 0,
            }
        )
    most = max((row["open"] for row in rows), default=0)
    for row in rows:
        row["width"] = round(100 * row["open"] / most) if most else 0
    rows.sort(key=lambda row: (-row["late"], -row["open"], row["name"]))
    unclaimed = gathered({kind.code: kind.find(Asked("unit", request.user, (), None, unit.pk), MOST) for kind in kinds()}, now).rows
    context = {
        "unit": unit,
        "units": units,
        "kinds": [kind.words for kind in every],
        "rows": rows,
        "open": sum(row["open"] for row in rows),
        "late": sum(row["late"] for row in rows),
        "nobodys": sum(row.owner is None for row in unclaimed),
        "topics": f"unit:{unit.pk}",
        "may_assign": user_may(request.user, "parties.assign") is not None,
    }
    return render(request, "desktop/workload.html", context)


def _midnight(now: datetime) -> datetime:
    """The end of the reader's day."""
    local = timezone.localtime(now)
    return datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)


def _age(hours: float | None) -> str:
    """How old what is open is on the mean: hours up to two days, then days."""
    if hours is None:
        return ""
    return _("%(n)d h") % {"n": round(hours)} if hours < 48 else _("%(n)d d") % {"n": round(hours / 24)}


@signed_in
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, number: int) -> HttpResponse:
    """What one of the unit's people has open. Posted: give what is ticked to a colleague (to) or back to the unit's list, with the reason (why) in the log."""
    units = {one.pk: one for one in need(request.user)}
    who = User.objects.select_related("unit").filter(pk=number).first()
    if who is None or who.unit_id not in units:
        raise Http404
    if request.method == "POST":
        return _give(request)
    now = timezone.now()
    made = gathered({kind.code: kind.find(Asked("mine", who, (who.pk,)), MOST) for kind in kinds()}, now, most=2 * MOST)
    takers = list(User.objects.filter(is_active=True, unit__in=units).exclude(pk=who.pk).order_by("name")[:MOST_PEOPLE])
    context = {
        "who": who,
        "rows": [presenter.shown(row, now, who.pk, {}) for row in made.rows],
        "more": made.more,
        "takers": takers,
        "topics": f"unit:{who.unit_id}",
    }
    return render(request, "desktop/workload_person.html", context)


def _give(request: HttpRequest) -> HttpResponse:
    chosen = [work_of(one) for one in request.POST.getlist("work")[:MOST_AT_ONCE]]
    to, why = request.POST.get("to", ""), request.POST.get("why", "").strip()
    if not chosen:
        return refused(request, _("Nothing is ticked."), _("Tick what is meant in the list first."), 422)
    if not why:
        return refused(request, _("Say why it is given to somebody else."), _("The reason stands in the log. Nothing was changed."), 422)
    came = actions.give_all(request.user, chosen, int(to) if to.isdigit() else None, why)
    return said(request, [outcome for _code, _number, outcome in came], go=request.path)
