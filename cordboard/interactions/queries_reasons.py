"""Reading contact reasons and outcomes. Every function says how many queries it makes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from cordboard.interactions.models import ContactReason, InteractionReason, Outcome

FAVOURITES_OF = timedelta(days=60)


def reasons_in_levels() -> list[tuple[ContactReason, list[ContactReason]]]:
    """Every active contact reason: the first level with its second. One query."""
    rows = list(ContactReason.objects.filter(active=True))
    below: dict[int, list[ContactReason]] = {}
    for row in rows:
        if row.parent_id is not None:
            below.setdefault(row.parent_id, []).append(row)
    return [(row, below.get(row.pk, [])) for row in rows if row.parent_id is None]


def favourites(user: Any, limit: int = 5, now: datetime | None = None) -> list[ContactReason]:
    """The reasons that this user gave most in the last 60 days; what is missing, from everybody's. Two queries."""
    since = (now or timezone.now()) - FAVOURITES_OF
    given = Count("pk", filter=Q(pk__isnull=False))
    own = list(
        InteractionReason.objects.filter(by_id=user.pk, at__gte=since, reason__active=True)
        .values_list("reason_id")
        .annotate(times=given)
        .order_by("-times", "reason_id")[:limit]
        .values_list("reason_id", flat=True)
    )
    used = InteractionReason.objects.filter(reason=OuterRef("pk"), at__gte=since)
    rows = ContactReason.objects.filter(active=True).exclude(parent=None).annotate(used=Exists(used)).order_by("-used", "order", "code")
    ranked: list[ContactReason] = sorted(rows, key=lambda row: own.index(row.pk) if row.pk in own else len(own))
    return ranked[:limit]


def outcomes() -> list[Outcome]:
    """One query."""
    return list(Outcome.objects.filter(active=True))
