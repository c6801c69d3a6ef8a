"""What is filled in in the work area: a new customer, details put right, tickets. A form with faults comes back with them, nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.desktop.forms import Details, NewCustomer, NewTicket
from cordboard.desktop.presenters.account import Customer
from cordboard.desktop.presenters.panels import PANELS, TEMPLATES, Work
from cordboard.desktop.views import answer, refused
from cordboard.interactions import actions as interactions
from cordboard.interactions import queries
from cordboard.interactions.acts import Act, Came
from cordboard.org.permissions import permitted
from cordboard.parties import actions as parties
from cordboard.routing.permissions import AGENT
from cordboard.tickets import actions as tickets


def _work(request: HttpRequest, interaction: int) -> Work:
    """The contact at hand as the panels see it; only of one's own open contacts."""
    one = next((each for each in queries.open_for_agent(request.user) if each.interaction.pk == interaction), None)
    detail = queries.detail(interaction) if one is not None else None
    if one is None or detail is None:
        raise Http404("not an open contact of this agent")
    now = timezone.now()
    party = detail.interaction.subject_id
    note = queries.note_of(request.user, interaction)
    return Work(request.user, now, request.GET, one, detail, Customer(party, interaction, now) if party else None, note.text if note else "")


def _again(request: HttpRequest, work: Work, code: str, form: forms.Form) -> HttpResponse:
    """The panel with the form as it was filled in and what is wrong with it."""
    work.extra["form"] = form
    return render(request, TEMPLATES[code], {"panel": PANELS[code](work)}, status=422)


def _faults(form: forms.Form, refused_by: ValidationError, names: dict[str, str] | None = None) -> None:
    for field, messages in refused_by.message_dict.items():
        name = (names or {}).get(field, field.removeprefix("address."))
        form.add_error(name if name in form.fields else None, messages)


def _go(interaction: int, tab: str = "", **more: Any) -> str:
    rest = "".join(f"&{name}={value}" for name, value in {"tab": tab, **more}.items() if value)
    return f"{reverse('desktop:desk')}?interaction={interaction}{rest}"


@permitted(AGENT)
@require_POST
def new_customer(request: HttpRequest, interaction: int) -> HttpResponse:
    """Created, and confirmed as the one whom the contact is about."""
    work = _work(request, interaction)
    form = NewCustomer(request.POST, prefix="customer")
    if not form.is_valid():
        return _again(request, work, "create", form)
    given = form.cleaned_data
    country = request.user.unit.country if request.user.unit else ""  # type: ignore[union-attr]
    try:
        party = parties.create(
            request.user,  # type: ignore[arg-type]
            name=given["name"],
            languages=[given["language"]] if given["language"] else [],
            country=country,
            phone=given["phone"],
            email=given["email"],
            address={"postcode": given["postcode"], "city": given["city"]},
            during=f"interaction:{interaction}",
        )
    except ValidationError as problem:
        _faults(form, problem, {"languages": "language"})
        return _again(request, work, "create", form)
    came = interactions.confirm_subject(request.user, interaction, party.pk, why="created")
    return answer(
        request,
        came,
        go=_go(interaction),
        said={"title": _("%(name)s is a customer now.") % {"name": party.name}, "text": _("The contact is about this customer.")},
    )


@permitted(AGENT)
@require_POST
def details(request: HttpRequest, interaction: int) -> HttpResponse:
    """Details put right in the course of the contact: whoever has it next sees what changed."""
    work = _work(request, interaction)
    if work.customer is None:
        raise Http404("nobody's details")
    if work.hidden:
        raise PermissionDenied(_("The details stay masked until the identity is checked."))
    form = Details(request.POST, prefix="details", salutation=work.customer.profile.party.salutation)
    if not form.is_valid():
        return _again(request, work, "details", form)
    given = form.cleaned_data
    party = work.customer.profile.party
    fields: dict[str, Any] = {"salutation": given["salutation"], "name": given["name"]}
    if given["preferred_way"] != request.POST.get("seen-preferred_way", given["preferred_way"]):
        fields["preferred_way"] = given["preferred_way"]
    seen: dict[str, Any] = {name: request.POST.get(f"seen-{name}", "") for name in fields}
    if given["language"] != request.POST.get("seen-language", ""):
        others = [code for code in party.languages if code != given["language"]]
        fields["languages"] = [given["language"], *others] if given["language"] else others
    for part in Details.ADDRESS:
        if given[part] != request.POST.get(f"seen-{part}", ""):
            fields[f"address.{part}"] = given[part]
            seen[f"address.{part}"] = request.POST.get(f"seen-{part}", "")
    during = f"interaction:{interaction}"
    try:
        parties.change(party.pk, fields, request.user, during=during, seen=seen)  # type: ignore[arg-type]
        for kind in ("phone", "email"):
            if given[kind].strip():
                parties.add_contact_point(party.pk, kind, given[kind], request.user, during=during)  # type: ignore[arg-type]
    except ValidationError as problem:
        _faults(form, problem, {"languages": "language"})
        return _again(request, work, "details", form)
    except parties.Conflict as conflict:
        for one in conflict.differences:
            name = one.field.removeprefix("address.")
            form.add_error(
                name if name in form.fields else None,
                _("Somebody else wrote meanwhile: %(theirs)s. Yours is not saved yet.") % {"theirs": one.theirs or _("empty")},
            )
        return _again(request, work, "details", form)
    return answer(
        request,
        Act(Came.DONE, interaction),
        go=_go(interaction, "details"),
        said={"title": _("The details are kept."), "text": _("Whoever has this contact next sees what changed.")},
    )


@permitted(AGENT)
@require_POST
def new_ticket(request: HttpRequest, interaction: int) -> HttpResponse:
    """A ticket with the notes in it, linked to the contact. `?fields`: another kind was chosen, its fields are shown and nothing is opened yet."""
    work = _work(request, interaction)
    if "fields" in request.GET:
        work.extra["typed"] = {name.removeprefix("ticket-"): value for name, value in request.POST.items() if name.startswith("ticket-")}
        return render(request, TEMPLATES["new-ticket"], {"panel": PANELS["new-ticket"](work)})
    products = work.customer.products if work.customer else []
    form = NewTicket(request.POST, prefix="ticket", products=products, language=work.language, save_url=request.path, hidden=work.hidden)
    if not form.is_valid():
        return _again(request, work, "new-ticket", form)
    given = form.cleaned_data
    reasons = work.detail.reasons if work.detail else []
    try:
        row = tickets.open_ticket(
            request.user,  # type: ignore[arg-type]
            title=given["title"],
            text=given["text"],
            kind=given["kind"],
            product=given["product"],
            reason=reasons[0].pk if reasons else None,
            interaction=interaction,
            values=form.values,
        )
    except ValidationError as problem:
        _faults(form, problem)
        return _again(request, work, "new-ticket", form)
    said = {"title": _("Ticket %(number)s is open.") % {"number": row.number}, "text": _("It is yours and linked to this contact.")}
    return answer(request, Act(Came.DONE, interaction), go=_go(interaction, "ticket", ticket=row.pk), said=said)


@permitted(AGENT)
@require_POST
def ticket_note(request: HttpRequest, interaction: int, ticket: int) -> HttpResponse:
    """Something written down on a ticket; the contact is linked to it."""
    try:
        tickets.add_note(request.user, ticket, request.POST.get("text", ""))  # type: ignore[arg-type]
    except ValidationError as problem:
        return refused(request, problem.messages[0], _("Nothing was changed."), 422)
    tickets.link(request.user, ticket, interaction)  # type: ignore[arg-type]
    return HttpResponse(status=204)
