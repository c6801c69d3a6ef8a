"""What may be allowed about telephone calls."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

LISTEN = "voice.hear_recordings"
MANAGE = "voice.manage"
RECORD = "voice.record"

declare(LISTEN, _("Listen to recordings of calls"))
declare(RECORD, _("Start and stop recording a call"))
declare(MANAGE, _("Change telephone lines, trunks and announcements"))
