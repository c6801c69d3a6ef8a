"""Which kind of visit fits a matter: the one that was booked for those most like it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

REASON, KIND, FAMILY = 4, 2, 1
"""How much it says that a past matter had the same contact reason, the same kind of ticket, a product of the same family."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a visit is, or was, for; "" and None for what is not known."""

    kind: str = ""
    reason: int | None = None
    family: str = ""


def likeness(one: Matter, other: Matter) -> int:
    """0 for nothing in common; what is not known is never alike."""
    reason = REASON if one.reason is not None and one.reason == other.reason else 0
    kind = KIND if one.kind and one.kind == other.kind else 0
    return reason + kind + (FAMILY if one.family and one.family == other.family else 0)


def fitting(offered: Collection[str], matter: Matter, past: Iterable[tuple[str, Matter, int]]) -> str:
    """Of the codes `offered` the one that was booked most for matters alike, each counted by its likeness; where none was, the one that is booked most, and where nothing was booked at all the
    first. `past`: (code, matter, how often)."""
    alike: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for code, other, times in past:
        if code in offered:
            used[code] += times
            alike[code] += times * likeness(matter, other)
    votes = alike if any(alike.values()) else used
    return max(offered, key=lambda code: votes[code], default="")
