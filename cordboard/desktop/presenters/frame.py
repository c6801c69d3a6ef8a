"""The shell around every page: the live line and the telephone."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils import timezone

from cordboard.desktop import queries
from cordboard.desktop.cards import Frame
from cordboard.desktop.presenters.listening import listening
from cordboard.desktop.presenters.telephone import telephone
from cordboard.events import feed, topics
from cordboard.interactions.queries import Mine, open_for_agent
from cordboard.org.permissions import user_may
from cordboard.routing.permissions import AGENT, LISTEN_IN


def mine_of(request: HttpRequest) -> list[Mine]:
    """What the reader has open, read once a request: the telephone and the stage both start from it."""
    kept: list[Mine] | None = getattr(request, "_open_for_agent", None)
    if kept is None:
        kept = open_for_agent(request.user)
        request._open_for_agent = kept  # type: ignore[attr-defined]
    return kept


def facts_of(request: HttpRequest) -> Callable[[int], queries.CallFacts]:
    """What the switch and the queue know of a contact, read once a request: the telephone, the offer and the greeting ask for it."""
    kept: dict[int, queries.CallFacts] = request.__dict__.setdefault("_call_facts", {})

    def read(interaction: int) -> queries.CallFacts:
        if interaction not in kept:
            kept[interaction] = queries.call_facts(interaction)
        return kept[interaction]

    return read


def frame(request: HttpRequest) -> Frame:
    """The frame for the reader of `request`. A page that is put into a standing shell needs none of it: only its stage is taken."""
    user = request.user
    now = timezone.now()
    inside = bool(request.headers.get("HX-Request"))
    # The cursor is taken before anything is read: what happens meanwhile comes as events.
    cursor = "" if inside else feed.of_django().now_cursor()
    shown = None
    if not inside and user_may(user, AGENT):
        shown = telephone(user, mine_of(request), now, facts_of(request), request.GET.get("interaction", ""))
    return Frame(
        now=now,
        live_url="/live",
        cursor=cursor,
        topics=tuple(topics.own_topics(user)),
        ring_tone=str(user.preferences.get("ring_tone", "soft")) if user.is_authenticated else "off",
        softphone="1" if shown else "",
        telephone=shown,
        listening=listening(user) if not inside and user_may(user, LISTEN_IN) else None,
    )
