"""What one may be allowed to see of figures. Agents see their own day without it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare
from cordboard.org.tokens import offer_scope

VIEW = "analytics.view"

declare(VIEW, _("See the figures of queues and agents, and take them out"))
offer_scope(VIEW)
