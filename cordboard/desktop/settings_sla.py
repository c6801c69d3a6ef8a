"""Business hours and service levels, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop import forms_sla as forms
from cordboard.desktop.forms_settings import BLANKS
from cordboard.desktop.settings_base import Kind, Listed, code_of, unit_pairs
from cordboard.lib.opening import DAYS
from cordboard.parties.models import Party
from cordboard.tickets import actions_calendar, sla, sla_words
from cordboard.tickets.actions_calendar import MANAGE
from cordboard.tickets.calendar import seconds_of
from cordboard.tickets.kinds import BUILT_IN, kind_name
from cordboard.tickets.models import TicketKind
from cordboard.tickets.models_sla import BusinessCalendar, ServicePlan


def kind_pairs() -> list[tuple[str, str]]:
    """Kinds of tickets in the reader's language, those not in use any more too. One query."""
    return [(code, kind_name(code)) for code in list(TicketKind.objects.values_list("code", flat=True)) or BUILT_IN]


class Calendars(Kind):
    code, permission, icon, name, new, removable = "calendars", MANAGE, "calendar", later("Business hours"), later("New business hours"), True
    template = "desktop/settings_calendar.html"
    note = later(
        "Deadlines of tickets count these hours. The most particular calendar holds: of the unit and value segment, of the unit, of the units above it, of the segment, of all. Without any, whole days from Monday to Friday count."
    )

    def columns(self) -> list[str]:
        return [_("Name"), _("Unit"), _("Value segment"), _("Time zone"), _("Hours a week"), _("Holidays"), _("Dates")]

    def lines(self, user: Any) -> list[Listed]:
        """Two queries."""
        found = []
        for row in BusinessCalendar.objects.select_related("unit").prefetch_related("exceptions"):
            week = sum(seconds_of(tuple((begin, end) for begin, end in row.hours.get(day, ()))) for day in DAYS)
            hours = sla_words.span(week) if week else _("never open")
            words = (
                row.name,
                row.unit.name if row.unit else _("every unit"),
                row.get_segment_display() or _("every customer"),
                row.timezone or _("the unit's"),
            )
            found.append(Listed(row.pk, (*words, hours, row.holidays, str(len(row.exceptions.all()) or "")), soft=not week))
        return found

    def find(self, user: Any, number: int) -> BusinessCalendar | None:
        return BusinessCalendar.objects.filter(pk=number).first()

    def values(self, row: BusinessCalendar) -> dict[str, Any]:
        return actions_calendar.calendar_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.CalendarForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        office = dict.fromkeys(DAYS[:5], "09:00-12:30, 13:00-17:30")
        return {**office, "unit_id": user.unit_id, "holidays": user.unit.country if user.unit is not None else ""}

    def form(self, data: Any, initial: dict[str, Any], row: BusinessCalendar | None, user: Any) -> forms.CalendarForm:
        return forms.CalendarForm(data, initial=initial, new=row is None, units=unit_pairs())

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> BusinessCalendar:
        return actions_calendar.keep_calendar(user, number, form.values(), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        actions_calendar.remove_calendar(user, number)

    def beside(self, user: Any, row: BusinessCalendar | None) -> dict[str, Any]:
        return {"now": timezone.localtime()} if row is not None else {}


class Plans(Kind):
    code, permission, icon, name, new = "service-levels", MANAGE, "clock", later("Service levels"), later("New service level")
    template, list_template = "desktop/settings_plan.html", "desktop/settings_plans.html"
    note = later(
        "How soon a ticket is answered and resolved, and what is done before it is too late. Rules of the policies for service levels choose one; without a rule Gold holds for gold customers, Product safety for product safety, Standard for all else."
    )

    def columns(self) -> list[str]:
        return [_("Name"), _("Code"), _("Incident is resolved in"), _("Hours"), _("Steps")]

    def lines(self, user: Any) -> list[Listed]:
        found = []
        for row in ServicePlan.objects.all():
            incident = sla.targets_of(row.targets, "incident").get(sla.RESOLUTION, "")
            words = sla_words.target(incident, always=row.around_the_clock) if incident else _("not promised")
            hours = _("around the clock") if row.around_the_clock else _("business hours")
            found.append(Listed(row.pk, (row.name, row.code, words, hours, str(len(row.steps) or ""))))
        return found

    def find(self, user: Any, number: int) -> ServicePlan | None:
        return ServicePlan.objects.filter(pk=number).first()

    def values(self, row: ServicePlan) -> dict[str, Any]:
        return actions_calendar.plan_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.PlanForm.initial_of(values)

    def form(self, data: Any, initial: dict[str, Any], row: ServicePlan | None, user: Any) -> forms.PlanForm:
        steps = sum(name.startswith("step-") and name.endswith("-do") for name in initial)
        if data is not None:  # as many rows as the page had
            steps = max(steps, sum(name.startswith("step-") and name.endswith("-do") for name in data) - BLANKS)
        return forms.PlanForm(data, initial=initial, new=row is None, kinds=kind_pairs(), steps=min(steps, 20))

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> ServicePlan:
        return actions_calendar.keep_plan(user, number, form.values(), code=code_of(form), seen=seen)

    def beside(self, user: Any, row: ServicePlan | None) -> dict[str, Any]:
        """What the preview may be asked for. Two queries."""
        if row is None:
            return {}
        return {"kinds": kind_pairs(), "units": unit_pairs(), "segments": Party.Segment.choices, "asked": {"unit": user.unit_id, "kind": "incident"}}
