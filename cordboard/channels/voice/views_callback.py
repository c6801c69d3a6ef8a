"""The web page on which visitors ask to be called."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from cordboard.channels.voice import actions_web
from cordboard.channels.voice.models import Line
from cordboard.org.lockout import client_address
from cordboard.org.permissions import public


@public
@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A form without scripts. `?line=` names the line whose queue calls back; the first is the default."""
    wanted = request.POST.get("line", "") or request.GET.get("line", "")
    line = Line.objects.select_related("queue").filter(number=wanted).first() if wanted else None
    line = line or Line.objects.select_related("queue").order_by("id").first()
    given = {name: request.POST.get(name, "").strip() for name in ("number", "name", "about", "at")}
    context: dict[str, Any] = {"line": line, "given": given, "fault": "", "made": None}
    if line is None:
        return render(request, "voice/callback.html", context, status=503)
    if request.method == "POST":
        try:
            at = parse_datetime(given["at"]) if given["at"] else None
        except ValueError:
            at = None
        try:
            context["made"] = actions_web.ask_callback(
                client_address(request) or "",
                request.POST.get("token", ""),
                line=line,
                number=given["number"],
                name=given["name"],
                about=given["about"],
                at=timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at,
                language=translation.get_language() or "",
            )
        except actions_web.NotAsked as refused:
            context["fault"] = str(refused)
    context["token"] = actions_web.callback_form()
    return render(request, "voice/callback.html", context, status=422 if context["fault"] else 200)
