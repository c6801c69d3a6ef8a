"""The bar of one who listens in: whom, in which way, since when, and how to change or stop it."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.desktop.cards import Listening, Mode
from cordboard.desktop.presenters import say
from cordboard.interactions.models import Segment
from cordboard.lib.kept import Kept
from cordboard.org.permissions import user_may
from cordboard.routing.permissions import AGENT

LIVE = (Segment.State.ACTIVE, Segment.State.HELD)


_MINE = Kept(
    lambda agent: (
        Segment.objects.filter(agent=agent, kind=Segment.Kind.SUPERVISE, state__in=LIVE)
        .select_related("supervises__agent", "interaction__subject")
        .order_by("-pk")[:1]
    )
)


def listening(user: Any) -> Listening:
    """One query."""
    topics, alone = (f"user:{user.pk}",), user_may(user, AGENT) is None
    mine = _MINE.first(user.pk)
    if mine is None:
        return Listening(topics, alone)
    row, watched = mine.interaction, mine.supervises
    number = row.to_address if row.direction == row.Direction.OUTBOUND else row.from_address
    ways = (
        (Segment.Mode.LISTEN, _("Listen"), _("Nobody hears you")),
        (Segment.Mode.WHISPER, _("Whisper"), _("Only the colleague hears you")),
        (Segment.Mode.BARGE, _("Join"), _("Both hear you")),
    )
    asked = {"agent": watched.agent_id} if watched is not None else {}
    return Listening(
        topics,
        alone,
        interaction=row.pk,
        agent=str(watched.agent) if watched is not None and watched.agent is not None else _("a colleague"),
        customer=str(row.subject) if row.subject is not None else say.telephone(number) if number else _("somebody who withholds the number"),
        since=mine.accepted_at,
        url=reverse("desktop:supervise", args=[row.pk]),
        stop_url=reverse("desktop:stop_supervising", args=[row.pk]),
        modes=tuple(Mode(str(code), words, note, json.dumps({**asked, "mode": str(code)}), code == mine.mode) for code, words, note in ways),
    )
