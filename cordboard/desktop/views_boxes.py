"""Boxes that the telephone's buttons open: the dial pad, parking, where one works (the directory is `views_directory`). Fetched when they open, and again when
something happens that concerns them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.channels.voice.actions_phone import choose_device
from cordboard.channels.voice.queries_phone import devices_of
from cordboard.desktop import queries
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.standing import customer_of
from cordboard.desktop.presenters.telephone import paid_by
from cordboard.interactions.queries import open_for_agent
from cordboard.org.permissions import permitted
from cordboard.routing.permissions import AGENT, DIAL


@permitted(DIAL)
@require_GET
def dial(request: HttpRequest) -> HttpResponse:
    """The dial pad. A number on the screen was pressed: `?number=` with what is known of it, `party`, `queue` (on whose behalf; else that of the contact at hand,
    `interaction`) and `callback` (the one that is made with it)."""
    given = {name: request.GET.get(name, "") if request.GET.get(name, "").isdigit() else "" for name in ("party", "queue", "callback", "interaction")}
    mine = open_for_agent(request.user)
    one = next((each for each in mine if str(each.interaction.pk) == given["interaction"]), None)
    talks = next((each for each in mine if each.segment.state == "active"), None)
    behalf = queries.call_facts(one.interaction.pk).queue if one is not None and not given["queue"] else None
    context = {
        **given,
        "number": request.GET.get("number", "").strip()[:40],
        "queue": given["queue"] or (str(behalf.pk) if behalf is not None else ""),
        "queues": [(each, paid_by(each.caller_id, "")) for each in queries.own_queues(request.user)],
        "aside": customer_of(talks.interaction) if talks is not None else "",
        "keys": "123456789*0#",
    }
    return render(request, "desktop/parts/dial_box.html", context)


@permitted(AGENT)
@require_GET
def park(request: HttpRequest) -> HttpResponse:
    """A word for whoever picks the call up."""
    number = request.GET.get("interaction", "")
    return render(request, "desktop/parts/park_box.html", {"url": reverse("desktop:act", args=[int(number), "park"]) if number.isdigit() else ""})


@permitted(AGENT)
@require_GET
def parked(request: HttpRequest) -> HttpResponse:
    """Who waits at which place."""
    rows = [
        {
            "place": row.place,
            "name": str(row.interaction.subject) if row.interaction.subject else say.telephone(row.interaction.from_address),
            "note": row.note,
            "by": str(row.by),
            "since": row.parked_at,
        }
        for row in queries.parked()
    ]
    return render(request, "desktop/parts/parked_box.html", {"rows": rows, "again": request.get_full_path()})


@permitted(AGENT)
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """Where one speaks: in the browser, or at a desk telephone, with whether it is registered."""
    rows = devices_of(request.user, timezone.now())
    return render(request, "desktop/parts/devices_box.html", {"rows": rows, "browser": not any(row["chosen"] for row in rows)})


@permitted(AGENT)
@require_POST
def device(request: HttpRequest) -> HttpResponse:
    """Work on this telephone (`account`) from now on, or, with none, in the browser."""
    from cordboard.desktop.views import refused

    if not choose_device(request.user, request.POST.get("account", "")):
        return refused(request, _("This telephone is not yours."), _("Ask an administrator for an account of your own."))
    return HttpResponse(status=204)
