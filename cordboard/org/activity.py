"""When a session was last used, noted once a minute: to write it at every request would be a transaction for every fragment of the desk."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.http import HttpRequest, HttpResponse

EVERY = 60.0
"""Seconds."""
KEPT = 10_000
"""Sessions that a process remembers; more than that and it begins anew."""


class ActivityMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.noting = UserSessionsMiddleware(get_response)
        self.noted: dict[tuple[str, str, str], float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A new session, or one that comes from elsewhere than before, is noted at once."""
        session = (request.session.session_key or "", request.META.get("REMOTE_ADDR", ""), request.headers.get("User-Agent", ""))
        now = time.monotonic()
        if session[0] and now - self.noted.get(session, -EVERY) < EVERY:
            return self.get_response(request)
        if len(self.noted) >= KEPT:
            self.noted.clear()
        response: HttpResponse = self.noting(request)
        # Noted by now; a page that signs in or out has changed the session meanwhile and is looked at again.
        if session[0] and session[0] == request.session.session_key and request.user.is_authenticated:
            self.noted[session] = now
        return response
