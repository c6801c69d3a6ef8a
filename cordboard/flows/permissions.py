"""What may be done with flows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.lib.permissions import declare

VIEW = "flows.view"
DESIGN = "flows.design"
PUBLISH = "flows.publish"
SERVICES = "flows.services"
LOOKUPS = "flows.lookups"

declare(VIEW, _("See flows, their versions and their figures"))
declare(DESIGN, _("Draw and try flows"))
declare(PUBLISH, _("Publish and retire flows"))
declare(SERVICES, _("Say which web services and databases may be asked"))
declare(LOOKUPS, _("Say what is looked up elsewhere when contacts are decided on"))
