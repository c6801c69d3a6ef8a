"""Emergency announcements: what everybody hears at once who waits in a queue, and first of all who calls in for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import events
from cordboard.channels.voice.models import Emergency
from cordboard.events import log
from cordboard.org.languages import LANGUAGES
from cordboard.routing.models import Queue
from cordboard.routing.scopes import may_manage

LONGEST = 600
"""Characters of a text: about 40 seconds."""


def announce(user: Any, queue: int, texts: Mapping[str, str], *, until: datetime | None = None, now: datetime | None = None) -> int | None:
    """Say it from now on, in place of what was said before. `texts` by language; empty ones are left out. Needs routing.manage, for this queue. Returns the row's id,
    None when there is no such queue. Raises ValueError without any text, with one that is too long, or when the time is over already."""
    may_manage(user, queue)
    now = now or timezone.now()
    said = {language: words.strip() for language, words in texts.items() if language in LANGUAGES and words.strip()}
    if not said or max(map(len, said.values())) > LONGEST or (until is not None and until <= now):
        raise ValueError("no text, one that is too long, or a time that is over")
    with transaction.atomic():
        if Queue.objects.select_for_update().filter(pk=queue).first() is None:
            return None
        Emergency.objects.filter(queue_id=queue, ended_at=None).update(ended_at=now)
        made = Emergency.objects.create(queue_id=queue, texts=said, began_at=now, until=until, by_id=user.pk)
        log.record(
            events.EMERGENCY_SET,
            actor=f"user:{user.pk}",
            queue=queue,
            emergency=made.pk,
            on=True,
            until=until.timestamp() if until is not None else None,
        )
    return made.pk


def end(user: Any, queue: int, *, now: datetime | None = None) -> bool:
    """It is said no more. Needs routing.manage, for this queue. Returns whether there was one."""
    may_manage(user, queue)
    with transaction.atomic():
        row = Emergency.objects.select_for_update().filter(queue_id=queue, ended_at=None).first()
        if row is None:
            return False
        row.ended_at = now or timezone.now()
        row.save(update_fields=["ended_at"])
        log.record(events.EMERGENCY_SET, actor=f"user:{user.pk}", queue=queue, emergency=row.pk, on=False, until=None)
    return True
