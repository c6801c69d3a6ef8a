"""Acts on a call beyond the ordinary: conference, outside numbers, parking, listening in. Rights are checked by the actions.

Addresses, all POST:
- `desk/<interaction>/<verb>/` (`desktop:act`) with the verbs below; which of them are possible is `Telephone.allowed`;
- `desk/pick-up/` (`desktop:pick_up`) with `place`;
- `board/<interaction>/supervise/` (`desktop:supervise`) with `mode` (listen, whisper, barge) and, in a conference, `agent`;
- `board/<interaction>/stop-supervising/` (`desktop:stop_supervising`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.channels.voice import actions_card as cards
from cordboard.channels.voice import actions_recording as recordings
from cordboard.interactions.actions_identity import answer_question
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Segment
from cordboard.org.permissions import permitted
from cordboard.routing import actions as routing
from cordboard.routing import actions_joined as joined
from cordboard.routing import actions_message as messages
from cordboard.routing import actions_worklist as worklist
from cordboard.routing.permissions import AGENT, LISTEN_IN


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "") or request.POST.get(name, "")
    return int(given) if given.isdigit() else None


def to(request: HttpRequest, interaction: int, purpose: str) -> Act:
    """Transfer, consult or invite: an agent, a queue, a position, or a number outside."""
    for name in ("agent", "queue", "position"):
        wanted = _number(request, name)
        if wanted is not None:
            act = {"transfer": routing.transfer, "consult": routing.consult, "conference": routing.invite}[purpose]
            target: dict[str, Any] = {f"to_{name}": wanted}
            return act(request.user, interaction, **target)
    if number := request.POST.get("number", "").strip():
        return routing.dial_outside(request.user, interaction, number[:40], purpose)
    raise Http404("nobody to give it to")


def _remove(request: HttpRequest, interaction: int) -> Act:
    return routing.remove_member(request.user, interaction, segment=_number(request, "segment"), party=_number(request, "outside"))


def _mode(request: HttpRequest) -> str:
    mode = request.POST.get("mode", "") or request.GET.get("mode", "") or Segment.Mode.LISTEN
    if mode not in Segment.Mode.values:
        raise Http404(mode)
    return str(mode)


def _private(request: HttpRequest, interaction: int, on: bool) -> Act:
    done = recordings.keep_private(request.user, interaction, on=on)
    return Act(Came.DONE if done else Came.ALREADY, interaction)


def _record(request: HttpRequest, interaction: int, on: bool) -> Act:
    done = recordings.record(request.user, interaction) if on else recordings.stop_recording(request.user, interaction)
    return Act(Came.DONE if done else Came.ALREADY, interaction)


def moment(given: str) -> datetime | None:
    """A moment as typed into a field, in the reader's own time zone, or with a zone of its own."""
    try:
        at = parse_datetime(given)
    except ValueError:
        return None
    return timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at


def _later(request: HttpRequest, interaction: int) -> Act:
    at = moment(request.POST.get("at", ""))
    return worklist.later(request.user, interaction, at) if at is not None else Act(Came.NO_TIME, interaction)


VERBS: dict[str, Callable[[HttpRequest, int], Act]] = {
    "transfer": lambda request, number: to(request, number, "transfer"),
    "consult": lambda request, number: to(request, number, "consult"),
    "invite": lambda request, number: to(request, number, "conference"),
    "later": _later,
    "call-back": lambda request, number: messages.call_back(request.user, number),
    "swap": lambda request, number: routing.swap(request.user, number),
    "merge": lambda request, number: routing.merge(request.user, number),
    "leave-conference": lambda request, number: routing.leave_conference(request.user, number),
    "end-for-all": lambda request, number: routing.end_for_all(request.user, number),
    "remove": _remove,
    "back-out": lambda request, number: routing.back_out_of_consult(request.user, number),
    "park": lambda request, number: routing.park(request.user, number, request.POST.get("note", "")),
    "pause-recording": lambda request, number: _private(request, number, True),
    "record-again": lambda request, number: _private(request, number, False),
    "settle-callback": lambda request, number: joined.settle(request.user, number, _number(request, "callback") or 0),
    "card": lambda request, number: cards.ask_card(request.user, number),
    "card-back": lambda request, number: cards.take_back(request.user, number),
    "record": lambda request, number: _record(request, number, True),
    "stop-recording": lambda request, number: _record(request, number, False),
    "identity": lambda request, number: answer_question(request.user, number, request.POST.get("code", "")[:40], request.POST.get("given", "")[:200]),
    "supervise": lambda request, number: routing.supervise(request.user, number, _mode(request), agent=_number(request, "agent")),
    "stop-supervising": lambda request, number: routing.stop_supervising(request.user, number),
}


@permitted(AGENT)
@require_POST
def pick_up(request: HttpRequest) -> HttpResponse:
    """Take the call that is parked at a place."""
    from cordboard.desktop.views import answer, refused

    place = _number(request, "place")
    if place is None:
        return refused(request, _("Give the number of the place."), _("Parked calls stand at 701 and up."), 400)
    came = routing.pick_up(request.user, place)
    return answer(request, came, go=f"{reverse('desktop:desk')}?interaction={came.interaction}" if came.done else "")


@permitted(LISTEN_IN)
@require_POST
def supervise(request: HttpRequest, interaction: int) -> HttpResponse:
    """Listen in, whisper or join; asked again with another mode it changes at once."""
    from cordboard.desktop.views import answer

    return answer(request, VERBS["supervise"](request, interaction))


@permitted(LISTEN_IN)
@require_POST
def stop_supervising(request: HttpRequest, interaction: int) -> HttpResponse:
    from cordboard.desktop.views import answer

    return answer(request, routing.stop_supervising(request.user, interaction))
