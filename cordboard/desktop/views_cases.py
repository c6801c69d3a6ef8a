"""Cases: a list, a folder with its timeline, and what goes in and out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.desktop.meant import customer_meant
from cordboard.desktop.presenters import case as present
from cordboard.desktop.presenters.masking import Mask, mask_of_list, mask_of_several
from cordboard.desktop.views import answer, refused
from cordboard.interactions import queries_history as contact_history
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.history import kinds as history_kinds
from cordboard.org.models import User
from cordboard.org.permissions import permitted
from cordboard.parties import queries as parties
from cordboard.tickets import actions_case, case_documents, queries, queries_case
from cordboard.tickets.actions_attachment import path_of
from cordboard.tickets.actions_case import CaseChanged
from cordboard.tickets.models_case import Case, CaseFile
from cordboard.tickets.permissions_service import CASES

CANDIDATES = 40


def _language() -> str:
    return translation.get_language() or "en"


def _found(request: HttpRequest, number: int) -> queries_case.Detail:
    user: Any = request.user
    try:
        return queries_case.detail(user, number, _language())
    except Case.DoesNotExist:
        raise Http404 from None


@permitted(CASES)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    names = {"open": _("Open"), "mine": _("Mine"), "closed": _("Closed")}
    which = request.GET.get("show", "open")
    which = which if which in names else "open"
    words = request.GET.get("q", "").strip()[:100]
    found = queries_case.listing(user, state="closed" if which == "closed" else "open", mine=which == "mine", words=words)
    now = timezone.now()
    mask = mask_of_list(user, [one.party_id for one in found])
    context = {
        "rows": [present.row(one, now, mask) for one in found],
        "tabs": [{"url": f"?show={code}", "words": name, "current": code == which} for code, name in names.items()],
        "show": which,
        "words": words,
    }
    return render(request, "desktop/cases.html", context)


@permitted(CASES)
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """The folder; `?kind=` one kind of lines only, `?from=` a later page, `?add=1` what of the customers' history may be put in."""
    user: Any = request.user
    found = _found(request, number)
    now = timezone.now()
    begin = request.GET.get("from", "")
    kind = request.GET.get("kind", "")
    may_change = queries_case.may_change(user, found.case)
    mask = mask_of_several(user, _customers(found))
    context = present.card(found, may_change, now, kind=kind if kind in found.counts else "", begin=int(begin) if begin.isdecimal() else 0, mask=mask)
    if may_change:
        context["colleagues"] = list(User.objects.filter(is_active=True).order_by("name"))
        if request.GET.get("add"):
            context["candidates"] = _candidates(found, request.GET.get("q", "").strip()[:100], now, mask)
            context["words"] = request.GET.get("q", "").strip()[:100]
    return render(request, "desktop/case.html", context)


def _customers(found: queries_case.Detail) -> list[list[int]]:
    """All customers with a part, each with the ids that were merged into it. One query for each."""
    ids = {found.case.party_id, *(person.party_id for person in found.people)} - {None}
    return [parties.ids_of(party) for party in sorted(ids, key=str)]  # type: ignore[arg-type]


def _candidates(found: queries_case.Detail, words: str, now: Any, mask: Mask) -> list[dict[str, Any]]:
    """From the histories of all customers with a part. As many queries as the kinds of documents make, and one a customer."""
    own = [one for customer in _customers(found) for one in customer]
    if not own:
        return []
    only = tuple(code for code in history_kinds() if code in case_documents.KINDS)
    page = contact_history.history(own, q=words, limit=CANDIDATES, only=only)
    inside = {(line.kind, line.document.document) for line in found.lines if line.document is not None}
    return present.candidates(page.entries, inside, now, mask)


