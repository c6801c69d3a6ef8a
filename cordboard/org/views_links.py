"""Setting one's own password with a one-time link."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cordboard.org import links
from cordboard.org.actions_people import choose_password
from cordboard.org.permissions import public


@public
@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """Looking at it uses nothing up: programs that read mail look at links too."""
    who = links.whose(name, token)
    problems: list[str] = []
    if who is not None and request.method == "POST":
        first, again = request.POST.get("password1", ""), request.POST.get("password2", "")
        if first != again:
            problems = [_("The two are not the same. Type the new password twice.")]
        else:
            try:
                who = choose_password(name, token, first)
            except ValidationError as problem:
                problems = list(problem.messages)
            else:
                if who is not None:
                    return redirect(f"{reverse('account_login')}?chosen=1")
    # Referrer-Policy stays same-origin, as everywhere: without any referrer browsers send the form with the origin "null", which is refused as forged.
    return render(request, "account/choose_password.html", {"who": who, "problems": problems}, status=410 if who is None else 422 if problems else 200)
