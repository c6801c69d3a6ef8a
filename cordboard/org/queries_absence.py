"""Reading who is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from cordboard.lib.kept import Kept
from cordboard.org.absence import Away, on, stand_in, stands_in_for
from cordboard.org.models import Absence, User

_AROUND = Kept(
    lambda begun, over: Absence.objects.filter(first_day__lte=begun, last_day__gte=over).values_list(
        "user_id", "first_day", "last_day", "deputy_id", "user__timezone"
    )
)


def away(now: datetime) -> dict[int, Away]:
    """Who is away at this moment, by id. One query."""
    day = now.date()
    found = _AROUND(day + timedelta(days=1), day - timedelta(days=1))
    zones = {user: zone for user, _first, _last, _deputy, zone in found}
    return on([Away(user, first, last, deputy) for user, first, last, deputy, _zone in found], now, zones)


def instead(number: int | None, absent: Mapping[int, Away]) -> User | None:
    """Who does it for this person, with an account that is open: the person where at work, else who was named for the absence, else a holder of the position that stands in
    for the person's. None: nobody. One query of who is at work, three of who is not."""
    if number is None:
        return None
    who: int | None = number
    if number in absent:
        deputies = User.objects.filter(position__stands_in_for__holders=number, is_active=True).order_by("pk").values_list("pk", flat=True)
        who = stand_in(number, absent, list(deputies))
    return User.objects.select_related("unit").filter(pk=who, is_active=True).first() if who is not None else None


def for_whom(user: int, now: datetime) -> dict[int, Away]:
    """For whom `user` stands in now. One query."""
    return stands_in_for(user, away(now))


def coming(users: list[int] | None, now: datetime, most: int = 200) -> list[Absence]:
    """Absences that are not over, of these people (None: of all), the first first. One query."""
    rows = Absence.objects.filter(last_day__gte=now.date() - timedelta(days=1)).select_related("user", "deputy", "made_by")
    rows = rows if users is None else rows.filter(user__in=users)
    return list(rows.order_by("first_day", "pk")[:most])
