"""The centre itself: units, people, roles, skills, queues, lines, reasons, policies, flows, knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice.actions_trunk import set_trunk
from cordboard.channels.voice.models import Line, Trunk
from cordboard.demo.sources import data, folder
from cordboard.flows.models import Flow
from cordboard.interactions.models import ContactReason, Outcome
from cordboard.org import actions as org
from cordboard.org import permissions
from cordboard.org.models import Position, Role, Unit, User
from cordboard.routing.models import AgentSkill, NotReadyReason, Queue, QueueMember, Skill
from cordboard.rules.models import Policy
from cordboard.telephony import driver

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUSE = "lampketel.example"


@dataclass(frozen=True, slots=True)
class SignIn:
    role: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Loaded:
    sign_ins: tuple[SignIn, ...]
    password: str
    """one for all of them"""


def email_of(username: str) -> str:
    return f"{username}@{HOUSE}"


def build(now: datetime | None = None) -> Loaded:
    """Make what is missing of the centre. What a manager changed since stays changed."""
    now = now or timezone.now()
    centre = data("centre")
    with transaction.atomic():
        units = {row["code"]: Unit.objects.get_or_create(code=row["code"], defaults=_only(row, "name", "country", "timezone"))[0] for row in centre["units"]}
        for row in centre["positions"]:
            Position.objects.get_or_create(code=row["code"], defaults={"name": row["name"], "unit": units[row["unit"]]})
        for row in centre["skills"]:
            Skill.objects.get_or_create(code=row["code"], defaults=_only(row, "kind", "names"))
        for place, row in enumerate(centre["not_ready"]):
            NotReadyReason.objects.get_or_create(code=row["code"], defaults={**_only(row, "names", "is_break", "minutes", "by_system"), "order": place})
        for place, row in enumerate(centre["outcomes"]):
            Outcome.objects.get_or_create(code=row["code"], defaults={"names": row["names"], "order": place})
        for place, row in enumerate(data("reasons")):
            parent, _made = ContactReason.objects.get_or_create(code=row["code"], defaults={"names": row["names"], "order": place})
            for order, child in enumerate(row["children"]):
                ContactReason.objects.get_or_create(code=child["code"], defaults={"names": child["names"], "order": order, "parent": parent})
    roles(centre["roles"])
    people(centre, units)
    with transaction.atomic():
        queues(centre, units)
        for row in centre["lines"]:
            fields = _only(row, "name", "country", "languages")
            Line.objects.get_or_create(
                number=row["number"], defaults={**fields, "flow": row.get("flow", "service-line"), "queue": Queue.objects.get(code=row["queue"])}
            )
        policies(now)
        flows(now)
    trunks()
    caller_ids()
    return Loaded(
        sign_ins=tuple(SignIn(row["roles"][-1], row["name"], email_of(row["username"])) for row in centre["users"]),
        password=centre["password"],
    )


def _only(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def codes_of(spec: Mapping[str, Any], declared: Iterable[str]) -> dict[str, permissions.Scope]:
    """The permissions of a demo role: whole packages by name, then single codes, less what it is without."""
    declared = set(declared)
    codes: dict[str, permissions.Scope] = {}
    for package, scope in spec.get("packages", {}).items():
        codes.update({code: scope for code in declared if package == "*" or code.split(".")[0] == package})
    scopes: tuple[permissions.Scope, ...] = ("own", "unit", "all")
    for scope_ in scopes:
        codes.update({code: scope_ for code in spec.get(scope_, ()) if code in declared})
    return {code: scope for code, scope in codes.items() if code not in spec.get("without", ())}


def roles(specs: Mapping[str, Any]) -> None:
    for code, spec in specs.items():
        if not Role.objects.filter(code=code).exists():
            org.set_role(code, spec["name"], codes_of(spec, permissions.declared()))


def people(centre: Mapping[str, Any], units: Mapping[str, Unit]) -> None:
    positions = {position.code: position for position in Position.objects.all()}
    skills = {skill.code: skill for skill in Skill.objects.all()}
    known = set(User.objects.values_list("username", flat=True))
    for row in centre["users"]:
        if row["username"] in known:
            continue
        position = positions[row["position"]]
        unit = units[next(one["unit"] for one in centre["positions"] if one["code"] == row["position"])]
        with transaction.atomic():
            user = org.create_user(
                username=row["username"], name=row["name"], email=email_of(row["username"]), password=centre["password"], language=row["language"],
                timezone=unit.timezone, unit=unit, position=position, roles=row["roles"],
            )  # fmt: skip
            user.preferences = {"languages": [code for code in row["skills"] if skills[code].kind == "language"]}
            user.save(update_fields=["preferences"])
            AgentSkill.objects.bulk_create(AgentSkill(agent=user, skill=skills[code], proficiency=level) for code, level in row["skills"].items())
    heads = {row["username"]: user for row in centre["users"] for user in User.objects.filter(username=row["username"])}
    for row in centre["units"]:
        Unit.objects.filter(code=row["code"], head=None).update(head=heads[row["head"]])


def queues(centre: Mapping[str, Any], units: Mapping[str, Unit]) -> None:
    """Open day and night, so that whoever looks at the demo at midnight is answered as well."""
    for row in centre["queues"]:
        fields = _only(row, "name", "greeting", "target_percent", "target_seconds", "ring_seconds", "wrapup_seconds", "requirements", "relaxation")
        unit = units[row["unit"]]
        hours = {"timezone": unit.timezone, **{day: [["00:00", "24:00"]] for day in DAYS}}
        queue, made = Queue.objects.get_or_create(code=row["code"], defaults={**fields, "unit": unit, "hours": hours})
        if made:
            members = [one["username"] for one in centre["users"] if row["code"] in one["queues"]]
            QueueMember.objects.bulk_create(QueueMember(queue=queue, agent=user) for user in User.objects.filter(username__in=members))


def caller_ids() -> None:
    """Who is called from a queue sees the number on which they would call it."""
    for line in Line.objects.filter(number__startswith="+").order_by("pk"):
        Queue.objects.filter(pk=line.queue_id, caller_id="").update(caller_id=line.number)


def trunks() -> None:
    """A way out that costs nothing: whoever tries the demo can dial any number and hear something, and nobody outside is called."""
    if not Trunk.objects.exists():
        numbers = tuple(Line.objects.filter(number__startswith="+").values_list("number", flat=True))
        set_trunk(None, driver.Trunk("practice", transport=driver.PRACTICE, numbers=numbers, any_caller_id=True, keepalive=0.0), name="Practice town")


def policies(now: datetime) -> None:
    for spec in folder("policies"):
        if not Policy.objects.filter(code=spec["code"]).exists():
            Policy.objects.create(
                area=spec["area"], code=spec["code"], name=spec["name"], version=1, state=Policy.State.PUBLISHED, body=spec["body"], published_at=now
            )


def flows(now: datetime) -> None:
    for spec in folder("flows"):
        if not Flow.objects.filter(code=spec["code"]).exists():
            Flow.objects.create(
                code=spec["code"], name=spec["name"], version=1, state=Flow.State.PUBLISHED, surfaces=spec["surfaces"], graph=spec["graph"], published_at=now
            )
