"""What may be done with mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

MANAGE = "mail.manage"
declare(MANAGE, _("See mail that goes out, and send again what was not sent"))
