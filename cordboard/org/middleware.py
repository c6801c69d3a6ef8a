"""Around every request: its reader's language and time zone, and when the session was last used."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from cordboard.org.languages import LANGUAGES, best, html_lang

COOKIE = "cordboard_language"
SEEN_EVERY = timedelta(minutes=1)


def chosen_language(request: HttpRequest) -> str:
    """Signed in: the user's. Otherwise what was picked on a public page (cookie), else what the browser asks for."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return best([user.language])
    picked = request.COOKIES.get(COOKIE, "")
    if picked in LANGUAGES:
        return picked
    accepted = [part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
    return best([code for code in accepted if code])


class ReaderMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen_language(request)
        request.LANGUAGE_CODE = language
        user = request.user
        zone = zoneinfo.ZoneInfo(user.timezone) if user.is_authenticated and user.timezone else None
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", html_lang(language))
        return response


class ActivityMiddleware:
    """Notes in the list of sessions when each was last used, from where and with what. allauth's own writes with every request, which on SQLite makes
    every request wait for the disk; here a row is written when it is a minute old or something about it has changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (key := request.session.session_key):
            known = UserSession.objects.filter(session_key=key).values_list("last_seen_at", "ip", "user_agent").first()
            agent = request.headers.get("User-Agent", "")[: UserSession._meta.get_field("user_agent").max_length]
            if known is None or timezone.now() - known[0] > SEEN_EVERY or known[1:] != (get_adapter().get_client_ip(request), agent):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
