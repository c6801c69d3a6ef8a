"""Who is away, and who stands in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody's absence of these days, the last included; `deputy` stands in, None where nobody was named."""

    user: int
    first_day: date
    last_day: date
    deputy: int | None = None


def on(absences: Iterable[Away], now: datetime, zones: Mapping[int, str]) -> dict[int, Away]:
    """Who is away at `now`, each by the day of their own time zone (`zones`; UTC where none is given). Of several absences the one that ends last counts."""
    found: dict[int, Away] = {}
    for one in absences:
        today = now.astimezone(ZoneInfo(zones.get(one.user) or "UTC")).date()
        if one.first_day <= today <= one.last_day and (one.user not in found or one.last_day > found[one.user].last_day):
            found[one.user] = one
    return found


def stand_in(user: int, away: Mapping[int, Away], deputies: Sequence[int] = ()) -> int | None:
    """Who does it for `user`: the user where at work, else who was named for the absence, else the first of `deputies` who is there. A deputy who is away is
    followed to theirs; where that goes round in a circle, or nobody was named, None."""
    seen: set[int] = set()
    at: int | None = user
    while at is not None and at in away and at not in seen:
        seen.add(at)
        at = away[at].deputy
    if at is not None and at not in away:
        return at
    return next((one for one in deputies if one not in away), None)


def stands_in_for(user: int, away: Mapping[int, Away]) -> dict[int, Away]:
    """For whom `user` does it now: whose absence names the user, directly or over another who is away."""
    return {one: absence for one, absence in away.items() if one != user and stand_in(one, away) == user}