@permitted(CASES)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new case: from a ticket (`?ticket=` its number), about a customer (`?party=`), or about neither."""
    user: Any = request.user
    given = request.POST if request.method == "POST" else request.GET
    number, party_given = given.get("ticket", ""), given.get("party", "")
    ticket = queries.visible(user).select_related("party").filter(number=int(number)).first() if number.isdecimal() else None
    party = parties.visible(user).filter(pk=int(party_given)).first() if party_given.isdecimal() else ticket.party if ticket is not None else None
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = actions_case.open_case(
                user, title=given.get("title", ""), text=given.get("text", ""), party=party.pk if party is not None else None,
                access=given.get("access", ""), documents=[("ticket", ticket.pk)] if ticket is not None else [],
            )  # fmt: skip
        except ValidationError as problem:
            faults = {field: messages[0] for field, messages in problem.message_dict.items()}
        else:
            return redirect("desktop:case", made.number)
    context = {
        "ticket": ticket, "party": party, "faults": faults, "accesses": Case.Access.choices,
        "given": given if request.method == "POST" else {"title": mask_of_list(user, [ticket.party_id])(ticket.title) if ticket is not None else "", "access": Case.Access.ALL},
    }  # fmt: skip
    return render(request, "desktop/case_new.html", context, status=422 if faults else 200)


def _id(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 18 else 0


def _add(request: HttpRequest, case: Case) -> None:
    actions_case.add_document(_user(request), case.pk, request.POST.get("kind", ""), _id(request, "document"))


def _add_ticket(request: HttpRequest, case: Case) -> None:
    """By the number that people say."""
    ticket = queries.visible(_user(request)).filter(number=_id(request, "number")).first()
    actions_case.add_document(_user(request), case.pk, "ticket", ticket.pk if ticket is not None else 0)


def _remove(request: HttpRequest, case: Case) -> None:
    actions_case.remove_document(_user(request), case.pk, request.POST.get("kind", ""), _id(request, "document"))


def _note(request: HttpRequest, case: Case) -> None:
    actions_case.add_note(_user(request), case.pk, request.POST.get("text", ""))


def _part(request: HttpRequest, case: Case) -> None:
    part, number = request.POST.get("part", ""), request.POST.get("customer_number", "").strip()
    if number:
        party = customer_meant(_user(request), number, "customer_number")
        actions_case.give_part(_user(request), case.pk, party=party.pk, part=part)
        return
    colleague = User.objects.filter(pk=_id(request, "colleague"), is_active=True).first()
    actions_case.give_part(_user(request), case.pk, colleague=colleague.pk if colleague is not None else None, part=part)


def _leave(request: HttpRequest, case: Case) -> None:
    actions_case.take_part(_user(request), case.pk, _id(request, "person"))


def _give(request: HttpRequest, case: Case) -> None:
    owner = User.objects.select_related("unit").filter(pk=_id(request, "owner"), is_active=True).first()
    if owner is None:
        raise ValidationError({"owner": _("Choose a colleague.")})
    actions_case.give_case(_user(request), case.pk, owner)


def _access(request: HttpRequest, case: Case) -> None:
    actions_case.set_access(_user(request), case.pk, request.POST.get("access", ""))


def _close(request: HttpRequest, case: Case) -> None:
    actions_case.close_case(_user(request), case.pk, request.POST.get("summary", ""), version=_id(request, "version") or None)


def _reopen(request: HttpRequest, case: Case) -> None:
    actions_case.reopen_case(_user(request), case.pk, request.POST.get("why", ""))


def _file(request: HttpRequest, case: Case) -> None:
    file = request.FILES.get("file")
    if file is None:
        raise ValidationError({"file": _("Choose a file.")})
    actions_case.add_file(_user(request), case.pk, file.name or "", file.chunks())


VERBS: dict[str, Callable[[HttpRequest, Case], None]] = {
    "file": _file, "add": _add, "add-ticket": _add_ticket, "remove": _remove, "note": _note, "part": _part, "leave": _leave, "give": _give, "access": _access,
    "close": _close, "reopen": _reopen,
}  # fmt: skip


def _user(request: HttpRequest) -> Any:
    return request.user


@permitted(CASES)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """`next`: where to go then, instead of the case; a path of ours."""
    case = queries_case.visible(_user(request)).filter(number=number).first()
    if case is None or verb not in VERBS:
        raise Http404(verb)
    try:
        VERBS[verb](request, case)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."), 422)
    except CaseChanged:
        return refused(request, _("Somebody else changed this case meanwhile."), _("Nothing was changed. Load the page again to see how it stands."))
    back = reverse("desktop:case", args=[number])
    if verb == "give" and not queries_case.visible(_user(request)).filter(pk=case.pk).exists():
        back = reverse("desktop:cases")
    return answer(request, Act(Came.DONE), go=f"{back}?add=1" if verb == "add" else back)


@permitted(CASES)
@require_GET
def file(request: HttpRequest, number: int, file: int) -> Any:
    """To be saved: a browser neither shows nor runs it, whatever is in it."""
    row = CaseFile.objects.filter(pk=file, case__in=queries_case.visible(_user(request)).filter(number=number)).first()
    if row is None or not (path := path_of(row.file)).is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=row.name, content_type=row.type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


@permitted(CASES)
@require_POST
def put_in(request: HttpRequest) -> HttpResponse:
    """A document into a case, from the document's own page: case (its number), kind, document."""
    case = queries_case.visible(_user(request)).filter(number=_id(request, "case")).first()
    if case is None:
        return refused(request, _("Choose a case."), _("Nothing was changed."), 422)
    return act(request, case.number, "add")
