"""Readers of appointments, each with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from cordboard.appointments import slots
from cordboard.appointments.models import Absence, Appointment, Area, DayHours, Hours, Staff, VisitKind
from cordboard.appointments.permissions import VIEW
from cordboard.lib.kept import LONGEST, Kept
from cordboard.lib.opening import public_holidays
from cordboard.org.models import Absence as DaysAway
from cordboard.org.permissions import user_may
from cordboard.parties.models import Address
from cordboard.routing.models import AgentSkill, Skill

AROUND = 2 * slots.DAY
"""Minutes before and after a search within which visits count: those of the same local day, and the way from one."""
Week = tuple[tuple[slots.Stretch, ...], ...]


def visible(user: Any, *, code: str = VIEW) -> QuerySet[Appointment]:
    """Appointments that the user's scope reaches: of one's own calendar, of the unit's people, all."""
    scope = user_may(user, code)
    rows = Appointment.objects.all()
    if scope == "all":
        return rows
    if scope == "unit" and user.unit_id is not None:
        return rows.filter(Q(staff__user=user) | Q(staff__user__unit=user.unit_id))
    return rows.filter(staff__user=user) if scope is not None else rows.none()


def staff_of(user: Any, *, code: str = VIEW) -> QuerySet[Staff]:
    """Whose calendars the user's scope reaches, in order of name."""
    scope = user_may(user, code)
    rows = Staff.objects.filter(active=True).select_related("user", "user__unit").order_by("user__name", "pk")
    if scope == "all":
        return rows
    if scope == "unit" and user.unit_id is not None:
        return rows.filter(Q(user=user) | Q(user__unit=user.unit_id))
    return rows.filter(user=user) if scope is not None else rows.none()


def live(now: datetime) -> Q:
    """Appointments that take time: not cancelled, and no hold whose time is over."""
    return Q(state__in=(Appointment.State.BOOKED, Appointment.State.DONE, Appointment.State.NO_SHOW)) | Q(state=Appointment.State.HELD, held_until__gt=now)


# -- areas ----------------------------------------------------------------------------------------------------------------


def folded(postcode: str) -> str:
    return "".join(postcode.split()).upper()


def area_of(postcode: str, country: str = "") -> Area | None:
    """The area with the longest beginning of this postal code; of the country when one is given. One query."""
    code = folded(postcode)
    if not code:
        return None
    best: tuple[int, Area] | None = None
    for area in Area.objects.all():
        if country and area.country != country:
            continue
        for prefix in area.prefixes:
            if code.startswith(folded(prefix)) and (best is None or len(prefix) > best[0]):
                best = (len(prefix), area)
    return best[1] if best is not None else None


@dataclass(frozen=True, slots=True)
class Where:
    """Where a visit would be: in one line, and in which area (None: in none of ours)."""

    line: str
    area: Area | None


def where(parties: Sequence[int]) -> Where:
    """By the customer's first address. Two queries."""
    address = Address.objects.filter(party__in=parties).order_by("-primary", "pk").first()
    if address is None:
        return Where("", None)
    town = " ".join(part for part in (address.postcode, address.city) if part)
    return Where(", ".join(part for part in (address.street, town) if part), area_of(address.postcode, address.country))


_TRAVEL = Kept(lambda: Area.objects.values_list("pk", "travel_within", "travel_between"))


def travel() -> slots.Travel:
    within, between = {}, {}
    for pk, short, long in _TRAVEL():
        within[pk], between[pk] = short, long
    return slots.Travel(within, between)


# -- people and free times ------------------------------------------------------------------------------------------------


