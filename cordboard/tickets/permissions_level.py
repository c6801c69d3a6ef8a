"""What may be done with support levels and mass incidents."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

LEVELS = "tickets.levels"
INCIDENTS = "tickets.incidents"

declare(LEVELS, _("Set support levels and when tickets are suggested as one incident"))
declare(INCIDENTS, _("Tie tickets to mass incidents, answer and resolve them together"))
