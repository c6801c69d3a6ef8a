"""Says where a request came from: to the log, and to all that asks for the visitor's address."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cordboard.events.log import current_origin


class OriginMiddleware:
    """Sets `log.current_origin` to the visitor's address (as the front saw it) and the request's id while a request is served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get("REMOTE_ADDR"):  # a Unix socket has no address, and only the front reaches ours
            request.META["REMOTE_ADDR"] = request.headers.get("X-Real-IP", "")
        address = request.META["REMOTE_ADDR"]
        name = request.headers.get("X-Request-ID", "") or secrets.token_hex(8)
        kept = current_origin.set(f"{address} {name}".strip())
        try:
            response = self.get_response(request)
        finally:
            current_origin.reset(kept)
        response.headers.setdefault("X-Request-ID", name)
        return response
