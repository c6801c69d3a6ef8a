"""Puts a page into its reader's language and time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from cordboard.org.languages import LANGUAGES, best, html_lang

COOKIE = "cordboard_language"


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
