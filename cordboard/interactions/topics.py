"""Live topics of interactions: each of them."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import VIEW, has_part
from cordboard.org.permissions import user_may


def _may_see(user: Any, key: str) -> bool:
    if not key.isdigit():
        return False
    scope = user_may(user, VIEW)
    if scope is None or scope == "own":
        return has_part(user, int(key))
    if scope == "unit":
        return has_part(user, int(key)) or Interaction.objects.filter(pk=int(key), agent__unit_id=user.unit_id, agent__unit__isnull=False).exists()
    return True


topic("interaction", allowed=_may_see)
