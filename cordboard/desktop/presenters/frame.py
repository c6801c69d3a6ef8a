"""The shell around every page: telephone, live line."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from cordboard.desktop.cards import Frame
from cordboard.events import feed, topics


def frame(request: HttpRequest) -> Frame:
    """The frame for the reader of `request`."""
    user = request.user
    return Frame(
        now=timezone.now(),
        live_url="/live",
        cursor=feed.of_django().now_cursor(),
        topics=tuple(topics.own_topics(user)),
        ring_tone=str(user.preferences.get("ring_tone", "soft")),
        softphone="",
        telephone=None,
    )
