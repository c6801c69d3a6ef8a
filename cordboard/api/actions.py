"""The only writer of answers that are kept for programs which ask twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cordboard.api.models import Answered

KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(minutes=5)
"""A request that was begun so long ago and has no answer was cut off: it may be done anew."""


def begin(user: Any, key: str, digest: str, *, now: datetime | None = None) -> tuple[Answered, bool]:
    """(the row of this request, whether it begins here). One with another digest belongs to another request; one that was there before has a status, or is
    being done."""
    now = now or timezone.now()
    Answered.objects.filter(user=user, key=key, at__lt=now - KEPT).delete()
    Answered.objects.filter(user=user, key=key, status=None, at__lt=now - GIVEN_UP).delete()
    try:
        with transaction.atomic():
            row = Answered.objects.create(user=user, key=key, digest=digest, at=now)
    except IntegrityError:
        return Answered.objects.get(user=user, key=key), False
    return row, True


def keep(row: Answered, status: int, body: str, headers: Mapping[str, str]) -> None:
    Answered.objects.filter(pk=row.pk).update(status=status, body=body, headers=dict(headers))


def forget(row: Answered) -> None:
    """It was not done: the same key may be used again."""
    Answered.objects.filter(pk=row.pk).delete()


def forget_old(*, now: datetime | None = None) -> int:
    """Those that nobody asks for any more. Returns how many."""
    return Answered.objects.filter(at__lt=(now or timezone.now()) - KEPT).delete()[0]
