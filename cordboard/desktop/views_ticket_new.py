"""A ticket or a task that no contact led to: written down by hand."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from cordboard.catalogue.models import RegisteredProduct
from cordboard.desktop.forms_ticket import ByHand, TaskByHand, begin_at
from cordboard.desktop.meant import customer_meant
from cordboard.desktop.presenters.masking import mask_of_customer
from cordboard.interactions.models import ContactReason
from cordboard.org.models import Position, Unit, User
from cordboard.org.permissions import permitted
from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions, actions_task
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries import visible
from cordboard.tickets.queries_kind import choosable, terms_of, usual_terms


def _customer(user: User, data: Any) -> Party | None:
    """By `party` (a page leads here with it). Raises Http404 for one whom the user may not see."""
    given = data.get("party", "")
    if not given:
        return None
    found = parties.visible(user).filter(pk=int(given)).first() if given.isdecimal() and len(given) < 18 else None
    if found is None:
        raise Http404
    return found


@permitted("tickets.open")
@require_http_methods(["GET", "POST"])
def ticket(request: HttpRequest) -> HttpResponse:
    """`?party=`: for whom, else as typed in the form; `?kind=`: the fields of that kind, what was typed stays."""
    user: Any = request.user
    language = translation.get_language() or "en"
    typed = request.POST if request.method == "POST" else request.GET
    party = _customer(user, typed)
    kind = typed.get("kind", "") or Ticket.Kind.REQUEST
    mask = mask_of_customer(user, party.pk if party is not None else None)
    products = RegisteredProduct.objects.filter(party__in=parties.ids_of(party.pk)).select_related("product") if party is not None else []
    reasons = [(one.pk, one.path_in(language)) for one in ContactReason.objects.filter(active=True).select_related("parent")]
    form = ByHand(
        request.POST if request.method == "POST" else None,
        initial={name: value for name, value in typed.items() if name != "party"} | {"kind": kind},
        kinds=choosable(language),
        products=[(one.pk, f"{one.product.name_in(language)}, {mask.code(one.serial)}") for one in products],
        reasons=sorted(reasons, key=lambda one: one[1]),
        own=(terms_of(kind) or usual_terms(kind)).fields,
        language=language,
        known=party is not None,
        fields_url=reverse("desktop:ticket_new"),
    )
    if request.method == "POST" and form.is_valid():
        made = _opened(user, party, form)
        if made is not None:
            return redirect("desktop:ticket", made.number)
    if "HX-Request" not in request.headers:  # where another kind shows its fields, the focus stays in the kind
        begin_at(form)
    context = {"form": form, "party": party}
    return render(request, "desktop/ticket_new.html", context, status=422 if form.errors else 200)


def _opened(user: User, party: Party | None, form: ByHand) -> Ticket | None:
    """None: refused, as the form says."""
    given = form.cleaned_data
    values = {name.removeprefix("value-"): value for name, value in given.items() if name.startswith("value-")}
    try:
        if typed := given.get("customer", ""):
            party = customer_meant(user, typed, "customer")
        return actions.open_ticket(
            user, title=given["title"], text=given["text"], kind=given["kind"], party=party, product=given["product"], reason=given["reason"],
            due_at=given["due_at"], values=values,
        )  # fmt: skip
    except ValidationError as problem:
        _add(form, problem)
        return None


@permitted("tickets.change")
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest) -> HttpResponse:
    """In the work list of a colleague, a position or a unit. `?ticket=`: its number, what it belongs to; `?party=`: for which customer."""
    user: Any = request.user
    typed = request.POST if request.method == "POST" else request.GET
    number = typed.get("ticket", "")
    about: Ticket | None = get_object_or_404(visible(user).select_related("party"), number=int(number)) if number.isdecimal() and len(number) < 18 else None
    party = about.party if about is not None else _customer(user, typed)
    form = TaskByHand(
        request.POST if request.method == "POST" else None,
        initial={"whose": f"owner:{user.pk}"},
        people=User.objects.filter(is_active=True).order_by("name").values_list("pk", "name")[:500],
        positions=Position.objects.order_by("name").values_list("pk", "name"),
        units=Unit.objects.order_by("name").values_list("pk", "name"),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions_task.make_task(user, given["title"], text=given["text"], ticket=about, party=party, due_at=given["due_at"], **form.stands())
        except ValidationError as problem:
            _add(form, problem)
        else:
            return redirect(reverse("desktop:ticket", args=[about.number]) if about is not None else reverse("desktop:task", args=[made.pk]))
    context = {"form": begin_at(form), "ticket": about, "party": party, "now": timezone.now()}
    return render(request, "desktop/task_new.html", context, status=422 if form.errors else 200)


def _add(form: Any, problem: ValidationError) -> None:
    for name, words in problem.message_dict.items() if hasattr(problem, "error_dict") else [("", problem.messages)]:
        form.add_error(name if name in form.fields else None, words)
