"""The only writers of who makes visits, and when. Every change counts the version of the person's calendar up, so that nothing is booked by what it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cordboard.appointments import events
from cordboard.appointments.models import Area, DayHours, Hours, Staff
from cordboard.appointments.permissions import MANAGE
from cordboard.appointments.slots import DAY, Stretch
from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require


def set_staff(
    user: Any, of: User, *, timezone: str, areas: Sequence[int], week: Mapping[int, Sequence[Stretch]], most_a_day: int = 0, active: bool = True
) -> Staff:  # fmt: skip
    """Have `of` make visits, in these hours of the week (0 Monday; minutes of the local day). What is booked stays booked. Raises ValidationError by field, PermissionDenied."""
    require(user, MANAGE)
    if timezone not in available_timezones():
        raise ValidationError({"timezone": _("There is no such time zone.")})
    known = set(Area.objects.filter(pk__in=areas).values_list("pk", flat=True))
    if known != set(areas):
        raise ValidationError({"areas": _("One of the areas is not there any more.")})
    for weekday, stretches in week.items():
        if weekday not in range(7):
            raise ValidationError({"week": _("A week has seven days.")})
        _check(stretches, "week")
    with transaction.atomic():
        row, _made = Staff.objects.update_or_create(user=of, defaults={"timezone": timezone, "most_a_day": most_a_day, "active": active})
        row.areas.set(known)
        row.hours.all().delete()
        Hours.objects.bulk_create(Hours(staff=row, weekday=day, opens=opens, closes=closes) for day, stretches in week.items() for opens, closes in stretches)
        _changed(user, row, "hours")
    return row


def set_day(user: Any, staff: int, day: date, stretches: Sequence[Stretch] | None) -> None:
    """One day that is other than usual: these hours, none at all (empty), or as usual again (None). Raises ValidationError, PermissionDenied, Staff.DoesNotExist."""
    require(user, MANAGE)
    _check(stretches or (), "stretches")
    with transaction.atomic():
        row = Staff.objects.get(pk=staff)
        DayHours.objects.filter(staff=row, day=day).delete()
        if stretches is not None:
            DayHours.objects.bulk_create(
                [DayHours(staff=row, day=day, opens=opens, closes=closes) for opens, closes in stretches] or [DayHours(staff=row, day=day)]
            )
        _changed(user, row, "day")


def _check(stretches: Sequence[Stretch], field: str) -> None:
    """Hours lie in a day, in order, and do not overlap."""
    before = 0
    for opens, closes in stretches:
        if not before <= opens < closes <= DAY:
            raise ValidationError({field: _("Hours end after they begin, follow each other, and lie within the day.")})
        before = closes


def _changed(user: Any, row: Staff, what: str) -> None:
    Staff.objects.filter(pk=row.pk).update(version=F("version") + 1)
    log.record(events.STAFF, actor=f"user:{user.pk}", user=row.user_id, what=what)
