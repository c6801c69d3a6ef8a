"""The only writers of who makes visits, and when. Every change counts the version of the person's calendar up, so that nothing is booked by what it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone as clocks
from django.utils.translation import gettext as _

from cordboard.appointments import events, slots
from cordboard.appointments.models import Absence, Area, DayHours, Hours, Staff
from cordboard.appointments.permissions import MANAGE
from cordboard.appointments.slots import DAY, Stretch
from cordboard.events import log
from cordboard.lib.keeping import BadValue, check
from cordboard.lib.opening import DAYS
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.routing.actions_settings import check_hours

MOST_VISITS = 30
"""In a day of one person."""
MOST_LINES = 400
MOST_REASON = 80
Spans = Sequence[Sequence[str]]
"""[["08:00", "12:00"], ...]: hours of a local day, up to "24:00"."""


# -- as the settings keep it ----------------------------------------------------------------------------------------------


def staff_values(row: Staff, today: date | None = None) -> dict[str, Any]:
    """What can be set of somebody who makes visits, as it is kept: `hours` by day of the week, `days` [date, spans] and `away` [from, until, why] from `today` on, on the person's
    own clock. Four queries."""
    zone = ZoneInfo(row.timezone)
    today = today or clocks.localtime(timezone=zone).date()
    hours: dict[str, list[list[str]]] = {}
    for weekday, start, end in row.hours.order_by("weekday", "opens").values_list("weekday", "opens", "closes"):
        hours.setdefault(DAYS[weekday], []).append([_clock(start), _clock(end)])
    days: dict[str, list[list[str]]] = {}
    for day, opens, closes in row.days.filter(day__gte=today).order_by("day", "opens").values_list("day", "opens", "closes"):
        days.setdefault(day.isoformat(), [])
        if opens is not None and closes is not None:
            days[day.isoformat()].append([_clock(opens), _clock(closes)])
    begin = slots.moment(slots.utc(row.timezone, today, 0))
    away = row.absences.filter(ends_at__gt=begin).order_by("starts_at", "pk").values_list("starts_at", "ends_at", "reason")
    return {
        "timezone": row.timezone, "most_a_day": row.most_a_day, "active": row.active, "areas": sorted(row.areas.values_list("pk", flat=True)), "hours": hours,
        "days": [[day, spans] for day, spans in days.items()],
        "away": [[*(f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (starts, ends)), why] for starts, ends, why in away],
    }  # fmt: skip


def keep_staff(user: Any, number: int | None, values: Mapping[str, Any], *, of: int | None = None, seen: str = "") -> Staff:
    """Have somebody (`of`, a user's id, where `number` is None) make visits, or change when and where. What is booked stays booked; what lies in the past stays as it was. Raises BadValue,
    Changed, PermissionDenied, Staff.DoesNotExist."""
    given = _sound(values)
    with transaction.atomic():
        if number is None:
            who = User.objects.filter(pk=of or 0, is_active=True).first()
            if who is None:
                raise BadValue("user_id", _("Choose a colleague."))
            if Staff.objects.filter(user=who).exists():
                raise BadValue("user_id", _("%(name)s makes visits already.") % {"name": who})
            may_manage(user, who)
            row = Staff.objects.create(user=who, timezone=given["timezone"])
            before: dict[str, Any] = {}
        else:
            row = Staff.objects.select_for_update(of=("self",)).select_related("user").get(pk=number)
            may_manage(user, row.user)
            before = staff_values(row)
            check(seen, before)
            if given == before:
                return row
        row.timezone, row.most_a_day, row.active = given["timezone"], given["most_a_day"], given["active"]
        row.save(update_fields=["timezone", "most_a_day", "active"])
        row.areas.set(given["areas"])
        if given["hours"] != before.get("hours"):
            _put_hours(row, {DAYS.index(day): [_stretch(one) for one in spans] for day, spans in given["hours"].items()})
        _put_days(row, given["days"], [day for day, _spans in before.get("days", ())])
        _put_away(row, given["away"], before.get("timezone") or given["timezone"])
        _changed(user, row, "settings")
    return row


def abilities_changed(user: Any, row: Staff) -> None:
    """The person's skills are others now (routing keeps them): bookings under way look afresh. In the caller's transaction."""
    _changed(user, row, "skills")


def may_manage(user: Any, of: User) -> None:
    """Raises PermissionDenied unless the user sets when and where this colleague makes visits."""
    scope = require(user, MANAGE)
    own = scope == "own" and of.pk == user.pk
    unit = scope == "unit" and of.unit_id is not None and of.unit_id == user.unit_id
    if not (scope == "all" or own or unit):
        raise PermissionDenied(_("This colleague is not of your unit."))


def _sound(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same, in its usual form. Raises BadValue."""
    zone = values["timezone"]
    check_hours({**values["hours"], "timezone": zone})
    areas = sorted(set(values["areas"]))
    if Area.objects.filter(pk__in=areas).count() != len(areas):
        raise BadValue("areas", _("One of the areas is not there any more."))
    if not 0 <= values["most_a_day"] <= MOST_VISITS:
        raise BadValue("most_a_day", _("From %(least)s to %(most)s.") % {"least": 0, "most": MOST_VISITS})
    hours = {day: [list(one) for one in values["hours"][day]] for day in DAYS if values["hours"].get(day)}
    days: dict[str, list[list[str]]] = {}
    for day, spans in values["days"]:
        _date(day, "days")
        if day in days:
            raise BadValue("days", _("%(day)s is there twice.") % {"day": day})
        try:
            check_hours({"mon": spans})
        except BadValue as problem:
            raise BadValue("days", _("Hours of %(day)s: %(why)s") % {"day": day, "why": str(problem)}) from problem
        days[day] = [list(one) for one in spans]
    away = sorted((_local(begin), _local(end), " ".join(str(why).split())[:MOST_REASON]) for begin, end, why in values["away"])
    if wrong := next((one for one in away if one[0] >= one[1]), None):
        raise BadValue("away", _("An absence ends after it begins: %(from)s.") % {"from": f"{wrong[0]:%Y-%m-%d %H:%M}"})
    if max(len(days), len(away)) > MOST_LINES:
        raise BadValue("days" if len(days) > MOST_LINES else "away", _("At most %(n)s lines.") % {"n": MOST_LINES})
    return {
        "timezone": zone, "most_a_day": values["most_a_day"], "active": bool(values["active"]), "areas": areas, "hours": hours,
        "days": [[day, days[day]] for day in sorted(days)], "away": [[*(f"{moment:%Y-%m-%d %H:%M}" for moment in (begin, end)), why] for begin, end, why in away],
    }  # fmt: skip


def _date(given: str, field: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as problem:
        raise BadValue(field, _("%(day)s is no date. Write it as 2026-12-24.") % {"day": given}) from problem


def _local(given: str) -> datetime:
    day, _space, clock = given.partition(" ")
    found = _date(day, "away")
    try:
        check_hours({"mon": [["00:00", clock]] if clock != "00:00" else []})
    except BadValue as problem:
        raise BadValue("away", _("%(time)s is no time of the day. Write it as 08:30.") % {"time": clock or "–"}) from problem
    return datetime.combine(found, datetime.min.time()) + timedelta(minutes=_minutes(clock))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(clock: str) -> int:
    hour, _colon, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


def _stretch(span: Sequence[str]) -> Stretch:
    return _minutes(span[0]), _minutes(span[1])


def _put_hours(row: Staff, week: Mapping[int, Sequence[Stretch]]) -> None:
    row.hours.all().delete()
    Hours.objects.bulk_create(Hours(staff=row, weekday=day, opens=opens, closes=closes) for day, stretches in week.items() for opens, closes in stretches)


def _put_days(row: Staff, days: Sequence[Sequence[Any]], shown: Sequence[str]) -> None:
    """`shown`: the days that the page had; those before stay."""
    row.days.filter(day__in={*shown, *(day for day, _spans in days)}).delete()
    for day, spans in days:
        _put_day(row, date.fromisoformat(day), [_stretch(one) for one in spans])


def _put_day(row: Staff, day: date, stretches: Sequence[Stretch]) -> None:
    DayHours.objects.bulk_create([DayHours(staff=row, day=day, opens=opens, closes=closes) for opens, closes in stretches] or [DayHours(staff=row, day=day)])


def _put_away(row: Staff, away: Sequence[Sequence[str]], zone: str) -> None:
    """Those that were over before today (on the clock by which they were shown) stay."""
    today = clocks.localtime(timezone=ZoneInfo(zone)).date()
    row.absences.filter(ends_at__gt=slots.moment(slots.utc(zone, today, 0))).delete()
    Absence.objects.bulk_create(Absence(staff=row, starts_at=_moment(row, begin), ends_at=_moment(row, end), reason=why) for begin, end, why in away)


def _moment(row: Staff, local: str) -> datetime:
    day, _space, clock = local.partition(" ")
    return slots.moment(slots.utc(row.timezone, date.fromisoformat(day), _minutes(clock)))


# -- by parts -------------------------------------------------------------------------------------------------------------


def set_staff(
    user: Any, of: User, *, timezone: str, areas: Sequence[int], week: Mapping[int, Sequence[Stretch]], most_a_day: int = 0, active: bool = True
) -> Staff:  # fmt: skip
    """Have `of` make visits, in these hours of the week (0 Monday; minutes of the local day). What is booked stays booked. Raises ValidationError by field, PermissionDenied."""
    may_manage(user, of)
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
        _put_hours(row, week)
        _changed(user, row, "hours")
    return row


def set_day(user: Any, staff: int, day: date, stretches: Sequence[Stretch] | None) -> None:
    """One day that is other than usual: these hours, none at all (empty), or as usual again (None). Raises ValidationError, PermissionDenied, Staff.DoesNotExist."""
    _check(stretches or (), "stretches")
    with transaction.atomic():
        row = Staff.objects.select_related("user").get(pk=staff)
        may_manage(user, row.user)
        row.days.filter(day=day).delete()
        if stretches is not None:
            _put_day(row, day, stretches)
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
