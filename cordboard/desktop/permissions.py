"""What the desktop lets people do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

declare("desktop.use", _("Use the agent's desktop and take calls"))
