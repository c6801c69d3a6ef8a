"""Working time for complaints: by the calendar of the department in charge and the customer's value segment."""

from __future__ import annotations

from datetime import datetime

from cordboard.lib.opening import DAYS
from cordboard.org.models import Unit
from cordboard.tickets.calendar import Timeline, Week
from cordboard.tickets.queries_sla import calendar_for

USUAL = (("09:00", "17:00"),)
"""Monday to Friday, less public holidays, where no calendar was made: times of complaints are in working hours, so whole days will not do."""


def timeline_of(unit: Unit | None, segment: str = "") -> Timeline:
    """One query, a second where units have calendars."""
    row, line = calendar_for(unit, segment)
    if row is not None:
        return line
    return Timeline(Week(unit.timezone if unit is not None else "UTC", dict.fromkeys(DAYS[:5], USUAL), unit.country if unit is not None else ""))


def after(unit: Unit | None, begin: datetime, hours: float, segment: str = "") -> datetime | None:
    """The moment when so many working hours have passed; None when that is never."""
    return timeline_of(unit, segment).add_working(begin, round(hours * 3600))
