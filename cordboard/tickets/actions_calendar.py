"""Business hours and service levels as settings: kept by managers, with the open tickets computed again by a job of the worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue, check, differences
from cordboard.org.permissions import require
from cordboard.routing.actions_settings import check_hours
from cordboard.tickets import escalation, sla
from cordboard.tickets.models_sla import BusinessCalendar, CalendarException, ServicePlan

MANAGE = "tickets.service_levels"
CALENDAR_FIELDS = ("name", "unit_id", "segment", "timezone", "hours", "holidays")
PLAN_FIELDS = ("name", "around_the_clock", "targets", "steps")
MOST_EXCEPTIONS = 400


def calendar_values(row: BusinessCalendar) -> dict[str, Any]:
    """What can be set of a calendar, as it is kept; exceptions as [date, name, spans]. One query."""
    exceptions = [[one.date.isoformat(), one.name, one.hours] for one in row.exceptions.all()] if row.pk else []
    return {**{name: getattr(row, name) for name in CALENDAR_FIELDS}, "exceptions": exceptions}


def keep_calendar(user: Any, number: int | None, values: Mapping[str, Any], *, seen: str = "") -> BusinessCalendar:
    """Make a calendar (`number` None) or change one. Open tickets are computed again by the worker. Raises BadValue, Changed, PermissionDenied, BusinessCalendar.DoesNotExist."""
    require(user, MANAGE)
    given = {name: values[name] for name in (*CALENDAR_FIELDS, "exceptions")}
    given["name"] = str(given["name"]).strip()
    if not given["name"]:
        raise BadValue("name", _("Give it a name."))
    check_hours({**given["hours"], "timezone": given["timezone"] or "UTC", "holidays": given["holidays"]})
    given["exceptions"] = _exceptions(given["exceptions"])
    with transaction.atomic():
        row = BusinessCalendar.objects.select_for_update().get(pk=number) if number is not None else BusinessCalendar()
        fields = list(given)
        if number is not None:
            check(seen, calendar_values(row))
            fields = differences(given, calendar_values(row))
            if not fields:
                return row
        if BusinessCalendar.objects.filter(unit_id=given["unit_id"], segment=given["segment"]).exclude(pk=row.pk).exists():
            raise BadValue("unit_id", _("There is a calendar for this unit and value segment already."))
        for name in CALENDAR_FIELDS:
            setattr(row, name, given[name])
        row.version = row.version + 1 if number is not None else 1
        row.save()
        row.exceptions.all().delete()
        CalendarException.objects.bulk_create([CalendarException(calendar=row, date=day, name=name, hours=hours) for day, name, hours in given["exceptions"]])
        log.record("tickets.calendar_kept", actor=f"user:{user.pk}", calendar=row.pk, fields=fields)
        if set(fields) != {"name"}:
            _again("calendar")
    return row


def remove_calendar(user: Any, number: int) -> None:
    """Tickets that it held for get the next most particular one."""
    require(user, MANAGE)
    with transaction.atomic():
        BusinessCalendar.objects.select_for_update().get(pk=number).delete()
        log.record("tickets.calendar_removed", actor=f"user:{user.pk}", calendar=number)
        _again("calendar")


def _exceptions(given: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """In the order of their dates. Raises BadValue."""
    found: dict[str, list[Any]] = {}
    for day, name, hours in given:
        try:
            date.fromisoformat(day)
        except ValueError as problem:
            raise BadValue("exceptions", _("%(day)s is no date. Write it as 2026-12-24.") % {"day": day}) from problem
        if day in found:
            raise BadValue("exceptions", _("%(day)s is there twice.") % {"day": day})
        try:
            check_hours({"mon": hours})
        except BadValue as problem:
            raise BadValue("exceptions", _("Hours of %(day)s: %(why)s") % {"day": day, "why": str(problem)}) from problem
        found[day] = [day, str(name).strip()[:80], [list(one) for one in hours]]
    if len(found) > MOST_EXCEPTIONS:
        raise BadValue("exceptions", _("At most %(n)s dates.") % {"n": MOST_EXCEPTIONS})
    return [found[day] for day in sorted(found)]


def plan_values(row: ServicePlan) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PLAN_FIELDS}


def keep_plan(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> ServicePlan:
    """Make a service level (`number` None, with a `code`) or change one. Open tickets that have it are computed again by the worker; steps that were taken stay taken.
    Raises BadValue, Changed, PermissionDenied, ServicePlan.DoesNotExist."""
    require(user, MANAGE)
    given = {name: values[name] for name in PLAN_FIELDS}
    given["name"] = str(given["name"]).strip()
    if not given["name"]:
        raise BadValue("name", _("Give it a name."))
    given["targets"] = _targets(given["targets"])
    for at, wrong in escalation.findings(given["steps"]):
        words = {"many": _("At most %(n)s steps.") % {"n": escalation.MOST_STEPS}, "when": _("Say when: a share in percent, or minutes before, and not both.")}
        raise BadValue(f"step-{at}", words.get(wrong, _("Choose what is done, and for which time.")))
    with transaction.atomic():
        if number is None:
            code = slugify(code)
            if not code or ServicePlan.objects.filter(code=code).exists():
                raise BadValue("code", _("Give it a code that no other has."))
            row, fields = ServicePlan(code=code), list(PLAN_FIELDS)
        else:
            row = ServicePlan.objects.select_for_update().get(pk=number)
            check(seen, plan_values(row))
            fields = differences(given, plan_values(row))
            if not fields:
                return row
            row.version += 1
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record("tickets.plan_kept", actor=f"user:{user.pk}", plan=row.pk, fields=fields)
        if number is not None:
            _again("plan", row.code)
    return row


def _targets(given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for kind, row in given.items():
        for clock, text in row.items():
            try:
                target = sla.read_target(text)
            except sla.BadTarget as problem:
                raise BadValue(f"target-{kind or 'other'}-{clock}", _("Write 30m, 8h or 3d: minutes, hours or days of working time.")) from problem
            if target is not None:
                found.setdefault(kind, {})[clock] = str(target)
    if not found:
        raise BadValue("", _("A service level promises something: fill in a time."))
    return found


def _again(why: str, plan: str = "") -> None:
    """The worker computes open tickets again: a job of this transaction."""
    from cordboard.tickets.tasks_sla import compute_again

    compute_again.enqueue(why, plan)
