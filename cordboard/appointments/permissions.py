"""What may be done with appointments. The scope of VIEW and BOOK says whose calendars: one's own, those of the unit, all."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

VIEW = "appointments.view"
BOOK = "appointments.book"
MANAGE = "appointments.manage"
declare(VIEW, _("See calendars of service staff"))
declare(BOOK, _("Book, move and cancel appointments"))
declare(MANAGE, _("Change service staff, their hours, areas and kinds of visit"))
