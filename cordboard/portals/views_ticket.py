"""Tickets for customers: by their link they read what was written between them and us, and answer; by a unit's form they open one. Plain forms that need no script and no cookie."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from cordboard.org.languages import LANGUAGES, best, html_lang
from cordboard.org.lockout import client_address
from cordboard.org.middleware import chosen_language
from cordboard.org.permissions import public
from cordboard.portals import presenters_ticket
from cordboard.portals.limits import Limit
from cordboard.portals.outside import outside
from cordboard.tickets import actions_portal
from cordboard.tickets.actions_attachment import path_of
from cordboard.tickets.actions_portal import Asked, NotTaken
from cordboard.tickets.models import TicketForm
from cordboard.tickets.queries_access import Conversation, NoAccess, conversation, file_of

LIMIT = Limit(60, 60.0)
"""Pages and files of one address a minute: an office full of customers may share one."""
STATUS = {"no_such": 404, "over": 410, "withdrawn": 410, "busy": 429}
TRAP = "website"
"""A field that people do not see and programs fill in."""


@public
@never_cache
@csrf_exempt  # the link is the whole of the visitor's right: a page of others that could send this form would have the link itself
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """What was written between the customer and us, and a form for more."""
    if request.method == "HEAD":  # of programs that look whether links are alive
        return HttpResponse()
    if not LIMIT.allows(client_address(request)):
        return _closed(request, "busy")
    try:
        found = conversation(token, timezone.now())
        language = _language(request, found.language)
        if request.method == "GET":
            return _ticket(request, token, found, language, sent=request.GET.get("sent") == "1")
        return _answer(request, token, found, language)
    except NoAccess as closed:
        return _closed(request, closed.code, closed.language)


def _answer(request: HttpRequest, token: str, found: Conversation, language: str) -> HttpResponse:
    text = request.POST.get("text", "").replace("\x00", "")
    with translation.override(language):
        try:
            actions_portal.answer(token, request.POST.get("page", ""), text, _files(request))
        except NotTaken as problem:
            return _ticket(request, token, found, language, text=text, problem=str(problem), status=409)
        except ValidationError as wrong:
            words = " ".join(wrong.messages)
            if request.FILES:
                words = f"{words} {_('Nothing was sent. What you wrote stands below; choose the files again.')}"
            return _ticket(request, token, found, language, text=text, problem=words, status=422)
    return HttpResponseRedirect(f"{request.path}?{urlencode({'sent': '1', **_asked_language(request)})}#sent")


def _ticket(
    request: HttpRequest, token: str, found: Conversation, language: str, *, text: str = "", problem: str = "", sent: bool = False, status: int = 200
) -> HttpResponse:
    with translation.override(language), timezone.override(ZoneInfo(found.timezone)):
        page = presenters_ticket.of_conversation(found, token, language)
        context = {"page": page, "key": actions_portal.fresh_key(), "text": text, "problem": problem, "sent": sent, "html_lang": html_lang(language)}
        return outside(render(request, "portals/ticket.html", context, status=status), language)


@public
@never_cache
@require_GET
def file(request: HttpRequest, token: str, number: int) -> Any:
    """A file of the conversation, to be saved: a browser neither shows nor runs it, whatever is in it."""
    if not LIMIT.allows(client_address(request)):
        return _closed(request, "busy")
    try:
        row = file_of(token, number, timezone.now())
    except NoAccess as closed:
        return _closed(request, closed.code, closed.language)
    if row is None or not path_of(row.file).exists():
        raise Http404
    response = FileResponse(path_of(row.file).open("rb"), as_attachment=True, filename=row.name, content_type=row.type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@public
@never_cache
@csrf_exempt  # nobody is signed in here, so there is no right of a visitor's that a page of others could use
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Open a ticket with a unit. The page says the same whether the address is a customer's or not."""
    form = TicketForm.objects.select_related("unit").filter(code=code, active=True).first()
    language = _language(request, "")
    if form is None:
        return _closed(request, "no_form", status=404)
    if request.method == "HEAD":
        return HttpResponse()
    if not LIMIT.allows(client_address(request)):
        return _closed(request, "busy")
    given = {name: request.POST.get(name, "").replace("\x00", "") for name in ("name", "email", "phone", "title", "serial", "text")}
    if request.method == "GET":
        return _form(request, form, language, given)
    if request.POST.get(TRAP):
        return _form(request, form, language, given, done={"number": "", "email": given["email"]})  # a program; it is not told that we know
    with translation.override(language):
        try:
            row = actions_portal.open_by_form(
                form, client_address(request) or "", request.POST.get("page", ""), Asked(**given), _files(request), language=language
            )
        except NotTaken as problem:
            return _form(request, form, language, given, problem=str(problem), status=409)
        except ValidationError as wrong:
            faults = {name: " ".join(words) for name, words in wrong.message_dict.items()}
            if request.FILES:
                faults["file"] = f"{faults.get('file', '')} {_('Nothing was sent. What you wrote stands below; choose the files again.')}".strip()
            return _form(request, form, language, given, faults=faults, status=422)
    return _form(request, form, language, given, done={"number": str(row.ticket.number), "email": row.email})


def _form(
    request: HttpRequest,
    form: TicketForm,
    language: str,
    given: dict[str, str],
    *,
    problem: str = "",
    faults: dict[str, str] | None = None,
    done: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    with translation.override(language):
        context: dict[str, Any] = {
            "title": form.name_in(language), "given": given, "problem": problem, "faults": faults or {}, "done": done, "key": actions_portal.fresh_key(),
            "trap": TRAP, "largest": presenters_ticket.largest_words(), "languages": presenters_ticket.languages(language), "html_lang": html_lang(language),
        }  # fmt: skip
        return outside(render(request, "portals/ask.html", context, status=status), language)


def _closed(request: HttpRequest, code: str, language: str = "", status: int = 0) -> HttpResponse:
    own = _language(request, language)
    with translation.override(own):
        return outside(render(request, "portals/ticket_closed.html", {"code": code, "html_lang": html_lang(own)}, status=status or STATUS[code]), own)


def _asked_language(request: HttpRequest) -> dict[str, str]:
    asked = request.GET.get("language", "")
    return {"language": asked} if asked in LANGUAGES else {}


def _language(request: HttpRequest, known: str) -> str:
    """The one that the visitor pressed, else the customer's, else the browser's."""
    return _asked_language(request).get("language") or best([known] if known else [], default=chosen_language(request))


def _files(request: HttpRequest) -> Iterable[tuple[str, Iterable[bytes]]]:
    return [(one.name or "", one.chunks()) for one in request.FILES.getlist("file") if one.name]
