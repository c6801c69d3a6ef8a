"""A ticket's fields, changed by several at a time: what differs is put together, what both changed is shown with both texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from cordboard.catalogue.models import RegisteredProduct
from cordboard.desktop.forms_ticket import SEEN, EditTicket, begin_at, initial_of
from cordboard.desktop.meant import customer_meant
from cordboard.desktop.presenters.masking import Mask, mask_of_customer
from cordboard.desktop.views import answer
from cordboard.desktop.views_tickets import ticket_of
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContactReason
from cordboard.org.permissions import permitted
from cordboard.parties.queries import ids_of
from cordboard.tickets.actions_edit import Clashed, edit, put_customer, values_of
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries_kind import choosable, terms_of, usual_terms


def _form(ticket: Ticket, data: Mapping[str, Any] | None, language: str, mask: Mask) -> EditTicket:
    """What the reader does not see whole is not theirs to change: such fields are left out, and stay as they are."""
    kinds = choosable(language)
    if all(code != ticket.kind for code, _name in kinds):
        kinds = [*kinds, (ticket.kind, ticket.get_kind_display())]
    chosen = str(data.get("kind", ticket.kind)) if data is not None else ticket.kind
    products = RegisteredProduct.objects.filter(party__in=ids_of(ticket.party_id) if ticket.party_id else []).select_related("product")
    reasons = ContactReason.objects.filter(active=True).select_related("parent")
    form = EditTicket(
        data,
        initial=initial_of(ticket, values_of(ticket)),
        kinds=kinds,
        products=[(one.pk, f"{one.product.name_in(language)}, {mask.code(one.serial)}") for one in products],
        reasons=sorted(((one.pk, one.path_in(language)) for one in reasons), key=lambda one: one[1]),
        own=(terms_of(chosen) or terms_of(ticket.kind) or usual_terms(ticket.kind)).fields,
        language=language,
        nobody=ticket.party_id is None,
    )
    for name, value in form.initial.items():
        if name in form.fields and mask(value) != value:
            del form.fields[name]
    return form


@permitted("tickets.change")
@require_http_methods(["GET", "POST"])
def fields(request: HttpRequest, number: int) -> HttpResponse:
    """The form. Posted with what the page showed (`seen-<field>`); where both changed the same, it comes back with both, and `choose-<field>` says which stands."""
    user: Any = request.user
    ticket = ticket_of(request, number)
    language = translation.get_language() or "en"
    mask = mask_of_customer(user, ticket.party_id)
    context: dict[str, Any] = {"ticket": ticket, "base": reverse("desktop:ticket", args=[ticket.number]), "clashes": [], "problem": ""}
    status = 200
    if request.method == "POST":
        data = {name: value for name, value in request.POST.items() if not name.startswith((SEEN, "choose-"))}
        seen = _form(
            ticket,
            {name.removeprefix(SEEN): value for name, value in request.POST.items() if name.startswith(SEEN)} | {"kind": data.get("kind", "")},
            language,
            mask,
        )
        for name, value in request.POST.items():
            if name.startswith("choose-") and value == "theirs":
                data[name.removeprefix("choose-")] = request.POST.get(f"{SEEN}{name.removeprefix('choose-')}", "")
        form = _form(ticket, data, language, mask)
        status = 422
        if form.is_valid():
            seen.is_valid()
            before = {**seen.cleaned_data, "kind": request.POST.get(f"{SEEN}kind", ticket.kind)}
            typed = form.cleaned_data.get("customer", "")
            try:
                with transaction.atomic():
                    if typed:
                        put_customer(user, ticket.pk, customer_meant(user, typed, "customer").pk)
                    edit(user, ticket.pk, before, form.cleaned_data)
            except Clashed as problem:
                status = 409
                now = initial_of(problem.ticket, values_of(problem.ticket))
                context["clashes"] = [
                    {
                        "name": one.field,
                        "label": form[one.field].label,
                        "theirs": _said(form, one.field, now.get(one.field, "")),
                        "mine": _said(form, one.field, form[one.field].value()),
                    }
                    for one in problem.clashes
                    if one.field in form.fields
                ]
                context["seen"] = {name: now.get(name, "") for name in form.fields}
            except ValidationError as problem:
                for name, words in (problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}).items():
                    form.add_error(name if name in form.fields else None, words)
            else:
                # The page reads itself afresh, but for what is being written: to whom it can be sent is known only now.
                return answer(request, Act(Came.DONE), go=context["base"] if typed else "")
    else:
        form = _form(ticket, None, language, mask)
    if "seen" not in context:
        now = initial_of(ticket, values_of(ticket))
        context["seen"] = {name: request.POST.get(f"{SEEN}{name}", now.get(name, "")) for name in form.fields}
    context["form"] = begin_at(form, request.GET.get("field", ""))
    # htmx puts what comes with 422 into the page; both faults and clashes are forms to go on with
    return render(request, "desktop/ticket_edit.html", context, status=422 if status == 409 else status)


def _said(form: EditTicket, name: str, value: Any) -> str:
    words = {str(code): str(text) for code, text in getattr(form.fields[name], "choices", ())}
    return words.get(str(value), str(value or "–"))
