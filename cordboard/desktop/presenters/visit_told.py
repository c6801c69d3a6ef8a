"""How the customer of a visit hears of it, in words: what was told and how, and what will be."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cordboard.appointments.models import Appointment
from cordboard.desktop.presenters.appointments import slot_words
from cordboard.lib.config import config
from cordboard.mail import visit_ways as ways
from cordboard.mail.appointments import expected
from cordboard.mail.models_visit import VisitTold
from cordboard.parties.queries import profile


def told(row: Appointment) -> list[dict[str, str]]:
    """What the customer was told of this visit, and how, the newest first. One query."""
    return [
        {
            "what": str(TOLD[one.what]),
            "how": how_told(one.way, one.why),
            "at": slot_words(one.at),
            "tone": "warn" if one.way == ways.NOTHING and one.why != ways.IN_CALL else "",
        }
        for one in VisitTold.objects.filter(appointment=row).order_by("-pk")
    ]


def how_told(way: str, why: str) -> str:
    """In words."""
    said = {
        (ways.MAIL, ""): _("By mail."),
        (ways.MAIL, ways.NO_NUMBER): _("By mail: the customer wants to be called, and no number is known."),
        (ways.MAIL, ways.POST_TOO_SLOW): _("By mail: a letter would come too late."),
        (ways.CALL, ""): _("A colleague calls: the customer wants it so."),
        (ways.CALL, ways.NO_NUMBER): _("A colleague finds the number and calls: the customer wants it so."),
        (ways.CALL, ways.NO_MAIL): _("A colleague calls: no e-mail address is known."),
        (ways.CALL, ways.POST_TOO_SLOW): _("A colleague calls: a letter would come too late."),
        (ways.LETTER, ""): _("A colleague writes a letter: the customer wants it so."),
        (ways.NOTHING, ways.IN_CALL): _("In the call in which it was booked."),
        (ways.NOTHING, ways.TOO_LATE): _("Not told: the visit had begun by then."),
        (ways.NOTHING, ways.NO_MAIL): _("Not told: no e-mail address is known."),
    }
    return said.get((way, why)) or _("Not told.")


TOLD = {
    ways.BOOKED: pgettext_lazy("what a customer is told of a visit", "Booked"),
    ways.MOVED: pgettext_lazy("what a customer is told of a visit", "Moved"),
    ways.CANCELLED: pgettext_lazy("what a customer is told of a visit", "Cancelled"),
    ways.REMINDED: pgettext_lazy("what a customer is told of a visit", "Reminder"),
    ways.SENT_BACK: pgettext_lazy("what a customer is told of a visit", "Cannot take place"),
    ways.HANDED_ON: pgettext_lazy("what a customer is told of a visit", "Somebody else comes"),
}


def now_told(row: Appointment, what: str) -> str:
    """Said to whoever booked, moved or cancelled it: how the customer hears of it, and what is left to do."""
    if row.party is None:
        return _("Nobody is known for this visit yet, so nobody is told: put the customer on it, or tell them yourself.")
    way = expected(row, what, profile(row.party_id or 0), timezone.now())
    match way.way:
        case ways.MAIL:
            return _("The customer is told by mail.") if config().smtp else _("No mail server is set: tell the customer.")
        case ways.CALL:
            return (
                _("The customer wants to be called: it stands in the work list.")
                if not way.why
                else _("No e-mail address is known: a call stands in the work list.")
            )
        case ways.LETTER:
            return _("The customer wants a letter: it stands in the work list.")
        case _:
            return {ways.IN_CALL: "", ways.TOO_LATE: _("It has begun: nobody is told any more.")}.get(
                way.why, _("No e-mail address is known: tell the customer.")
            )
