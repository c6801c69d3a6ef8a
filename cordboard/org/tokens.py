"""Who asks at the API: a program with a token, or somebody who is signed in (the browser's own session). And how the API says no (RFC 9457).

    Authorization: Bearer cb_...

A token reaches the scopes that it was made with, and of them only what its user may do at that moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.org.models_token import ApiToken
from cordboard.org.permissions import Scope, declared, user_may

P = ParamSpec("P")
Api = Callable[Concatenate[HttpRequest, P], HttpResponse]

PREFIX = "cb_"
USED_EVERY = timedelta(minutes=1)
_scopes: dict[str, bool] = {}


def offer_scope(code: str, *, writes: bool = False) -> None:
    """Have tokens reach the operation `code`. Nothing is reached that no package offers. `writes`: it changes something, so nobody is given it unasked."""
    _scopes[code] = writes


def writing() -> frozenset[str]:
    """The scopes that change something."""
    return frozenset(code for code, writes in _scopes.items() if writes)


def scopes_of(user: Any) -> dict[str, str]:
    """What a token of this user can be made for: code -> words."""
    return {code: str(declared()[code].words) for code in _scopes if user_may(user, code) is not None}


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str, now: datetime) -> ApiToken | None:
    """The token's row, with its user, if it is one that holds. Writes down when it was used, once a minute at most."""
    row = ApiToken.objects.select_related("user__unit").filter(hash=hash_of(token), revoked_at=None, user__is_active=True).first()
    if row is not None and (row.used_at is None or now - row.used_at > USED_EVERY):
        ApiToken.objects.filter(pk=row.pk).update(used_at=now)
    return row


def problem(status: int, title: str, detail: str = "", **more: Any) -> HttpResponse:
    """RFC 9457. `more` are members of its own, such as the parameter that was wrong."""
    body = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {}), **more}
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def api(code: str) -> Callable[[Api[P]], Api[P]]:
    """An endpoint that reads, for programs with a token for `code` and for people who are signed in and may do it."""

    def decorate(view: Api[P]) -> Api[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                return problem(405, _("This address is only read."))
            refused = admit(request, code)
            return refused if refused is not None else view(request, *args, **kwargs)

        guarded.access = code  # type: ignore[attr-defined]
        return guarded

    return decorate


def admit(request: HttpRequest, code: str, *, token_only: bool = False) -> HttpResponse | None:
    """Puts the token's user into the request. `token_only`: a browser's session does not do. Returns the refusal, or None."""
    given = request.headers.get("Authorization", "")
    allowed: Scope | None
    if given:
        kind, _space, token = given.partition(" ")
        row = find(token.strip(), timezone.now()) if kind.lower() == "bearer" else None
        if row is None:
            refused = problem(401, _("This token does not hold."), _("It was revoked, its user left, or it was copied incompletely."))
            refused["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return refused
        request.user = row.user
        allowed = user_may(row.user, code) if code in row.scopes else None
    elif request.user.is_authenticated and not token_only:
        allowed = user_may(request.user, code)
    else:
        refused = problem(401, _("Say who asks."), _("Send a token: Authorization: Bearer cb_..."))
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    return None if allowed is not None else problem(403, _("You may not do that."), str(declared()[code].words), permission=code)
