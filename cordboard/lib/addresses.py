"""Addresses of views by name, as Django's `reverse`; those with whole numbers in them are worked out once. A work list says a hundred and thirty addresses, which took an eighth of its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch
from django.urls import reverse as django_reverse

_SAMPLES = tuple(8_310_475_000 + at for at in range(4))
"""Numbers that stand in no address themselves."""
_parts: dict[tuple[str, str, int], list[str] | None] = {}


def reverse(name: str, *, args: Sequence[Any] = (), **more: Any) -> str:
    """Raises NoReverseMatch."""
    if more or len(args) > len(_SAMPLES) or any(type(one) is not int or one < 0 for one in args):
        return django_reverse(name, args=args or None, **more)
    key = (settings.ROOT_URLCONF, name, len(args))
    try:
        parts = _parts[key]
    except KeyError:
        parts = _parts[key] = _worked_out(name, len(args))
    if parts is None:
        return django_reverse(name, args=args or None)
    found = parts[0]
    for at, one in enumerate(args, 1):
        found += f"{one}{parts[at]}"
    return found


def _worked_out(name: str, count: int) -> list[str] | None:
    """What stands around the numbers, or None where it is not that simple."""
    try:
        rest = django_reverse(name, args=_SAMPLES[:count] or None)
    except NoReverseMatch:  # there is none, or not for these numbers: Django says it, each time
        return None
    found = []
    for sample in _SAMPLES[:count]:
        before, there, rest = rest.partition(str(sample))
        if not there:
            return None
        found.append(before)
    return [*found, rest]
