"""Mass incidents: what was found, one incident with its tickets, answering them all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters import incident as presenter
from cordboard.org.languages import LANGUAGES
from cordboard.org.permissions import permitted
from cordboard.tickets import actions_incident as actions
from cordboard.tickets.models_incident import IncidentRun, MassIncident
from cordboard.tickets.permissions_level import INCIDENTS
from cordboard.tickets.queries import visible


def _id(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0


def _numbers(given: QueryDict, name: str) -> list[int]:
    return [number for value in given.getlist(name)[:500] if (number := _id(value))]


@permitted(INCIDENTS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    return render(request, "desktop/incidents.html", presenter.listing(user))


@permitted(INCIDENTS)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A new incident, by hand or from a suggestion; or a suggestion that is none, or that belongs to one that stands."""
    user: Any = request.user
    given = request.POST
    suggestion = _id(given.get("suggestion", "")) or None
    try:
        if given.get("dismiss") and suggestion:
            actions.dismiss(user, suggestion)
            return redirect("desktop:incidents")
        if given.get("tie") and suggestion:
            return redirect("desktop:incident", actions.tie_suggested(user, suggestion).pk)
        row = actions.open_incident(user, given.get("title", ""), cause=given.get("cause", ""), suggestion=suggestion)
    except ValidationError as wrong:
        context = {**presenter.listing(user), "problem": " ".join(wrong.messages), "typed": given.dict()}
        return render(request, "desktop/incidents.html", context, status=422)
    return redirect("desktop:incident", row.pk)


@permitted(INCIDENTS)
@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, number)


@permitted(INCIDENTS)
@require_GET
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """The answers to all, as far as they are."""
    user: Any = request.user
    row = get_object_or_404(MassIncident, pk=number)
    return render(request, "desktop/parts/incident_runs.html", presenter.page(user, row))


@permitted(INCIDENTS)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """change, tie (by the tickets' numbers), untie, again-tie, leave, take, run, again."""
    user: Any = request.user
    row = get_object_or_404(MassIncident, pk=number)
    given = request.POST
    done = ""
    try:
        match verb:
            case "change":
                actions.change(user, number, title=given.get("title", ""), cause=given.get("cause", ""))
                done = _("Kept.")
            case "tie":
                done = _tied(user, row, given)
            case "untie":
                count = len(actions.untie(user, number, _numbers(given, "ticket")))
                done = ngettext(
                    "%(n)s ticket is not tied any more. It can be tied again below.",
                    "%(n)s tickets are not tied any more. They can be tied again below.",
                    count,
                ) % {"n": count}
            case "leave" | "take":
                actions.leave_out(user, number, _numbers(given, "ticket"), verb == "leave")
                done = _("Kept.")
            case "run":
                texts = {code: given.get(f"text-{code}", "") for code in LANGUAGES}
                actions.run(user, number, texts, resolve=bool(given.get("resolve")))
                done = _("The tickets are being answered. What becomes of each stands beside.")
            case "again":
                actions.again(user, get_object_or_404(IncidentRun, pk=_id(given.get("run", "")), incident=row).pk)
                done = _("It is tried once more.")
            case _:
                raise Http404(verb)
    except ValidationError as wrong:
        return _page(request, number, problem=" ".join(wrong.messages), typed=given.dict())
    return _page(request, number, done=done)


def _tied(user: Any, row: MassIncident, given: QueryDict) -> str:
    """By the rows of tickets, or by their numbers as people write them."""
    rows = _numbers(given, "ticket")
    wanted = [number for part in given.get("numbers", "")[:2000].replace(",", " ").split() if (number := _id(part))]
    rows += visible(user).filter(number__in=wanted).values_list("pk", flat=True) if wanted else []
    if not rows:
        raise ValidationError({"tickets": _("Write numbers of tickets, such as 10012 10015.")})
    count = len(actions.tie(user, row.pk, rows))
    if not count:
        raise ValidationError({"tickets": _("None of these is tied: each is of an incident already.")})
    return ngettext("%(n)s ticket is tied.", "%(n)s tickets are tied.", count) % {"n": count}


def _page(request: HttpRequest, number: int, **said: Any) -> HttpResponse:
    user: Any = request.user
    row = get_object_or_404(MassIncident.objects.select_related("opened_by"), pk=number)
    return render(request, "desktop/incident.html", presenter.page(user, row, said=said), status=422 if said.get("problem") else 200)
