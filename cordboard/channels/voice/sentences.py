"""Why a call was recorded, or was not, in words."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from cordboard.interactions.sentences import register

register("voice.recorded", gettext_noop("The call is recorded; the caller was told before."))
register("voice.not_recorded", gettext_noop("The call is not recorded."))
register("voice.no_recording_policy", gettext_noop("The call is not recorded: no policy asks for it."))
register("voice.callback_offered", gettext_noop("The caller was offered to be called back and to keep the place in {queue:queue}."))
