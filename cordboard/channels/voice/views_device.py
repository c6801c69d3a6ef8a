"""Where an agent talks: in the browser, or on a desk telephone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cordboard.channels.voice import actions_phone, queries_phone
from cordboard.org.permissions import permitted
from cordboard.routing.permissions import AGENT


@permitted(AGENT)
@never_cache
@require_http_methods(["GET", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """The choice as a fragment, or as JSON for those who ask for that: {"devices": [{"account", "name", "chosen", "telephones"}]}. POST `account` chooses ("" for
    the browser); 404 for a telephone that is not the user's."""
    if request.method == "POST" and not actions_phone.choose_device(request.user, request.POST.get("account", "")):
        return HttpResponse(status=404)
    devices = queries_phone.devices_of(request.user)
    if request.accepts("text/html"):
        return render(request, "voice/device.html", {"devices": devices, "browser": not any(one["chosen"] for one in devices)})
    return JsonResponse({"devices": devices})
