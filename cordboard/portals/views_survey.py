"""Surveys by link. A plain form for each question: it needs no script and no cookie; whoever has the link is let in, and nobody else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cordboard.flows import effects as fx
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance import actions_survey_plan as plans
from cordboard.guidance.actions_script import Script
from cordboard.guidance.actions_survey import SurveyClosed
from cordboard.org.languages import best, html_lang
from cordboard.org.lockout import client_address
from cordboard.org.middleware import chosen_language
from cordboard.org.permissions import public
from cordboard.portals import presenters
from cordboard.portals.limits import Limit
from cordboard.portals.outside import outside

LIMIT = Limit(60, 60.0)
"""Pages of one address a minute: an office full of customers may share one."""
STATUS = {"no_such": 404, "expired": 410, "withdrawn": 410, "answered": 200, "too_many": 429}
LONGEST = 10_000
"""Characters of an answer that are looked at."""


@public
@never_cache
@csrf_exempt  # the link is the whole of the visitor's right: a page of others that could send this form would have the link itself
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "HEAD":  # of programs that look whether links are alive
        return HttpResponse()
    if not LIMIT.allows(client_address(request)):
        return _closed(request, "busy", chosen_language(request), 429)
    try:
        if request.method == "GET":
            return _page(request, surveys.open_survey(token, language=chosen_language(request)))
        return _turn(request, token)
    except SurveyClosed as closed:
        language = closed.script.state["language"] if closed.script is not None else closed.row.language if closed.row is not None else ""
        words = tuple(one.text for one in closed.script.told if isinstance(one, fx.Say)) if closed.script is not None else ()
        return _closed(request, closed.code, language or chosen_language(request), STATUS[closed.code], words)


@public
@never_cache
@csrf_exempt  # as above; mail programs send it without opening the page (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Not to be asked any more. Looking at the page does nothing: programs look at links of mail."""
    if not LIMIT.allows(client_address(request)):
        return _closed(request, "busy", chosen_language(request), 429)
    language = chosen_language(request)
    if request.method != "POST":
        return _closed(request, "stop", language, 200)
    try:
        known = plans.stop_asking(token)
    except SurveyClosed as closed:
        return _closed(request, closed.code, language, STATUS[closed.code])
    return _closed(request, "stopped" if known else "withdrawn", language, 200)


def _turn(request: HttpRequest, token: str) -> HttpResponse:
    sent = request.POST.get("moves", "")
    moves = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else None
    do = request.POST.get("do", "answer")
    if language := request.POST.get("language", ""):
        surveys.speak(token, language[:20])
    elif do == "back":
        surveys.back(token, moves=moves)
    elif do == "forward":
        surveys.forward(token, moves=moves)
    else:
        typed = [one.replace("\x00", "")[:LONGEST] for one in request.POST.getlist("value") if one.strip()]
        several = bool(request.POST.get("several"))
        script = surveys.answer(token, typed if several else (typed[-1] if typed else ""), moves=moves)
        if script.wrong:
            return _page(request, script, None if script.wrong == surveys.MOVED else typed)
    return HttpResponseRedirect(request.path)


def _page(request: HttpRequest, script: Script, given: list[str] | None = None) -> HttpResponse:
    language = best([str(script.state["language"])], default=chosen_language(request))
    with translation.override(language):
        page = presenters.of_script(script, given)
        context = {"page": page, "html_lang": html_lang(language)}
        answer = render(request, "portals/survey.html", context, status=422 if page.wrong else 409 if page.moved else 200)
    return outside(answer, language)


def _closed(request: HttpRequest, code: str, language: str, status: int, words: tuple[str, ...] = ()) -> HttpResponse:
    own = best([language], default=chosen_language(request))
    with translation.override(own):
        context = {"code": code, "words": words, "words_lang": html_lang(language), "html_lang": html_lang(own)}
        answer = render(request, "portals/survey_closed.html", context, status=status)
    return outside(answer, own)
