"""Messages to many colleagues: sending them, reading them, seeing who has."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.desktop.presenters.approvals import notices as approval_notices
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org.models import Unit
from cordboard.org.permissions import permitted, signed_in, user_may
from cordboard.routing import queries_broadcast as queries
from cordboard.routing.actions_broadcast import LONGEST, NotSent, broadcast, read_broadcast
from cordboard.routing.models import Broadcast, Queue
from cordboard.routing.permissions import BROADCAST


@permitted(BROADCAST)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Send one (`text`, `to`: "all", "unit:3" or "queue:7"), and the last twenty that were sent, with their receipts."""
    if request.method == "POST":
        to, _colon, key = request.POST.get("to", "").partition(":")
        try:
            made = broadcast(request.user, request.POST.get("text", ""), to, int(key) if key.isdecimal() else None)
        except NotSent as problem:
            return refused(request, str(problem), _("Nothing was sent."), 422)
        count = made.receipts.count()
        said = {"title": _("Sent."), "text": ngettext("It goes to %(n)s colleague.", "It goes to %(n)s colleagues.", count) % {"n": count}}
        return answer(request, Act(Came.DONE), said=said)  # the list follows the event
    everybody = user_may(request.user, BROADCAST) == "all"
    units = Unit.objects.order_by("name") if everybody else Unit.objects.filter(pk=getattr(request.user, "unit_id", None) or 0)
    context = {
        "everybody": everybody,
        "units": units,
        "queues": Queue.objects.order_by("name"),
        "longest": LONGEST,
        "sent": [_sent(one) for one in queries.sent_by(request.user)],
    }
    return render(request, "desktop/broadcasts.html", context)


def _sent(one: queries.Sent) -> dict[str, Any]:
    row = one.broadcast
    to = str(row.unit or "") if row.to == Broadcast.To.UNIT else row.queue.name if row.queue is not None else row.get_to_display()
    return {"id": row.pk, "text": row.text, "at": row.at, "to": to, "read": one.read, "waiting": one.waiting, "all": len(one.read) + len(one.waiting)}


def _from(row: Broadcast) -> str:
    """Who says it; nobody where something happened by itself, a customer's reply say: then the text names the ticket."""
    if row.sender is not None:
        return _("Message from %(name)s:") % {"name": row.sender}
    return _("Notice by the rule “%(rule)s”:") % {"rule": row.rule} if row.rule else ""


@signed_in
@require_GET
@never_cache
def unread(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, for the notices of the shell."""
    language = get_language() or "en"
    messages = [
        {
            "id": row.pk,
            "title": _from(row),
            "text": row.text_in(language),
            "url": reverse("desktop:broadcast_read", args=[row.pk]),
        }
        for row in queries.unread(request.user, timezone.now())
    ]
    return JsonResponse({"messages": messages + approval_notices(request.user, language)})


@signed_in
@require_POST
def read(request: HttpRequest, number: int) -> HttpResponse:
    act = read_broadcast(request.user, number)
    return HttpResponse(status=204) if act.came == Came.ALREADY else answer(request, act)
