"""Working time for complaints: by the calendar of the department in charge."""

from __future__ import annotations

from datetime import datetime

from cordboard.lib.opening import DAYS
from cordboard.org.models import Unit
from cordboard.tickets.calendar import Timeline, Week

USUAL = (("09:00", "17:00"),)
"""Monday to Friday, less public holidays, where a unit has no calendar."""


def timeline_of(unit: Unit | None) -> Timeline:
    if unit is None:
        return Timeline(Week("UTC", dict.fromkeys(DAYS[:5], USUAL)))
    return Timeline(Week(unit.timezone, dict.fromkeys(DAYS[:5], USUAL), unit.country))


def after(unit: Unit | None, begin: datetime, hours: float) -> datetime | None:
    """The moment when so many working hours have passed; None when that is never."""
    return timeline_of(unit).add_working(begin, round(hours * 3600))
