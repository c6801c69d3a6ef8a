"""What one may be allowed to do in routing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

AGENT = "routing.agent"
WATCH = "routing.watch"
SUPERVISE = "routing.supervise"
MANAGE = "routing.manage"

declare(AGENT, _("Take contacts: be ready or not, accept, transfer, consult"))
declare(WATCH, _("Watch queues and agents live"))
declare(SUPERVISE, _("Change colleagues' states"))
declare(MANAGE, _("Open and close queues, set their terms"))
