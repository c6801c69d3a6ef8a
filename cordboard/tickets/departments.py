"""Who answers for a department: its head, and where it has none the head of the one above. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A unit: the one above it, its head, and whether the head is there to answer (active)."""

    parent: int | None
    head: int | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Answering:
    head: int | None
    """None: nobody up to the top."""
    unit: int | None
    """Whose head it is."""
    passed: tuple[int, ...]
    """Units without a head, from the department upwards."""


def head_of(unit: int | None, units: Mapping[int, Place]) -> Answering:
    """Up the tree until there is a head who is there. A tree that goes in a circle ends where it began again."""
    passed: list[int] = []
    at = unit
    while at is not None and at in units and at not in passed:
        place = units[at]
        if place.head is not None and place.active:
            return Answering(place.head, at, tuple(passed))
        passed.append(at)
        at = place.parent
    return Answering(None, None, tuple(passed))
