"""Boxes that the telephone's buttons open: the directory of whom a call can go to, the dial pad, parking, where one works. Fetched when they open; the
directory is fetched again while it stands open, so that states are those of now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.channels.voice.actions_phone import choose_device
from cordboard.channels.voice.queries_phone import devices_of
from cordboard.desktop import queries
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.desk import selected
from cordboard.desktop.presenters.standing import customer_of
from cordboard.desktop.presenters.telephone import others, paid_by, phase, situation, state_words
from cordboard.desktop.telephone import Phase, allowed
from cordboard.interactions.queries import Mine, open_for_agent
from cordboard.org.permissions import permitted, user_may
from cordboard.routing.permissions import AGENT, DIAL

VERBS = {"transfer": "transfer", "consult": "consult", "conference": "invite"}


def _titles() -> dict[str, str]:
    return {
        "transfer": _("Transfer this call"),
        "consult": _("Consult a colleague, the customer hears music"),
        "conference": _("Conference"),
    }


def _agents(user: Any, base: str) -> list[dict[str, Any]]:
    language = translation.get_language() or "en"
    rows = []
    for colleague in queries.colleagues(user):
        card = state_words(colleague.state, language)
        rows.append(
            {
                "key": f"a{colleague.user.pk}",
                "name": str(colleague.user),
                "state": card.code,
                "state_words": card.words,
                "since": card.since,
                "url": f"{base}?agent={colleague.user.pk}",
                "enabled": card.code == "ready",
            }
        )
    return sorted(rows, key=lambda row: not row["enabled"])


def _queues(base: str) -> list[dict[str, Any]]:
    rows = []
    for line in queries.open_queues():
        waits = _("%(n)d waiting") % {"n": line.count} if line.count else _("nobody waits")
        rows.append(
            {
                "key": f"q{line.queue.pk}",
                "name": line.queue.name,
                "line": waits if line.queue.open else _("closed"),
                "url": f"{base}?queue={line.queue.pk}",
                "enabled": line.queue.open,
            }
        )
    return rows


def _positions(user: Any, base: str) -> list[dict[str, Any]]:
    rows = []
    for place in queries.positions(user):
        who = ", ".join(place.holders) or (_("deputy: %(name)s") % {"name": place.deputy} if place.deputy else _("nobody holds it"))
        rows.append(
            {"key": f"p{place.pk}", "name": place.name, "line": who, "url": f"{base}?position={place.pk}", "enabled": bool(place.holders or place.deputy)}
        )
    return rows


def _invites(one: Mine, user: Any) -> bool:
    """Whether somebody may be asked to join now; else the box only shows who is in it."""
    return "invite" in allowed(situation(user, one))


@permitted(AGENT)
@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """Whom to transfer to, consult or invite (`mode`): colleagues with their states of now, queues, positions, and a number outside where one may dial."""
    from cordboard.desktop.views import refused

    mode = request.GET.get("mode", "")
    mode = mode if mode in VERBS else "transfer"
    one = selected(open_for_agent(request.user), request.GET.get("interaction", ""))
    if one is None:
        return refused(request, _("There is no call to give on."), _("It has ended meanwhile."))
    base = reverse("desktop:act", args=[one.interaction.pk, VERBS[mode]])
    members = others(one) if mode == "conference" else ()
    shows = mode != "conference" or _invites(one, request.user)
    queue = queries.call_facts(one.interaction.pk).queue
    context = {
        "mode": mode,
        "title": _titles()[mode],
        "again": request.get_full_path(),
        "members": members,
        "customer": str(one.interaction.subject) if one.interaction.subject else say.telephone(one.interaction.from_address),
        "full": not shows and phase(one) is Phase.CONFERENCE,
        "agents": _agents(request.user, base) if shows else [],
        "queues": _queues(base) if shows else [],
        "positions": _positions(request.user, base) if shows else [],
        "outside_url": base if shows and user_may(request.user, DIAL) is not None else "",
        "outside_note": paid_by(queue.caller_id if queue is not None else "", ""),
        "shows": shows,
    }
    return render(request, "desktop/parts/transfer.html", context)


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
