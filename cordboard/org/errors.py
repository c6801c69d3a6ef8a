"""Pages for what went wrong: what happened, what was kept, what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    # A fragment that the desktop asked for gets the words only: the live client shows them where it happened.
    template = "org/error_fragment.html" if request.headers.get("HX-Request") else "org/error.html"
    return render(request, template, {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, _("That request made no sense to us."), _("Nothing was changed. Go back and try it from the screen."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    wanted = str(exception)
    text = (
        _("Your role does not include: %(what)s. Nothing was changed. Who manages your role can give it to you.") % {"what": wanted}
        if wanted
        else _("Your role does not allow this. Nothing was changed.")
    )
    return _page(request, 403, _("You may not do this."), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, _("There is nothing at this address."), _("It may have been moved or merged. Find it by name with Ctrl+K."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Something broke on our side."), _("It has been noted. What you typed in notes is kept. Try again in a moment."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, _("This page was open for too long."), _("Nothing was changed. Reload the page and do it again."))
