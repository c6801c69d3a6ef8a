"""What the front asks Django: who is this, what may they hear, who is there. Reached over the Unix socket only; the front refuses
`/internal/` from outside, and only it knows the token that these views want."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cordboard.events import feed, guests, presence, topics, wire
from cordboard.lib.internal import HEADER, token

View = Callable[[HttpRequest, dict[str, Any]], HttpResponse]


def internal(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A view for the front alone, with a JSON object as its body."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not hmac.compare_digest(request.headers.get(HEADER, ""), token()):
            return HttpResponse(status=404)
        try:
            asked = json.loads(request.body)
        except ValueError:
            return HttpResponse(status=400)
        return view(request, asked) if isinstance(asked, dict) else HttpResponse(status=400)

    guarded.access = "internal"  # type: ignore[attr-defined]
    return guarded


@internal
def hello(request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
    """Who opens a socket, by the browser's cookie."""
    cursor = feed.of_django().now_cursor()  # before the user is read: a session that ends from here on is in the log after it
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return JsonResponse({"user": None})
    closing = [topics.closes_user(user.pk), topics.closes_session(request.session.session_key or "")]
    session = (request.session.session_key or "")[:8]
    return JsonResponse({"user": user.pk, "session": session, "topics": topics.own_topics(user), "closing": closing, "cursor": cursor})


@internal
def guest(request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
    """Whether a guest's token is good: {purpose, token, address} -> {claims}."""
    claims = guests.admitted(str(asked.get("purpose", "")), str(asked.get("token", "")), str(asked.get("address", "")))
    return JsonResponse({"claims": claims})


@internal
def subscribe(request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
    """Which of {topics} this person may hear, and, with {values: true}, what stands under them, both of
    one moment: counts must not have what the events after the cursor bring once more."""
    names = [name for name in asked.get("topics", []) if isinstance(name, str)][: wire.TOPICS_AT_MOST]
    user = request.user
    known = user.is_authenticated and user.is_active  # looked up here: reading a session belongs to no moment
    with feed.one_moment() if asked.get("values") else nullcontext():
        cursor = feed.of_django().now_cursor()
        allowed = [name for name in names if known and topics.may_listen(user, name)]
        values = {}
        if asked.get("values"):
            for name in allowed:
                if (standing := topics.values(user, name)) is not None:
                    values[name] = standing
    refused = [name for name in names if name not in allowed]
    return JsonResponse({"allowed": allowed, "refused": refused, "values": values, "cursor": cursor})


@internal
def health(request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
    """That a Django process lives and reaches the database."""
    return JsonResponse({"cursor": feed.of_django().now_cursor()})


@internal
def heard(request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
    """Heartbeats gathered by the front: {users: number[], front: its node, run: this start of it}. Without users it says that it can hear."""
    users = [user for user in asked.get("users", []) if isinstance(user, int)]
    front, run, now = str(asked.get("front", ""))[:60], str(asked.get("run", ""))[:40], timezone.now()
    with transaction.atomic():
        if front:
            presence.listening(front, run, now)
        presence.heard(users, now, front)
    return JsonResponse({})
