"""Reading the messages that callers left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from cordboard.channels.voice.models import Voicemail
from cordboard.lib.kept import Kept
from cordboard.org.permissions import sight
from cordboard.routing.models import Queue
from cordboard.routing.permissions import CALLBACKS

_WITH = ("recording__call__interaction__subject", "queue", "agent", "heard_by", "done_by")


def loose_voicemails(user: Any, *, mine: bool = False, done: bool = False) -> list[Voicemail]:
    """Those without a callback (a withheld number, say) about which something is left to do, the oldest first; or those that are `done`, the newest first. One query."""
    scope, who = sight(user, CALLBACKS)
    if not scope:
        return []
    return _LOOSE(*dict.fromkeys([*who, *([user.pk] if mine else [])]), scope=scope, mine=mine, done=done)


def _loose(*who: int, scope: str, mine: bool, done: bool) -> QuerySet[Voicemail]:
    """`who`: the reader and the unit, as far as they are asked for."""
    rows = Voicemail.objects.filter(done_at__isnull=not done, callback=None).select_related(*_WITH).order_by("-done_at" if done else "left_at")
    match scope:
        case "unit":
            rows = rows.filter(Q(queue__unit=who[1]) | Q(agent=who[0]))
        case "own":
            rows = rows.filter(Q(agent=who[0]) | Q(agent=None, queue__in=Queue.objects.filter(members__agent=who[0])))
    return (rows.filter(agent=who[0]) if mine else rows)[:100]


_LOOSE = Kept(_loose)


def of_callbacks(callbacks: Sequence[int]) -> dict[int, Voicemail]:
    """The messages that belong to these callbacks. One query."""
    rows = Voicemail.objects.filter(callback__in=callbacks).select_related(*_WITH)
    return {row.callback_id: row for row in rows if row.callback_id is not None}
