"""Settings of field service: who makes visits and when, where they go, and what visits are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.appointments import actions_settings as settings
from cordboard.appointments import actions_staff, queries_staff
from cordboard.appointments.models import Appointment, Area, Staff, VisitKind
from cordboard.appointments.permissions import MANAGE
from cordboard.desktop import forms_visits as forms
from cordboard.desktop.presenters import appointments as present
from cordboard.desktop.settings_base import Kind, Listed, code_of, language
from cordboard.lib.keeping import Changed, mark
from cordboard.lib.opening import DAYS
from cordboard.org.permissions import HAND_OVER, user_may
from cordboard.routing import actions_seat as seats
from cordboard.routing.models import Skill
from cordboard.routing.permissions import SUPERVISE
from cordboard.routing.scopes import sets
from cordboard.tickets import sla_words

WHY = {
    "away": later("the person is away"),
    "hours": later("outside the working hours"),
    "area": later("the person does not go to this area any more"),
    "skills": later("the person lacks a skill for it"),
    "gone": later("the person makes no visits any more"),
}


def _skills() -> list[tuple[str, str]]:
    return [(one.code, one.name_in(language())) for one in Skill.objects.order_by("kind", "code")]


def _everybodys(user: Any) -> bool:
    return user_may(user, MANAGE) == "all"


class ServiceStaff(Kind):
    code, permission, icon, name, new = "service-staff", MANAGE, "users", later("Service staff"), later("New technician")
    template = "desktop/settings_staff.html"
    note = later("Who makes visits, when and where. Free times are looked for by these; visits that are booked stay booked.")

    def columns(self) -> list[str]:
        return [_("Name"), _("Unit"), _("Hours a week"), _("Areas"), _("Visits to come"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        """Four queries."""
        now = timezone.now()
        booked = Count("appointments", filter=Q(appointments__state=Appointment.State.BOOKED, appointments__starts_at__gte=now), distinct=True)
        rows = queries_staff.managed(user).annotate(booked=booked).prefetch_related("areas", "hours")
        found = []
        for row in rows:
            week = sum(one.closes - one.opens for one in row.hours.all())
            open_ = row.active and row.user.is_active
            hours = sla_words.span(week * 60) if week else _("none")
            areas = ", ".join(area.name for area in row.areas.all())
            state = _("makes visits") if open_ else _("makes no visits") if row.user.is_active else _("account closed")
            found.append(Listed(row.pk, (str(row), str(row.user.unit or ""), hours, areas, str(row.booked or ""), state), soft=not open_))
        return found

    def find(self, user: Any, number: int) -> Staff | None:
        return queries_staff.managed(user).filter(pk=number).first()

    def values(self, row: Staff) -> dict[str, Any]:
        return {**actions_staff.staff_values(row), "skills": seats.seat_values(row.user_id)["skills"]}

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.StaffForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        office = dict.fromkeys(DAYS[:5], "08:00-12:00, 12:30-17:00")
        return {**office, "timezone": user.unit.timezone if user.unit is not None else user.timezone, "most_a_day": 6, "active": True}

    def form(self, data: Any, initial: dict[str, Any], row: Staff | None, user: Any) -> forms.StaffForm:
        may = bool(user_may(user, SUPERVISE)) if row is None else sets(user, row.user_id)
        people = list(queries_staff.others(user).values_list("pk", "name")) if row is None else []
        return forms.StaffForm(
            data, initial=initial, new=row is None, people=people, areas=list(Area.objects.values_list("pk", "name")), skills=_skills() if may else None
        )

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Staff:
        """Hours and skills, both or neither: each action compares with its own part of what was shown."""
        with transaction.atomic():
            if number is None:
                row = actions_staff.keep_staff(user, None, form.values(), of=form.cleaned_data["user_id"])
            else:
                row = Staff.objects.select_for_update(of=("self",)).get(pk=number)
                now = self.values(row)
                if seen != mark(now):
                    raise Changed(now)
                row = actions_staff.keep_staff(user, number, form.values(), seen=mark({name: value for name, value in now.items() if name != "skills"}))
            if form.skills is not None:
                seat = seats.seat_values(row.user_id)
                if form.abilities() != seat["skills"]:
                    seats.keep_seat(user, row.user_id, {**seat, "skills": form.abilities()}, seen=mark(seat))
                    actions_staff.abilities_changed(user, row)
        return row

    def beside(self, user: Any, row: Any) -> dict[str, Any]:
        if row is None:
            return {}
        now = timezone.now()
        found = queries_staff.misfits(row, now)
        return {
            "misfits": [{**present.listed(one.visit, language(), now), "why": WHY[one.why]} for one in found],
            "handover": row.user_id if found and user_may(user, HAND_OVER) else None,
        }


class Areas(Kind):
    code, permission, icon, name, new, removable = "service-areas", MANAGE, "home", later("Service areas"), later("New area"), True
    note = later(
        "Where staff travel. The postal code of the customer's address says in which area a visit is, and the minutes on the way are kept free before and after it."
    )

    def columns(self) -> list[str]:
        return [_("Area"), _("Country"), _("Postal codes"), _("Within"), _("To another area"), _("People")]

    def lines(self, user: Any) -> list[Listed]:
        """One query."""
        rows = Area.objects.annotate(people=Count("staff", filter=Q(staff__active=True))).order_by("name", "pk")
        return [
            Listed(
                row.pk,
                (
                    row.name,
                    row.country,
                    ", ".join(row.prefixes),
                    present.minutes_words(row.travel_within),
                    present.minutes_words(row.travel_between),
                    str(row.people) if row.people else _("nobody"),
                ),
                soft=not row.people,
            )
            for row in rows
        ]

    def find(self, user: Any, number: int) -> Area | None:
        return Area.objects.filter(pk=number).first() if _everybodys(user) else None

    def may_make(self, user: Any) -> bool:
        return _everybodys(user)

    def values(self, row: Area) -> dict[str, Any]:
        return settings.area_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.AreaForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"country": user.unit.country if user.unit else "NL", "travel_within": 15, "travel_between": 45}

    def form(self, data: Any, initial: dict[str, Any], row: Area | None, user: Any) -> forms.AreaForm:
        return forms.AreaForm(data, initial=initial, new=row is None)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Area:
        return settings.keep_area(user, number, form.values(), code=code_of(form), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        settings.remove_area(user, number)


class VisitKinds(Kind):
    code, permission, icon, name, new = "visit-kinds", MANAGE, "calendar", later("Kinds of visit"), later("New kind of visit")
    note = later(
        "What visits are for: how long they last, and what whoever comes must be able to do. A kind that is not wanted any more is not booked; its visits stay."
    )

    def columns(self) -> list[str]:
        return [_("Visit"), _("Lasts"), _("Where"), _("Skills"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        """Two queries."""
        rows = VisitKind.objects.prefetch_related("skills")
        return [
            Listed(
                row.pk,
                (
                    row.name_in(language()),
                    present.minutes_words(row.minutes),
                    _("at the customer's") if row.on_site else _("by telephone or in the shop"),
                    ", ".join(one.name_in(language()) for one in row.skills.all()),
                    _("can be booked") if row.active else _("not booked any more"),
                ),
                soft=not row.active,
            )
            for row in sorted(rows, key=lambda one: (not one.active, one.name_in(language())))
        ]

    def find(self, user: Any, number: int) -> VisitKind | None:
        return VisitKind.objects.filter(pk=number).first() if _everybodys(user) else None

    def may_make(self, user: Any) -> bool:
        return _everybodys(user)

    def values(self, row: VisitKind) -> dict[str, Any]:
        return settings.kind_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.VisitKindForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"minutes": 60, "on_site": True, "active": True}

    def form(self, data: Any, initial: dict[str, Any], row: VisitKind | None, user: Any) -> forms.VisitKindForm:
        return forms.VisitKindForm(data, initial=initial, new=row is None, skills=_skills())

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> VisitKind:
        return settings.keep_kind(user, number, form.values(), code=code_of(form), seen=seen)
