"""Reading the log of agents' states."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from cordboard.analytics.intervals import between
from cordboard.analytics.timeline import Change, Span, spans
from cordboard.routing.models import StateLog


def day_of(agent: int, day: date, zone: ZoneInfo, now: datetime) -> list[Span]:
    """What the agent was on that day of the zone, up to `now`. Reasons are codes. Two queries."""
    begin, end = between(day, day, zone)
    rows = StateLog.objects.filter(agent_id=agent).values_list("at", "state", "reason__code")
    before = rows.filter(at__lt=begin).order_by("-at", "-pk").first()
    during = rows.filter(at__gte=begin, at__lt=end).order_by("at", "pk")
    return spans([Change(*one) for one in (*([before] if before else []), *during)], begin, end, now)
