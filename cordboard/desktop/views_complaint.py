"""What is done with a complaint on its ticket's page. Each answers with that part of the page anew; without scripts, with the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.desktop.presenters import complaint
from cordboard.org.models import Unit, User
from cordboard.org.permissions import permitted
from cordboard.tickets import actions_complaint as actions
from cordboard.tickets import actions_scheme
from cordboard.tickets.actions_task import finish_task
from cordboard.tickets.models import Complaint, ComplaintScheme, Task, Ticket
from cordboard.tickets.permissions_complaint import MANAGE
from cordboard.tickets.queries import visible


def _id(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None


@permitted("tickets.change")
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """weigh, hand, decide, answer, rate."""
    user: Any = request.user
    ticket = get_object_or_404(visible(user), number=number)
    given = request.POST
    done = ""
    try:
        match verb:
            case "weigh":
                done = _weigh(user, ticket, given.get("harm", ""))
            case "hand":
                unit = get_object_or_404(Unit, pk=_id(given.get("unit", "")))
                actions.hand_complaint(ticket.pk, unit=unit, by=user)
                done = _("Handed to the head of %(unit)s.") % {"unit": unit.name}
            case "decide":
                actions.decide(
                    user,
                    ticket.pk,
                    due_at=_moment(given.get("due", "")),
                    handler=User.objects.filter(pk=_id(given.get("handler", "")) or 0).first(),
                    measure=given.get("measure", ""),
                )
                done = _("Decided. The ticket has this time and handler now.")
            case "answer":
                row = actions.answer(user, ticket.pk, given.get("result", ""), way=given.get("way", ""), language=given.get("language", ""))
                done = (
                    _("The message to the customer is written down to be sent.")
                    if row.way == Complaint.Way.EMAIL
                    else _("A task to tell the customer stands in the handler's work list.")
                )
            case "rate":
                row = actions.rate(ticket.pk, float(_id(given.get("rating", "")) or 0), comment=given.get("comment", ""), by=user)
                done = _("The rating is kept.")
            case _:
                raise Http404(verb)
    except ValidationError as wrong:
        return _shown(request, ticket, problem=" ".join(wrong.messages), typed={**given.dict(), "act": verb}, status=422)
    except Complaint.DoesNotExist as gone:
        raise Http404(verb) from gone
    return _shown(request, ticket, done=done)


def _weigh(user: Any, ticket: Ticket, harm: str) -> str:
    row = actions.weigh_complaint(ticket.pk, harm=harm or None, by=user)
    if row is None:
        raise ValidationError({"ticket": _("This ticket is no complaint.")})
    if row.handed_at is None and row.unit is not None:
        actions.hand_complaint(ticket.pk, by=user)
    return _("Weighed: %(score)s of 100.") % {"score": row.score}


def _moment(given: str) -> datetime:
    """In the reader's time zone. Raises ValidationError."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise ValidationError({"due_at": _("Give a day and a time.")}) from None
    return found if found.tzinfo is not None else timezone.make_aware(found)


@permitted("tickets.change")
@require_POST
def task_done(request: HttpRequest, number: int) -> HttpResponse:
    """A task of a complaint is done, with what came of it."""
    user: Any = request.user
    task = get_object_or_404(Task.objects.select_related("ticket"), pk=number, ticket__in=visible(user))
    assert task.ticket is not None
    finish_task(user, task.pk, request.POST.get("outcome", "")[:500])
    return _shown(request, task.ticket, done=_("Done."))


def _shown(request: HttpRequest, ticket: Ticket, *, done: str = "", problem: str = "", typed: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    if "HX-Request" not in request.headers and not problem:
        return redirect(reverse("desktop:ticket", args=[ticket.number]))
    user: Any = request.user
    found = complaint.section(user, Ticket.objects.get(pk=ticket.pk), translation.get_language() or "en", typed=typed, problem=problem, done=done)
    if found is None:
        raise Http404
    return render(request, found["template"], {"section": found}, status=status)


@permitted(MANAGE)
@require_POST
def scheme_again(request: HttpRequest, version: int) -> HttpResponse:
    """An older version of how complaints are weighed holds again."""
    try:
        made = actions_scheme.take_up_again(request.user, version)
    except ComplaintScheme.DoesNotExist as gone:
        raise Http404 from gone
    said = urlencode({"done": _("Version %(number)s") % {"number": made.version}})
    return redirect(f"{reverse('desktop:settings_list', args=['complaints'])}?{said}")
