"""Service orders: planned at a desk, carried out on a telephone, signed for, on paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.desktop.presenters import order_visits
from cordboard.desktop.presenters import service_order as present
from cordboard.desktop.presenters.masking import Mask, mask_of_customer, mask_of_list
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.lib import pdf
from cordboard.org.models import User
from cordboard.org.permissions import permitted
from cordboard.tickets import actions_order, order_document, queries, queries_order
from cordboard.tickets.actions_order import OrderChanged
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_order import ServiceOrder
from cordboard.tickets.permissions_service import ORDERS


def language() -> str:
    return translation.get_language() or "en"


def _found(request: HttpRequest, number: int) -> queries_order.Detail:
    user: Any = request.user
    try:
        return queries_order.detail(user, number)
    except ServiceOrder.DoesNotExist:
        raise Http404 from None


def _mask(request: HttpRequest, order: ServiceOrder) -> Mask:
    return mask_of_customer(request.user, order.party_id)


def technicians(now: int | None = None) -> list[User]:
    """Everybody who may carry out visits and has no calendar in which they are booked, by name; and who has the order now (`now`, a user's id). Those whose roles speak of service
    orders. Two queries."""
    from cordboard.org.models import Role

    roles = [role.pk for role in Role.objects.all() if "tickets.orders" in role.permissions]
    free = Q(is_active=True, roles__in=roles) & ~Q(service_staff__active=True)
    return list(User.objects.filter(free | Q(pk=now) if now is not None else free).distinct().order_by("name"))


@permitted(ORDERS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    which = request.GET.get("show", "mine")
    names = {"mine": _("Mine"), "open": _("Open"), "done": _("Finished")}
    which = which if which in names else "mine"
    now = timezone.now()
    found = queries_order.listing(user, which=which)
    mask = mask_of_list(user, [one.party_id for one in found])
    context = {
        "rows": [present.row(one, language(), now, mask) for one in found],
        "show": which,
        "tabs": [{"url": f"?show={code}", "words": words, "current": code == which} for code, words in names.items()],
    }
    return render(request, "desktop/service_orders.html", context)


@permitted(ORDERS)
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    found = _found(request, number)
    context = {
        **order_visits.of_order(_user(request), found.order, language(), timezone.now()),
        **present.card(request.user, found, language(), timezone.now(), mask := _mask(request, found.order)),
        "technicians": technicians(found.order.technician_id) if found.order.state in order_visits.TO_COME else [],
        "pdf_url": reverse("desktop:service_order_pdf", args=[number]) if pdf.available() and not mask.on else "",
        "planned_local": _local(found.order.planned_at),
        "until_local": _local(found.order.planned_until),
    }
    return render(request, "desktop/service_order.html", context)


def _local(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment is not None else ""


@permitted(ORDERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A visit from a ticket (`?ticket=` its number)."""
    user: Any = request.user
    given = request.POST if request.method == "POST" else request.GET
    number = given.get("ticket", "")
    try:
        ticket = queries.visible(user).select_related("party", "product__product").get(number=int(number) if number.isdecimal() else 0)
    except Ticket.DoesNotExist:
        raise Http404 from None
    faults: dict[str, str] = {}
    mask = mask_of_customer(user, ticket.party_id)
    if request.method == "POST":
        try:
            order = actions_order.plan_order(
                user, ticket=ticket.pk, title=given.get("title", ""), text=given.get("text", ""), technician=_technician(given.get("technician", "")),
                planned_at=_moment(given.get("planned_at", "")), planned_until=_moment(given.get("planned_until", "")),
            )  # fmt: skip
        except ValidationError as problem:
            faults = {field: messages[0] for field, messages in problem.message_dict.items()}
        else:
            return redirect("desktop:service_order", order.number)
    context = {
        "ticket": ticket,
        "product": ticket.product.product.name_in(language()) if ticket.product is not None else "",
        "given": given if request.method == "POST" else {"title": mask(ticket.title), "text": "" if mask.on else ticket.text},
        "faults": faults,
        "technicians": technicians(),
    }
    return render(request, "desktop/service_order_new.html", context, status=422 if faults else 200)


def _technician(given: str, now: int | None = None) -> User | None:
    if not given:
        return None
    found = next((one for one in technicians(now) if str(one.pk) == given), None)
    if found is None:
        raise ValidationError({"technician": _("Choose somebody who carries out service orders.")})
    return found


def _moment(given: str) -> datetime | None:
    """Of a field for date and time, in the reader's time zone. Raises ValidationError."""
    if not given.strip():
        return None
    try:
        found = parse_datetime(given.strip())
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({"planned_at": _("This is no date and time.")})
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _number(given: str, field: str, default: Decimal | None = None) -> Decimal | None:
    """As people of the reader's language type it. Raises ValidationError."""
    if not given.strip():
        return default
    try:
        found = Decimal(str(sanitize_separators(given.strip())))
        if not found.is_finite():
            raise InvalidOperation
        return found.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ValidationError({field: _("This is no number.")}) from None


def _change(request: HttpRequest, order: ServiceOrder) -> None:
    given = request.POST
    values: dict[str, Any] = {name: given[name] for name in ("title", "text", "place", "report") if name in given}
    values |= {name: _moment(given[name]) for name in ("planned_at", "planned_until") if name in given}
    if "technician" in given:
        values["technician"] = _technician(given["technician"], order.technician_id)
    actions_order.change_order(_user(request), order.pk, version=_version(request), **values)


def _add_line(request: HttpRequest, order: ServiceOrder) -> None:
    given = request.POST
    payer = given.get("covered_by", "auto")
    actions_order.add_line(
        _user(request), order.pk, given.get("kind", ""), part=given.get("part", ""), name=given.get("name", ""),
        quantity=_number(given.get("quantity", ""), "quantity", Decimal(1)) or Decimal(0), price=_number(given.get("price", ""), "price"),
        covered_by=None if payer == "auto" else "" if payer == "billed" else payer, why=given.get("why", ""),
    )  # fmt: skip


def _remove_line(request: HttpRequest, order: ServiceOrder) -> None:
    given = request.POST.get("line", "")
    actions_order.remove_line(_user(request), order.pk, int(given) if given.isdecimal() else 0)


def _move(request: HttpRequest, order: ServiceOrder) -> None:
    given = request.POST
    actions_order.move_on(
        _user(request), order.pk, given.get("state", ""), report=given.get("report") or None, why=given.get("why", ""), version=_version(request)
    )


def _confirm(request: HttpRequest, order: ServiceOrder) -> None:
    try:
        strokes = json.loads(request.POST.get("strokes") or "[]")
    except ValueError:
        strokes = None
    actions_order.confirm(_user(request), order.pk, name=request.POST.get("name", ""), strokes=strokes, version=_version(request))


VERBS: dict[str, Callable[[HttpRequest, ServiceOrder], None]] = {
    "change": _change, "add-line": _add_line, "remove-line": _remove_line, "move": _move, "confirm": _confirm,
}  # fmt: skip


def _user(request: HttpRequest) -> Any:
    return request.user


def _version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() else None


@permitted(ORDERS)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """What the desk's page does."""
    found = _found(request, number)
    if verb not in VERBS:
        raise Http404(verb)
    try:
        VERBS[verb](request, found.order)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."), 422)
    except OrderChanged:
        return refused(request, _("Somebody else changed this service order meanwhile."), _("Nothing was changed. Load the page again to see how it stands."))
    return answer(request, Act(Came.DONE), go=reverse("desktop:service_order", args=[number]))


@permitted(ORDERS)
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, number: int, verb: str = "") -> HttpResponse:
    """The same on a telephone: a page of its own, large targets, one thing under another. What was refused keeps what was typed and drawn."""
    found = _found(request, number)
    wrong = ""
    if request.method == "POST":
        if verb not in VERBS:
            raise Http404(verb)
        try:
            VERBS[verb](request, found.order)
        except ValidationError as problem:
            wrong = " ".join(problem.messages)
        except OrderChanged:
            wrong = _("Somebody else changed this service order meanwhile. Look at it again, then go on.")
            found = _found(request, number)
        else:
            return redirect("desktop:visit", number)
    elif verb:
        return redirect("desktop:visit", number)
    context = {
        **present.card(request.user, found, language(), timezone.now(), _mask(request, found.order)),
        "wrong": wrong,
        "given": request.POST if wrong else {},
        "verb": verb,
    }
    return render(request, "desktop/visit.html", context, status=422 if wrong else 200)


@permitted(ORDERS)
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """The reader's own open visits, on a telephone."""
    now = timezone.now()
    user: Any = request.user
    found = queries_order.listing(user)
    mask = mask_of_list(user, [one.party_id for one in found])
    rows = [present.row(one, language(), now, mask) for one in found]
    return render(request, "desktop/visits.html", {"rows": rows, "without": mask.within(order_visits.without_order(user, language(), now))})


@permitted(ORDERS)
@require_GET
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """As PDF, in the customer's language."""
    found = _found(request, number)
    if not pdf.available():
        raise Http404("no typst")
    if _mask(request, found.order).on:  # on paper all stands open
        raise PermissionDenied
    response = HttpResponse(order_document.as_pdf(found.order, found.lines, found.signed), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="service-order-{found.order.number}.pdf"'
    return response
