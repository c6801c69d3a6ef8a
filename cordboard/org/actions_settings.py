"""Units, positions and roles: changed from a screen, by whoever may (org.manage). Who has which: `actions_people.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue
from cordboard.lib.keeping_rows import named, row_of
from cordboard.org import permissions
from cordboard.org.models import Position, Role, Unit, User
from cordboard.org.permissions import Scope, require

MANAGE = "org.manage"
MOST_NAME = 120


def unit_values(row: Unit) -> dict[str, Any]:
    return {"name": row.name, "parent_id": row.parent_id, "head_id": row.head_id, "country": row.country, "timezone": row.timezone}


def keep_unit(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> Unit:
    """Make or change a unit. Raises BadValue, Changed, PermissionDenied."""
    require(user, MANAGE)
    given = {**values, "name": named(values["name"], MOST_NAME), "country": str(values["country"]).upper()}
    if not re.fullmatch(r"[A-Z]{2}", given["country"]):
        raise BadValue("country", _("A country has two letters, such as NL."))
    if given["timezone"] not in available_timezones():
        raise BadValue("timezone", _("There is no such time zone."))
    with transaction.atomic():
        rows = {row.pk: row for row in Unit.objects.select_for_update().order_by("pk")}
        row = row_of(Unit, number, unit_values, code=code, seen=seen)
        if number is not None and given == unit_values(row):
            return row
        above, steps = given["parent_id"], 0
        while above is not None and steps <= len(rows):
            if above == number:
                raise BadValue("parent_id", _("A unit cannot lie within itself."))
            above, steps = rows[above].parent_id if above in rows else None, steps + 1
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record("org.unit_changed", actor=f"user:{user.pk}", unit=row.pk, change="made" if number is None else "changed")
    return row


def position_values(row: Position) -> dict[str, Any]:
    return {"name": row.name, "unit_id": row.unit_id, "deputy_id": row.deputy_id}


def keep_position(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> Position:
    """Make or change a position; `deputy_id` is the position whose holder stands in. Raises BadValue, Changed, PermissionDenied."""
    require(user, MANAGE)
    given = {**values, "name": named(values["name"], MOST_NAME)}
    with transaction.atomic():
        row = row_of(Position, number, position_values, code=code, seen=seen)
        if number is not None and given == position_values(row):
            return row
        if not Unit.objects.filter(pk=given["unit_id"]).exists():
            raise BadValue("unit_id", _("There is no such unit."))
        if given["deputy_id"] is not None:
            if given["deputy_id"] == number:
                raise BadValue("deputy_id", _("A position cannot stand in for itself."))
            if not Position.objects.filter(pk=given["deputy_id"]).exists():
                raise BadValue("deputy_id", _("There is no such position."))
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record("org.position_changed", actor=f"user:{user.pk}", position=row.pk, change="made" if number is None else "changed")
    return row


def role_values(row: Role) -> dict[str, Any]:
    return {"name": row.name, "permissions": row.permissions, "masks": row.masks}


def keep_role(user: Any, number: int | None, name: str, codes: Mapping[str, Scope], masks: bool, *, code: str = "", seen: str = "") -> Role:
    """Make or change a role; everybody who has it gains or loses at once. Permissions that no package declares (any more) and that the role had are kept as they are.
    Raises BadValue, Changed, PermissionDenied."""
    require(user, MANAGE)
    declared = permissions.declared()
    if unknown := sorted(set(codes) - set(declared)):
        raise BadValue("", _("There is no permission %(code)s.") % {"code": unknown[0]})
    with transaction.atomic():
        row = row_of(Role, number, role_values, code=code, seen=seen)
        before = dict(row.permissions)
        given: dict[str, Any] = {
            "name": named(name, MOST_NAME),
            "permissions": {**{held: scope for held, scope in before.items() if held not in declared}, **codes},
            "masks": masks,
        }
        if number is not None and given == role_values(row):
            return row
        row.name, row.permissions, row.masks = given["name"], given["permissions"], given["masks"]
        row.save()
        somebody_manages()
        now = row.permissions
        log.record(
            "org.role_changed", actor=f"user:{user.pk}", role=row.pk, change="made" if number is None else "changed", masks=row.masks,
            given=sorted(one for one in now if now[one] != before.get(one)), taken=sorted(set(before) - set(now)),
        )  # fmt: skip
        for one in row.users.values_list("pk", flat=True):
            log.record("org.access_changed", actor=f"user:{user.pk}", user=one)
    return row


def somebody_manages() -> None:
    """Whatever is changed: somebody must be left who can change it back."""
    roles = [pk for pk, codes in Role.objects.values_list("pk", "permissions") if MANAGE in codes]
    if not User.objects.filter(is_active=True).filter(roles__in=roles).exists() and not User.objects.filter(is_active=True, is_superuser=True).exists():
        raise BadValue("", _("Nobody would be left who may change units, people and roles."))
