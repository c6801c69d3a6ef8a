"""What one may be allowed to do in routing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

AGENT = "routing.agent"
WATCH = "routing.watch"
SUPERVISE = "routing.supervise"
MANAGE = "routing.manage"
DIAL = "routing.dial"
CALLBACKS = "routing.callbacks"
LISTEN_IN = "routing.listen_in"
BROADCAST = "routing.broadcast"

declare(AGENT, _("Take contacts: be ready or not, accept, transfer, consult"))
declare(WATCH, _("Watch queues and agents live"))
declare(SUPERVISE, _("Change colleagues' states"))
declare(MANAGE, _("Open and close queues, set their terms"))
declare(DIAL, _("Call customers"))
declare(LISTEN_IN, _("Listen in on colleagues' calls, coach them and join"))
declare(CALLBACKS, _("See and make callbacks: one's own, the unit's or all"))
declare(BROADCAST, _("Send messages to many colleagues at once"))
