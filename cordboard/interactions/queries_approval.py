"""Reading approvals: what waits for somebody's word, and the answers that an asker has not seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cordboard.interactions.models import Approval
from cordboard.lib.kept import Kept


def _with_names() -> QuerySet[Approval]:
    return Approval.objects.select_related("approver", "unit__head", "asked_by", "decided_by", "interaction__subject")


def _asked_of(user: Any) -> Q:
    return Q(approver_id=user.pk) | Q(approver=None, unit__head_id=user.pk)


def to_decide(user: Any, now: datetime) -> list[Approval]:
    """What waits for this person's word, the first due first. One query."""
    return list(_with_names().filter(_asked_of(user), state=Approval.State.PENDING, due_at__gt=now).exclude(asked_by_id=user.pk).order_by("due_at", "pk")[:200])


def settled(user: Any, most: int = 30) -> list[Approval]:
    """The latest that this person was asked and that are over. One query."""
    return list(_with_names().filter(_asked_of(user)).exclude(state=Approval.State.PENDING).order_by("-decided_at", "-pk")[:most])


def asked_by(user: Any, most: int = 30) -> list[Approval]:
    """The latest that this person asked for. One query."""
    return list(_with_names().filter(asked_by_id=user.pk).order_by("-asked_at", "-pk")[:most])


def answers(user: Any, most: int = 5) -> list[Approval]:
    """Answers that this person has not seen yet. One query."""
    rows = Approval.objects.filter(asked_by_id=user.pk, seen_at=None, decided_at__isnull=False)
    return list(rows.select_related("decided_by", "approver", "unit").order_by("pk")[:most])


def of_contact(interaction: int) -> list[Approval]:
    """Everything asked in a contact. One query."""
    return list(_OF_CONTACT(interaction))


_OF_CONTACT = Kept(lambda interaction: _with_names().filter(interaction_id=interaction).order_by("pk"))
