"""Registered products: what a customer has, registered in seconds, what is covered, and everything that ever was with one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.catalogue import actions, queries_registered, serials
from cordboard.catalogue.models import Cover, Product, RegisteredProduct
from cordboard.desktop.meant import customer_meant
from cordboard.desktop.presenters import product as present
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import mask_of
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org.permissions import permitted, user_may
from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.tickets import queries as tickets
from cordboard.tickets import queries_order

SHOWN = 20


def _customer(request: HttpRequest, number: int) -> Party:
    user: Any = request.user
    try:
        root = parties.root_id(number)
    except Party.DoesNotExist:
        raise Http404 from None
    found = parties.visible(user).filter(pk=root).first()
    if found is None:
        raise Http404
    return found


def _day(given: str, field: str) -> date | None:
    if not given.strip():
        return None
    try:
        found = parse_date(given.strip())
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({field: _("This is no day.")})
    return found


@permitted("catalogue.view")
@require_http_methods(["GET", "POST"])
def of_customer(request: HttpRequest, number: int) -> HttpResponse:
    """What a customer has, and one more. A serial alone is enough where it says what it is; bought today unless said otherwise."""
    party = _customer(request, number)
    language = translation.get_language() or "en"
    context: dict[str, Any] = {"party": party, "given": request.POST, "faults": {}, "products": Product.objects.all(), "owner": None, "odd": False}
    context["may_register"] = user_may(request.user, "catalogue.change") is not None
    if request.method == "POST":
        try:
            made = _register(request, party)
        except ValidationError as problem:
            context["faults"] = {field: messages[0] for field, messages in problem.message_dict.items()}
            codes = {one.code for one in problem.error_dict.get("serial", [])}
            context["odd"] = actions.ODD in codes
            if actions.ANOTHERS in codes:
                context["owner"] = queries_registered.registered_as(request.POST.get("serial", ""))
        else:
            return redirect("desktop:product", made.pk)
    own = parties.ids_of(party.pk)
    rows = RegisteredProduct.objects.filter(party__in=own).select_related("product")
    context["rows"] = present.rows(list(rows), language, timezone.localdate(), mask_of(request.user, own))
    context["names"] = [{"pk": one.pk, "name": one.name_in(language), "example": serials.example(one.serial_format)} for one in context["products"]]
    return render(request, "desktop/customer_products.html", context, status=422 if context["faults"] else 200)


def _register(request: HttpRequest, party: Party) -> RegisteredProduct:
    given = request.POST
    user: Any = request.user
    serial = given.get("serial", "")
    chosen = given.get("product", "")
    product = Product.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    if product is None:
        fitting = queries_registered.fitting(serial) if serial.strip() else []
        if len(fitting) != 1:
            words = _("The serial number does not say which product it is. Choose it.")
            raise ValidationError({"product": words} if serial.strip() else {"serial": _("Enter the serial number.")})
        product = fitting[0]
    bought = _day(given.get("bought_on", ""), "bought_on") or timezone.localdate()
    return actions.register(party.pk, product, serial, bought, user, bought_at=given.get("bought_at", ""), odd=bool(given.get("odd")))


def _visible(request: HttpRequest, number: int) -> RegisteredProduct:
    """Raises Http404 for what there is none of, and whose customer the reader may not see."""
    user: Any = request.user
    row = RegisteredProduct.objects.filter(pk=number, party__in=parties.visible(user)).first()
    if row is None:
        raise Http404
    return row


@permitted("catalogue.view")
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One product with its faults, tickets, visits, covers and owners."""
    user: Any = request.user
    _visible(request, number)
    language = translation.get_language() or "en"
    now = timezone.now()
    found = queries_registered.detail(number, timezone.localdate())
    own = parties.ids_of(found.registered.party_id)
    mask = mask_of(user, own)
    context = {
        **present.card(user, found, language, now, mask),
        "frequent": present.faults(queries_registered.frequent(found.registered, own)),
        "tickets": [
            {"url": reverse("desktop:ticket", args=[one.number]), "number": one.number, "title": mask(one.title), "state": one.get_state_display(), "at": say.day(one.opened_at, timezone.localdate())}
            for one in tickets.visible(user).filter(product=number).order_by("-opened_at", "-pk")[:SHOWN]
        ],
        "orders": [
            {"url": reverse("desktop:service_order", args=[one.number]), "number": one.number, "title": mask(one.title), "state": one.get_state_display(), "at": say.day(one.opened_at, timezone.localdate())}
            for one in queries_order.visible(user).filter(product=number).order_by("-opened_at", "-pk")[:SHOWN]
        ],
        "kinds": Cover.Kind.choices,
    }  # fmt: skip
    return render(request, "desktop/product.html", context)


def _fault(request: HttpRequest, number: int) -> None:
    given = request.POST
    if not given.get("code", "").strip() and not given.get("text", "").strip():
        raise ValidationError({"text": _("Say what is wrong.")})
    user: Any = request.user
    actions.record_fault(number, given.get("code", ""), given.get("text", ""), user, remedy=given.get("remedy", ""))


def _cover(request: HttpRequest, number: int) -> None:
    given = request.POST
    user: Any = request.user
    ends = _day(given.get("ends_on", ""), "ends_on")
    if ends is None:
        raise ValidationError({"ends_on": _("Say until when it covers.")})
    actions.grant_cover(
        user, number, given.get("kind", ""), ends, begins_on=_day(given.get("begins_on", ""), "begins_on"), parts="parts" in given,
        labour="labour" in given, travel="travel" in given, why=given.get("why", ""),
    )  # fmt: skip


def _end_cover(request: HttpRequest, number: int) -> None:
    given = request.POST.get("cover", "")
    cover = Cover.objects.filter(product=number, pk=int(given) if given.isdecimal() else 0).first()
    if cover is None:
        raise Http404
    user: Any = request.user
    actions.end_cover(user, cover.pk, timezone.localdate())


def _owner(request: HttpRequest, number: int) -> None:
    """To the customer who is meant."""
    user: Any = request.user
    party = customer_meant(user, request.POST.get("customer_number", ""), "customer_number")
    actions.change_owner(user, number, party.pk, why=request.POST.get("why", ""))


VERBS = {"fault": _fault, "cover": _cover, "end-cover": _end_cover, "owner": _owner}


@permitted("catalogue.change")
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    _visible(request, number)
    if verb not in VERBS:
        raise Http404(verb)
    try:
        VERBS[verb](request, number)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."), 422)
    return answer(request, Act(Came.DONE), go=reverse("desktop:product", args=[number]))


@permitted("catalogue.change")
@require_POST
def take_over(request: HttpRequest, number: int, product: int) -> HttpResponse:
    """The product of another customer is this one's by now: found by its serial, which the customer read out."""
    party = _customer(request, number)
    row = RegisteredProduct.objects.filter(pk=product).first()
    if row is None or serials.bare(row.serial) != serials.bare(request.POST.get("serial", "")):
        raise Http404
    user: Any = request.user
    actions.change_owner(user, product, party.pk, why=request.POST.get("why", ""))
    return redirect("desktop:product", product)
