"""What may be done with complaints beside working on the ticket."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

MANAGE = "tickets.complaints"
declare(MANAGE, _("Set how complaints are weighed and answered"))
