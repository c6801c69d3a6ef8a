"""Reading alerts, the checklist, and how well guidance is followed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cordboard.guidance.models import Alert
from cordboard.lib.kept import Kept
from cordboard.routing.models import Entry

_ORDER = [Alert.Kind.WARNING, Alert.Kind.REMINDER, Alert.Kind.SUGGESTION, Alert.Kind.CHECK]


def alerts(interaction: int, user: Any) -> list[Alert]:
    """What is to be shown to the user with this contact: warnings first; the checklist stands elsewhere. One query."""
    return sorted(_ALERTS(interaction, user.pk), key=lambda row: _ORDER.index(Alert.Kind(row.kind)))


_ALERTS = Kept(
    lambda interaction, user: (
        Alert.objects.filter(Q(user=None) | Q(user_id=user), interaction_id=interaction, dismissed_at=None, withdrawn_at=None, followed_at=None, excuse="")
        .exclude(kind=Alert.Kind.CHECK)
        .order_by("pk")
    )
)


def checklist(interaction: int, user: Any) -> list[Alert]:
    """What is to be done before the end, ticked off or not, and required alerts that still stand. One query."""
    return list(
        Alert.objects.filter(Q(user=None) | Q(user_id=user.pk), interaction_id=interaction, withdrawn_at=None)
        .filter(Q(kind=Alert.Kind.CHECK) | Q(required=True, dismissed_at=None))
        .order_by("pk")
    )


def unsettled(interaction: int, user: Any) -> list[Alert]:
    """Required ones that stand between this agent and the end of the wrap-up. One query."""
    return [row for row in checklist(interaction, user) if row.required and row.open]


@dataclass(frozen=True, slots=True)
class Adherence:
    """What became of alerts that stood on a screen. `ignored`: the contact closed with it standing; `standing`: it still does."""

    key: str
    name: str
    raised: int
    shown: int
    followed: int
    put_away: int
    excused: int
    withdrawn: int
    ignored: int
    standing: int

    @property
    def share(self) -> float | None:
        """Followed of those shown whose fate is decided (followed, excused, put away or ignored), 0 to 1; None when there are none."""
        decided = self.followed + self.excused + self.put_away + self.ignored
        return self.followed / decided if decided else None


_SHOWN = Q(shown_at__isnull=False)
_UNSETTLED = Q(followed_at=None, dismissed_at=None, excuse="", withdrawn_at=None)


def _counted(rows: QuerySet[Alert], key: str, name: str) -> list[Adherence]:
    found = (
        rows.values(key, name)
        .annotate(
            raised=Count("pk"),
            shown=Count("pk", filter=_SHOWN),
            followed=Count("pk", filter=Q(followed_at__isnull=False)),
            put_away=Count("pk", filter=Q(followed_at=None, dismissed_at__isnull=False)),
            excused=Count("pk", filter=Q(followed_at=None, dismissed_at=None) & ~Q(excuse="")),
            withdrawn=Count("pk", filter=Q(followed_at=None, dismissed_at=None, excuse="", withdrawn_at__isnull=False)),
            ignored=Count("pk", filter=_SHOWN & _UNSETTLED & Q(interaction__closed_at__isnull=False)),
            standing=Count("pk", filter=_UNSETTLED & Q(interaction__closed_at=None)),
        )
        .order_by(name, key)
    )
    names = ("raised", "shown", "followed", "put_away", "excused", "withdrawn", "ignored", "standing")
    return [Adherence(str(row[key] or ""), str(row[name] or ""), *(row[one] for one in names)) for row in found]


def _between(begin: datetime, end: datetime, agents: Collection[int] | None) -> QuerySet[Alert]:
    rows = Alert.objects.filter(raised_at__gte=begin, raised_at__lt=end)
    return rows if agents is None else rows.filter(interaction__agent_id__in=agents)


def by_rule(begin: datetime, end: datetime, agents: Collection[int] | None = None) -> list[Adherence]:
    """By rule, of alerts raised in [begin, end), with `agents` only those of contacts that these agents had. One query."""
    return _counted(_between(begin, end, agents), "policy", "rule")


def by_queue(begin: datetime, end: datetime, agents: Collection[int] | None = None) -> list[Adherence]:
    """By the queue that the contact was in last. One query."""
    last = Entry.objects.filter(interaction=OuterRef("interaction")).order_by("-pk")
    rows = _between(begin, end, agents).annotate(queue=Subquery(last.values("queue_id")[:1]), queue_name=Subquery(last.values("queue__name")[:1]))
    return _counted(rows, "queue", "queue_name")


def by_agent(begin: datetime, end: datetime, agents: Collection[int] | None = None) -> list[Adherence]:
    """By agent: who dealt with it, else who had the contact. One query."""
    rows = _between(begin, end, agents).annotate(
        who=Coalesce("settled_by_id", "interaction__agent_id"), whose=Coalesce("settled_by__name", "interaction__agent__name")
    )
    return _counted(rows, "who", "whose")
