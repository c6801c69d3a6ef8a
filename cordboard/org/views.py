"""Own account: language, theme, sessions."""

from __future__ import annotations

import zoneinfo

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.org import actions
from cordboard.org.browsers import browser
from cordboard.org.languages import LANGUAGES
from cordboard.org.middleware import COOKIE
from cordboard.org.permissions import public, signed_in


def _back(request: HttpRequest, default: str) -> HttpResponseRedirect:
    """Where the reader came from, if that is ours."""
    url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        url = default
    return HttpResponseRedirect(url)


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The language of the reader, signed in or not."""
    code = request.POST.get("language", "")
    if code not in LANGUAGES:
        return HttpResponseBadRequest(_("There is no such language."))
    if request.user.is_authenticated:
        actions.change_own_settings(request.user, {"language": code})
    response = _back(request, "/")
    response.set_cookie(COOKIE, code, max_age=365 * 86400, samesite="Lax", secure=request.is_secure())
    return response


@signed_in
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    try:
        actions.change_own_settings(request.user, {"theme": request.POST.get("theme", "")})  # type: ignore[arg-type]
    except ValueError:
        return HttpResponseBadRequest(_("There is no such theme."))
    return _back(request, "/")


@signed_in
def settings_page(request: HttpRequest) -> HttpResponse:
    """Own language, time zone and theme."""
    problem = ""
    if request.method == "POST":
        zone = request.POST.get("timezone", "")
        try:
            if zone not in zoneinfo.available_timezones():
                raise ValueError(zone)
            actions.change_own_settings(
                request.user,  # type: ignore[arg-type]
                {"language": request.POST.get("language", ""), "timezone": zone, "theme": request.POST.get("theme", "")},
            )
            return redirect("org:settings")
        except ValueError:
            problem = _("That was not kept: one of the values does not exist. Choose from the lists.")
    return render(
        request,
        "org/settings.html",
        {"timezones": sorted(zoneinfo.available_timezones()), "problem": problem},
        status=400 if problem else 200,
    )


@signed_in
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where this user is signed in, each with a way to end it."""
    rows = UserSession.objects.filter(user=request.user).order_by("-last_seen_at")
    return render(
        request, "org/sessions.html", {"sessions": [(row, browser(row.user_agent)) for row in rows if row.exists()], "current": request.session.session_key}
    )


@signed_in
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    try:
        row = UserSession.objects.get(user=request.user, pk=int(request.POST.get("session", "0")))
    except (UserSession.DoesNotExist, ValueError):
        return redirect("org:sessions")
    actions.end_session(request.user, row.session_key, by=f"user:{request.user.pk}")  # type: ignore[arg-type]
    return redirect("org:sessions")
