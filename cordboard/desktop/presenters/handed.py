"""The ticket that comes with a call from another support level: shown while it rings, and opened when it is taken."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cordboard.desktop.presenters import masking, ticket_level
from cordboard.interactions.models import Segment
from cordboard.interactions.queries import Mine
from cordboard.tickets.models import LevelStep, SupportLevel
from cordboard.tickets.queries_level import came_with

GIVEN = (Segment.Kind.TRANSFER, Segment.Kind.CONSULT, Segment.Kind.CONFERENCE)
"""Parts of a call that a colleague began."""


def step_of(one: Mine | None, user: Any) -> LevelStep | None:
    """The hand-off behind the reader's part of this call. One query at most."""
    if one is None or one.segment.kind not in GIVEN or one.segment.state in (Segment.State.WRAPUP, Segment.State.ENDED):
        return None
    return came_with(one.interaction.pk, user)


def shown(step: LevelStep | None, language: str, url: str, *, hidden: bool) -> dict[str, Any] | None:
    """For `parts/handed.html`. `hidden`: numbers of orders and the like cannot be read. No query."""
    if step is None:
        return None
    told = ticket_level.step(step, language)
    if hidden:
        told |= {"why": masking.numbers(told["why"]), "answers": [{**one, "answer": masking.numbers(one["answer"])} for one in told["answers"]]}
    words = {"name": step.by or _("a rule"), "level": SupportLevel.Rank(step.to_rank).label}
    return {
        **told,
        "title": masking.numbers(step.ticket.title) if hidden else step.ticket.title,
        "line": _("%(kind)s %(number)s") % {"kind": step.ticket.get_kind_display(), "number": step.ticket.number},
        "from": _("%(name)s hands it to %(level)s.") % words,
        "url": url,
    }
