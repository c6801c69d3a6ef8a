"""Which users' pages were heard lately. The front gathers heartbeats and hands them in every few seconds (`views.presence`), so a front
that starts anew makes nobody vanish: what counts is the time of the last heartbeat, with a grace longer than any restart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from cordboard.events.models import Presence

GRACE = timedelta(seconds=20)
"""Heartbeats come every 5 s, are handed in every 3 s and may be late by a restart of the front."""


def heard(users: Iterable[int], now: datetime) -> None:
    """Note that pages of these users are there."""
    rows = [Presence(user=user, seen_at=now) for user in sorted(set(users))]
    Presence.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user"], update_fields=["seen_at"])


def last_seen(users: Iterable[int]) -> dict[int, datetime]:
    """When each of these users was last heard; those who never were are missing."""
    return dict(Presence.objects.filter(user__in=list(users)).values_list("user", "seen_at"))


def present(users: Iterable[int], now: datetime, grace: timedelta = GRACE) -> set[int]:
    """Those of `users` who were heard within `grace`."""
    return set(Presence.objects.filter(user__in=list(users), seen_at__gte=now - grace).values_list("user", flat=True))
