"""What may be done with policies."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.lib.permissions import declare

VIEW = "rules.view"
EDIT = "rules.edit"
REVIEW = "rules.review"
PUBLISH = "rules.publish"
PUBLISH_ALONE = "rules.publish_alone"

declare(VIEW, _("See policies, their versions and why they decided as they did"))
declare(EDIT, _("Write policies, and run drafts over past contacts"))
declare(REVIEW, _("Review what others wrote in policies"))
declare(PUBLISH, _("Publish policies that somebody else has reviewed"))
declare(PUBLISH_ALONE, _("Publish policies without another person's review"))
