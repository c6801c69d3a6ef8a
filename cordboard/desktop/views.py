"""The desk: the page, its fragments, and what is done with a contact. Doing is the packages' actions; here is only the way from a button to them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop import navigation, queries, views_calls
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.desk import PARTS, desk, selected
from cordboard.desktop.presenters.frame import facts_of, frame, mine_of
from cordboard.desktop.presenters.listening import listening
from cordboard.desktop.presenters.script import panel as script_panel
from cordboard.desktop.presenters.telephone import call_of, phase, state_words, telephone
from cordboard.desktop.telephone import Phase
from cordboard.interactions import actions as interactions
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.queries import note_of, open_for_agent
from cordboard.knowledge import actions as knowledge
from cordboard.knowledge.queries import search as find_solutions
from cordboard.org.actions import change_own_settings
from cordboard.org.permissions import permitted, require, signed_in, user_may
from cordboard.parties import normalise
from cordboard.parties.search import search as find_customers
from cordboard.routing import actions as routing
from cordboard.routing import dialling
from cordboard.routing.permissions import AGENT, DIAL, LISTEN_IN

NAMES = ("tools", "comm", "itabs", "account", "work", "alerts", "greeting", "script", "pad", "listening")


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first place of the navigation bar that the reader may open."""
    places = navigation.items(request.user, "/")  # type: ignore[arg-type]
    return redirect(places[0].url if places else reverse("org:settings"))


