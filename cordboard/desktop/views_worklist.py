"""Callbacks that were promised and messages that were left, with what is done about them; and dialling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cordboard.channels.voice import actions_voicemail as voicemail
from cordboard.channels.voice.models import Voicemail
from cordboard.channels.voice.queries_voicemail import loose_voicemails, of_callbacks
from cordboard.desktop.presenters import say
from cordboard.desktop.views import answer, refused
from cordboard.desktop.views_calls import moment
from cordboard.interactions.acts import Act, Came
from cordboard.org.models import Position
from cordboard.org.permissions import permitted, user_may
from cordboard.parties.models import ContactPoint
from cordboard.parties.search import search
from cordboard.routing import actions_worklist as worklist
from cordboard.routing import queries_callbacks as queries
from cordboard.routing.actions_outbound import dial as place_call
from cordboard.routing.models import Callback, QueueMember
from cordboard.routing.permissions import CALLBACKS, DIAL
from cordboard.tickets.queries_ticket import positions

SHOW = ("mine", "open", "over")


def _due(row: Callback, now: datetime) -> str:
    if row.state in (Callback.State.QUEUED, Callback.State.DIALLING):
        return _("now")
    return say.when(row.due_at, now) if row.due_at else ""


def _row(row: Callback, now: datetime, message: Voicemail | None) -> dict[str, Any]:
    open_ = row.state in Callback.OPEN or row.state in queries.LOOK_AGAIN
    return {
        "pk": row.pk,
        "url": reverse("desktop:callback", args=[row.pk]),
        "name": row.party.name if row.party is not None else row.name or say.telephone(row.number),
        "party_url": reverse("desktop:customer", args=[row.party_id]) if row.party_id is not None else "",
        "number": row.number,
        "party": row.party_id,
        "queue_id": row.queue_id,
        "about": row.about,
        "why": row.get_origin_display(),
        "queue": row.queue.name,
        "owner": str(row.owner) if row.owner is not None else "",
        "due": _due(row, now),
        "late": row.state == Callback.State.SCHEDULED and row.due_at is not None and row.due_at < now,
        "tries": ngettext("%(n)d try", "%(n)d tries", row.tries) % {"n": row.tries} if row.tries else "",
        "outcome": words_of(row.outcome),
        "state": row.get_state_display(),
        "code": row.state,
        "open": open_,
        "callable": open_ and row.state != Callback.State.DIALLING,
        "message": _message(message) if message is not None else None,
    }


def words_of(outcome: str) -> str:
    """What came of a try."""
    from cordboard.routing.models import Outgoing

    return str(dict(Outgoing.Outcome.choices).get(outcome, outcome))


def _message(row: Voicemail) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "sound": reverse("voice:message", args=[row.pk]),
        "seconds": row.recording.seconds or row.seconds,
        "heard": _("Heard by %(name)s") % {"name": row.heard_by} if row.heard_by is not None else "",
        "queue": row.queue.name,
        "agent": str(row.agent) if row.agent is not None else "",
        "left": row.left_at,
        "number": row.recording.call.interaction.from_address,
        "party": row.recording.call.interaction.subject_id,
        "queue_id": row.queue_id,
        "name": str(row.recording.call.interaction.subject or ""),
        "party_url": reverse("desktop:customer", args=[row.recording.call.interaction.subject_id]) if row.recording.call.interaction.subject_id else "",
        "done": _done(row) if row.done_at is not None else "",
    }


def _done(row: Voicemail) -> str:
    """Why nobody called, and who said so."""
    why = row.get_done_why_display() or _("done")
    return _("%(why)s (%(name)s)") % {"why": why, "name": row.done_by} if row.done_by is not None else str(why)


@permitted(CALLBACKS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Callbacks and messages; whose, by `?show=`."""
    show = request.GET.get("show", "open")
    if show not in SHOW:
        raise Http404
    now = timezone.now()
    rows = queries.worklist(request.user, show)
    messages = of_callbacks([row.pk for row in rows])
    loose = loose_voicemails(request.user, mine=show == "mine", done=show == "over")
    tabs = [("open", _("Open")), ("mine", _("Mine")), ("over", _("Done"))]
    context = {
        "rows": [_row(row, now, messages.get(row.pk)) for row in rows],
        "loose": [_message(row) for row in loose],
        "tabs": [{"code": code, "words": words, "url": f"{reverse('desktop:callbacks')}?show={code}", "current": code == show} for code, words in tabs],
        "show": show,
        "whys": Voicemail.Why.choices,
        "may_dial": user_may(request.user, DIAL) is not None,
    }
    return render(request, "desktop/worklist.html", context)


