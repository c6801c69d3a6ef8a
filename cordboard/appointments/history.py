"""What appointments add to a customer's timeline, and how those made for a wrong customer are put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cordboard.appointments.actions import move_to_party
from cordboard.appointments.models import Appointment
from cordboard.interactions import misdirected
from cordboard.interactions.history import Asked, Entry, source
from cordboard.lib.days import day
from cordboard.lib.kept import Kept


def _rows(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(party__in=parties).exclude(state=Appointment.State.HELD)
    rows = rows if before is None else rows.filter(made_at__lte=before)
    return rows.select_related("kind", "staff__user").order_by("-made_at", "-pk")


_ROWS = Kept(lambda parties, before=None, *, limit: _rows(parties, before)[:limit])


def entries(asked: Asked) -> list[Entry]:
    """By note, place and who comes. One query."""
    if not asked.q:
        found = _ROWS(*asked.given, limit=asked.limit)
    else:
        named = Q(note__icontains=asked.q) | Q(place__icontains=asked.q) | Q(staff__user__name__icontains=asked.q)
        found = list(_rows(*asked.given).filter(named)[: asked.limit])
    return [entry(row) for row in found]


def entry(row: Appointment) -> Entry:
    """An appointment, read with its kind and staff, as an entry of a timeline."""
    start = timezone.localtime(row.starts_at)
    said = {"when": f"{day(row.starts_at, timezone.localdate())} {date_format(start, 'TIME_FORMAT')}", "who": str(row.staff), "state": row.get_state_display()}
    booked = row.state == Appointment.State.BOOKED
    return Entry(
        kind="appointment",
        id=row.pk,
        at=row.made_at,
        title=row.kind.name_in(get_language() or "en"),
        detail=_("%(when)s, %(who)s") % said if booked else _("%(when)s, %(who)s: %(state)s") % said,
        icon="calendar",
        tone="due" if booked and row.ends_at > timezone.now() else "bad" if row.state == Appointment.State.NO_SHOW else "",
        data={"state": row.state},
    )


def _made_in(interaction: int, party: int) -> Sequence[misdirected.Made]:
    rows = Appointment.objects.filter(interaction=interaction, party=party).exclude(state=Appointment.State.CANCELLED).select_related("kind").order_by("pk")
    return [misdirected.Made("appointment", row.pk, _("Appointment: %(kind)s") % {"kind": row.kind.name_in(get_language() or "en")}) for row in rows]


source("appointment", entries)
misdirected.register("appointment", _made_in, move_to_party)
