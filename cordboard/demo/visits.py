"""Service staff of the web shop: four technicians with areas, skills and bookings of this week and the next. Bookings are made by the act that real ones make."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.appointments import actions, queries, slots
from cordboard.appointments.models import Appointment, Area, Hours, Staff, VisitKind
from cordboard.demo.centre import email_of
from cordboard.demo.draw import SEED
from cordboard.demo.sources import data
from cordboard.org import actions as org
from cordboard.org.models import Absence, Position, Role, Unit, User
from cordboard.parties.models import Address, Party
from cordboard.routing.models import AgentSkill, Skill

AREAS = (
    ("amsterdam", "Amsterdam", "NL", ["10", "11", "12", "13", "14", "15", "18", "19", "20", "21"], 15, 45),
    ("rotterdam", "Rotterdam", "NL", ["22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "43", "44", "45"], 15, 45),
    ("east", "Utrecht & Arnhem", "NL", ["34", "35", "36", "37", "38", "39", "40", "41", "53", "65", "66", "67", "68", "69", "70", "71", "72", "73"], 20, 60),
    ("south", "Eindhoven", "NL", ["46", "47", "48", "49", "50", "51", "52", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64"], 20, 60),
    (
        "north",
        "Groningen & Zwolle",
        "NL",
        ["16", "17", "74", "75", "76", "77", "78", "79", "80", "81", "82", "83", "84", "85", "86", "87", "88", "89", "9"],
        25,
        75,
    ),
    ("leeds", "Leeds", "GB", ["LS", "BD", "HX", "HD", "WF", "YO", "HG", "M1"], 20, 60),
    ("london", "London", "GB", ["SE", "SW", "NW", "WC", "EC", "E1", "N1", "W1"], 20, 60),
)
KINDS: tuple[tuple[str, int, bool, list[str], tuple[str, ...]], ...] = (
    ("repair-large", 90, True, ["washing-machine"], ("Repair of a large appliance", "Reparatie van een groot apparaat", "Ремонт крупной техники", "ซ่อมเครื่องใช้ขนาดใหญ่", "大家电维修")),
    ("installation", 60, True, ["dishwasher"], ("Installation", "Installatie", "Установка", "ติดตั้งเครื่อง", "安装")),
    ("inspection", 45, True, [], ("Safety inspection", "Veiligheidscontrole", "Проверка безопасности", "ตรวจความปลอดภัย", "安全检查")),
    ("advice", 30, False, [], ("Advice by telephone", "Advies per telefoon", "Консультация по телефону", "ให้คำแนะนำทางโทรศัพท์", "电话咨询")),
)  # fmt: skip
LANGUAGES = ("en", "nl", "ru", "th", "zh-hans")
PEOPLE = (
    ("thijs", "Thijs Hoekstra", "nl", "Europe/Amsterdam", {"washing-machine": 5, "dishwasher": 5, "fridge": 3}, ["amsterdam", "north"]),
    ("fatima", "Fatima el Amrani", "nl", "Europe/Amsterdam", {"washing-machine": 4, "dishwasher": 5, "fridge": 5}, ["amsterdam", "rotterdam", "east", "north"]),
    ("wouter", "Wouter Janssen", "nl", "Europe/Amsterdam", {"washing-machine": 5, "dishwasher": 4, "small-appliance": 4}, ["rotterdam", "south", "east"]),
    ("maggie", "Maggie Holt", "en", "Europe/London", {"washing-machine": 5, "dishwasher": 4, "fridge": 4}, ["leeds", "london"]),
)
WEEK = ((480, 720), (750, 1020))
"""Eight to twelve, half past twelve to five."""
RIGHTS = {
    "appointments.view": "own", "appointments.book": "own", "org.view": "all", "parties.view": "all", "catalogue.view": "all", "knowledge.view": "all", "tickets.view": "all",
    "tickets.change": "own", "tickets.orders": "all",
}  # fmt: skip


def build(now: datetime | None = None) -> None:
    """Make what is missing. Visits are booked once, for the working days around today."""
    now = now or timezone.now()
    with transaction.atomic():
        areas = {
            code: Area.objects.get_or_create(
                code=code, defaults={"name": name, "country": country, "prefixes": prefixes, "travel_within": within, "travel_between": between}
            )[0]
            for code, name, country, prefixes, within, between in AREAS
        }
        kinds = [_kind(*one) for one in KINDS]
        people = [_technician(*one, areas) for one in PEOPLE]
    if not Appointment.objects.exists():
        _book(people, kinds, now)


def _kind(code: str, minutes: int, on_site: bool, skills: list[str], names: tuple[str, ...]) -> VisitKind:
    row, made = VisitKind.objects.get_or_create(code=code, defaults={"minutes": minutes, "on_site": on_site, "names": dict(zip(LANGUAGES, names, strict=True))})
    if made:
        row.skills.set(Skill.objects.filter(code__in=skills))
    return row


def _technician(username: str, name: str, language: str, zone: str, skills: dict[str, int], codes: list[str], areas: dict[str, Area]) -> Staff:
    unit, _made = Unit.objects.get_or_create(
        code="field-service",
        defaults={"name": "Field service", "country": "NL", "timezone": "Europe/Amsterdam", "head": User.objects.filter(username="sanne").first()},
    )
    position, _made = Position.objects.get_or_create(code="technician", defaults={"name": "Technician", "unit": unit})
    if not Role.objects.filter(code="technician").exists():
        org.set_role("technician", "Technician", RIGHTS)  # type: ignore[arg-type]
    user = User.objects.filter(username=username).first()
    if user is None:
        user = org.create_user(
            username=username, name=name, email=email_of(username), password=data("centre")["password"], language=language, timezone=zone, unit=unit, position=position,
            roles=["technician"],
        )  # fmt: skip
        known = {one.code: one for one in Skill.objects.filter(code__in=skills)}
        AgentSkill.objects.bulk_create(AgentSkill(agent=user, skill=known[code], proficiency=level) for code, level in skills.items())
    staff, made = Staff.objects.get_or_create(user=user, defaults={"timezone": zone, "most_a_day": 6})
    if made:
        staff.areas.set([areas[code] for code in codes])
        Hours.objects.bulk_create(Hours(staff=staff, weekday=day, opens=opens, closes=closes) for day in range(5) for opens, closes in WEEK)
    return staff


def _book(people: list[Staff], kinds: list[VisitKind], now: datetime) -> None:
    """About half of the time of this week and the next; what is over is done, one customer was not there. Wouter has a day off."""
    dice = random.Random(SEED)
    monday = timezone.localtime(now).date() - timedelta(days=timezone.localtime(now).weekday())
    wouter = next(one for one in people if one.user.username == "wouter")
    off = monday + timedelta(days=8)
    Absence.objects.get_or_create(user=wouter.user, first_day=off, last_day=off, defaults={"made_at": now, "why": Absence.Why.TRAINING})
    begin = datetime.combine(monday, datetime.min.time(), tzinfo=timezone.get_current_timezone())
    emma = User.objects.filter(username="emma").first()
    customers = {staff.pk: _customers(staff) for staff in people}
    for staff in people:
        for day in range(12):
            for turn in range(dice.choice((2, 3, 3, 4))):
                _one(staff, dice, kinds, begin + timedelta(days=day), customers[staff.pk], turn, emma, now)
    over = Appointment.objects.filter(state=Appointment.State.BOOKED, ends_at__lt=now).order_by("starts_at")
    for place, row in enumerate(over):
        if place == 3:
            actions.no_show(None, row.pk, now=row.ends_at)
        else:
            actions.done(None, row.pk, now=row.ends_at)


def _customers(staff: Staff) -> list[tuple[Party, queries.Where]]:
    """Those who live in the areas of this person."""
    own = set(staff.areas.values_list("pk", flat=True))
    rows = Address.objects.filter(party__root=None, country=staff.areas.first().country if staff.areas.exists() else "").select_related("party").order_by("pk")  # type: ignore[union-attr]
    found = []
    for row in rows[:120]:
        area = queries.area_of(row.postcode, row.country)
        if area is not None and area.pk in own:
            town = " ".join(part for part in (row.postcode, row.city) if part)
            found.append((row.party, queries.Where(", ".join(part for part in (row.street, town) if part), area)))
    return found


def _one(
    staff: Staff, dice: random.Random, kinds: list[VisitKind], day: datetime, customers: list[tuple[Party, queries.Where]], turn: int, by: User | None, now: datetime
) -> None:  # fmt: skip
    if not customers:
        return
    party, where = dice.choice(customers)
    kind = dice.choice(kinds[:3])
    assert where.area is not None
    made = min(day - timedelta(days=dice.randrange(2, 9)) + timedelta(hours=9 + 2 * turn, minutes=7 * staff.pk), now)
    found = list(slots.each(queries.free(kind, where.area.pk, day, day + timedelta(days=1), made, only=[staff.pk])))
    if not found:
        return
    start = found[min(len(found) - 1, turn * len(found) // 4 + dice.randrange(4))].start
    what = actions.Visit(kind, party, where.area, where.line, "", party.language or "en", by=None)
    row = actions.book(what, staff.pk, slots.moment(start), now=made)
    Appointment.objects.filter(pk=row.pk).update(by=by, reminded_at=made)
