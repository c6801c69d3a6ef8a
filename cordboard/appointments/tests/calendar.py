"""A small service: alice and bob book, tess and theo make visits, carol manages, dave may nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cordboard.appointments.actions import Visit
from cordboard.appointments.models import Area, Hours, Staff, VisitKind
from cordboard.org.models import Role, User
from cordboard.parties.models import Address, Party
from cordboard.routing.models import AgentSkill, Skill
from cordboard.routing.tests.centre import Centre, make_centre

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Eight in Amsterdam."""
NINE = MONDAY + timedelta(hours=1)


@dataclass
class Calendar:
    centre: Centre
    tess: Staff
    theo: Staff
    repair: VisitKind
    call: VisitKind
    north: Area
    south: Area
    noor: Party

    def __getattr__(self, name: str) -> Any:
        return getattr(self.centre, name)

    def visit(self, **more: Any) -> Visit:
        return Visit(**{"kind": self.repair, "party": self.noor, "area": self.north, "language": "nl", "by": self.centre.alice, **more})


def staff(user: User, skills: list[Skill], areas: list[Area], **fields: Any) -> Staff:
    made = Staff.objects.create(user=user, timezone="Europe/Amsterdam", **fields)
    made.areas.set(areas)
    Hours.objects.bulk_create(Hours(staff=made, weekday=day, opens=540, closes=1020) for day in range(5))
    AgentSkill.objects.bulk_create(AgentSkill(agent=user, skill=skill) for skill in skills)
    return made


def make_calendar() -> Calendar:
    centre = make_centre()
    rights = {
        "agent": {"appointments.view": "all", "appointments.book": "all"},
        "manager": {f"appointments.{one}": "all" for one in ("view", "book", "manage")},
    }
    for code, more in rights.items():
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, **more}
        role.save()
    own = Role.objects.create(code="technician", name="Technician", permissions={"appointments.view": "own", "appointments.book": "own"})
    skill = Skill.objects.create(code="kettle", kind="product", names={"en": "Kettles"})
    north = Area.objects.create(code="north", name="North", prefixes=["10", "15"], travel_within=15, travel_between=60)
    south = Area.objects.create(code="south", name="South", prefixes=["30", "1099"], travel_within=15, travel_between=45)
    users = {name: User.objects.create(username=name, name=name.capitalize(), unit=centre.unit) for name in ("tess", "theo")}
    for user in users.values():
        user.roles.add(own)
    repair = VisitKind.objects.create(code="repair", names={"en": "Repair at home", "nl": "Reparatie aan huis"}, minutes=90)
    repair.skills.add(skill)
    call = VisitKind.objects.create(code="advice", names={"en": "Advice by telephone"}, minutes=30, on_site=False)
    noor = Party.objects.create(name="Noor de Vries", languages=["nl"], country="NL", created_at=MONDAY)
    Address.objects.create(party=noor, street="Keizersgracht 12", postcode="1015 CN", city="Amsterdam", country="NL")
    return Calendar(
        centre, staff(users["tess"], [skill], [north]), staff(users["theo"], [skill], [north, south]), repair, call, north, south, noor
    )  # fmt: skip
