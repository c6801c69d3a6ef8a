"""Reading what the settings of service staff show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from cordboard.appointments import queries, slots
from cordboard.appointments.models import Appointment, Staff
from cordboard.appointments.permissions import MANAGE
from cordboard.org.models import User
from cordboard.org.permissions import user_may

AHEAD = timedelta(days=60)
"""So far visits are held against hours that changed."""
MOST = 50
FIRM = ("away", "hours", "area", "skills")
"""What of `slots.why_not` says that a booked visit does not fit its person any more."""


def managed(user: Any) -> QuerySet[Staff]:
    """Whose hours and areas the user sets, those who make no visits any more too, in order of name."""
    scope = user_may(user, MANAGE)
    rows = Staff.objects.select_related("user", "user__unit").order_by("-active", "user__name", "pk")
    if scope == "all":
        return rows
    if scope == "unit" and user.unit_id is not None:
        return rows.filter(user__unit=user.unit_id)
    return rows.filter(user=user) if scope == "own" else rows.none()


def others(user: Any) -> QuerySet[User]:
    """Who could be made to make visits by the user."""
    rows = User.objects.filter(is_active=True, service_staff=None).order_by("name", "pk")
    match user_may(user, MANAGE):
        case "all":
            return rows
        case "unit" if user.unit_id is not None:
            return rows.filter(unit=user.unit_id)
        case "own":
            return rows.filter(pk=user.pk)
    return rows.none()


@dataclass(frozen=True, slots=True)
class Misfit:
    """A booked visit that its person could not be given as things are set now, and why not (as `slots.why_not` says it; "gone": makes no visits any more)."""

    visit: Appointment
    why: str


def misfits(staff: Staff, now: datetime) -> list[Misfit]:
    """Visits of the days to come that lie outside the hours, areas or skills of their person. At most twelve queries."""
    until = now + AHEAD
    rows = Appointment.objects.filter(Q(state=Appointment.State.BOOKED), staff=staff, starts_at__gte=now, starts_at__lt=until).order_by("starts_minute")
    visits: Sequence[Appointment] = list(rows.select_related("kind", "party", "area", "staff__user").prefetch_related("kind__skills")[:MOST])
    if not visits:
        return []
    found = queries.people(slots.minute(now), slots.minute(until), now, only=[staff.pk])
    if not found:
        return [Misfit(one, "gone") for one in visits]
    who, way = replace(found[0], busy=(), most=0), queries.travel()
    made = []
    for one in visits:
        skills = frozenset(skill.code for skill in one.kind.skills.all())
        what = slots.Wanted(one.ends_minute - one.starts_minute, one.starts_minute, one.ends_minute, one.area_id if one.kind.on_site else None, skills)
        why = [code for code in slots.why_not(who, what, way, one.starts_minute) if code in FIRM]
        if why:
            made.append(Misfit(one, why[0]))
    return made
