"""What one may be allowed to do with interactions, and with which of them.

Scope "own" reaches the interactions in which one had a part, "unit" those that a colleague of the same unit has, "all" every one.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cordboard.interactions.models import Interaction, Segment
from cordboard.org.permissions import declare, require

HANDLE = "interactions.handle"
VIEW = "interactions.view"

declare(HANDLE, _("Handle contacts: notes, reasons, outcome, whom they are about"))
declare(VIEW, _("See contacts and their history"))


def has_part(user: Any, interaction: int) -> bool:
    """Whether the user has or had a segment of the interaction."""
    return Segment.objects.filter(interaction_id=interaction, agent_id=user.pk).exists()


def require_part(user: Any, code: str, interaction: Interaction) -> None:
    """Raises PermissionDenied unless the user's scope for `code` reaches the interaction."""
    scope = require(user, code)
    if scope == "all" or interaction.agent_id == user.pk or has_part(user, interaction.pk):
        return
    if scope == "unit" and interaction.agent is not None and interaction.agent.unit_id is not None and interaction.agent.unit_id == user.unit_id:
        return
    raise PermissionDenied(_("This contact is not yours."))
