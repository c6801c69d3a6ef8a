"""How well scripts are followed: by script, queue and agent, and the contacts behind a figure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from cordboard.guidance.actions_record import NOT_BEGUN
from cordboard.guidance.models import ScriptRecord

WAYS = ("script", "queue", "agent")


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of scripts that were begun, or given and not begun, in a span of time. `seconds` is the mean from beginning to end of those begun."""

    key: str
    name: str
    given: int
    """All of them."""
    begun: int
    ended: int
    """To their end."""
    left: int
    """Put away before it."""
    followed: int
    excused: int
    skipped: int
    """Steps skipped, in all."""
    late: int
    marked: int
    told: int
    seconds: float | None

    @property
    def share(self) -> float | None:
        """Followed of all given, 0 to 1."""
        return self.followed / self.given if self.given else None


def records(begin: datetime, end: datetime, agents: Collection[int] | None = None, **only: str) -> QuerySet[ScriptRecord]:
    """Records of scripts begun in [begin, end), with `agents` only theirs; `only` narrows to a script, queue or agent ("" for none)."""
    rows = ScriptRecord.objects.filter(begun_at__gte=begin, begun_at__lt=end)
    if agents is not None:
        rows = rows.filter(agent__in=agents)
    for name, value in only.items():
        if name == "script":
            rows = rows.filter(script=value)
        elif name in WAYS:
            rows = rows.filter(**{f"{name}_id": int(value)}) if value.isdecimal() else rows.filter(**{f"{name}__isnull": True})
    return rows


def counted(rows: QuerySet[ScriptRecord], way: str) -> list[Followed]:
    """By script, queue or agent. One query."""
    key, name = ("script", "name") if way == "script" else (f"{way}_id", f"{way}__name")
    begun = ~Q(ended=NOT_BEGUN)
    lasted = ExpressionWrapper(F("ended_at") - F("begun_at"), output_field=DurationField())
    names = [key] if way == "script" else [key, name]
    found = (
        rows.values(*names)
        .annotate(
            given_count=Count("pk"),
            begun_count=Count("pk", filter=begun),
            left_count=Count("pk", filter=Q(ended="left")),
            followed_count=Count("pk", filter=Q(followed=True)),
            excused_count=Count("pk", filter=~Q(excuse="")),
            skipped_sum=Sum("skipped"),
            late_sum=Sum("late"),
            marked_sum=Sum("marked"),
            told_sum=Sum("told"),
            mean=Avg(lasted, filter=begun),
        )
        .order_by(*reversed(names))
    )
    called = dict(rows.order_by("pk").values_list("script", "name")) if way == "script" else {}
    return [
        Followed(
            str(row[key] if row[key] is not None else ""),
            str(called.get(row[key]) or row[key]) if way == "script" else str(row[name] or ""),
            row["given_count"], row["begun_count"], row["begun_count"] - row["left_count"], row["left_count"], row["followed_count"], row["excused_count"],
            row["skipped_sum"] or 0, row["late_sum"] or 0, row["marked_sum"] or 0, row["told_sum"] or 0,
            row["mean"].total_seconds() if row["mean"] is not None else None,
        )
        for row in found
    ]  # fmt: skip
