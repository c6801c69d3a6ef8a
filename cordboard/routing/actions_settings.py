"""The terms of queues, the skills there are, the reasons for being not ready. What is left out of use is closed or hidden, never deleted: contacts of the
past refer to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.interactions.tell import Tell
from cordboard.lib.keeping import BadValue, differences
from cordboard.lib.keeping_rows import named, row_of
from cordboard.lib.opening import DAYS, public_holidays
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import Unit
from cordboard.org.permissions import require
from cordboard.routing import events, relaxation
from cordboard.routing.models import NotReadyReason, Queue, Skill
from cordboard.routing.permissions import MANAGE
from cordboard.routing.scopes import may_manage

LIMITS: dict[str, tuple[int, int]] = {
    "target_percent": (1, 100),
    "target_seconds": (1, 3600),
    "short_abandon_seconds": (0, 60),
    "ring_seconds": (5, 120),
    "wrapup_seconds": (5, 3600),
    "wrapup_extension_seconds": (0, 3600),
    "park_seconds": (15, 3600),
}
"""Least and most, both allowed."""
QUEUE_FIELDS = ("name", "unit_id", *LIMITS, "auto_answer", "supervision_notice", "caller_id", "requirements", "relaxation", "hours", "greeting")
KINDS = ("language", "product", "process")
PLACES = {"customer", "agent", "daypart"}
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def queue_values(row: Queue) -> dict[str, Any]:
    """What can be set of a queue, as it is kept."""
    return {name: getattr(row, name) for name in QUEUE_FIELDS}


def keep_queue(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> Queue:
    """Make a queue (`number` None, with a `code`; needs routing.manage for all) or change its terms (for this queue), `values` by the names of QUEUE_FIELDS.
    Who waits already keeps the terms of the moment of entering. Raises BadValue, Changed, PermissionDenied, Queue.DoesNotExist."""
    scope = require(user, MANAGE)
    if number is None and scope != "all":
        raise PermissionDenied(_("You may not make queues."))
    if number is not None:
        may_manage(user, number)
    given = _checked(dict(values))
    if scope != "all" and given["unit_id"] != user.unit_id:
        raise BadValue("unit_id", _("You manage the queues of your own unit only."))
    with transaction.atomic():
        row = row_of(Queue, number, queue_values, code=code, seen=seen)
        fields = list(QUEUE_FIELDS) if number is None else differences(given, queue_values(row))
        if not fields:
            return row
        if Queue.objects.filter(name=given["name"]).exclude(pk=row.pk).exists():
            raise BadValue("name", _("Another queue has this name."))
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        tell = Tell.of(user)
        tell.add(events.QUEUE_CHANGED, queue=row.pk, open=row.open, change="made" if number is None else "terms", fields=fields)
        tell.write()
    return row


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    if missing := set(QUEUE_FIELDS) ^ given.keys():
        raise BadValue("", ", ".join(sorted(missing)))
    given["name"] = named(given["name"], 80)
    for name, (least, most) in LIMITS.items():
        if not isinstance(given[name], int) or not least <= given[name] <= most:
            raise BadValue(name, _("From %(least)s to %(most)s.") % {"least": least, "most": most})
    if given["unit_id"] is not None and not Unit.objects.filter(pk=given["unit_id"]).exists():
        raise BadValue("unit_id", _("There is no such unit."))
    if given["supervision_notice"] not in Queue.Notice.values:
        raise BadValue("supervision_notice", _("Choose one of the list."))
    if given["caller_id"] and not _NUMBER.fullmatch(given["caller_id"]):
        raise BadValue("caller_id", _("%(number)s is no number with its country, such as +31205550123.") % {"number": given["caller_id"]})
    known = set(Skill.objects.values_list("code", flat=True))
    if unknown := [one for one in given["requirements"] if one.get("skill") not in known]:
        raise BadValue("requirements", _("There is no skill %(code)s.") % {"code": unknown[0].get("skill")})
    try:
        relaxation.plan(given["requirements"], given["relaxation"])
    except ValueError as problem:
        raise BadValue("relaxation", _("A step needs its seconds, and each skill a proficiency from 1 to 5.")) from problem
    check_hours(given["hours"])
    check_greeting(given["greeting"])
    return given


def check_hours(given: Mapping[str, Any]) -> None:
    """:raises BadValue: they are no opening hours; its field is the day, `timezone` or `holidays`."""
    if given.get("timezone", "UTC") not in available_timezones():
        raise BadValue("timezone", _("There is no such time zone."))
    try:
        public_holidays(str(given.get("holidays") or ""), 2026)
    except (NotImplementedError, KeyError, ValueError) as problem:
        raise BadValue("holidays", _("Holidays are known by a country's two letters, such as NL, or with a part of it, such as DE-BY.")) from problem
    for day in DAYS:
        end_before = ""
        for begin, end in given.get(day, ()):
            if not (_TIME.fullmatch(begin) and _TIME.fullmatch(end)) or begin >= end or begin < end_before:
                raise BadValue(day, _("Write spans in their order, such as 08:00-12:30, 13:30-18:00."))
            end_before = end


def check_greeting(given: Mapping[str, str]) -> None:
    """:raises BadValue: a place in it is none that can be filled; its field is `greeting-<language>`."""
    for language, sentence in given.items():
        if language not in LANGUAGES:
            raise BadValue("greeting", _("There is no language %(code)s.") % {"code": language})
        places = set(re.findall(r"\{([^{}]*)\}", sentence))
        if unknown := sorted(places - PLACES):
            raise BadValue(f"greeting-{language}", _("There is no place {%(name)s}; there are {customer}, {agent} and {daypart}.") % {"name": unknown[0]})


def skill_values(row: Skill) -> dict[str, Any]:
    return {"kind": row.kind, "names": row.names}


def keep_skill(user: Any, number: int | None, kind: str, names: Mapping[str, str], *, code: str = "", seen: str = "") -> Skill:
    """Make a skill or change its names and kind. Needs routing.manage for all. Raises BadValue, Changed, PermissionDenied."""
    _all(user)
    given: dict[str, Any] = {"kind": kind, "names": _names(names)}
    if kind not in KINDS:
        raise BadValue("kind", _("Choose one of the list."))
    with transaction.atomic():
        row = row_of(Skill, number, skill_values, code=code, seen=seen)
        if number is not None and given == skill_values(row):
            return row
        row.kind, row.names = given["kind"], given["names"]
        row.save()
        tell = Tell.of(user)
        tell.add(events.SKILL_CHANGED, skill=row.code, change="made" if number is None else "changed")
        tell.write()
    return row


def reason_values(row: NotReadyReason) -> dict[str, Any]:
    return {"names": row.names, "is_break": row.is_break, "minutes": row.minutes, "order": row.order}


def keep_reason(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> NotReadyReason:
    """Make or change a reason for being not ready; those that the system sets keep their meaning, only their names change. Needs routing.manage for all.
    Raises BadValue, Changed, PermissionDenied."""
    _all(user)
    given = {**values, "names": _names(values["names"])}
    if given["minutes"] is not None and not 1 <= given["minutes"] <= 480:
        raise BadValue("minutes", _("From %(least)s to %(most)s.") % {"least": 1, "most": 480})
    if not 0 <= given["order"] <= 999:
        raise BadValue("order", _("From %(least)s to %(most)s.") % {"least": 0, "most": 999})
    with transaction.atomic():
        row = row_of(NotReadyReason, number, reason_values, code=code, seen=seen)
        if row.by_system:
            given = {**reason_values(row), "names": given["names"]}
        if number is not None and given == reason_values(row):
            return row
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        tell = Tell.of(user)
        tell.add(events.REASON_CHANGED, reason=row.code, change="made" if number is None else "changed")
        tell.write()
    return row


def _all(user: Any) -> None:
    if require(user, MANAGE) != "all":
        raise PermissionDenied(_("You manage the queues of your own unit only."))


def _names(given: Mapping[str, str]) -> dict[str, str]:
    """Without the empty ones; an English one must be there, since it stands in for the others."""
    names = {language: " ".join(name.split())[:80] for language, name in given.items() if name.strip()}
    if unknown := set(names) - set(LANGUAGES):
        raise BadValue("names", _("There is no language %(code)s.") % {"code": sorted(unknown)[0]})
    if "en" not in names:
        raise BadValue("name-en", _("An English name is needed: it stands in where a language has none."))
    return names
