"""What can be set, one class for each kind: its list, its form, and the action that keeps it. Lists make a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.channels.voice import actions_line as lines
from cordboard.channels.voice.models import Line, Trunk
from cordboard.channels.voice.permissions import MANAGE as VOICE
from cordboard.desktop import forms_settings as forms
from cordboard.desktop.settings_base import Kind, Listed, code_of, language, unit_pairs
from cordboard.desktop.settings_complaints import Complaints
from cordboard.desktop.settings_levels import IncidentRules, LevelItems, Levels
from cordboard.desktop.settings_limits import CallsOut
from cordboard.desktop.settings_people import People
from cordboard.desktop.settings_scripts import Scripts
from cordboard.desktop.settings_services import Lookups, Services
from cordboard.desktop.settings_sla import Calendars, Plans
from cordboard.desktop.settings_surveys import Surveys
from cordboard.desktop.settings_ticket_forms import TicketForms
from cordboard.desktop.settings_ticket_kinds import TicketKinds
from cordboard.desktop.settings_ticket_surveys import TicketSurveys
from cordboard.desktop.settings_trunks import Trunks
from cordboard.desktop.settings_visits import Areas, ServiceStaff, VisitKinds
from cordboard.flows.models import Flow
from cordboard.org import actions_settings as org
from cordboard.org import permissions
from cordboard.org.models import Position, Role, Unit, User
from cordboard.org.permissions import user_may
from cordboard.routing import actions_settings as routing
from cordboard.routing.models import NotReadyReason, Queue, Skill
from cordboard.routing.permissions import MANAGE


class Queues(Kind):
    code, permission, icon, name, new = "queues", MANAGE, "users-group", later("Queues"), later("New queue")

    def _rows(self, user: Any) -> Any:
        rows = Queue.objects.all()
        if user_may(user, MANAGE) != "all":
            rows = rows.filter(Q(unit_id=user.unit_id) | Q(members__agent__unit_id=user.unit_id), unit__isnull=False).distinct()
        return rows

    def columns(self) -> list[str]:
        return [_("Queue"), _("Unit"), _("Target"), _("Rings"), _("Wrap-up"), _("Agents"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        rows = self._rows(user).select_related("unit").annotate(agents=Count("members", distinct=True)).order_by("name")
        found = []
        for row in rows:
            target = _("%(percent)s %% within %(seconds)s s") % {"percent": row.target_percent, "seconds": row.target_seconds}
            seconds = [_("%(n)s s") % {"n": value} for value in (row.ring_seconds, row.wrapup_seconds)]
            found.append(Listed(row.pk, (row.name, str(row.unit or ""), target, *seconds, str(row.agents), _("open") if row.open else _("closed by hand"))))
        return found

    def find(self, user: Any, number: int) -> Queue | None:
        found: Queue | None = self._rows(user).filter(pk=number).first()
        return found

    def may_make(self, user: Any) -> bool:
        return user_may(user, MANAGE) == "all"

    def values(self, row: Queue) -> dict[str, Any]:
        return routing.queue_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.QueueForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        unit = user.unit
        row = Queue(unit=unit, hours={"timezone": unit.timezone if unit else "UTC"})
        return self.initial(self.values(row))

    def form(self, data: Any, initial: dict[str, Any], row: Queue | None, user: Any) -> forms.Keeping:
        units = unit_pairs() if user_may(user, MANAGE) == "all" else [(pk, name) for pk, name in unit_pairs() if pk == user.unit_id]
        numbers = {number for number in Line.objects.values_list("number", flat=True) if number.startswith("+")}
        for owned in Trunk.objects.values_list("numbers", flat=True):
            numbers |= set(owned)
        skills = [(one.code, one.name_in(language()), one.kind) for one in Skill.objects.all()]
        needs = 1 + max((int(name.split("-")[1]) for name in initial if name.startswith("need-")), default=-1)
        steps = 1 + max((int(name.split("-")[1]) for name in initial if name.startswith("relax-")), default=-1)
        if data is not None:  # as many rows as the page had
            needs = max(needs, sum(name.startswith("need-") and name.endswith("-skill") for name in data) - forms.BLANKS)
            steps = max(steps, sum(name.startswith("relax-") and name.endswith("-what") for name in data) - forms.BLANKS)
        return forms.QueueForm(
            data, initial=initial, new=row is None, units=units, numbers=sorted(numbers), skills=skills, needs=min(needs, 20), steps=min(steps, 20)
        )

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return routing.keep_queue(user, number, form.values(), code=code_of(form), seen=seen)


class Skills(Kind):
    code, permission, icon, name, new = "skills", MANAGE, "star", later("Skills"), later("New skill")

    def columns(self) -> list[str]:
        return [_("Skill"), _("Kind"), _("Code"), _("Agents who have it")]

    def lines(self, user: Any) -> list[Listed]:
        rows = Skill.objects.annotate(count=Count("agents"))
        return [Listed(row.pk, (row.name_in(language()), str(forms.KIND_WORDS.get(row.kind, row.kind)), row.code, str(row.count))) for row in rows]

    def find(self, user: Any, number: int) -> Skill | None:
        return Skill.objects.filter(pk=number).first() if self.may_make(user) else None

    def may_make(self, user: Any) -> bool:
        return user_may(user, MANAGE) == "all"

    def values(self, row: Skill) -> dict[str, Any]:
        return routing.skill_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"kind": values["kind"], **forms.Named.names_of(values["names"])}

    def blank(self, user: Any) -> dict[str, Any]:
        return {"kind": "process"}

    def form(self, data: Any, initial: dict[str, Any], row: Skill | None, user: Any) -> forms.Keeping:
        return forms.SkillForm(data, initial=initial, new=row is None)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return routing.keep_skill(user, number, **form.values(), code=code_of(form), seen=seen)


class Reasons(Kind):
    code, permission, icon, name, new = "reasons", MANAGE, "coffee", later("Not ready reasons"), later("New reason")

    def columns(self) -> list[str]:
        return [_("Reason"), _("Kind"), _("Reminded after"), _("Place")]

    def lines(self, user: Any) -> list[Listed]:
        found = []
        for row in NotReadyReason.objects.all():
            kind = _("set by the system") if row.by_system else _("break") if row.is_break else _("work")
            minutes = _("%(n)s min") % {"n": row.minutes} if row.minutes else ""
            found.append(Listed(row.pk, (row.name_in(language()), kind, minutes, str(row.order))))
        return found

    def find(self, user: Any, number: int) -> NotReadyReason | None:
        return NotReadyReason.objects.filter(pk=number).first() if self.may_make(user) else None

    def may_make(self, user: Any) -> bool:
        return user_may(user, MANAGE) == "all"

    def values(self, row: NotReadyReason) -> dict[str, Any]:
        return routing.reason_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**{name: values[name] for name in ("is_break", "minutes", "order")}, **forms.Named.names_of(values["names"])}

    def blank(self, user: Any) -> dict[str, Any]:
        return {"order": 50}

    def form(self, data: Any, initial: dict[str, Any], row: NotReadyReason | None, user: Any) -> forms.Keeping:
        return forms.ReasonForm(data, initial=initial, new=row is None, by_system=row is not None and row.by_system)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return routing.keep_reason(user, number, form.values(), code=code_of(form), seen=seen)


class Lines(Kind):
    code, permission, icon, name, new, removable = "lines", VOICE, "phone-incoming", later("Lines"), later("New line"), True

    def columns(self) -> list[str]:
        return [_("Number"), _("Name"), _("Flow that answers"), _("Queue"), _("Country"), _("Languages")]

    def lines(self, user: Any) -> list[Listed]:
        rows = Line.objects.select_related("queue")
        flows = dict(Flow.objects.filter(state=Flow.State.PUBLISHED).values_list("code", "name"))
        return [Listed(row.pk, (row.number, row.name, flows.get(row.flow, row.flow), row.queue.name, row.country, ", ".join(row.languages))) for row in rows]

    def find(self, user: Any, number: int) -> Line | None:
        return Line.objects.filter(pk=number).first()

    def values(self, row: Line) -> dict[str, Any]:
        return lines.line_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, "languages": ", ".join(values["languages"])}

    def blank(self, user: Any) -> dict[str, Any]:
        return {"country": user.unit.country if user.unit else "NL", "languages": "en"}

    def form(self, data: Any, initial: dict[str, Any], row: Line | None, user: Any) -> forms.Keeping:
        published = Flow.objects.filter(state=Flow.State.PUBLISHED).order_by("name")
        flows = [(one.code, one.name) for one in published if "ivr" in one.surfaces]
        queues = list(Queue.objects.values_list("pk", "name"))
        return forms.LineForm(data, initial=initial, new=row is None, flows=flows, queues=queues)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return lines.keep_line(user, number, form.values(), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        lines.remove_line(user, number)


class Units(Kind):
    code, permission, icon, name, new = "units", org.MANAGE, "building", later("Units"), later("New unit")

    def columns(self) -> list[str]:
        return [_("Unit"), _("Part of"), _("Head"), _("Country"), _("Time zone"), _("People")]

    def lines(self, user: Any) -> list[Listed]:
        rows = Unit.objects.select_related("parent", "head").annotate(people=Count("members"))
        return [Listed(row.pk, (row.name, str(row.parent or ""), str(row.head or ""), row.country, row.timezone, str(row.people))) for row in rows]

    def find(self, user: Any, number: int) -> Unit | None:
        return Unit.objects.filter(pk=number).first()

    def values(self, row: Unit) -> dict[str, Any]:
        return org.unit_values(row)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"country": user.unit.country if user.unit else "NL", "timezone": user.timezone}

    def form(self, data: Any, initial: dict[str, Any], row: Unit | None, user: Any) -> forms.Keeping:
        people = list(User.objects.filter(is_active=True).order_by("name").values_list("pk", "name"))
        units = [(pk, name) for pk, name in unit_pairs() if row is None or pk != row.pk]
        return forms.UnitForm(data, initial=initial, new=row is None, units=units, people=people)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return org.keep_unit(user, number, form.values(), code=code_of(form), seen=seen)


class Positions(Kind):
    code, permission, icon, name, new = "positions", org.MANAGE, "user-share", later("Positions"), later("New position")

    def columns(self) -> list[str]:
        return [_("Position"), _("Unit"), _("Held by"), _("Deputy")]

    def lines(self, user: Any) -> list[Listed]:
        holders: dict[int, list[str]] = {}
        for position, name in User.objects.filter(is_active=True, position__isnull=False).order_by("name").values_list("position_id", "name"):
            holders.setdefault(position, []).append(name)
        rows = Position.objects.select_related("unit", "deputy")
        return [Listed(row.pk, (row.name, row.unit.name, ", ".join(holders.get(row.pk, ())) or _("nobody"), str(row.deputy or ""))) for row in rows]

    def find(self, user: Any, number: int) -> Position | None:
        return Position.objects.filter(pk=number).first()

    def values(self, row: Position) -> dict[str, Any]:
        return org.position_values(row)

    def form(self, data: Any, initial: dict[str, Any], row: Position | None, user: Any) -> forms.Keeping:
        others = [(pk, name) for pk, name in Position.objects.values_list("pk", "name") if row is None or pk != row.pk]
        return forms.PositionForm(data, initial=initial, new=row is None, units=unit_pairs(), positions=others)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return org.keep_position(user, number, form.values(), code=code_of(form), seen=seen)


class Roles(Kind):
    code, permission, icon, name, new = "roles", org.MANAGE, "shield-check", later("Roles"), later("New role")

    def columns(self) -> list[str]:
        return [_("Role"), _("People"), _("Permissions"), _("Details masked")]

    def lines(self, user: Any) -> list[Listed]:
        declared = permissions.declared()
        rows = Role.objects.annotate(count=Count("users"))
        return [
            Listed(row.pk, (row.name, str(row.count), _("%(n)s of %(all)s") % {"n": len(row.permissions.keys() & declared.keys()), "all": len(declared)}, _("yes") if row.masks else ""))
            for row in rows
        ]  # fmt: skip

    def find(self, user: Any, number: int) -> Role | None:
        return Role.objects.filter(pk=number).first()

    def values(self, row: Role) -> dict[str, Any]:
        return org.role_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": values["name"], "masks": values["masks"], **{f"may-{code}": scope for code, scope in values["permissions"].items()}}

    def form(self, data: Any, initial: dict[str, Any], row: Role | None, user: Any) -> forms.Keeping:
        codes = {code: str(one.words) for code, one in permissions.declared().items()}
        return forms.RoleForm(data, initial=initial, new=row is None, codes=codes)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return org.keep_role(user, number, **form.values(), code=code_of(form), seen=seen)


GROUPS: tuple[tuple[Any, tuple[Kind, ...]], ...] = (
    (later("People"), (People(), Units(), Positions(), Roles())),
    (later("Routing and telephony"), (Queues(), Skills(), Reasons(), Lines(), Trunks(), CallsOut())),
    (
        later("Service desk"),
        (TicketKinds(), TicketForms(), Complaints(), Levels(), LevelItems(), IncidentRules(), Calendars(), Plans()),
    ),
    (later("Visits"), (ServiceStaff(), Areas(), VisitKinds())),
    (later("Guidance and surveys"), (Scripts(), Surveys(), TicketSurveys())),
    (later("System"), (Services(), Lookups())),
)
"""In the order of the menu; see views_settings.groups for what has pages of its own."""
KINDS: dict[str, Kind] = {kind.code: kind for _heading, kinds in GROUPS for kind in kinds}
