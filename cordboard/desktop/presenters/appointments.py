"""Calendars of service staff as the screen shows them: columns, blocks with their place in percent, and times in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.appointments import queries, slots
from cordboard.appointments.actions import NotFree
from cordboard.appointments.models import Appointment, Staff, VisitKind
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import OPEN, Mask
from cordboard.lib.addresses import reverse

EARLY, LATE = 7 * 60, 19 * 60
"""Minutes of the day that a calendar shows at least."""
HOUR = 60
ROOM = 75
"""Minutes from which on a block has room for a third line."""
State = Appointment.State
TONES = {State.HELD: "held", State.BOOKED: "booked", State.DONE: "done", State.NO_SHOW: "gone", State.CANCELLED: "gone"}


def clock(at: datetime) -> str:
    return date_format(timezone.localtime(at), "TIME_FORMAT")


def span(row: Appointment) -> str:
    return _("%(from)s to %(until)s") % {"from": clock(row.starts_at), "until": clock(row.ends_at)}


def day_words(day: date) -> str:
    """Mon 23 Nov"""
    return f"{date_format(day, 'D')} {date_format(day, 'MONTH_DAY_FORMAT')}"


def when(row: Appointment, now: datetime) -> str:
    return f"{day_words(timezone.localtime(row.starts_at).date())}, {span(row)}"


def slot_words(at: datetime) -> str:
    return f"{day_words(timezone.localtime(at).date())}, {clock(at)}"


def url(row: Appointment) -> str:
    return reverse("desktop:appointment", args=[row.pk])


def block(row: Appointment, language: str, now: datetime, top: int, bottom: int, *, movable: bool) -> dict[str, Any]:
    """A visit in a column that shows the minutes from `top` to `bottom` (since 1970)."""
    begin, end = max(row.starts_minute, top), min(row.ends_minute, bottom)
    held = row.state == State.HELD
    name = row.party.name if row.party is not None else ""
    what = row.kind.name_in(language)
    return {
        "pk": row.pk,
        "at": round((begin - top) * 100 / (bottom - top), 3),
        "tall": round((end - begin) * 100 / (bottom - top), 3),
        "tone": TONES[State(row.state)],
        "time": span(row),
        "name": name or what,
        "what": what if name else "",
        "area": str(row.area or "") if end - begin >= ROOM else "",
        "state": row.get_state_display() if row.state != State.BOOKED else "",
        "held": _("until %(time)s") % {"time": clock(row.held_until)} if held and row.held_until is not None else "",
        "url": url(row) if not held else "",
        "move_url": reverse("desktop:appointment_act", args=[row.pk, "move"]) if movable and row.state == State.BOOKED else "",
        "minutes": row.ends_minute - row.starts_minute,
        "start": row.starts_minute,
        "version": row.version,
    }


def bounds(rows: Sequence[Appointment], hours: Mapping[int, Sequence[slots.Stretch]], days: Sequence[date]) -> tuple[int, int]:
    """The minutes of the day that are shown: the usual ones, and whatever somebody works or visits outside of them; whole hours."""
    early, late = EARLY, LATE
    stretches = [(row.starts_minute, row.ends_minute) for row in rows] + [one for found in hours.values() for one in found]
    for begin, end in stretches:
        start, stop = timezone.localtime(slots.moment(begin)), timezone.localtime(slots.moment(end))
        if start.date() in days:
            early = min(early, start.hour * HOUR)
        if stop.date() in days:
            late = max(late, -(-(stop.hour * HOUR + stop.minute) // HOUR) * HOUR)
    return early, late


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def columns(
    people: Sequence[Staff], days: Sequence[date], rows: Sequence[Appointment], hours: Mapping[int, Sequence[slots.Stretch]], language: str, now: datetime, *,
    movable: bool,
) -> dict[str, Any]:  # fmt: skip
    """One column for each person and day, in which visits stand at their time; hours that nobody works are shaded."""
    early, late = bounds(rows, hours, days)
    made = []
    for day in days:
        for one in people:
            top = slots.minute(midnight(day) + timedelta(minutes=early))
            bottom = top + late - early
            own = [row for row in rows if row.staff_id == one.pk and row.starts_minute < bottom and row.ends_minute > top]
            free = [(max(begin, top), min(end, bottom)) for begin, end in hours.get(one.pk, ()) if begin < bottom and end > top]
            made.append(
                {
                    "id": f"{one.pk}-{day.isoformat()}",
                    "staff": one.pk,
                    "name": str(one),
                    "day": day_words(day),
                    "today": day == timezone.localtime(now).date(),
                    "early": early,
                    "top": top,
                    "minutes": late - early,
                    "blocks": [block(row, language, now, top, bottom, movable=movable) for row in own],
                    "off": [_part(begin, end, top, bottom) for begin, end in _gaps(free, top, bottom)],
                    "now": round((slots.minute(now) - top) * 100 / (late - early), 2) if top <= slots.minute(now) < bottom else None,
                }
            )
    labels = [{"words": f"{minute // HOUR:02d}:00", "at": round((minute - early) * 100 / (late - early), 3)} for minute in range(early, late, HOUR)]
    return {"columns": made, "labels": labels, "hours": (late - early) // HOUR}


def _part(begin: int, end: int, top: int, bottom: int) -> dict[str, float]:
    return {"at": round((begin - top) * 100 / (bottom - top), 3), "tall": round((end - begin) * 100 / (bottom - top), 3)}


def _gaps(free: Sequence[slots.Stretch], top: int, bottom: int) -> list[slots.Stretch]:
    found, at = [], top
    for begin, end in sorted(free):
        if begin > at:
            found.append((at, begin))
        at = max(at, end)
    return [*found, (at, bottom)] if at < bottom else found


def team(
    people: Sequence[Staff], days: Sequence[date], rows: Sequence[Appointment], hours: Mapping[int, Sequence[slots.Stretch]], language: str
) -> list[dict[str, Any]]:
    """A week of everybody: a line for each person, what stands on each day, and how much of the working time is taken."""
    made = []
    for one in people:
        cells = []
        for day in days:
            begin, end = slots.minute(midnight(day)), slots.minute(midnight(day + timedelta(days=1)))
            own = [row for row in rows if row.staff_id == one.pk and begin <= row.starts_minute < end]
            works = sum(min(stop, end) - max(start, begin) for start, stop in hours.get(one.pk, ()) if start < end and stop > begin)
            taken = sum(row.ends_minute - row.starts_minute for row in own)
            cells.append(
                {
                    "day": day.isoformat(),
                    "url": f"{reverse('desktop:appointments')}?view=day&day={day.isoformat()}",
                    "visits": [
                        {
                            "time": clock(row.starts_at),
                            "name": row.party.name if row.party else row.kind.name_in(language),
                            "url": url(row),
                            "tone": TONES[State(row.state)],
                        }
                        for row in own
                        if row.state != State.HELD
                    ],
                    "off": not works,
                    "load": _("%(percent)d%% taken") % {"percent": round(taken * 100 / works)} if works else "",
                }
            )
        made.append({"name": str(one), "url": f"{reverse('desktop:appointments')}?view=week&staff={one.pk}&day={days[0].isoformat()}", "cells": cells})
    return made


def why_not(problem: NotFree) -> str:
    """What stands against a time, in a sentence."""
    other = problem.other
    first = problem.why[0]
    if first in ("taken", "travel") and other is not None:
        said = {
            "who": other.by or _("The system"),
            "name": other.party.name if other.party is not None else other.kind.name_in(translation.get_language() or "en"),
            "time": span(other),
            "staff": other.staff,
        }
        if other.state == State.HELD:
            return _("%(who)s is offering %(time)s of %(staff)s to a customer just now.") % said
        if first == "travel":
            return _("There is too little time on the way: %(staff)s is with %(name)s from %(time)s.") % said
        return _("%(who)s has booked %(time)s of %(staff)s for %(name)s.") % said
    words = {
        "taken": _("Somebody else has just taken this time."),
        "travel": _("There is too little time on the way."),
        "away": _("Nobody is there: this is within an absence."),
        "hours": _("This is outside the working hours."),
        "full": _("The day has as many visits as it may."),
        "area": _("This person does not go to the customer's area."),
        "skills": _("This person lacks a skill for this kind of visit."),
        "past": _("This time is over."),
        "gone": _("This person makes no visits any more."),
    }
    return words[first]


def next_words(problem: NotFree) -> str:
    """What is free instead."""
    if not problem.next:
        return _("Nothing is free in the next 30 days.")
    names = dict(Staff.objects.filter(pk__in={one.person for one in problem.next}).values_list("pk", "user__name"))
    times = [f"{slot_words(slots.moment(one.start))} ({names.get(one.person, '')})" for one in problem.next]
    return _("Free are: %(times)s.") % {"times": "; ".join(times)}


def listed(row: Appointment, language: str, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    """A line of a list."""
    return {
        "pk": row.pk,
        "url": url(row),
        "title": row.kind.name_in(language),
        "when": when(row, now),
        "who": str(row.staff),
        "state": row.get_state_display(),
        "place": mask.code(row.place),
        "party": row.party.name if row.party is not None else "",
    }


def held(rows: Sequence[Appointment], language: str) -> list[dict[str, Any]]:
    """Times that are held, each with the key that books it."""
    return [
        {"pk": row.pk, "key": at, "words": slot_words(row.starts_at), "until": clock(row.ends_at), "who": str(row.staff), "held_until": row.held_until}
        for at, row in enumerate(rows, 1)
    ]


def kinds(language: str) -> list[VisitKind]:
    """Visits first, what needs nobody to travel after them."""
    return sorted(VisitKind.objects.filter(active=True), key=lambda one: (not one.on_site, one.name_in(language)))


def minutes_words(minutes: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def booked(parties: Sequence[int], language: str, now: datetime) -> list[dict[str, Any]]:
    return [listed(row, language, now) for row in queries.of_parties(parties, now)]


def say_number(number: str | None) -> str:
    return say.customer_number(number)
