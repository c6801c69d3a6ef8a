"""Reading alerts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cordboard.guidance.models import Alert
from cordboard.lib.kept import Kept

_ORDER = [Alert.Kind.WARNING, Alert.Kind.REMINDER, Alert.Kind.SUGGESTION]


def alerts(interaction: int, user: Any) -> list[Alert]:
    """What is to be shown to the user with this contact: warnings first. One query."""
    return sorted(_ALERTS(interaction, user.pk), key=lambda row: _ORDER.index(Alert.Kind(row.kind)))


_ALERTS = Kept(
    lambda interaction, user: Alert.objects.filter(Q(user=None) | Q(user_id=user), interaction_id=interaction, dismissed_at=None, withdrawn_at=None).order_by(
        "pk"
    )
)
