"""Scripts on the desk: begun, answered, leafed through, put away. After each the fragment follows by itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters.script import KEY
from cordboard.desktop.views import refused
from cordboard.flows.wrong import WRONG
from cordboard.guidance import actions_script as scripts
from cordboard.guidance.actions_script import ScriptRefused, StillToDo
from cordboard.guidance.queries_script import available
from cordboard.org.permissions import permitted
from cordboard.routing.permissions import AGENT

FOUND = 8
"""Scripts that are shown at once; more words find the others."""


@permitted(AGENT)
@require_POST
def start(request: HttpRequest, interaction: int) -> HttpResponse:
    try:
        page = scripts.start_script(interaction, request.POST.get("code", ""), request.user)
    except ScriptRefused as problem:
        return refused(request, str(problem), _("Nothing was changed; the screen shows how it stands."))
    request.session[KEY % interaction] = page.run
    return HttpResponse(status=204)


@permitted(AGENT)
@require_POST
def turn(request: HttpRequest, interaction: int, run: int, verb: str) -> HttpResponse:
    given = request.POST.get("moves", "")
    moves = int(given) if given.isdigit() else None
    try:
        if verb == "answer":
            values = [one.replace("\x00", "") for one in request.POST.getlist("value")]
            typed = [one for one in values if one.strip()]
            value = typed if request.POST.get("several") else (typed[-1] if typed else "")
            page = scripts.answer(run, value, request.user, moves=moves)
            if page.wrong:
                return refused(request, str(WRONG.get(page.wrong, page.wrong)), _("The script waits for another answer."), 422)
        elif verb == "back":
            scripts.back(run, request.user, moves=moves)
        elif verb == "forward":
            scripts.forward(run, request.user, moves=moves)
        elif verb == "go-on":
            scripts.show(run, request.user)
        elif verb == "open":
            scripts.look(run, request.user)
            request.session[KEY % interaction] = run
        elif verb == "mark":
            scripts.mark(run, request.GET.get("step", ""), request.POST.get("on") == "1", request.user)
        elif verb == "finish":
            scripts.finish(run, request.user, why=request.POST.get("why", ""))
            request.session.pop(KEY % interaction, None)
        else:
            raise Http404("no such turn")
    except StillToDo as problem:
        return refused(request, str(problem), _("Do it, or put the script away with a reason."))
    except ScriptRefused as problem:
        return refused(request, str(problem), _("Nothing was changed; the screen shows how it stands."))
    return HttpResponse(status=204)


@permitted(AGENT)
@require_GET
def find(request: HttpRequest, interaction: int) -> HttpResponse:
    """The scripts whose names have these words, to begin one of them."""
    typed = request.GET.get("q", "").strip()[:100]
    found = available(typed, limit=FOUND + 1)
    context = {"typed": typed, "found": found[:FOUND], "more": len(found) > FOUND, "start_url": reverse("desktop:script_start", args=[interaction])}
    return render(request, "desktop/parts/scripts_found.html", context)
