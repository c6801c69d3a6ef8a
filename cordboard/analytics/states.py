"""Reading the log of agents' states."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from cordboard.analytics.intervals import between
from cordboard.analytics.timeline import Change, Span, spans
from cordboard.org.models import User
from cordboard.routing.models import StateLog


def day_of(agent: int, day: date, zone: ZoneInfo, now: datetime) -> list[Span]:
    """What the agent was on that day of the zone, up to `now`. Reasons are codes. Two queries."""
    begin, end = between(day, day, zone)
    rows = StateLog.objects.filter(agent_id=agent).values_list("at", "state", "reason__code")
    before = rows.filter(at__lt=begin).order_by("-at", "-pk").first()
    during = rows.filter(at__gte=begin, at__lt=end).order_by("at", "pk")
    return spans([Change(*one) for one in (*([before] if before else []), *during)], begin, end, now)


def of_agents(agents: Collection[int], day: date, zone: ZoneInfo, now: datetime) -> dict[int, list[Span]]:
    """The same for many. Two queries, one row of the log for each agent and what happened on the day."""
    begin, end = between(day, day, zone)
    latest = StateLog.objects.filter(agent_id=OuterRef("pk"), at__lt=begin).order_by("-at", "-pk").values("pk")[:1]
    before = User.objects.filter(pk__in=agents).annotate(latest=Subquery(latest)).exclude(latest=None).values("latest")
    changes: dict[int, list[Change]] = {agent: [] for agent in agents}
    for rows in (StateLog.objects.filter(pk__in=before), StateLog.objects.filter(agent_id__in=agents, at__gte=begin, at__lt=end).order_by("at", "pk")):
        for agent, at, state, reason in rows.values_list("agent_id", "at", "state", "reason__code"):
            changes[agent].append(Change(at, state, reason))
    return {agent: spans(own, begin, end, now) for agent, own in changes.items()}
