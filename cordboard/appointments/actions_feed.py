"""The only writers of secret addresses of calendars, and of what becomes of them when somebody leaves."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.appointments import events
from cordboard.appointments.models import Feed, Staff
from cordboard.appointments.permissions import VIEW
from cordboard.events import log
from cordboard.org.permissions import require

USED_EVERY = timedelta(hours=1)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make(user: Any, *, now: datetime | None = None) -> tuple[Feed, str]:
    """A new secret for the user's own calendar; those before hold no longer. Returns the secret too, which is not kept. Raises PermissionDenied, Staff.DoesNotExist: the
    user makes no visits."""
    require(user, VIEW)
    now = now or timezone.now()
    if not Staff.objects.filter(user=user, active=True).exists():
        raise Staff.DoesNotExist
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _revoke_all(user.pk, f"user:{user.pk}", now)
        row = Feed.objects.create(user=user, hash=hash_of(secret), start=secret[:4], created_at=now)
        log.record(events.FEED_MADE, actor=f"user:{user.pk}", user=user.pk, feed=row.pk)
    return row, secret


def revoke(user: Any, *, now: datetime | None = None) -> int:
    """The user's own addresses hold no longer. Returns how many did."""
    with transaction.atomic():
        return _revoke_all(user.pk, f"user:{user.pk}", now or timezone.now())


def left(by: Any, number: int, now: datetime) -> int:
    """Somebody's account is closed: so is the way to the calendar. In the caller's transaction."""
    return _revoke_all(number, f"user:{by.pk}" if by is not None else "system", now)


def find(secret: str, now: datetime) -> Feed | None:
    """The feed of this secret while it holds: neither revoked, nor of somebody who left or may see calendars no longer. Writes down when it was read, once an hour at most."""
    row = Feed.objects.select_related("user").filter(hash=hash_of(secret), revoked_at=None, user__is_active=True).first()
    if row is None or not Staff.objects.filter(user=row.user_id, active=True).exists():
        return None
    if row.used_at is None or now - row.used_at > USED_EVERY:
        Feed.objects.filter(pk=row.pk).update(used_at=now)
    return row


def _revoke_all(user: int, actor: str, now: datetime) -> int:
    standing = list(Feed.objects.select_for_update().filter(user=user, revoked_at=None).values_list("pk", flat=True))
    Feed.objects.filter(pk__in=standing).update(revoked_at=now)
    for pk in standing:
        log.record(events.FEED_REVOKED, actor=actor, user=user, feed=pk)
    return len(standing)
