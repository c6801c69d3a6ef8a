"""What routing lets rules ask and say. The situation of a routing policy has "interaction", "party" (or None), "context", "queue" (that was asked for)
and "now"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cordboard.routing import hours, replay, sentences  # noqa: F401  the sentences register themselves
from cordboard.routing.models import Queue, Skill
from cordboard.rules import areas, facts, verbs


def queues() -> Mapping[str, Any]:
    """Queues by code, for editors and sentences."""
    return dict(Queue.objects.values_list("code", "name"))


def skills() -> Mapping[str, Any]:
    language = get_language() or "en"
    return {skill.code: skill.name_in(language) for skill in Skill.objects.all()}


def _open(at: facts.Situation) -> bool | None:
    queue = at.get("queue")
    return queue.open and hours.is_open(queue.hours, at["now"]) if queue is not None else None


facts.declare("queue.code", facts.TEXT, _("queue asked for"), read=lambda at: at["queue"].code if at.get("queue") is not None else None, options=queues)
facts.declare("queue.open", facts.BOOLEAN, _("the queue is open"), read=_open)

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
    verbs=("queue", "priority", "require", "relax", "prefer"),
    order=10,
    decision="routing",
)
areas.offer_replay("routing", replay.run)
areas.declare(
    "dialling", _("Callbacks and dialling"), _("Who is offered a callback, and which numbers are dialled."), verbs=("offer_callback", "no_callback"), order=60
)
