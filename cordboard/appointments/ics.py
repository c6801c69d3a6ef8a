"""Writes iCalendar (RFC 5545): appointments as calendar programs read them. Pure. All times are in UTC, which every program turns into the reader's own zone, so that
no time zone need be described."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PRODUCT = "-//Cordboard//Appointments//EN"
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
"""RFC 5546: asks to put it into the calendar or to change it there, takes it out, shows it only."""
LINE = 75
"""Octets of a line without its end (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class Person:
    """`name` as it is read, `address` of e-mail."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment. The same `uid` with a higher `sequence` replaces what the calendar has; `stamp` is when this was written."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    summary: str
    description: str = ""
    location: str = ""
    organizer: Person | None = None
    attendee: Person | None = None
    cancelled: bool = False
    tentative: bool = False
    remind: timedelta | None = None
    """How long before it the calendar program is to say something."""


def calendar(entries: Iterable[Entry], method: str = PUBLISH, *, name: str = "") -> bytes:
    """A file of type text/calendar. `name` is shown for a calendar that is subscribed to."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    if name:
        lines += [f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"]  # RFC 7986, 5.7
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def _event(one: Entry) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(one.uid)}",
        f"SEQUENCE:{one.sequence}",
        f"DTSTAMP:{utc(one.stamp)}",
        f"DTSTART:{utc(one.starts_at)}",
        f"DTEND:{utc(one.ends_at)}",
        f"SUMMARY:{escaped(one.summary)}",
        f"STATUS:{'CANCELLED' if one.cancelled else 'TENTATIVE' if one.tentative else 'CONFIRMED'}",
    ]
    lines += [f"DESCRIPTION:{escaped(one.description)}"] if one.description else []
    lines += [f"LOCATION:{escaped(one.location)}"] if one.location else []
    lines += [f"ORGANIZER{_name(one.organizer)}:mailto:{one.organizer.address}"] if one.organizer else []
    lines += [f"ATTENDEE{_name(one.attendee)};ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{one.attendee.address}"] if one.attendee else []
    if one.remind is not None and not one.cancelled:
        minutes = int(one.remind.total_seconds() // 60)
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(one.summary)}", f"TRIGGER:-PT{minutes}M", "END:VALARM"]
    return [*lines, "END:VEVENT"]


def utc(moment: datetime) -> str:
    """Form 2 of RFC 5545, 3.3.5. `moment` knows its zone."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """As a value of type TEXT (RFC 5545, 3.3.11); signs that may not stand in a line at all are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and sign != "\x7f"))
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _name(who: Person) -> str:
    """A quoted parameter: what may not stand in quotes is written as RFC 6868 says."""
    name = "".join(sign for sign in who.name if sign >= " " and sign != "\x7f").replace("^", "^^").replace('"', "^'")
    return f';CN="{name}"' if name else ""


def folded(line: str) -> str:
    """In pieces of at most 75 octets, none of which ends within a sign (RFC 5545, 3.1)."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + octets
    return "\r\n".join([*pieces, piece])
