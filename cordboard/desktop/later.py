"""When a callback may rather be made, as choices: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cordboard.routing.callbacks import QUIET, allowed_from

SOON = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
MORNING = time(9)


def laters(
    now: datetime, reader: ZoneInfo, *, country: str = "", zone: ZoneInfo | None = None, quiet: Mapping[str, tuple[str, str]] = QUIET
) -> tuple[datetime, ...]:
    """A quarter of an hour, one hour, three hours from `now`, and nine o'clock of the reader's next day: each as soon as the quiet hours of the customer's `zone` allow it.
    What falls together is named once. Aware, in the reader's zone; the first two to the minute, so that a screen can say them."""
    tomorrow = datetime.combine(now.astimezone(reader).date() + timedelta(days=1), MORNING, reader)
    wanted = [*((now + wait).replace(second=0, microsecond=0) for wait in SOON), tomorrow]
    found: list[datetime] = []
    for at in wanted:
        moment = allowed_from(at, country, zone or reader, quiet).astimezone(reader)
        if moment not in found:
            found.append(moment)
    return tuple(sorted(found))
