"""Visits of somebody who leaves: given to colleagues who are free at that time, go there and can do it. What nobody of them can take stays, to be booked anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cordboard.appointments import actions, queries, slots
from cordboard.appointments.models import Appointment, Staff
from cordboard.org.handover import Owned, offer


def visits(agent: int, now: datetime | None = None) -> QuerySet[Appointment]:
    """Booked ones that have not begun yet, the next first."""
    return Appointment.objects.filter(state=Appointment.State.BOOKED, staff__user=agent, starts_at__gt=now or timezone.now()).order_by("starts_at", "pk")


def find(agent: int) -> Sequence[Owned]:
    """One query."""
    return [Owned("appointment", pk, due) for pk, due in visits(agent).values_list("pk", "starts_at")]


def able(numbers: Sequence[int], to: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """Which of these colleagues (users) are free for each visit: within their hours and areas, with the skills, the way there and back counted. At most twelve queries."""
    rows = list(Appointment.objects.filter(pk__in=numbers).select_related("kind").prefetch_related("kind__skills").order_by("starts_minute"))
    users = dict(Staff.objects.filter(user__in=to, active=True).values_list("pk", "user_id"))
    if not rows or not users:
        return {}
    since, until = min(one.starts_minute for one in rows), max(one.ends_minute for one in rows)
    people, way = queries.people(since, until, now, only=list(users)), queries.travel()
    found: dict[int, list[int]] = {}
    for row in rows:
        skills = frozenset(skill.code for skill in row.kind.skills.all())
        what = slots.Wanted(row.ends_minute - row.starts_minute, row.starts_minute, row.ends_minute, row.area_id if row.kind.on_site else None, skills)
        found[row.pk] = [users[who.id] for who in people if not slots.why_not(who, what, way, row.starts_minute)]
    return found


def give(user: Any, agent: int, plan: Mapping[int, int], now: datetime) -> int:
    """The customer's calendar is told who comes instead. One that does not fit any more beside those given before it stays where it is."""
    staff = dict(Staff.objects.filter(user__in=set(plan.values()), active=True).values_list("user_id", "pk"))
    count = 0
    for row in visits(agent, now).filter(pk__in=sorted(plan)).select_related("kind", "party", "area"):
        taker = staff.get(plan[row.pk])
        if taker is None:
            continue
        try:
            actions.put(user, row, row.starts_minute, taker, now=now, why="handed over")
        except actions.NotFree:
            continue
        count += 1
    return count


offer("appointment", _("Visits to come"), find=find, give=give, able=able)
