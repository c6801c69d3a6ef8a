"""Visits in the work lists of those who make them: booked ones of today and the days to come, and those that nobody has closed yet. They are moved in the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from cordboard.appointments.models import Appointment
from cordboard.appointments.queries import visible
from cordboard.lib.kept import Kept
from cordboard.org.worklist import Asked, Kind, Open, Row, offer

AHEAD = timedelta(days=7)
BEHIND = timedelta(days=60)
"""A visit that nobody said was done stays in the list for so long."""
FIELDS = (
    "pk", "kind__names", "kind__code", "starts_at", "ends_at", "staff__user", "staff__user__name", "staff__user__unit__name", "party", "party__name", "place", "made_at",
)  # fmt: skip


def _between(begin: datetime, end: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(state=Appointment.State.BOOKED, starts_at__gte=begin, starts_at__lt=end)


_MINE = Kept(lambda begin, end, people, *, most: _between(begin, end).filter(staff__user__in=people).order_by("starts_at", "pk").values_list(*FIELDS)[:most])


def visits(asked: Asked, most: int) -> list[Row]:
    """Due when they begin; of a position those of its holders, that the reader may see. One query."""
    now = timezone.now()
    match asked.which:
        case "mine":
            found = _MINE(now - BEHIND, now + AHEAD, list(asked.people), most=most)
        case "position" | "unit" if (place := asked.position if asked.which == "position" else asked.unit) is not None:
            rows = _between(now - BEHIND, now + AHEAD).filter(**{f"staff__user__{asked.which}": place}, pk__in=visible(asked.user).values("pk"))
            found = list(rows.order_by("starts_at", "pk").values_list(*FIELDS)[:most])
        case _:
            return []
    language = translation.get_language() or "en"
    return [
        Row(
            kind="appointment", number=pk, ref=starts.isoformat(), title=f"{names.get(language) or names.get('en') or code}{', ' if place else ''}{place}",
            due=starts if ends > now else ends, priority=4, owner=user, owner_name=name or "", stands=unit or "", party=party, party_name=party_name or "",
            what=str(_("Visit")), made=made, takes=False,
        )
        for pk, names, code, starts, ends, user, name, unit, party, party_name, place, made in found
    ]  # fmt: skip


def open_of(people: Sequence[int]) -> Iterable[Open]:
    """One query."""
    now = timezone.now()
    rows = Appointment.objects.filter(state=Appointment.State.BOOKED, staff__user__in=people, starts_at__gte=now - BEHIND, starts_at__lt=now + AHEAD)
    found: Iterable[Open] = rows.annotate(due=F("ends_at")).values_list("staff__user", "made_at", "due")
    return found


offer(Kind("appointment", _("Visits"), visits, open_of=open_of, order=25))
