"""Settings of service staff that hold for everybody: areas with their minutes on the way, and kinds of visit. What visits of the past refer to is never deleted: a kind that is
not wanted any more cannot be chosen, an area that had visits stays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.appointments import events
from cordboard.appointments.models import Appointment, Area, Staff, VisitKind
from cordboard.appointments.permissions import MANAGE
from cordboard.appointments.queries import folded
from cordboard.events import log
from cordboard.lib.keeping import BadValue
from cordboard.lib.keeping_rows import named, row_of
from cordboard.org.languages import LANGUAGES
from cordboard.org.permissions import require
from cordboard.routing.models import Skill

AREA = ("name", "country", "prefixes", "travel_within", "travel_between")
KIND = ("names", "minutes", "on_site", "skills", "active")
MOST_WAY = 480
"""Minutes on the way: a working day."""
LENGTHS = (15, 720)
"""Minutes of a visit: least and most, in quarters of an hour."""
MOST_PREFIXES = 500
MOST_NAME = 80
_PREFIX = re.compile(r"[0-9A-Z-]{1,10}")


def area_values(row: Area) -> dict[str, Any]:
    """What can be set of an area, as it is kept."""
    return {name: getattr(row, name) for name in AREA}


def kind_values(row: VisitKind) -> dict[str, Any]:
    """What can be set of a kind of visit, as it is kept; skills by code. One query."""
    skills = sorted(row.skills.values_list("code", flat=True)) if row.pk else []
    return {**{name: getattr(row, name) for name in KIND if name != "skills"}, "skills": skills}


def keep_area(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> Area:
    """Make an area (`number` None, with a `code`) or change one, `values` by the names of AREA. Visits that are booked stay booked. Needs appointments.manage for all. Raises
    BadValue, Changed, PermissionDenied, Area.DoesNotExist."""
    _all(user)
    given = {name: values[name] for name in AREA}
    given["name"] = named(given["name"], MOST_NAME)
    given["country"] = str(given["country"]).strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", given["country"]):
        raise BadValue("country", _("A country is two letters, such as NL."))
    given["prefixes"] = _prefixes(given["prefixes"])
    for name in ("travel_within", "travel_between"):
        if not 0 <= given[name] <= MOST_WAY:
            raise BadValue(name, _("From %(least)s to %(most)s.") % {"least": 0, "most": MOST_WAY})
    if given["travel_between"] < given["travel_within"]:
        raise BadValue("travel_between", _("The way to another area cannot be shorter than the way within this one."))
    with transaction.atomic():
        row = row_of(Area, number, area_values, code=code, seen=seen)
        if number is not None and given == area_values(row):
            return row
        _apart(row, given)
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        _told(user, "area", row.code)
    return row


def remove_area(user: Any, number: int) -> None:
    """Only one that nobody serves and that no visit was in. Raises BadValue, PermissionDenied."""
    _all(user)
    with transaction.atomic():
        row = Area.objects.select_for_update().get(pk=number)
        if Appointment.objects.filter(area=row).exists():
            raise BadValue("", _("Visits were made in this area: it cannot be removed. Take its postal codes away, and nothing is booked there any more."))
        if names := list(Staff.objects.filter(areas=row).order_by("user__name").values_list("user__name", flat=True)[:5]):
            raise BadValue("", _("These people go there: %(names)s. Take the area from them first.") % {"names": ", ".join(names)})
        row.delete()
        _told(user, "area", row.code)


def keep_kind(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> VisitKind:
    """Make a kind of visit (`number` None, with a `code`) or change one, `values` by the names of KIND. Visits that are booked keep their length. Needs appointments.manage for all.
    Raises BadValue, Changed, PermissionDenied, VisitKind.DoesNotExist."""
    _all(user)
    given = {name: values[name] for name in KIND}
    names = {one: " ".join(str(given["names"].get(one, "")).split())[:MOST_NAME] for one in LANGUAGES}
    given["names"] = {one: text for one, text in names.items() if text}
    if not given["names"].get("en"):
        raise BadValue("names", _("Give it a name in English at least: it stands in where a language has none."))
    least, most = LENGTHS
    if given["minutes"] % 15 or not least <= given["minutes"] <= most:
        raise BadValue("minutes", _("Quarters of an hour, from %(least)s to %(most)s minutes.") % {"least": least, "most": most})
    given["skills"] = sorted(set(given["skills"]))
    skills = list(Skill.objects.filter(code__in=given["skills"]))
    if len(skills) != len(given["skills"]):
        raise BadValue("skills", _("One of the skills is not there any more."))
    with transaction.atomic():
        row = row_of(VisitKind, number, kind_values, code=code, seen=seen)
        if number is not None and given == kind_values(row):
            return row
        for name in ("names", "minutes", "on_site", "active"):
            setattr(row, name, given[name])
        row.save()
        row.skills.set(skills)
        _told(user, "kind", row.code)
    return row


def _all(user: Any) -> None:
    if require(user, MANAGE) != "all":
        raise PermissionDenied(_("This holds for every unit: whoever manages all of them sets it."))


def _prefixes(given: Sequence[str]) -> list[str]:
    found = sorted({folded(str(one)) for one in given} - {""})
    if wrong := next((one for one in found if not _PREFIX.fullmatch(one)), None):
        raise BadValue("prefixes", _("%(code)s is no beginning of a postal code: letters and digits, at most 10.") % {"code": wrong[:40]})
    if len(found) > MOST_PREFIXES:
        raise BadValue("prefixes", _("At most %(n)s beginnings.") % {"n": MOST_PREFIXES})
    return found


def _apart(row: Area, given: Mapping[str, Any]) -> None:
    """The longest beginning says which area a customer is in: two areas of a country cannot have the same one."""
    own = set(given["prefixes"])
    for other in Area.objects.filter(country=given["country"]).exclude(pk=row.pk):
        if both := sorted(own & {folded(one) for one in other.prefixes}):
            raise BadValue("prefixes", _("%(codes)s is of the area %(name)s already.") % {"codes": ", ".join(both[:5]), "name": other.name})


def _told(user: Any, what: str, code: str) -> None:
    log.record(events.SET_UP, actor=f"user:{user.pk}", what=what, code=code)
