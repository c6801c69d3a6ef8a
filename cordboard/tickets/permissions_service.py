"""What may be done with cases and service orders."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

CASES = "tickets.cases"
ORDERS = "tickets.orders"

declare(CASES, _("See and work on cases"))
declare(ORDERS, _("See, plan and carry out service orders"))
