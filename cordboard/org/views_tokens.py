"""Own account: tokens for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cordboard.org.actions_tokens import BadToken, make_token, revoke_token
from cordboard.org.models_token import ApiToken
from cordboard.org.permissions import signed_in
from cordboard.org.tokens import scopes_of, writing


@signed_in
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The reader's tokens. A new one is shown in the answer to the request that made it, and never again."""
    user: Any = request.user
    made, fault = "", ""
    if request.method == "POST":
        try:
            _row, made = make_token(user, request.POST.get("name", ""), request.POST.getlist("scope"))
        except BadToken as problem:
            fault = str(problem)
    rows = list(ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at"))
    words = scopes_of(user)
    lines = [{"row": row, "scopes": [words.get(code, code) for code in row.scopes]} for row in rows]
    context = {"lines": lines, "scopes": words, "writing": writing(), "made": made, "fault": fault, "typed": request.POST.get("name", "") if fault else ""}
    response = render(request, "org/tokens.html", context, status=422 if fault else 200)
    response["Cache-Control"] = "no-store"
    return response


@signed_in
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    number = request.POST.get("token", "")
    if number.isdecimal():
        revoke_token(request.user, int(number))
    return redirect("org:tokens")
