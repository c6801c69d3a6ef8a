"""What may be done with products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

COVER = "catalogue.cover"

declare("catalogue.view", _("See products and what customers have of them"))
declare("catalogue.change", _("Register customers' products and their faults"))
declare(COVER, _("Grant service contracts, extended warranty and goodwill"))
