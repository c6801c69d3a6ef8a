"""Finding recordings by anything that is known of their call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from cordboard.channels.voice.models import Listening, Recording
from cordboard.channels.voice.queries import recordings
from cordboard.interactions.models import InteractionReason, Note, Segment
from cordboard.org.models import User
from cordboard.parties.models import Party
from cordboard.parties.normalise import customer_number, fold
from cordboard.routing.models import Entry

PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; what is empty does not matter. `words`: of the customer's name, number, notes, headline; `since` and `until` are of the call's beginning."""

    words: str = ""
    agent: int | None = None
    queue: int | None = None
    reason: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Id of the last one seen."""


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Recording]
    more: bool
    heard: dict[int, int]
    """How often each was listened to."""


def search(user: User, asked: Asked) -> Found:
    """The newest first, a page of them, of those that `user` may hear. Four queries at most."""
    rows = recordings(user).select_related("call__interaction__subject", "call__interaction__agent", "call__line")
    call = OuterRef("call")
    if asked.agent is not None:
        rows = rows.filter(Exists(Segment.objects.filter(interaction=call, agent=asked.agent, accepted_at__isnull=False)))
    if asked.queue is not None:
        rows = rows.filter(Q(Exists(Entry.objects.filter(interaction=call, queue=asked.queue))) | Q(call__interaction__outgoing__queue=asked.queue))
    if asked.reason is not None:
        given = InteractionReason.objects.filter(Q(reason=asked.reason) | Q(reason__parent=asked.reason), interaction=call)
        rows = rows.filter(Exists(given))
    if asked.since is not None:
        rows = rows.filter(started_at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(started_at__lt=asked.until)
    if asked.before is not None:
        rows = rows.filter(pk__lt=asked.before)
    for word in asked.words.split()[:6]:
        rows = rows.filter(_word(word, call))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    heard = dict(
        Listening.objects.filter(recording__in=[one.pk for one in shown]).values_list("recording").annotate(count=Count("pk")).values_list("recording", "count")
    )
    return Found(shown, len(found) > PAGE, heard)


def _word(word: str, call: OuterRef) -> Q:
    """One word: in the customer's name, either number, the headline, or what anybody noted."""
    digits = customer_number(word)
    named = Party.objects.filter(pk=OuterRef("call__interaction__subject"), name_key__contains=fold(word) or word)
    told = Q(Exists(named)) | Q(call__interaction__headline__icontains=word)
    told |= Q(Exists(Note.objects.filter(interaction=call, text__icontains=word)))
    if len(digits) >= 3 and len(digits) >= len(word) - 3:
        bare = digits.lstrip("0") or digits
        told |= Q(call__interaction__from_address__contains=bare) | Q(call__interaction__to_address__contains=bare)
        told |= Q(call__interaction__subject__customer_number=digits)
    return told


def listenings(recording: int) -> list[Listening]:
    """Who has listened, the last first. One query."""
    return list(Listening.objects.filter(recording=recording).select_related("user")[:100])


def running() -> int:
    """How many recordings run now. One query."""
    return Recording.objects.filter(ended_at=None, error="", call__ended_at=None).count()
