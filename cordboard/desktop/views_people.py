"""What is done with somebody's account beside its form: a way in, closing and opening, desk telephones. What is shown once stands in the answer to the request that made it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from cordboard.channels.voice import actions_phone as phones
from cordboard.channels.voice.models import Phone
from cordboard.channels.voice.permissions import MANAGE as VOICE
from cordboard.desktop.settings_people import People
from cordboard.desktop.views_settings import once
from cordboard.lib.config import config
from cordboard.lib.keeping import BadValue
from cordboard.org import actions_people as people
from cordboard.org.actions_settings import MANAGE
from cordboard.org.models import User
from cordboard.org.permissions import permitted, require

KIND = People()


@permitted(MANAGE)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """link (factor), close, open, phone (account, called)."""
    row = get_object_or_404(User, pk=number)
    shown: dict[str, Any] = {}
    try:
        if verb == "link":
            name, token = people.new_link(request.user, number, second_factor="factor" in request.POST)
            shown = {"link": request.build_absolute_uri(reverse("org:choose_password", args=[name, token]))}
        elif verb == "close":
            people.close_account(request.user, number)
            return redirect(f"{_page(number)}?closed=1")
        elif verb == "open":
            people.open_account(request.user, number)
            return redirect(f"{_page(number)}?opened=1")
        elif verb == "phone":
            require(request.user, VOICE)
            made, secret = phones.add_phone(request.user, request.POST.get("account", "").strip(), row, name=request.POST.get("called", ""))
            shown = {"phone": _told(made, secret)}
        else:
            raise Http404(verb)
    except (BadValue, phones.BadAccount) as problem:
        return _once(request, number, {"refused": str(problem), "typed": request.POST}, 422)
    return _once(request, number, shown, 200)


@permitted(MANAGE)
@require_POST
def phone_act(request: HttpRequest, number: int, phone: int, verb: str) -> HttpResponse:
    """secret: a new one, shown once; remove."""
    row = get_object_or_404(Phone, pk=phone, user=number)
    if verb == "secret":
        return _once(request, number, {"phone": _told(row, phones.renew_secret(request.user, row))}, 200)
    if verb != "remove":
        raise Http404(verb)
    phones.remove_phone(request.user, row)
    return redirect(_page(number))


def _page(number: int) -> str:
    return reverse("desktop:settings_edit", args=[KIND.code, number])


def _told(row: Phone, secret: str) -> dict[str, str]:
    """What is typed into the telephone."""
    conf = config()
    return {"account": row.account, "secret": secret, "realm": conf.sip_realm, "server": f"{conf.sip_host}:{conf.sip_port}"}


def _once(request: HttpRequest, number: int, shown: dict[str, Any], status: int) -> HttpResponse:
    """The person's page, with what is shown this once."""
    return once(request, KIND, User.objects.get(pk=number), shown, status)
