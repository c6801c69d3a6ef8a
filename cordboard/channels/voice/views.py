"""The caller's web page, and recordings for those who may hear them."""

from __future__ import annotations

import time
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cordboard.channels.voice import actions, actions_voicemail, queries
from cordboard.channels.voice.models import Line, Recording, Voicemail
from cordboard.channels.voice.permissions import LISTEN
from cordboard.lib.config import config
from cordboard.org.lockout import client_address
from cordboard.org.permissions import permitted, public
from cordboard.routing.permissions import CALLBACKS
from cordboard.telephony import ice


@public
@never_cache
@ensure_csrf_cookie
@require_GET
def call(request: HttpRequest) -> HttpResponse:
    """A button that calls us. `?line=` names the number dialled, `?from=` the page the visitor came from; the first line is the default."""
    wanted = request.GET.get("line", "")
    line = Line.objects.filter(number=wanted).first() if wanted else None
    line = line or Line.objects.order_by("id").first()
    return render(request, "voice/call.html", {"line": line, "came_from": request.GET.get("from", "")[:200]}, status=200 if line else 503)


@public
@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Leave to place one call: {"token": ..., "ice": servers that help the sound find its way}; 429 when there were too many lately."""
    address = client_address(request) or ""
    token = actions.allow_web_call(
        address,
        language=getattr(request, "LANGUAGE_CODE", "en"),
        name=request.POST.get("name", "").strip(),
        page=request.POST.get("page", ""),
    )
    if token is None:
        return JsonResponse({"detail": "too many calls"}, status=429, headers={"Retry-After": "60"})
    return JsonResponse({"token": token, "ice": ice.of(config()).for_browser("guest", time.time())})


@permitted(LISTEN)
@never_cache
@require_GET
def recording(request: HttpRequest, pk: int) -> HttpResponse:
    """The sound itself, passed on by the front from outside the web root. Who listens stands in the log."""
    row = get_object_or_404(queries.recordings(request.user), pk=pk)  # type: ignore[arg-type]
    if not request.headers.get("Range", "").removeprefix("bytes=").lstrip("0").startswith(tuple("123456789")):
        actions.recording_heard(request.user, row)  # once for a listening, not for each of its parts
    return _sound(row)


def _sound(row: Recording) -> HttpResponse:
    response = HttpResponse(content_type="audio/wav")
    response["X-Accel-Redirect"] = "/files/" + quote(row.path)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = f'inline; filename="call-{row.call_id}.wav"'
    return response


@permitted(CALLBACKS)
@never_cache
@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """A message that a caller left, for those for whom it is. Who listens stands in the log."""
    try:
        row = actions_voicemail.hear(request.user, pk)
    except Voicemail.DoesNotExist:
        raise Http404 from None
    return _sound(row.recording)
