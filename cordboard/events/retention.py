"""Deleting events whose time is over, a few at a time: no transaction that others would have to wait for."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import transaction

from cordboard.events import catalogue
from cordboard.events.models import Event

CHUNK = 500
"""Rows in one transaction."""

BETWEEN = 0.05
"""Seconds between two transactions, for others to write."""

LEAST = timedelta(hours=1)
"""Nothing younger is deleted whatever a declaration says: pages and subscribers may still have to read it."""


def forget(now: datetime, *, at_most: int = 50_000) -> int:
    """Delete events that are older than their kind is kept. Returns how many; at most so many, the rest next time."""
    gone = 0
    for kind, declared in sorted(catalogue.kinds().items()):
        if declared.keep is None:
            continue
        before = now - max(declared.keep, LEAST)
        while gone < at_most:
            # The oldest of a kind come first by id; looking at no more than these keeps the look cheap when there is nothing to do.
            oldest = Event.objects.filter(kind=kind).order_by("id").values_list("id", "at")[:CHUNK]
            ids = [id_ for id_, at in oldest if at < before]
            if not ids:
                break
            with transaction.atomic():
                gone += Event.objects.filter(id__in=ids).delete()[0]
            if len(ids) < CHUNK:
                break
            time.sleep(BETWEEN)
    return gone
