"""Live topics of the organisation: what happens in the work lists of a unit and of a position is heard by its people, and by whoever is head above them."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.org.models import Position, Unit


def _of_unit(user: Any, key: str) -> bool:
    if not key.isdigit() or not user.is_active:
        return False
    unit: int | None = int(key)
    seen: set[int] = set()
    while unit is not None and unit not in seen:
        if unit == user.unit_id or Unit.objects.filter(pk=unit, head=user.pk).exists():
            return True
        seen.add(unit)
        unit = Unit.objects.filter(pk=unit).values_list("parent_id", flat=True).first()
    return False


def _of_position(user: Any, key: str) -> bool:
    if not key.isdigit() or not user.is_active:
        return False
    if user.position_id == int(key):
        return True
    unit = Position.objects.filter(pk=int(key)).values_list("unit_id", flat=True).first()
    return unit is not None and _of_unit(user, str(unit))


topic("unit", allowed=_of_unit)
topic("position", allowed=_of_position)
