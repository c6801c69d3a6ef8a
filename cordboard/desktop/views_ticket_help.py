"""What is done in the parts of a ticket's page about support levels, solutions, goodwill and mass incidents. Each answers with its part anew; without scripts, with the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters import ticket_goodwill, ticket_incident, ticket_level, ticket_similar
from cordboard.interactions.acts import Act, Came
from cordboard.org.permissions import permitted
from cordboard.tickets import actions_goodwill, actions_incident, actions_level, actions_similar
from cordboard.tickets.models import LevelStep, SupportLevel, Ticket
from cordboard.tickets.models_goodwill import Grant
from cordboard.tickets.models_incident import MassIncident
from cordboard.tickets.permissions_level import INCIDENTS
from cordboard.tickets.queries import visible
from cordboard.tickets.queries_incident import of_ticket

Section = Callable[..., dict[str, Any] | None]


def _ticket(request: HttpRequest, number: int) -> Ticket:
    user: Any = request.user
    found: Ticket = get_object_or_404(visible(user).select_related("product__product", "unit", "party", "reason"), number=number)
    return found


def _id(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0


def _shown(request: HttpRequest, ticket: Ticket, section: Section, **said: Any) -> HttpResponse:
    if "HX-Request" not in request.headers and not said.get("problem"):
        return redirect(reverse("desktop:ticket", args=[ticket.number]))
    user: Any = request.user
    found = section(user, _ticket(request, ticket.number), translation.get_language() or "en", **said)
    if found is None:
        raise Http404
    return render(request, found["template"], {"section": found}, status=422 if said.get("problem") else 200)


@permitted("tickets.change")
@require_POST
def level(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """on: to the next level (with `call`, the call goes along; with `consult`, they are asked first); back."""
    user: Any = request.user
    ticket = _ticket(request, number)
    given = request.POST
    answers = {_id(name.removeprefix("item-")): str(value) for name, value in given.items() if name.startswith("item-")}
    sure, why = given.get("sure") == "yes", given.get("why", "")
    try:
        match verb:
            case "on" if given.get("call") or given.get("consult"):
                warm = bool(given.get("consult"))
                call = _id(given.get("consult", "") or given.get("call", ""))
                act, step = actions_level.hand_on_call(user, ticket.pk, call, warm=warm, answers=answers, why=why, sure=sure)
                if step is None:
                    raise ValidationError(_refused(act))
                done = _("The call is being handed on. The ticket follows whoever takes it.")
            case "on":
                step = actions_level.send_on(user, ticket.pk, answers=answers, why=why, sure=sure)
                done = _said(step)
            case "back":
                done = _said(actions_level.hand_back(user, ticket.pk, why))
            case _:
                raise Http404(verb)
    except ValidationError as wrong:
        circle = isinstance(wrong, actions_level.Circle)
        return _shown(request, ticket, ticket_level.section, problem=" ".join(wrong.messages), typed=given.dict(), circle=circle)
    return _shown(request, ticket, ticket_level.section, done=done)


def _said(step: LevelStep) -> str:
    words = {"level": SupportLevel.Rank(step.to_rank).label, "unit": step.to_unit or "–", "name": step.to_owner or ""}
    return _("It is with %(name)s now, %(level)s.") % words if step.to_owner else _("It stands in the work list of %(unit)s now, %(level)s.") % words


def _refused(act: Act) -> str:
    if act.why:
        return str(act.why)
    match act.came:
        case Came.CLOSED:
            return _("%(queue)s is closed now: send the ticket on without the call.") % {"queue": act.name}
        case Came.CUSTOMER_GONE:
            return _("The customer has hung up: send the ticket on without the call.")
        case Came.CIRCLE:
            return _("%(name)s had this call twice already.") % {"name": act.name}
    return _("The call cannot be handed on now. Send the ticket on without it, or try again.")


@permitted("tickets.change")
@require_POST
def solution(request: HttpRequest, number: int) -> HttpResponse:
    user: Any = request.user
    ticket = _ticket(request, number)
    try:
        actions_similar.say_solution(user, ticket.pk, article=_id(request.POST.get("article", "")) or None, measure=request.POST.get("measure", ""))
    except ValidationError as wrong:
        return _shown(request, ticket, ticket_similar.section, problem=" ".join(wrong.messages))
    return _shown(request, ticket, ticket_similar.section, done=_("Kept. Closed tickets like this one count it from now on."))


@permitted("tickets.view")
@require_GET
def grants(request: HttpRequest, number: int) -> HttpResponse:
    """The part about goodwill for another kind of it: the limit may be another."""
    ticket = _ticket(request, number)
    given = request.GET
    typed = {name: given.get(name, "")[:300] for name in ("amount", "reason")}
    return _shown(request, ticket, ticket_goodwill.section, kind=given.get("kind", ""), typed=typed)


@permitted("tickets.change")
@require_POST
def grant(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """give; carry-out: what was approved is given, or withdrawn."""
    user: Any = request.user
    ticket = _ticket(request, number)
    given = request.POST
    try:
        match verb:
            case "give":
                made = actions_goodwill.give(user, ticket.pk, given.get("kind", ""), given.get("amount", ""), given.get("reason", ""))
                done = _("It is given.") if made.state == Grant.State.GIVEN else _("It is more than you may give: those who must agree are asked.")
            case "carry-out":
                row = get_object_or_404(Grant, pk=_id(given.get("grant", "")), ticket=ticket)
                if given.get("withdraw"):
                    actions_goodwill.withdraw(user, row.pk)
                    done = _("It is withdrawn.")
                else:
                    actions_goodwill.carry_out(user, row.pk)
                    done = _("It is given.")
            case _:
                raise Http404(verb)
    except ValidationError as wrong:
        typed = {name: given.get(name, "") for name in ("amount", "reason")} if verb == "give" else None
        return _shown(request, ticket, ticket_goodwill.section, problem=" ".join(wrong.messages), kind=given.get("kind", ""), typed=typed)
    return _shown(request, ticket, ticket_goodwill.section, done=done)


@permitted(INCIDENTS)
@require_POST
def incident(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """tie, untie."""
    user: Any = request.user
    ticket = _ticket(request, number)
    try:
        if verb == "tie":
            row = get_object_or_404(MassIncident, pk=_id(request.POST.get("incident", "")))
            actions_incident.tie(user, row.pk, [ticket.pk])
            done = _("It is tied to the incident.")
        elif verb == "untie":
            tied = of_ticket(ticket.pk)
            if tied is not None:
                actions_incident.untie(user, tied.incident_id, [ticket.pk])
            done = _("It is not tied any more.")
        else:
            raise Http404(verb)
    except ValidationError as wrong:
        return _shown(request, ticket, ticket_incident.section, problem=" ".join(wrong.messages))
    return _shown(request, ticket, ticket_incident.section, done=done)
