"""Acting from the live board: the boxes that its rows open, and what the buttons in them do. Rights are checked by the actions; a box shows only what
its reader may.

- `board/agents/<agent>/` with `ready`, `not-ready` (`reason`), `sign-out`, `join` and `leave` (`queue`), `skill` (`skill`, `proficiency`, `minutes`),
  `forget-skill` (`skill`);
- `board/waiting/<entry>/` with `first`, `priority` (`priority`), `move` (`queue`);
- `board/queues/<queue>/` with `open`, `close`, `announce` (`text-en`, `text-nl`, ...; `minutes`, 0 until it is switched off) and `stop-announcing`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_POST

from cordboard.channels.voice import actions_emergency as emergencies
from cordboard.desktop import queries_board as queries
from cordboard.interactions.acts import Act, Came
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.permissions import permitted
from cordboard.routing import actions as routing
from cordboard.routing.board import day_began
from cordboard.routing.models import Entry, Queue
from cordboard.routing.permissions import MANAGE, SUPERVISE, WATCH

LONGEST = 7 * 24 * 60
"""Minutes for which a skill may be changed for a while."""


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not given.isdigit() or len(given) > 12:
        raise Http404(name)
    return int(given)


def _skill(request: HttpRequest, agent: int) -> Act:
    proficiency, minutes = _number(request, "proficiency"), _number(request, "minutes")
    if not 1 <= proficiency <= 5 or minutes > LONGEST:
        raise Http404("proficiency")
    until = timezone.now() + timedelta(minutes=minutes) if minutes else None
    return routing.set_skill(request.user, agent, request.POST.get("skill", "")[:40], proficiency, until=until)


AGENT_VERBS: dict[str, Callable[[HttpRequest, int], Act]] = {
    "ready": lambda request, agent: routing.set_ready(request.user, agent=agent),
    "not-ready": lambda request, agent: routing.set_not_ready(request.user, request.POST.get("reason", "")[:40], agent=agent),
    "sign-out": lambda request, agent: routing.sign_out(request.user, agent=agent),
    "join": lambda request, agent: routing.join_queue(request.user, agent, _number(request, "queue")),
    "leave": lambda request, agent: routing.leave_queue(request.user, agent, _number(request, "queue")),
    "skill": _skill,
    "forget-skill": lambda request, agent: routing.remove_skill(request.user, agent, request.POST.get("skill", "")[:40]),
}


def _priority(request: HttpRequest, interaction: int) -> Act:
    priority = _number(request, "priority")
    if not 1 <= priority <= 9:
        raise Http404("priority")
    return routing.set_priority(request.user, interaction, priority)


WAITING_VERBS: dict[str, Callable[[HttpRequest, int], Act]] = {
    "first": lambda request, interaction: routing.move_first(request.user, interaction),
    "priority": _priority,
    "move": lambda request, interaction: routing.move_to_queue(request.user, interaction, _number(request, "queue")),
}


def _open(request: HttpRequest, queue: int, open: bool) -> Act:
    return Act(Came.DONE if routing.set_open(request.user, queue, open) else Came.ALREADY)


def _emergency(request: HttpRequest, queue: int) -> Act:
    minutes = _number(request, "minutes")
    texts = {language: request.POST.get(f"text-{language}", "") for language in LANGUAGES}
    until = timezone.now() + timedelta(minutes=minutes) if 0 < minutes <= LONGEST else None
    try:
        made = emergencies.announce(request.user, queue, texts, until=until)
    except ValueError:
        return Act(Came.NOT_NOW)
    return Act(Came.DONE if made is not None else Came.NO_SUCH)


def _end_emergency(request: HttpRequest, queue: int) -> Act:
    return Act(Came.DONE if emergencies.end(request.user, queue) else Came.ALREADY)


QUEUE_VERBS: dict[str, Callable[[HttpRequest, int], Act]] = {
    "open": lambda request, queue: _open(request, queue, True),
    "close": lambda request, queue: _open(request, queue, False),
    "announce": _emergency,
    "stop-announcing": _end_emergency,
}


@permitted(WATCH)
@require_GET
def agent(request: HttpRequest, agent: int) -> HttpResponse:
    """What can be done about a colleague: state, listening in, queues, skills."""
    found = queries.agent(request.user, agent, translation.get_language() or "en", timezone.now())
    if found is None:
        raise Http404("agent")
    return render(request, "desktop/parts/board_agent.html", {"agent": found, "again": request.get_full_path()})


@permitted(SUPERVISE)
@require_POST
def agent_act(request: HttpRequest, agent: int, verb: str) -> HttpResponse:
    from cordboard.desktop.views import answer

    if verb not in AGENT_VERBS or not User.objects.filter(pk=agent, is_active=True).exists():
        raise Http404(verb)
    return answer(request, AGENT_VERBS[verb](request, agent))


@permitted(WATCH)
@require_GET
def waiting(request: HttpRequest, entry: int) -> HttpResponse:
    """What can be done about one who waits."""
    found = queries.waiting(request.user, entry)
    if found is None:
        raise Http404("entry")
    return render(request, "desktop/parts/board_waiting.html", {"waiting": found, "again": request.get_full_path()})


@permitted(MANAGE)
@require_POST
def waiting_act(request: HttpRequest, entry: int, verb: str) -> HttpResponse:
    from cordboard.desktop.views import answer

    if verb not in WAITING_VERBS:
        raise Http404(verb)
    row = get_object_or_404(Entry, pk=entry)
    return answer(request, WAITING_VERBS[verb](request, row.interaction_id))


@permitted(WATCH)
@require_GET
def queue(request: HttpRequest, queue: int) -> HttpResponse:
    """What can be done about a queue."""
    found = queries.queue(request.user, queue, timezone.now())
    if found is None:
        raise Http404("queue")
    return render(request, "desktop/parts/board_queue.html", {"queue": found, "again": request.get_full_path()})


@permitted(WATCH)
@require_GET
def telephony(request: HttpRequest) -> HttpResponse:
    """Trunks as each node sees them, and the recordings of today that failed."""
    found = queries.telephony(request.user, day_began(request.user))
    return render(request, "desktop/parts/board_telephony.html", {"telephony": found, "again": request.get_full_path()})


@permitted(MANAGE)
@require_POST
def queue_act(request: HttpRequest, queue: int, verb: str) -> HttpResponse:
    from cordboard.desktop.views import answer

    if verb not in QUEUE_VERBS:
        raise Http404(verb)
    get_object_or_404(Queue, pk=queue)
    return answer(request, QUEUE_VERBS[verb](request, queue))
