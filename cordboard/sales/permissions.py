"""What may be done with orders and invoices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

declare("sales.view", _("See orders, invoices and balances"))
