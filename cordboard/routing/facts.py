"""What routing lets rules ask and say. The situation of a routing policy has "interaction", "party" (or None), "context", "queue" (that was asked for)
and "now"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cordboard.flows.models import Flow
from cordboard.routing import hours, replay, rule_verbs, sentences  # noqa: F401  sentences and verbs register themselves
from cordboard.routing.models import Entry, Queue, QueueMember, Skill
from cordboard.rules import areas, facts, verbs


def queues() -> Mapping[str, Any]:
    """Queues by code, for editors and sentences."""
    return dict(Queue.objects.values_list("code", "name"))


def automated_services() -> Mapping[str, Any]:
    """Flows of the telephone by code, for editors and sentences."""
    rows = Flow.objects.filter(state=Flow.State.PUBLISHED).order_by("name")
    return {row.code: row.name for row in rows.only("code", "name", "surfaces") if "ivr" in row.surfaces}


def skills() -> Mapping[str, Any]:
    language = get_language() or "en"
    return {skill.code: skill.name_in(language) for skill in Skill.objects.all()}


def _open(at: facts.Situation) -> bool | None:
    queue = at.get("queue")
    return queue.open and hours.is_open(queue.hours, at["now"]) if queue is not None else None


def _here(at: facts.Situation) -> datetime:
    """The moment of the decision by the queue's own clock."""
    queue = at.get("queue")
    zone = str((queue.hours if queue is not None else {}).get("timezone") or "UTC")
    return at["now"].astimezone(ZoneInfo(zone))  # type: ignore[no-any-return]


def _of_queue(read: Callable[[Queue, datetime], Any]) -> Callable[[facts.Situation], Any]:
    return lambda at: read(at["queue"], at["now"]) if at.get("queue") is not None else None


def _waiting(queue: Queue, now: datetime) -> list[datetime]:
    return list(Entry.objects.filter(left_at=None, state=Entry.State.WAITING, queue=queue).values_list("waiting_since", flat=True))


def _longest(queue: Queue, now: datetime) -> timedelta | None:
    since = _waiting(queue, now)
    return now - min(since) if since else None


def _members(state: tuple[str, ...]) -> Callable[[Queue, datetime], int]:
    return lambda queue, now: QueueMember.objects.filter(queue=queue, agent__is_active=True, agent__state__state__in=state, agent__state__pending=False).count()


DAYS = {"mon": _("Monday"), "tue": _("Tuesday"), "wed": _("Wednesday"), "thu": _("Thursday"), "fri": _("Friday"), "sat": _("Saturday"), "sun": _("Sunday")}

facts.declare("time.hour", facts.NUMBER, _("hour of the day"), read=lambda at: _here(at).hour, lasting=True)
facts.declare("time.weekday", facts.CHOICE, _("day of the week"), read=lambda at: hours.DAYS[_here(at).weekday()], choices=DAYS, lasting=True)
facts.declare("time.date", facts.DATE, _("date"), read=lambda at: _here(at).date(), lasting=True)
facts.declare("queue.waiting", facts.NUMBER, _("waiting in the queue"), read=_of_queue(lambda queue, now: len(_waiting(queue, now))))
facts.declare("queue.longest_wait", facts.DURATION, _("longest wait in the queue"), read=_of_queue(_longest))
facts.declare("queue.agents_ready", facts.NUMBER, _("agents ready for the queue"), read=_of_queue(_members(("ready",))))
facts.declare("queue.agents_at_work", facts.NUMBER, _("agents at work for the queue"), read=_of_queue(_members(("ready", "offered", "talking", "wrapup"))))
facts.declare("queue.code", facts.TEXT, _("queue asked for"), read=lambda at: at["queue"].code if at.get("queue") is not None else None, options=queues)
facts.declare("queue.open", facts.BOOLEAN, _("the queue is open"), read=_open, lasting=True)

verbs.declare(
    "queue",
    _("send it to a queue"),
    fields={"queue": str},
    sentence=_("send it to %(queue)s"),
    options={"queue": queues},
    labels={"queue": _("queue")},
    single=True,
)
verbs.declare(
    "automated",
    _("send it to an automated service first"),
    fields={"flow": str},
    sentence=_("send it to the automated service %(flow)s first"),
    options={"flow": automated_services},
    labels={"flow": _("automated service")},
    single=True,
)
verbs.declare(
    "target",
    _("give it a target of its own: answered within"),
    fields={"seconds": int},
    sentence=_("have it answered within %(seconds)s seconds"),
    labels={"seconds": _("seconds")},
    single=True,
)
verbs.declare(
    "priority",
    _("give it a priority, 1 first, 9 last"),
    fields={"priority": int},
    sentence=_("give it priority %(priority)s"),
    labels={"priority": _("priority, 1 first, 9 last")},
)
verbs.declare(
    "require",
    _("ask for a skill"),
    fields={"skill": str},
    optional={"proficiency": int},
    sentence=_("ask for %(skill)s"),
    more={"proficiency": _("at %(proficiency)s or better")},
    options={"skill": skills},
    labels={"skill": _("skill"), "proficiency": _("at least, 1 to 5")},
)
verbs.declare(
    "relax",
    _("ask for less after a wait"),
    fields={"after": float},
    optional={"lower": int, "drop": str, "skill": str},
    sentence=_("ask for less after %(after)s seconds"),
    more={"lower": _("(%(lower)s lower)"), "drop": _("(without %(drop)s)"), "skill": _("(of %(skill)s)")},
    options={"drop": lambda: {"language": _("the language"), "product": _("the product"), "process": _("the process")}, "skill": skills},
    labels={"after": _("after seconds"), "lower": _("levels lower"), "drop": _("without"), "skill": _("only of the skill")},
)
verbs.declare(
    "offer_callback",
    _("offer a callback to those who wait"),
    optional={"after": float},
    sentence=_("offer a callback to those who wait"),
    more={"after": _("after %(after)s seconds")},
    labels={"after": _("after seconds")},
    against=("no_callback",),
)
verbs.declare("no_callback", _("offer no callback"), sentence=_("offer no callback"), against=("offer_callback",))
verbs.declare(
    "prefer",
    _("ask somebody first: owner, deputies"),
    fields={"who": str},
    optional={"seconds": float},
    sentence=_("ask %(who)s first"),
    more={"seconds": _("for %(seconds)s seconds")},
    options={"who": lambda: {"owner": pgettext_lazy("asked first", "the account owner"), "deputies": pgettext_lazy("asked first", "the deputies")}},
    labels={"who": _("whom"), "seconds": _("seconds")},
)

areas.declare(
    "routing",
    _("Routing"),
    _("Which queue, how urgent, which skills, who is asked first."),
    verbs=("queue", "automated", "priority", "target", "require", "relax", "prefer", "add_tag", "open_ticket", "notify", "ask_approval"),
    order=10,
    decision="routing",
)
areas.offer_replay("routing", replay.run)
areas.declare(
    "dialling", _("Callbacks and dialling"), _("Who is offered a callback, and which numbers are dialled."), verbs=("offer_callback", "no_callback"), order=60
)
