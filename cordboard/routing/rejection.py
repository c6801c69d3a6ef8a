"""Why an agent does not take what rings: a few reasons to choose from. None is needed. Colleagues and managers read them with the contact.

The codes are kept (`Segment.end_reason`, `routing.offer_rejected`), so one is never taken away while contacts name it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Rejection:
    """`choice` is read by who chooses it, `said` stands behind a colon after "... did not take it"."""

    choice: str | Promise
    said: str | Promise


REJECTIONS: dict[str, Rejection] = {
    "subject": Rejection(_("It needs other knowledge"), _("it needs other knowledge")),
    "language": Rejection(_("It needs another language"), _("it needs another language")),
    "personal": Rejection(_("I know the customer in person"), _("knows the customer in person")),
    "equipment": Rejection(_("My headset or computer fails"), _("headset or computer failed")),
    "leaving": Rejection(_("I am about to leave"), _("was about to leave")),
}
"""By code, in the order of the menu: the number before each is its key."""
