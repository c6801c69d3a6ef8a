"""A person's visits in their own calendar program: a page that makes and revokes the secret address, and what the address answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from cordboard.appointments import actions_feed, ics
from cordboard.appointments.models import Appointment, Feed, Staff
from cordboard.appointments.permissions import VIEW
from cordboard.desktop.presenters import appointments as present
from cordboard.desktop.presenters.masking import Mask, mask_of_list
from cordboard.lib.config import config
from cordboard.org.languages import best
from cordboard.org.permissions import permitted, public

BEFORE, AHEAD, MOST = timedelta(days=30), timedelta(days=365), 2_000


@permitted(VIEW)
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Only for those who make visits. The address is shown in the answer that made it, and never again."""
    user: Any = request.user
    if not Staff.objects.filter(user=user, active=True).exists():
        raise Http404("makes no visits")
    address = ""
    if request.method == "POST":
        if request.POST.get("do") == "make":
            _row, secret = actions_feed.make(user)
            address = config().link.rstrip("/") + reverse("desktop:calendar_ics", args=[secret])
        else:
            actions_feed.revoke(user)
    standing = Feed.objects.filter(user=user, revoked_at=None).first()
    used = (
        _("It was read last on %(when)s.") % {"when": present.slot_words(standing.used_at)}
        if standing is not None and standing.used_at
        else _("It was not read yet.")
    )
    return render(request, "desktop/appointments/feed.html", {"address": address, "standing": standing, "used": used})


@public
@never_cache
@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The visits of the person of this secret: what is booked from a month ago to a year ahead. A secret that holds no longer is not told from one that never was."""
    now = timezone.now()
    found = actions_feed.find(secret, now)
    if found is None:
        raise Http404
    user: Any = found.user
    language = best([user.language])
    rows = Appointment.objects.filter(
        staff__user=user, starts_at__gt=now - BEFORE, starts_at__lt=now + AHEAD, state__in=(Appointment.State.BOOKED, Appointment.State.DONE)
    )  # fmt: skip
    with translation.override(language):
        file = ics.calendar(
            [_entry(row, language, mask_of_list(user)) for row in rows.select_related("kind", "party").order_by("starts_at")[:MOST]],
            name=_("Visits of %(name)s") % {"name": user},
        )
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="visits.ics"'
    return response


def _entry(row: Appointment, language: str, mask: Mask) -> ics.Entry:
    kind = row.kind.name_in(language)
    link = config().link.rstrip("/") + reverse("desktop:appointment", args=[row.pk])
    return ics.Entry(
        uid=row.uid, sequence=row.sequence, starts_at=row.starts_at, ends_at=row.ends_at, stamp=row.made_at,
        summary=f"{kind}: {row.party.name}" if row.party is not None else kind, description="\n".join(part for part in (mask(row.note), link) if part),
        location=mask.code(row.place),
        remind=timedelta(minutes=30),
    )  # fmt: skip
