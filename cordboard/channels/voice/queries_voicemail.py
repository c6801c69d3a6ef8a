"""Reading the messages that callers left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from cordboard.channels.voice.models import Voicemail
from cordboard.org.permissions import user_may
from cordboard.routing.models import Queue
from cordboard.routing.permissions import CALLBACKS

_WITH = ("recording__call__interaction__subject", "queue", "agent", "heard_by", "done_by")


def loose_voicemails(user: Any, *, mine: bool = False, done: bool = False) -> list[Voicemail]:
    """Those without a callback (a withheld number, say) about which something is left to do, the oldest first; or those that are `done`, the newest first. One query."""
    rows = Voicemail.objects.filter(done_at__isnull=not done, callback=None).select_related(*_WITH).order_by("-done_at" if done else "left_at")
    match user_may(user, CALLBACKS):
        case "all":
            pass
        case "unit" if user.unit_id is not None:
            rows = rows.filter(Q(queue__unit=user.unit_id) | Q(agent=user.pk))
        case "own" | "unit":
            rows = rows.filter(Q(agent=user.pk) | Q(agent=None, queue__in=Queue.objects.filter(members__agent=user.pk)))
        case _:
            return []
    return list((rows.filter(agent=user.pk) if mine else rows)[:100])


def of_callbacks(callbacks: Sequence[int]) -> dict[int, Voicemail]:
    """The messages that belong to these callbacks. One query."""
    rows = Voicemail.objects.filter(callback__in=callbacks).select_related(*_WITH)
    return {row.callback_id: row for row in rows if row.callback_id is not None}
