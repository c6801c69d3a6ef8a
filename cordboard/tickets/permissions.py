"""What may be done with tickets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

declare("tickets.view", _("See tickets"))
declare("tickets.open", _("Open a ticket"))
declare("tickets.change", _("Work on tickets: notes, state, owner"))
KINDS = "tickets.kinds"
declare(KINDS, _("Make kinds of tickets, with their fields and states"))
declare("tickets.service_levels", _("Set business hours and service levels"))
declare("tickets.share_views", _("Share views of the ticket list with a role or unit"))

import cordboard.tickets.permissions_complaint  # noqa: E402
import cordboard.tickets.permissions_level  # noqa: E402
import cordboard.tickets.permissions_service  # noqa: E402, F401  cases and service orders
