"""Booking a visit: three times are offered and held, one press books. Beside a call in the work area, or on a page of its own."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.appointments import actions, queries
from cordboard.appointments.models import Appointment, VisitKind
from cordboard.appointments.permissions import BOOK
from cordboard.desktop.presenters import appointments as present
from cordboard.desktop.presenters import booking
from cordboard.desktop.presenters.masking import mask_of_list
from cordboard.desktop.presenters.visit_told import now_told
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction
from cordboard.mail.visit_ways import BOOKED
from cordboard.org.permissions import permitted
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of, root_id, visible
from cordboard.parties.search import search
from cordboard.tickets import queries as tickets
from cordboard.tickets import queries_order
from cordboard.tickets.actions_appointment import tie
from cordboard.tickets.actions_order_visit import tie_visit
from cordboard.tickets.models import Ticket, TicketInteraction
from cordboard.tickets.models_order import ServiceOrder


def number_of(given: str) -> int | None:
    return int(given) if given.isdigit() and len(given) < 18 else None


def order_of(user: Any, given: str) -> ServiceOrder | None:
    """The service order of this number, where the user may see it. At most one query."""
    number = number_of(given)
    return queries_order.visible(user).filter(number=number).first() if number is not None else None


@permitted(BOOK)
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """`?party=` for whom, `?kind=`, `?ticket=`, `?order=` the number of a service order; without a customer one is looked for first."""
    user: Any = request.user
    now = timezone.now()
    party = visible(user).filter(pk=number_of(request.GET.get("party", "")) or 0).first()
    typed = request.GET.get("q", "").strip()
    ticket = tickets.visible(user).filter(pk=number_of(request.GET.get("ticket", "")) or 0).first()
    order = order_of(request.user, request.GET.get("order", ""))
    context: dict[str, Any] = {"party": party, "query": typed, "mask": mask_of_list(user), "ticket": ticket, "order": order}
    if party is None:
        region = request.user.unit.country if request.user.unit else "NL"  # type: ignore[union-attr]
        context["hits"] = search(request.user, typed, region=region) if typed else []  # type: ignore[arg-type]
    else:
        context["panel"] = booking.panel(request.user, ids_of(party.pk), request.GET, now, ticket=ticket.pk if ticket else None, order=order)
    return render(request, "desktop/appointments/new.html", context)


def _back(request: HttpRequest, row: Appointment | None = None) -> str:
    """Where the page goes: the appointment that was made; the page with what is offered; nowhere on the desk, whose work area is read afresh."""
    if not request.POST.get("page"):
        return ""
    if row is not None:
        order = request.POST.get("order", "")
        return reverse("desktop:service_order", args=[int(order)]) if number_of(order) is not None else reverse("desktop:appointment", args=[row.pk])
    shown = {name: request.POST.get(name, "") for name in ("party", "kind", "ticket", "order")}
    return f"{reverse('desktop:appointment_new')}?{urlencode({name: value for name, value in shown.items() if value})}"


@permitted(BOOK)
@require_POST
def offer(request: HttpRequest) -> HttpResponse:
    """Hold the three earliest times for this customer."""
    user: Any = request.user
    party = visible(user).filter(pk=number_of(request.POST.get("party", "")) or 0).first()
    kind = VisitKind.objects.filter(code=request.POST.get("kind", ""), active=True).first()
    if party is None or kind is None:
        return refused(request, _("Choose what the visit is for."), _("Nothing was offered yet."), 400)
    party = Party.objects.get(pk=root_id(party.pk))
    interaction = number_of(request.POST.get("interaction", ""))
    if interaction is not None and not Interaction.objects.filter(pk=interaction).exists():
        raise Http404
    since = None
    if request.POST.get("since"):
        try:
            since = present.midnight(date.fromisoformat(request.POST["since"]))
        except ValueError:
            return refused(request, _("This is no date."), _("Nothing was offered yet."), 400)
    try:
        what = actions.visit(kind, party, parties=ids_of(party.pk), note=request.POST.get("note", "")[:2000], interaction=interaction, by=request.user)
        held = actions.offer(what, since=since)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Put the address right under Details, then offer times again."))
    if not held:
        return refused(request, _("Nothing is free in the next 30 days."), _("Ask a manager for more hours, or choose another kind of visit."))
    return answer(request, Act(Came.DONE), go=_back(request))


@permitted(BOOK)
@require_POST
def book(request: HttpRequest, number: int) -> HttpResponse:
    """The customer takes this one."""
    try:
        row = actions.book_held(request.user, number, note=request.POST.get("note", "")[:2000])
    except Appointment.DoesNotExist:
        return refused(request, _("This time is not held any more."), _("Nothing was booked. Offer the earliest times again."))
    except actions.NotFree as problem:
        return refused(request, present.why_not(problem), f"{_('Nothing was booked.')} {present.next_words(problem)}")
    untied = _tie(request, row)
    if (order := order_of(request.user, request.POST.get("order", ""))) is not None:
        try:
            tie_visit(request.user, order.pk, row.pk)  # type: ignore[arg-type]
        except ValidationError as problem:
            # The customer was promised the time: it stays booked, and whoever booked it knows that the order has another visit.
            return refused(request, " ".join(problem.messages), _("The visit is booked, but not for this service order."), 422)
    row = queries.one(request.user, row.pk) or row
    language = translation.get_language() or "en"
    said = {
        "title": _("Booked: %(what)s, %(when)s, %(who)s.") % {"what": row.kind.name_in(language), "when": present.when(row, timezone.now()), "who": row.staff},
        "text": f"{now_told(row, BOOKED)} {untied}".strip(),
    }
    return answer(request, Act(Came.DONE), go=_back(request, row), said=said)


def _tie(request: HttpRequest, row: Appointment) -> str:
    """To the ticket that is named, or the newest of the contact in which it was booked. What is said where that ticket is not the user's to change: the customer was
    promised the time, so the visit stays booked."""
    ticket = number_of(request.POST.get("ticket", ""))
    if ticket is None and row.interaction_id is not None:
        ticket = TicketInteraction.objects.filter(interaction=row.interaction_id).order_by("-pk").values_list("ticket_id", flat=True).first()
    if ticket is None:
        return ""
    try:
        tie(request.user, ticket, row.pk)  # type: ignore[arg-type]
    except (PermissionDenied, ValidationError, Ticket.DoesNotExist):
        return _("It stands on no ticket: that ticket is not yours to change.")
    return ""


@permitted(BOOK)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """None of the times suits: they are free again."""
    for given in request.POST.getlist("held"):
        number = number_of(given)
        if number is not None:
            actions.release(request.user, number)
    return answer(request, Act(Came.DONE), go=_back(request))
