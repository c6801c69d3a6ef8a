"""The directory: whom a call can go to. Colleagues with their states of now, queues, positions, and a number outside where one may dial.

Fetched when it opens and as one types; the states of those who are shown change by events (topic `colleagues`) without asking again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.desktop import queries
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.desk import selected
from cordboard.desktop.presenters.telephone import SIGNS, others, paid_by, phase, situation, state_words
from cordboard.desktop.telephone import Phase, allowed
from cordboard.interactions import prohibitions
from cordboard.interactions.queries import open_for_agent
from cordboard.org.permissions import permitted, user_may
from cordboard.routing.actions_outside import FORBIDDEN_AS
from cordboard.routing.models import AgentState, NotReadyReason
from cordboard.routing.permissions import AGENT, DIAL

VERBS = {"transfer": "transfer", "consult": "consult", "conference": "invite"}
SHOWN = 60
"""Colleagues that are listed at a time; typing a part of the name, or of a queue's, finds the others."""


def _titles() -> dict[str, str]:
    return {
        "transfer": _("Transfer this call"),
        "consult": _("Consult a colleague, the customer hears music"),
        "conference": _("Conference"),
    }


def words() -> dict[str, Any]:
    """How states are said, for the script that hears of them: state, and reason of not ready, to sign and words. One query."""
    language = translation.get_language() or "en"
    said: dict[str, Any] = {str(code): {"sign": SIGNS[code], "words": str(label)} for code, label in AgentState.State.choices}
    for reason in NotReadyReason.objects.all():
        said[f"not_ready:{reason.code}"] = {"sign": "break" if reason.is_break else "notready", "words": reason.name_in(language)}
    return said


_NEARNESS: dict[str, int] = {AgentState.State.READY: 0, AgentState.State.OFFLINE: 2}
"""Who can take a call comes first, who is not here last."""


def _fits(typed: str, texts: Iterable[str]) -> bool:
    return typed.lower() in " ".join(texts).lower()


def _agents(user: Any, base: str, typed: str) -> tuple[list[dict[str, Any]], int]:
    """Those who fit what was typed, the free ones first and who is not here last, and how many there are beyond. Three queries."""
    language = translation.get_language() or "en"
    found = queries.colleagues(user)
    queues = queries.queues_of_agents([one.user.pk for one in found])
    if typed:
        found = [one for one in found if _fits(typed, (str(one.user), *queues.get(one.user.pk, ())))]
    found.sort(key=lambda one: _NEARNESS.get(one.state.state, 1) if one.state is not None else 2)
    rows = []
    for colleague in found[:SHOWN]:
        card = state_words(colleague.state, language)
        serves = queues.get(colleague.user.pk, [])
        rows.append(
            {
                "key": f"a{colleague.user.pk}",
                "name": str(colleague.user),
                "text": " ".join((str(colleague.user), *serves)),
                "state": card.code,
                "state_words": card.words,
                "since": card.since,
                "queues": ", ".join(serves),
                "url": f"{base}?agent={colleague.user.pk}",
                "enabled": card.code == "ready",
            }
        )
    return rows, max(0, len(found) - SHOWN)


def _queues(user: Any, base: str, typed: str) -> list[dict[str, Any]]:
    """One's own change by themselves (topic `queue`), the others when the box asks again. Two queries."""
    own = {line.queue.pk for line in queries.queues_of(user)}
    rows = []
    for line in queries.open_queues():
        if typed and not _fits(typed, (line.queue.name,)):
            continue
        waits = _("%(n)d waiting") % {"n": line.count} if line.count else _("nobody waits")
        rows.append(
            {
                "key": f"q{line.queue.pk}",
                "id": line.queue.pk if line.queue.pk in own and line.queue.open else None,
                "name": line.queue.name,
                "line": waits if line.queue.open else _("closed"),
                "url": f"{base}?queue={line.queue.pk}",
                "enabled": line.queue.open,
            }
        )
    return rows


def _positions(user: Any, base: str, typed: str) -> list[dict[str, Any]]:
    rows = []
    for place in queries.positions(user):
        who = ", ".join(place.holders) or (_("deputy: %(name)s") % {"name": place.deputy} if place.deputy else _("nobody holds it"))
        if typed and not _fits(typed, (place.name, *place.holders)):
            continue
        rows.append(
            {"key": f"p{place.pk}", "name": place.name, "line": who, "url": f"{base}?position={place.pk}", "enabled": bool(place.holders or place.deputy)}
        )
    return rows


def _modes(mode: str, interaction: int, can: frozenset[str]) -> list[dict[str, Any]]:
    """What can be done with whom one finds: the box goes from one to the other."""
    names = {"transfer": (_("Transfer"), "F7"), "consult": (_("Consult"), "F8"), "conference": (_("Conference"), "F9")}
    return [
        {
            "name": name,
            "key": key,
            "url": f"{reverse('desktop:transfer')}?{urlencode({'mode': code, 'interaction': interaction})}",
            "current": code == mode,
            "enabled": VERBS[code] in can,
        }
        for code, (name, key) in names.items()
    ]


@permitted(AGENT)
@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """Whom to transfer to, consult or invite (`mode`); `?q=` what was typed."""
    from cordboard.desktop.views import refused

    mode = request.GET.get("mode", "")
    mode = mode if mode in VERBS else "transfer"
    one = selected(open_for_agent(request.user), request.GET.get("interaction", ""))
    if one is None:
        return refused(request, _("There is no call to give on."), _("It has ended meanwhile."))
    number = one.interaction.pk
    base = reverse("desktop:act", args=[number, VERBS[mode]])
    can = allowed(situation(request.user, one))
    shows = VERBS[mode] in can or mode != "conference"
    queue = queries.call_facts(number).queue
    typed = request.GET.get("q", "").strip()[:80]
    agents, beyond = _agents(request.user, base, typed) if shows else ([], 0)
    forbidden = prohibitions.standing(number)
    outside_no = next((forbidden[act] for act in FORBIDDEN_AS[mode] if act in forbidden), "")
    context = {
        "mode": mode,
        "outside_no": outside_no,
        "title": _titles()[mode],
        "typed": typed,
        "again": f"{request.path}?{urlencode({'mode': mode, 'interaction': number})}",
        "hears": f"colleagues interaction:{number}",
        "modes": _modes(mode, number, can),
        "words": words(),
        "members": others(one) if mode == "conference" else (),
        "customer": str(one.interaction.subject) if one.interaction.subject else say.telephone(one.interaction.from_address),
        "full": not shows and phase(one) is Phase.CONFERENCE,
        "agents": agents,
        "beyond": beyond,
        "queues": _queues(request.user, base, typed) if shows else [],
        "positions": _positions(request.user, base, typed) if shows else [],
        "outside_url": base if shows and user_may(request.user, DIAL) is not None and not outside_no else "",
        "outside_note": paid_by(queue.caller_id if queue is not None else "", ""),
        "outside_fails": _outside_fails(mode),
        "shows": shows,
    }
    return render(request, "desktop/parts/transfer.html", context)


def _outside_fails(mode: str) -> str:
    """What happens when a number outside is busy or does not answer: said before anybody presses."""
    return {
        "transfer": _("The customer hears music until it is answered. If it is busy or nobody answers, the customer is back with you, and you read why."),
        "consult": _("The customer hears music. If it is busy or nobody answers, you are told why and resume with the customer."),
        "conference": _("You talk on with the customer meanwhile. If it is busy or nobody answers, nothing changes, and you read why."),
    }[mode]
