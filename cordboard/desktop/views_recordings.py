"""Recordings: found by anything that is known of the call, listened to, and by whom they were."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from cordboard.channels.voice import queries as voice
from cordboard.channels.voice.models import Recording
from cordboard.channels.voice.permissions import LISTEN
from cordboard.channels.voice.queries_recording import Asked, listenings, search
from cordboard.desktop.presenters import heard, say
from cordboard.interactions.models import ContactReason
from cordboard.org.models import User
from cordboard.org.permissions import permitted
from cordboard.routing.models import Queue


def _day(given: str, *, after: bool = False) -> datetime | None:
    """The beginning of a day, or of the one after it, in the reader's time zone."""
    try:
        day = parse_date(given)
    except ValueError:
        return None
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1 if after else 0), datetime.min.time()))


def _row(one: Recording, heard: int, now: datetime) -> dict[str, Any]:
    row = one.call.interaction
    theirs = row.from_address if row.direction == "inbound" else row.to_address
    return {
        "url": reverse("desktop:recording", args=[one.pk]),
        "sound": reverse("voice:recording", args=[one.pk]),
        "name": str(row.subject or ""),
        "number": theirs,
        "party": row.subject_id,
        "outbound": row.direction == "outbound",
        "agent": str(row.agent or ""),
        "headline": row.headline,
        "at": say.moment(one.started_at, now),
        "seconds": one.seconds,
        "error": one.error,
        "heard": heard,
        "message": one.rule == "voicemail",
    }


@permitted(LISTEN)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """`?q=` words, and agent, queue, reason, since, until."""
    user: Any = request.user
    given = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "agent", "queue", "reason", "since", "until", "before")}

    def number(name: str) -> int | None:
        return int(given[name]) if given[name].isdigit() else None

    asked = Asked(given["q"], number("agent"), number("queue"), number("reason"), _day(given["since"]), _day(given["until"], after=True), number("before"))
    found = search(user, asked)
    now = timezone.now()
    language = translation.get_language() or "en"
    kept = request.GET.copy()
    if found.more:
        kept["before"] = str(found.rows[-1].pk)
    context = {
        "given": given,
        "rows": [_row(one, found.heard.get(one.pk, 0), now) for one in found.rows],
        "next": f"?{kept.urlencode()}" if found.more else "",
        "agents": User.objects.filter(is_active=True, segments__isnull=False).distinct().order_by("name").only("pk", "name", "username"),
        "queues": Queue.objects.only("pk", "name"),
        "reasons": [{"pk": one.pk, "name": one.name_in(language), "under": one.parent_id is not None} for one in ContactReason.objects.filter(active=True)],
        "narrowed": any(given[name] for name in given if name != "before"),
    }
    return render(request, "desktop/recordings.html", context)


@permitted(LISTEN)
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One recording, its call, and who has listened."""
    user: Any = request.user
    row = get_object_or_404(voice.recordings(user).select_related("call__interaction__subject", "call__interaction__agent", "call__line"), pk=number)
    if row.call is None:
        raise Http404
    now = timezone.now()
    context = {"one": _row(row, 0, now), "row": row, "interaction": row.call.interaction, "listenings": listenings(row.pk)}
    context |= {"heard": heard.legs(row.call_id), "ways": heard.ways(user, row.call_id)}
    return render(request, "desktop/recording.html", context)