@permitted(CALLBACKS)
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One callback: what it is about, what was tried, and what can be done with it."""
    row = queries.one(request.user, number)
    if row is None:
        raise Http404
    now = timezone.now()
    message = of_callbacks([row.pk]).get(row.pk)
    tries = [
        {"at": say.when(one.asked_at or now, now), "by": one.interaction.agent, "outcome": words_of(one.outcome), "interaction": one.interaction_id}
        for one in queries.tries_of(row.pk)
    ]
    context = {
        "row": row,
        "one": _row(row, now, message),
        "tries": tries,
        "takers": queries.takers(request.user),
        "positions": positions(request.user),  # type: ignore[arg-type]
        "due_local": timezone.localtime(row.due_at or now).strftime("%Y-%m-%dT%H:%M"),
        "window": (say.when(row.not_before, now), say.when(row.not_after, now)),
        "kept_since": say.when(row.waiting_since, now) if row.waiting_since else "",
        "may_dial": user_may(request.user, DIAL) is not None,
    }
    return render(request, "desktop/callback.html", context)


@permitted(CALLBACKS)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """take, give (owner), put-off (at), cancel, done; `call` dials and goes to the desk."""
    user = request.user
    back = reverse("desktop:callback", args=[number])
    match verb:
        case "take":
            came = worklist.take(user, number)
        case "give":
            came = _given(user, number, request.POST.get("owner", ""))
        case "put-off":
            at = moment(request.POST.get("at", ""))
            if at is None:
                return refused(request, _("This is no date and time."), _("Choose one from the calendar."), 422)
            came = worklist.reschedule(user, number, at)
        case "cancel" | "done":
            came = (worklist.cancel if verb == "cancel" else worklist.done)(user, number)
            back = reverse("desktop:callbacks")
        case "call":
            came = worklist.call_now(user, number)
            back = f"{reverse('desktop:desk')}?interaction={came.interaction}"
        case _:
            raise Http404(verb)
    return answer(request, came, go=back)


def _given(user: Any, number: int, owner: str) -> Act:
    """To a colleague, to the list of a position ("position:7"), or to anybody of its queue."""
    if owner.isdigit():
        return worklist.reassign(user, number, int(owner))
    place = owner.removeprefix("position:")
    return worklist.stand(user, number, get_object_or_404(Position, pk=int(place)) if place.isdigit() else None)


@permitted(CALLBACKS)
@require_POST
def promise(request: HttpRequest) -> HttpResponse:
    """A callback promised, in a contact or without one: number, at, about, queue, interaction; `personal` for one's own."""
    at = moment(request.POST.get("at", ""))
    if at is None:
        return refused(request, _("This is no date and time."), _("Choose one from the calendar."), 422)

    def number(name: str) -> int | None:
        given = request.POST.get(name, "")
        return int(given) if given.isdigit() else None

    came = worklist.promise(
        request.user,
        number=request.POST.get("number", ""),
        at=at,
        queue=number("queue"),
        personal=bool(request.POST.get("personal")),
        interaction=number("interaction"),
        party=number("party"),
        about=request.POST.get("about", ""),
    )
    said = {"title": _("The callback is on the work list."), "text": _("It comes up when it is due.")} if came.done else None
    return answer(request, came, go="" if number("interaction") is not None else reverse("desktop:callbacks"), said=said)


@permitted(CALLBACKS)
@require_POST
def message_act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """What is done about a message that nobody can call back: done (why), open (after all), customer (customer_number)."""
    get_object_or_404(Voicemail, pk=number)
    match verb:
        case "done":
            why = request.POST.get("why", "")
            if why not in Voicemail.Why.values:
                return refused(request, _("Say why nobody is called back."), _("Choose a reason beside the button."), 422)
            voicemail.finish(request.user, number, why)
            came = Act(Came.DONE)
        case "open":
            voicemail.finish(request.user, number)
            came = Act(Came.DONE)
        case "customer":
            came = voicemail.assign(request.user, number, request.POST.get("customer_number", "")[:40])
        case _:
            raise Http404(verb)
    return answer(request, came, go=reverse("desktop:callbacks"))


# ---- dialling -----------------------------------------------------------------------------------------------------------


@permitted(DIAL)
@require_GET
def dialler(request: HttpRequest) -> HttpResponse:
    """Type a number or a name. `?q=`: what was typed; customers of that name with their numbers."""
    typed = request.GET.get("q", "").strip()[:80]
    found: list[dict[str, Any]] = []
    if len(typed) >= 2 and user_may(request.user, "parties.view"):
        hits = search(request.user, typed, limit=8)  # type: ignore[arg-type]
        points: dict[int, list[ContactPoint]] = {}
        for point in ContactPoint.objects.filter(party__in=[hit.party.pk for hit in hits], kind="phone").order_by("-primary", "pk"):
            points.setdefault(point.party_id, []).append(point)
        found = [
            {
                "name": hit.party.name,
                "party": hit.party.pk,
                "numbers": [{"value": one.value, "shown": say.telephone(one.value), "label": one.label} for one in points[hit.party.pk]],
            }
            for hit in hits
            if hit.party.pk in points
        ]
    queues = [one.queue for one in QueueMember.objects.select_related("queue").filter(agent=request.user.pk).order_by("queue_id")]
    only_rows = request.headers.get("HX-Target") == "dial-found"
    context = {"typed": typed, "found": found, "queues": queues, "looks_like_number": sum(sign.isdigit() for sign in typed) >= 3}
    return render(request, "desktop/dial_found.html" if only_rows else "desktop/dial.html", context)


@permitted(DIAL)
@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """Dial: number (in any writing), queue (on whose behalf), party. Goes to the desk with the contact."""
    queue, party = request.POST.get("queue", ""), request.POST.get("party", "")
    came = place_call(
        request.user, request.POST.get("number", ""), queue=int(queue) if queue.isdigit() else None, party=int(party) if party.isdigit() else None
    )
    return answer(request, came, go=f"{reverse('desktop:desk')}?interaction={came.interaction}" if came.done else "")


@permitted(CALLBACKS)
@require_GET
def of_contact(request: HttpRequest, interaction: int) -> HttpResponse:
    """To the callback that stands for the number of a contact, or to the list."""
    from cordboard.interactions.models import Interaction

    row = get_object_or_404(Interaction, pk=interaction)
    standing = queries.open_of_number(row.from_address or row.to_address)
    if standing is not None and queries.one(request.user, standing.pk) is not None:
        return redirect("desktop:callback", standing.pk)
    return redirect("desktop:callbacks")
