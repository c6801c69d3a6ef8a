"""Wall clocks of opening hours: the days of a week, public holidays, and the moment at which a wall clock first shows a time. Pure.

Queues (routing/hours) and business calendars (tickets/calendar) stand on this."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SECOND = timedelta(seconds=1)


def boundary(day: date, text: str, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the wall clock of `zone` shows `text` ("HH:MM", up to "24:00") or later on `day`.

    An hour that is there twice counts from its first time; a time that a clock set forward leaps over is the moment of the leap. So the order of times is
    the order of moments on every day, whether it has 23, 24 or 25 hours."""
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    wall = datetime.combine(day, time(hour, minute))
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return moment
    # Nobody ever reads this time: it lies in a leap. The moment of the leap is between the two readings that zoneinfo offers for it.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    while high - low > _SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).replace(tzinfo=None, fold=0) >= wall:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=256)
def public_holidays(where: str, year: int) -> Mapping[date, str]:
    """Public holidays and their names, in the country's own language: of a country, "NL", or of a part of one, "DE-BY". Raises NotImplementedError or KeyError when there is no such."""
    if not where:
        return MappingProxyType({})
    country, _dash, subdivision = where.partition("-")
    own = holidays.country_holidays(country).default_language
    return MappingProxyType(dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=own)))
