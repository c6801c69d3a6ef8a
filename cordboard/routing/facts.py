"""What routing lets rules ask and say. The situation of a routing policy has "interaction", "party" (or None), "context", "queue" (that was asked for)
and "now"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.routing import hours, sentences  # noqa: F401  the sentences register themselves
from cordboard.rules import facts, verbs


def _open(at: facts.Situation) -> bool | None:
    queue = at.get("queue")
    return queue.open and hours.is_open(queue.hours, at["now"]) if queue is not None else None


facts.declare("queue.code", facts.TEXT, _("queue asked for"), read=lambda at: at["queue"].code if at.get("queue") is not None else None)
facts.declare("queue.open", facts.BOOLEAN, _("the queue is open"), read=_open)

verbs.declare("queue", _("send it to a queue"), fields={"queue": str})
verbs.declare("priority", _("give it a priority, 1 first, 9 last"), fields={"priority": int})
verbs.declare("require", _("ask for a skill"), fields={"skill": str}, optional={"proficiency": int})
verbs.declare("relax", _("ask for less after a wait"), fields={"after": float}, optional={"lower": int, "drop": str, "skill": str})
verbs.declare("offer_callback", _("offer a callback to those who wait"), optional={"after": float})
verbs.declare("no_callback", _("offer no callback"))
verbs.declare("prefer", _("ask somebody first: owner, deputies"), fields={"who": str}, optional={"seconds": float})
