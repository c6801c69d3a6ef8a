"""What customers are written about their appointments: confirmed, moved, cancelled, a reminder; each with the entry for their calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cordboard.appointments import ics
from cordboard.appointments.models import Appointment
from cordboard.interactions.models import Interaction
from cordboard.lib.config import config
from cordboard.mail.actions import Attached, send
from cordboard.mail.models import OutgoingMail
from cordboard.org.languages import best
from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.models import Task

PURPOSE = "appointment"
BOOKED, MOVED, CANCELLED, REMINDED, SENT_BACK, HANDED_ON = "booked", "moved", "cancelled", "reminded", "sent_back", "handed_on"
BY_HAND = (BOOKED, MOVED, CANCELLED)
"""What a colleague tells those who want no mail. Reminders go by mail where there is an address: a mail too many is less bad than nobody at home."""
LATEST = timedelta(days=1)
OFF = (CANCELLED, SENT_BACK)
"""It does not take place: by the customer's wish or ours, or because nobody can come then."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def tell(number: int, what: str, sequence: int, *, now: datetime | None = None) -> OutgoingMail | None:
    """Write to the customer, once for each change. None: nobody to write to, no address, a later change is told instead, or a colleague calls or writes a letter, as the customer
    wishes."""
    row = Appointment.objects.select_related("kind", "party", "staff__user__unit", "by__unit", "interaction").filter(pk=number).first()
    if row is None or row.party is None or row.sequence != sequence:
        return None
    if (row.state == Appointment.State.CANCELLED) != (what in OFF):
        return None
    language = best([row.language, *row.party.languages])
    if what in BY_HAND and row.party.preferred_way in (Party.Way.PHONE, Party.Way.POST) and _by_hand(row, what, language, sequence, now or timezone.now()):
        return None
    emails = parties.profile(row.party_id or 0).emails
    if not emails:
        return None
    written = letter(row, what, language)
    file = entry(row, emails[0].value, written.subject, language, now or timezone.now())
    method = ics.CANCEL if what in OFF else ics.REQUEST
    attached = [
        Attached("appointment.ics", f"text/calendar; method={method}", file, alternative=True),
        Attached("appointment.ics", "text/calendar", file),
    ]
    return send(
        emails[0].value, written.subject, written.text, purpose=PURPOSE, key=f"appointment:{number}:{what}:{sequence}", interaction=row.interaction_id, party=row.party_id,
        language=language, by=row.by, attached=[] if what == REMINDED else attached, now=now,
    )  # fmt: skip


def _by_hand(row: Appointment, what: str, language: str, sequence: int, now: datetime) -> bool:
    """For who wants to be called, or to get a letter: a task for whoever booked it, or the technician's unit. What was booked in a call was told in it. False: there is nobody's work list."""
    if what == BOOKED and row.interaction is not None and row.interaction.channel == Interaction.Channel.VOICE:
        return True
    owner = row.by if row.by is not None and row.by.is_active else None
    unit = (owner.unit if owner is not None else None) or row.staff.user.unit
    if owner is None and unit is None:
        return False
    assert row.party is not None
    written = letter(row, what, language)
    called = row.party.preferred_way == Party.Way.PHONE
    make_task(
        None, written.subject, kind=Task.Kind.CALL if called else Task.Kind.OTHER, text=written.text, party=row.party, owner=owner, unit=unit,
        due_at=max(now, min(row.starts_at, now + LATEST)), priority=3, why={"code": "appointment", "way": row.party.preferred_way, "language": language},
        key=f"appointment:{row.pk}:{what}:{sequence}", now=now,
    )  # fmt: skip
    return True


def zone(row: Appointment) -> ZoneInfo:
    """The clock that the customer sees: at home that of whoever comes there."""
    own = row.party.timezone if row.party is not None and not row.kind.on_site else ""
    return ZoneInfo(own or row.staff.timezone)


def when(row: Appointment, language: str) -> tuple[str, str, str]:
    """The day, from, until, in the customer's language and on the customer's clock."""
    start, end = (moment.astimezone(zone(row)) for moment in (row.starts_at, row.ends_at))
    with translation.override(language), timezone.override(zone(row)):
        day, weekday = date_format(start, "DATE_FORMAT"), date_format(start, "l")
        shown = f"{day} {weekday}" if language == "zh-hans" else f"{weekday} {day}"
        return shown, date_format(start, "TIME_FORMAT"), date_format(end, "TIME_FORMAT")


def letter(row: Appointment, what: str, language: str) -> Letter:
    """Subject and text."""
    day, start, end = when(row, language)
    house = parseaddr(config().mail_from)[0] or config().mail_domain
    with translation.override(language):
        names = {
            "kind": row.kind.name_in(language),
            "day": day,
            "start": start,
            "end": end,
            "name": row.party.name if row.party else "",
            "who": str(row.staff),
            "house": house,
        }
        if what == BOOKED:
            subject, first = _("Your appointment on %(day)s") % names, _("Your appointment is booked.")
        elif what == MOVED:
            subject, first = _("Your appointment is now on %(day)s") % names, _("Your appointment has moved. This is the new time.")
        elif what == HANDED_ON:
            subject, first = _("Your appointment on %(day)s: %(who)s comes") % names, _("Another colleague comes to your appointment. The time stays as it is.")
        elif what == CANCELLED:
            subject, first = _("Your appointment on %(day)s is cancelled") % names, _("Your appointment is cancelled. You need not do anything.")
        elif what == SENT_BACK:
            subject, first = _("We cannot come on %(day)s") % names, _("We cannot keep this appointment. We are sorry, and call you to find another time.")
        else:
            subject, first = _("Your appointment on %(day)s comes soon") % names, _("This is a reminder of your appointment.")
        lines = [_("Dear %(name)s,") % names, "", first, "", _("What: %(kind)s") % names, _("When: %(day)s, from %(start)s to %(end)s") % names]
        if what not in OFF:
            if row.place:
                lines.append(_("Where: %(place)s") % {"place": row.place})
            lines.append(_("Who: %(who)s") % names)
        if what not in OFF:
            lines += ["", _("If the time does not suit you, call us: we find another one.")]
        elif what == CANCELLED:
            lines += ["", _("If you want another time, call us.")]
        if what in (BOOKED, MOVED, HANDED_ON):
            lines.append(_("The attached file puts it into your calendar."))
        lines += ["", house]
    return Letter(subject, "\n".join(lines))


def entry(row: Appointment, address: str, subject: str, language: str, stamp: datetime) -> bytes:
    """The calendar's file, as an invitation by mail has it (RFC 6047)."""
    name, sender = parseaddr(config().mail_from)
    cancelled = row.state == Appointment.State.CANCELLED
    one = ics.Entry(
        uid=row.uid, sequence=row.sequence, starts_at=row.starts_at, ends_at=row.ends_at, stamp=stamp, summary=f"{row.kind.name_in(language)} ({name or sender})",
        description=subject, location=row.place, organizer=ics.Person(name, sender), attendee=ics.Person(row.party.name if row.party else "", address), cancelled=cancelled,
    )  # fmt: skip
    return ics.calendar([one], ics.CANCEL if cancelled else ics.REQUEST)
