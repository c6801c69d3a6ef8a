"""What customers are written about their appointments: confirmed, moved, cancelled, a reminder; each with the entry for their calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cordboard.appointments import ics
from cordboard.appointments.models import Appointment
from cordboard.events import log
from cordboard.interactions.models import Interaction
from cordboard.lib.config import config
from cordboard.mail import events
from cordboard.mail import visit_ways as ways
from cordboard.mail.actions import Attached, send
from cordboard.mail.models import OutgoingMail
from cordboard.mail.models_visit import VisitTold
from cordboard.mail.visit_ways import BOOKED, CANCELLED, HANDED_ON, MOVED, REMINDED, SENT_BACK
from cordboard.org.languages import best
from cordboard.parties import queries as parties
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.models import Task

PURPOSE = "appointment"
LATEST = timedelta(days=1)
BEFORE = timedelta(hours=2)
"""A customer is reminded at least so long before the visit."""
OFF = (CANCELLED, SENT_BACK)
"""It does not take place: by the customer's wish or ours, or because nobody can come then."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def tell(number: int, what: str, sequence: int, *, now: datetime | None = None) -> OutgoingMail | None:
    """Write to the customer, or have a colleague call or write a letter as the customer wishes: once for each change, and kept how (VisitTold). None: there is no mail, or a later change is told
    instead."""
    now = now or timezone.now()
    row = Appointment.objects.select_related("kind", "party", "staff__user__unit", "by__unit", "interaction").filter(pk=number).first()
    if row is None or row.party is None or row.sequence != sequence:
        return None
    if (row.state == Appointment.State.CANCELLED) != (what in OFF):
        return None
    known = parties.profile(row.party_id or 0)
    way = expected(row, what, known, now)
    language = best([row.language, *row.party.languages])
    with transaction.atomic():
        if way.way in (ways.CALL, ways.LETTER) and not _by_hand(row, what, way, language, now):
            way = ways.Way(ways.MAIL, way.why) if known.emails else ways.Way(ways.NOTHING, ways.NO_MAIL)
        _told, made = VisitTold.objects.get_or_create(appointment=row, what=what, sequence=sequence, defaults={"way": way.way, "why": way.why, "at": now})
        if made:
            log.record(events.VISIT_TOLD, actor="system", appointment=row.pk, party=row.party_id, what=what, way=way.way, why=way.why)
        return _mail(row, what, known.emails[0].value, language, now) if way.way == ways.MAIL else None


def expected(row: Appointment, what: str, known: parties.Profile, now: datetime) -> ways.Way:
    """How the customer of a visit, `known`, hears of this change. One query where it was not read with its interaction, and those for what is asked of the customer."""
    in_call = row.interaction is not None and row.interaction.channel == Interaction.Channel.VOICE
    return ways.way_for(what, known.party.preferred_way, mail=bool(known.emails), phone=bool(known.phones), begun=row.starts_at <= now, in_call=in_call)


def _mail(row: Appointment, what: str, address: str, language: str, now: datetime) -> OutgoingMail:
    written = letter(row, what, language)
    file = entry(row, address, written.subject, language, now)
    method = ics.CANCEL if what in OFF else ics.REQUEST
    attached = [
        Attached("appointment.ics", f"text/calendar; method={method}", file, alternative=True),
        Attached("appointment.ics", "text/calendar", file),
    ]
    return send(
        address, written.subject, written.text, purpose=PURPOSE, key=f"appointment:{row.pk}:{what}:{row.sequence}", interaction=row.interaction_id, party=row.party_id,
        language=language, by=row.by, attached=[] if what == REMINDED else attached, until=row.starts_at, now=now,
    )  # fmt: skip


def _by_hand(row: Appointment, what: str, way: ways.Way, language: str, now: datetime) -> bool:
    """A task for whoever booked it, or the technician's unit. False: there is nobody's work list."""
    owner = row.by if row.by is not None and row.by.is_active else None
    unit = (owner.unit if owner is not None else None) or row.staff.user.unit
    if owner is None and unit is None:
        return False
    assert row.party is not None
    written = letter(row, what, language)
    last = row.starts_at - BEFORE if what == REMINDED else row.starts_at
    make_task(
        None, written.subject, kind=Task.Kind.CALL if way.way == ways.CALL else Task.Kind.OTHER, text=written.text, party=row.party, owner=owner, unit=unit,
        due_at=max(now, min(last, now + LATEST)), priority=3, why={"code": "appointment", "way": way.way, "language": language},
        key=f"appointment:{row.pk}:{what}:{row.sequence}", now=now,
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