def people(
    since: int, until: int, now: datetime, *, only: Collection[int] | None = None, area: int | None = None, skills: frozenset[str] = frozenset(),
    but: int | None = None,
) -> list[slots.Person]:  # fmt: skip
    """Staff with all that a search between two minutes needs, of those who are able (or `only` these, able or not). `but` leaves one appointment out: the one that is
    to be moved. Eight queries."""
    who = None if only is None else sorted(only)
    found = _STAFF(*_only(who), some=who is not None)
    areas, known = _grouped(_AREAS(*_only(who), some=who is not None)), _grouped(_SKILLS(*_only(who), some=who is not None))
    if only is None:
        found = [one for one in found if (area is None or area in areas[one[0]]) and skills <= set(known[one[1]])]
        who = [one[0] for one in found] if len(found) <= LONGEST else None  # most of all: ask for all, and take those who were found
    some, ids = who is not None, _only(who)
    able = {one[0] for one in found}
    weeks = _weeks(_HOURS(*ids, some=some))
    first, last = slots.moment(since - AROUND).date(), slots.moment(until + AROUND).date()
    days = _days(_DAYS(first, last, *ids, some=some))
    for pk, *_more, country in found:
        days[pk] = _holidays(country or "", first, last) | days.get(pk, {})
    away = _grouped(
        (staff, (slots.minute(start), -(-int(end.timestamp()) // 60)))
        for staff, start, end in _ABSENCES(slots.moment(since - AROUND), slots.moment(until + AROUND), *ids, some=some)
    )
    _add_days_away(away, {user: (pk, zone) for pk, user, zone, *_more in found}, since, until)
    busy = _busy(able, _VISITS(now, until + AROUND, since - AROUND, *([] if but is None else [but]), *ids, some=some, but=but is not None))
    return [
        slots.Person(
            pk, zone, weeks.get(pk, EMPTY), days.get(pk, {}), away[pk], busy.get(pk, ()), frozenset(known[user]), frozenset(areas[pk]), most
        )
        for pk, user, zone, most, _country in found
    ]  # fmt: skip


def _only(who: list[int] | None) -> tuple[list[int], ...]:
    return () if who is None else (who,)


def _theirs(ids: tuple[Any, ...], some: bool, staff: str) -> Q:
    """Rows of these staff, or of all who make visits; `staff` is the way to them."""
    if some:
        return Q(**{f"{staff}__in": ids[0]})
    return Q(**{f"{staff}__active": True, f"{staff}__user__is_active": True})


_STAFF = Kept(
    lambda *ids, some: (
        (Staff.objects.filter(pk__in=ids[0]) if some else Staff.objects)
        .filter(active=True, user__is_active=True)
        .order_by("pk")
        .values_list("pk", "user_id", "timezone", "most_a_day", "user__unit__country")
    )
)
_AREAS = Kept(lambda *ids, some: Staff.areas.through.objects.filter(_theirs(ids, some, "staff")).values_list("staff_id", "area_id"))
_SKILLS = Kept(lambda *ids, some: AgentSkill.objects.filter(_theirs(ids, some, "agent__service_staff")).values_list("agent_id", "skill__code"))
_HOURS = Kept(lambda *ids, some: Hours.objects.filter(_theirs(ids, some, "staff")).order_by("opens").values_list("staff_id", "weekday", "opens", "closes"))
_DAYS = Kept(
    lambda since, until, *ids, some: (
        DayHours.objects.filter(_theirs(ids, some, "staff"), day__gte=since, day__lte=until).order_by("opens").values_list("staff_id", "day", "opens", "closes")
    )
)
_ABSENCES = Kept(
    lambda since, until, *ids, some: Absence.objects.filter(_theirs(ids, some, "staff"), ends_at__gt=since, starts_at__lt=until).values_list(
        "staff_id", "starts_at", "ends_at"
    )
)
_AWAY = Kept(
    lambda since, until: DaysAway.objects.filter(user__service_staff__active=True, last_day__gte=since, first_day__lte=until).values_list(
        "user_id", "first_day", "last_day"
    )
)
_VISITS = Kept(
    lambda now, until, since, *more, some, but: (
        (Appointment.objects.exclude(pk=more[0]) if but else Appointment.objects)
        .filter(live(now), _theirs(more[1:] if but else more, some, "staff"), starts_minute__lt=until, starts_minute__gt=since)
        .order_by("staff_id", "starts_minute")
        .values_list("starts_minute", "ends_minute", "area_id", "staff_id")
    ),
    narrow=True,
)


EMPTY: Week = ((),) * 7


def _grouped(rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found


def _add_days_away(away: dict[int, list[slots.Stretch]], people: dict[int, tuple[int, str]], since: int, until: int) -> None:
    """Leave and illness as the organisation knows them: whole days of the person's own clock. One query."""
    for user, first, last in _AWAY(slots.moment(since - AROUND).date(), slots.moment(until + AROUND).date()):
        if user not in people:
            continue
        pk, zone = people[user]
        away[pk].append((slots.utc(zone, first, 0), slots.utc(zone, last + timedelta(days=1), 0)))


def _weeks(rows: Iterable[tuple[int, int, int, int]]) -> dict[int, Week]:
    found: dict[int, list[list[slots.Stretch]]] = {}
    for staff, weekday, opens, closes in rows:
        week = found.get(staff)
        if week is None:
            week = found[staff] = [[], [], [], [], [], [], []]
        week[weekday].append((opens, closes))
    return {staff: tuple(map(tuple, week)) for staff, week in found.items()}


def _days(rows: Iterable[tuple[int, date, int | None, int | None]]) -> dict[int, dict[date, tuple[slots.Stretch, ...]]]:
    found: dict[int, dict[date, tuple[slots.Stretch, ...]]] = {}
    for staff, day, opens, closes in rows:
        had = found.setdefault(staff, {}).setdefault(day, ())
        if opens is not None and closes is not None:
            found[staff][day] = (*had, (opens, closes))
    return found


@lru_cache(maxsize=64)
def _holidays(country: str, since: date, until: date) -> dict[date, tuple[slots.Stretch, ...]]:
    """Public holidays of the unit's country: nobody makes visits then, unless hours are given for that very day. A country without known holidays has none."""
    try:
        found = [day for year in range(since.year, until.year + 1) for day in public_holidays(country, year)]
    except (NotImplementedError, KeyError):
        return {}
    return {day: () for day in found if since <= day <= until}


def _busy(able: Collection[int], rows: Iterable[slots.Visit]) -> dict[int, list[slots.Visit]]:
    """By person. Rows are in order of person: some twenty thousand in a month of two hundred people, so nothing is made of them but lists."""
    return {staff: list(some) for staff, some in groupby(rows, itemgetter(3)) if staff in able}


_NEEDED = Kept(lambda kind: Skill.objects.filter(visit_kinds=kind).values_list("code", flat=True))


def wanted(kind: VisitKind, area: int | None, since: datetime, until: datetime) -> slots.Wanted:
    """One query for the skills of the kind."""
    skills = frozenset(_NEEDED(kind.pk))
    return slots.Wanted(kind.minutes, slots.minute(since), slots.minute(until), area if kind.on_site else None, skills)


def free(kind: VisitKind, area: int | None, since: datetime, until: datetime, now: datetime, *, only: Collection[int] | None = None) -> list[slots.Window]:
    """All free times for a visit of this kind. Ten queries. A visit on site outside all areas has none: nobody travels there."""
    if kind.on_site and area is None:
        return []
    what = wanted(kind, area, max(since, now), until)
    found = people(what.earliest, what.latest, now, only=only, area=what.area, skills=what.skills)
    return slots.windows(found, what, travel())


STEPS = (3, 10, 30)
"""Days that are looked through until enough is found: most often the first few do."""


def earliest(
    kind: VisitKind, area: int | None, now: datetime, *, count: int = 3, since: datetime | None = None, days: int = 30, only: Collection[int] | None = None, apart: int = 120
) -> list[slots.Slot]:  # fmt: skip
    """The first free times, apart from each other. At most thirty queries."""
    begin = max(since or now, now)
    found: list[slots.Slot] = []
    for reach in [one for one in STEPS if one < days] + [days]:
        found = slots.spread(free(kind, area, begin, begin + timedelta(days=reach), now, only=only), count, apart=apart)
        if len(found) >= count:
            break
    return found


# -- appointments ---------------------------------------------------------------------------------------------------------


def of_parties(parties: Sequence[int], now: datetime | None = None) -> list[Appointment]:
    """What is booked for a customer from now on, the next first. One query."""
    rows = Appointment.objects.filter(party__in=parties, state=Appointment.State.BOOKED, ends_at__gt=now or timezone.now())
    return list(rows.select_related("staff__user", "kind", "area").order_by("starts_at", "pk"))


def between(user: Any, since: datetime, until: datetime, now: datetime, *, staff: Collection[int] | None = None) -> list[Appointment]:
    """What stands in calendars that the user may see, holds too. One query."""
    rows = visible(user).filter(live(now), starts_minute__lt=slots.minute(until), ends_minute__gt=slots.minute(since))
    if staff is not None:
        rows = rows.filter(staff__in=staff)
    return list(rows.select_related("staff__user", "kind", "party", "area").order_by("starts_minute", "pk"))


def one(user: Any, number: int) -> Appointment | None:
    return visible(user).select_related("staff__user", "kind", "party", "area", "by", "interaction").filter(pk=number).first()


def at_hours(staff: Sequence[Staff], since: datetime, until: datetime, now: datetime) -> dict[int, list[slots.Stretch]]:
    """When these people work, in minutes since 1970, absences taken out. Eight queries."""
    found = people(slots.minute(since), slots.minute(until), now, only=[one.pk for one in staff])
    return {who.id: slots.working(who, slots.minute(since), slots.minute(until)) for who in found}