@permitted(AGENT)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The whole desk. Opening it signs the agent in at routing, not ready."""
    routing.sign_in(request.user)
    now = timezone.now()
    around = frame(request)  # takes the cursor of the live feed before anything is read
    mine = mine_of(request)
    shown = desk(request.user, request.GET, mine, now, facts=facts_of(request))
    script = script_panel(request.user, selected(mine, request.GET.get("interaction", "")), request.session)
    return render(request, "desktop/desk.html", {"frame": around, "desk": shown, "panel": shown.panel, "script": script})


_TICKING = re.compile(r"(<time[^>]*data-(?:since|until)[^>]*>)[^<]*")


@signed_in
@require_GET
def fragments(request: HttpRequest) -> HttpResponse:
    """Some fragments as they stand, one after another. The ETag leaves out what ticks by itself. All are for those who take contacts, but for the bar of
    those who listen in."""
    names = [name for name in NAMES if name in request.GET.get("names", "").split(",")]
    context: dict[str, Any] = {}
    if "listening" in names:
        require(request.user, LISTEN_IN)
        context["listening"] = listening(request.user)
    if names != ["listening"]:
        require(request.user, AGENT)
        context |= _desk_parts(request, names)
    html = "".join(render_to_string(f"desktop/fragments/{name}.html", context, request) for name in names)
    still = _TICKING.sub(r"\1", html)
    tag = f'"{hashlib.sha256(still.encode()).hexdigest()[:20]}"'
    response = HttpResponse(status=304) if request.headers.get("If-None-Match") == tag else HttpResponse(html)
    response["ETag"] = tag
    response["Cache-Control"] = "no-store"
    return response


def _desk_parts(request: HttpRequest, names: list[str]) -> dict[str, Any]:
    now = timezone.now()
    mine = open_for_agent(request.user)
    context: dict[str, Any] = {}
    if "tools" in names or "comm" in names:
        context["telephone"] = telephone(request.user, mine, now, facts_of(request), request.GET.get("interaction", ""))
    if "script" in names:
        context["script"] = script_panel(request.user, selected(mine, request.GET.get("interaction", "")), request.session)
    parts = PARTS & set(names)
    if parts:
        shown = desk(request.user, request.GET, mine, now, parts, facts_of(request))
        context |= {"desk": shown, "panel": shown.panel}
    return context


# ---- doing -------------------------------------------------------------------------------------------------------------


def refused(request: HttpRequest, title: str, text: str, status: int = 409) -> HttpResponse:
    """What did not happen and why, as a notice."""
    return render(request, "parts/notice.html", {"kind": "error", "title": title, "text": text}, status=status)


def answer(request: HttpRequest, act: Act, *, go: str = "", said: dict[str, str] | None = None) -> HttpResponse:
    """Done: nothing to show, the fragments follow. Else what came between."""
    if not act.done:
        kept = _("Nothing was changed; the screen shows how it stands.")
        return refused(request, act.words, kept)
    response = HttpResponse(status=204)
    if go:
        response["X-Desk-Go"] = go
    if said:
        # HTTP headers are Latin-1; JSON's own escapes carry every script.
        response["HX-Trigger"] = json.dumps({"cb:notice": said})
    return response


def _party(request: HttpRequest) -> int | None:
    given = request.POST.get("party", "")
    return int(given) if given.isdigit() else None


def _someone(request: HttpRequest) -> int:
    party = _party(request)
    if party is None:
        raise Http404("nobody was chosen")
    return party


def _reason(request: HttpRequest, interaction: int) -> Act:
    code = request.GET.get("code", "")
    if request.GET.get("on"):
        return interactions.add_reason(request.user, interaction, code)
    return interactions.remove_reason(request.user, interaction, code)


def _leave(request: HttpRequest, interaction: int) -> Act:
    """Hang up: a consulted colleague and a supervisor only leave, and so does one of several agents in a conference; everybody else ends the call."""
    mine = open_for_agent(request.user)
    one = next((each for each in mine if each.interaction.pk == interaction), None)
    if phase(one) is Phase.CONSULTED:
        return routing.leave_consult(request.user, interaction)
    if phase(one) is Phase.SUPERVISING:
        return routing.stop_supervising(request.user, interaction)
    return routing.hang_up(request.user, interaction)


def _solution(request: HttpRequest, interaction: int) -> Act:
    use = request.GET.get("use", "")
    article = request.GET.get("article", "")
    if use not in ("given", "helped", "not_helped") or not article.isdigit():
        raise Http404("no such use")
    note = interactions_note(request, interaction)
    knowledge.count_use(int(article), use, request.user, interaction_id=interaction, query=note[:500])  # type: ignore[arg-type]
    return Act(Came.DONE, interaction)


def interactions_note(request: HttpRequest, interaction: int) -> str:
    """The words that the agent had in the pad."""
    note = note_of(request.user, interaction)
    return note.text if note else ""


Verb = Callable[[HttpRequest, int], Act]

VERBS: dict[str, Verb] = {
    "accept": lambda request, number: routing.accept_offer(request.user, number),
    "reject": lambda request, number: routing.reject_offer(request.user, number, request.GET.get("reason", "")),
    "hold": lambda request, number: routing.hold(request.user, number),
    "resume": lambda request, number: routing.resume(request.user, number),
    "hang-up": _leave,
    "complete": lambda request, number: routing.complete_consult(request.user, number),
    "finish": lambda request, number: routing.wrap_up(request.user, number),
    "extend": lambda request, number: routing.extend_wrapup(request.user, number),
    "confirm": lambda request, number: interactions.confirm_subject(request.user, number, _party(request)),
    "clear": lambda request, number: interactions.clear_subject(request.user, number),
    "speak-for": lambda request, number: interactions.speak_for(request.user, number, _someone(request)),
    "reporter": lambda request, number: interactions.set_reporter(request.user, number, _someone(request)),
    "reason": _reason,
    "outcome": lambda request, number: interactions.set_outcome(request.user, number, request.GET.get("code") or None),
    "file-note": lambda request, number: interactions.file_note(request.user, number),
    "solution": _solution,
    **views_calls.VERBS,
}
"""What a button may ask for with a contact. Rights are checked by the actions."""

SAID: dict[str, Callable[[Act], dict[str, str]]] = {
    "park": lambda came: {
        "title": _("The call is parked at %(place)s.") % {"place": came.name},
        "text": _("Anybody picks it up there; if nobody does, it rings back at you."),
    },
    "later": lambda came: {
        "title": _("The customer is called at %(when)s.") % {"when": say.when(datetime.fromisoformat(came.name), timezone.now())},
        "text": _("The callback is on the work list until then."),
    },
    "pause-recording": lambda came: {
        "title": _("Nothing is recorded now."),
        "text": _("Keys that the caller presses are masked. Go on recording when the card data was said."),
    },
    "clear": lambda came: {
        "title": _("The customer was taken off this contact."),
        "text": _("Your notes stay with the contact. Find the right customer above."),
    },
    "file-note": lambda came: {"title": _("Your notes are in the record."), "text": _("Colleagues see them in the history.")},
}


@permitted(AGENT)
@require_POST
def act(request: HttpRequest, interaction: int, verb: str) -> HttpResponse:
    """A button of the desk."""
    do = VERBS.get(verb)
    if do is None:
        raise Http404(verb)
    came = do(request, interaction)
    go = f"{reverse('desktop:desk')}?interaction={interaction}" if verb in ("confirm", "speak-for", "reporter") and request.POST.get("go") else ""
    if came.done and came.interaction not in (None, interaction):  # what came of it is another contact: the call that was made
        go = f"{reverse('desktop:desk')}?interaction={came.interaction}"
    return answer(request, came, go=go, said=SAID[verb](came) if verb in SAID and came.done else None)


@permitted(AGENT)
@require_POST
def state(request: HttpRequest) -> HttpResponse:
    """Ready, or not ready with a reason. While in work it takes effect after it. F11 goes to and fro."""
    wanted = request.POST.get("state", "")
    if wanted == "back":
        return answer(request, routing.come_back(request.user))
    if wanted == "ready":
        now = queries.agent_state(request.user)
        if request.POST.get("toggle") and now is not None and (now.state == "ready" or (now.state != "not_ready" and not now.pending)):
            return answer(request, routing.set_not_ready(request.user))
        return answer(request, routing.set_ready(request.user))
    if wanted == "not_ready":
        return answer(request, routing.set_not_ready(request.user, request.POST.get("reason", "")))
    return refused(request, _("There is no such state."), _("Choose one from the list."), 400)


@permitted(AGENT)
@require_POST
def state_seen(request: HttpRequest) -> HttpResponse:
    """The reminder that the time of the state is over was seen. Seen in another window, or ready meanwhile: there is nothing to say of that."""
    routing.see_over(request.user)
    return HttpResponse(status=204)


@permitted(AGENT)
@require_POST
def ring_tone(request: HttpRequest) -> HttpResponse:
    """How a call announces itself here."""
    tone = request.POST.get("tone", "")
    if tone not in ("soft", "classic", "off"):
        return refused(request, _("There is no such sound."), _("Choose one from the list."), 400)
    user: Any = request.user
    change_own_settings(user, {"preferences": {**user.preferences, "ring_tone": tone}})
    return HttpResponse(status=204)


@permitted(AGENT)
@require_POST
def note(request: HttpRequest, interaction: int | None = None) -> HttpResponse:
    """The scratch pad, as it is typed. 409 with what is kept where another window wrote later."""
    revision = request.POST.get("revision", "")
    text = request.POST.get("text", "")
    if not revision.isdigit() or len(text) > 100_000:
        return JsonResponse({"problem": "revision or length"}, status=400)
    saved = interactions.save_note(request.user, interaction, text, int(revision))
    body = {"text": saved.text, "revision": saved.revision, "at": timezone.now().isoformat()}
    return JsonResponse(body, status=200 if saved.saved else 409)


# ---- the palette ---------------------------------------------------------------------------------------------------------


@permitted(AGENT)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """For the palette: customers, colleagues, solutions of these words."""
    query = request.GET.get("q", "").strip()[:100]
    found: list[dict[str, str]] = []
    if len(query) < 2:
        return JsonResponse({"found": found})
    mine = open_for_agent(request.user)
    call = call_of(mine)
    dialled = normalise.phone_or_none(query, dialling.region_of(request.user)) if sum(sign.isdigit() for sign in query) >= 6 else None
    if dialled is not None and user_may(request.user, DIAL) is not None:
        words = _("Call %(number)s") % {"number": say.telephone(dialled)}
        found.append(
            {"icon": "phone-outgoing", "words": words, "note": "", "url": "", "box": f"{reverse('desktop:box_dial')}?{urlencode({'number': dialled})}"}
        )
    if call is not None and phase(call) in (Phase.TALKING, Phase.HELD):
        for colleague in queries.colleagues(request.user):
            if query.lower() in str(colleague.user).lower():
                card = state_words(colleague.state, translation.get_language() or "en")
                words = _("Transfer or consult: %(name)s") % {"name": colleague.user}
                box = f"{reverse('desktop:transfer')}?{urlencode({'mode': 'transfer', 'interaction': call.interaction.pk, 'q': colleague.user.name})}"
                found.append({"icon": "phone-outgoing", "words": words, "note": card.words, "url": "", "box": box})
    if user_may(request.user, "parties.view"):
        for hit in find_customers(request.user, query, limit=5):  # type: ignore[arg-type]
            words = _("Customer %(name)s") % {"name": hit.party.name}
            url = f"{reverse('desktop:desk')}?interaction={call.interaction.pk}&tab=find&q={say.customer_number(hit.party.customer_number)}" if call else ""
            url = url or reverse("desktop:customer", args=[hit.party.pk])
            found.append({"icon": "users", "words": words, "note": say.customer_number(hit.party.customer_number), "url": url})
    if call is not None and user_may(request.user, "knowledge.view"):
        for solution in find_solutions(query, translation.get_language() or "en", limit=3).hits:
            url = f"{reverse('desktop:desk')}?interaction={call.interaction.pk}&tab=knowledge&q={query}"
            found.append({"icon": "book-2", "words": solution.text.title, "note": _("solution"), "url": url})
    return JsonResponse({"found": found})
