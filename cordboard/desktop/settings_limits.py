"""Limits of calls out in the settings: what the centre, units and roles may call and for how long a day, and what of it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop.forms_limits import LimitsForm
from cordboard.desktop.settings_base import Kind, Listed
from cordboard.org.models import Role, Unit, User
from cordboard.routing import actions_limits as limits
from cordboard.routing import dialling
from cordboard.routing.actions_limits import CENTRE, ROLE, UNIT, Whom
from cordboard.rules.permissions import EDIT
from cordboard.telephony.numbers import Limits

MOST = 50
"""People whose minutes are listed, those with most of them first."""


class Line:
    """Whom limits hold for, as a row of the list: 0 is the centre, a unit has an odd number, a role an even one."""

    def __init__(self, pk: int, whom: Whom, name: str) -> None:
        self.pk, self.whom, self.name = pk, whom, name

    def __str__(self) -> str:
        return self.name


class CallsOut(Kind):
    code, permission, icon, name = "limits", EDIT, "phone-outgoing", later("Limits of calls out")
    list_template = "desktop/settings_limits.html"
    note = later(
        "Nobody may call more than the centre, and whoever is of a unit no more than the unit. Of several roles the widest counts. Trunks have limits of their own."
    )

    def columns(self) -> list[str]:
        return [_("Whom it holds for"), _("Only"), _("Never"), _("Abroad"), _("Minutes a day"), _("Today"), _("This month")]

    def lines(self, user: Any) -> list[Listed]:
        row, now = limits.policy(), timezone.now()
        today = dialling.midnight(user, now)
        units = dialling.spent_by("unit", today, today.replace(day=1), now)
        whole = (sum(one for one, _other in units.values()), sum(other for _one, other in units.values()))
        unit_ids = dict(Unit.objects.values_list("code", "pk"))
        found = []
        for line in _lines():
            said = limits.limits_values(line.whom, row)
            used = whole if line.whom.kind == CENTRE else units.get(unit_ids.get(line.whom.code), (0.0, 0.0)) if line.whom.kind == UNIT else None
            spent = tuple(str(round(one)) for one in used) if used is not None else (_("by person"), "")
            abroad = {None: _("yes") if line.whom.kind == CENTRE else "", True: _("yes"), False: _("no")}[said["abroad"]]
            minutes = "" if said["minutes"] is None else f"{said['minutes']:g}"
            words = (", ".join(said["allowed"] or ()), ", ".join(said["refused"] or ()), abroad, minutes, *spent)
            found.append(Listed(line.pk, (line.name, *words), soft=line.whom.kind != CENTRE and all(value is None for value in said.values())))
        return found

    def list_beside(self, user: Any) -> dict[str, Any]:
        """People and their minutes of today, and a version that is not in force yet. Five queries at most."""
        now = timezone.now()
        today = dialling.midnight(user, now)
        spent = dialling.spent_by("agent", today, today.replace(day=1), now)
        most = sorted((number for number in spent if number is not None), key=lambda number: -spent[number][0])[:MOST]
        people = {one.pk: one for one in User.objects.filter(pk__in=most).prefetch_related("roles")}
        row = limits.policy()
        said = Limits.of(dict(row.body.get("parameters") or {}) if row is not None else {})
        lines = [(people[number], *(round(one) for one in spent[number]), _of(said, people[number])) for number in most if number in people]
        return {"people": lines, "waits": limits.on_its_way()}

    def find(self, user: Any, number: int) -> Line | None:
        return next((line for line in _lines() if line.pk == number), None)

    def values(self, row: Line) -> dict[str, Any]:
        return limits.limits_values(row.whom, limits.policy())

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return LimitsForm.initial_of(values)

    def form(self, data: Any, initial: dict[str, Any], row: Line | None, user: Any) -> LimitsForm:
        assert row is not None
        return LimitsForm(data, initial=initial, new=False, own=row.whom.kind != CENTRE, person=row.whom.kind == ROLE)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        line = self.find(user, number or 0)
        assert line is not None
        kept: Any = limits.keep_limits(user, line.whom, form.values(), seen=seen)
        return kept  # type: ignore[no-any-return]


def _lines() -> list[Line]:
    """Three queries."""
    units = [Line(2 * pk + 1, Whom(UNIT, code), _("Unit: %(name)s") % {"name": name}) for pk, code, name in Unit.objects.values_list("pk", "code", "name")]
    roles = [Line(2 * pk + 2, Whom(ROLE, code), _("Role: %(name)s") % {"name": name}) for pk, code, name in Role.objects.values_list("pk", "code", "name")]
    return [Line(0, Whom(CENTRE), _("The whole centre")), *units, *roles]


def _of(said: Limits, person: User) -> str:
    """The minutes that a person may call out in a day, by the roles; "" for any."""
    own = [one.minutes for one in said.of_roles([role.code for role in person.roles.all()])]
    widest = None if not own or None in own else max(one for one in own if one is not None)
    return "" if widest is None else f"{widest:g}"
