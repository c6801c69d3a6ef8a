"""What may be done with knowledge."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

declare("knowledge.view", _("Search and read solutions"))
declare("knowledge.use", _("Give solutions to customers and say what helped"))
declare("knowledge.write", _("Write, publish and retire solutions"))
