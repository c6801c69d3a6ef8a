"""Queues and agents as they stand, as values for the live board. Events keep them up to date (`reduce.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Func, IntegerField, Max, Q
from django.utils import timezone

from cordboard.interactions.models import Segment
from cordboard.interactions.tell import seconds, stamp
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.routing import reduce
from cordboard.routing.models import AgentState, Entry, Queue, QueueMember
from cordboard.routing.permissions import WATCH

WAITING = (Entry.State.WAITING, Entry.State.OFFERED)


class _Interval(Func):
    """Beginning of the half hour of a moment, in seconds since 1970."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler, connection, template=f"(CAST(strftime('%%%%s', %(expressions)s) AS integer) / {reduce.INTERVAL} * {reduce.INTERVAL})", **extra
        )

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler,
            connection,
            template=f"(floor(extract(epoch FROM %(expressions)s) / {reduce.INTERVAL})::bigint * {reduce.INTERVAL})",
            **extra,
        )


def day_began(user: Any, now: datetime | None = None) -> datetime:
    """Midnight in the user's time zone."""
    zone = ZoneInfo(user.timezone or "UTC")
    local = (now or timezone.now()).astimezone(zone)
    return datetime.combine(local.date(), time(), zone).astimezone(UTC)


def of_user(user: Any, now: datetime | None = None) -> reduce.Board:
    """Today's board as far as the user's scope for routing.watch reaches: all; or the queues that people of the user's unit serve, with
    those people. One query more than `snapshot`."""
    since, own = day_began(user, now), queues_of(user)
    return snapshot(since) if own is None else snapshot(since, own, unit=user.unit_id or 0)


def queues_of(user: Any) -> list[int] | None:
    """The queues that the user may watch, None for all. One query."""
    if user_may(user, WATCH) == "all":
        return None
    served = QueueMember.objects.filter(agent__unit_id=user.unit_id, agent__unit__isnull=False).values_list("queue_id", flat=True)
    return list(Queue.objects.filter(Q(unit_id=user.unit_id, unit__isnull=False) | Q(pk__in=served)).values_list("pk", flat=True))


def snapshot(since: datetime, queues: Iterable[int] | None = None, *, agents: bool = True, unit: int | None = None) -> reduce.Board:
    """The board of these queues (None: all) and of their agents (those of `unit`), with counts of the half hours since `since`. Seven queries, whatever its size; three without
    agents. Take the cursor of the live feed before calling."""
    chosen = Queue.objects.order_by("name")
    if queues is not None:
        chosen = chosen.filter(pk__in=list(queues))
    whole = queues is None and unit is None
    board: reduce.Board = {"since": stamp(since), "interval": reduce.INTERVAL, "whole": whole, "queues": {}, "agents": {}}
    for queue in chosen:
        board["queues"][str(queue.pk)] = {
            "id": queue.pk,
            "code": queue.code,
            "name": queue.name,
            "open": queue.open,
            "target_percent": queue.target_percent,
            "target_seconds": queue.target_seconds,
            "waiting": {},
            "intervals": {},
        }
    ids = [int(key) for key in board["queues"]]
    _put_waiting(board, ids)
    _put_intervals(board, ids, since)
    if agents:
        _put_agents(board, ids if queues is not None else None, unit)
    return board


def _put_waiting(board: reduce.Board, queues: list[int]) -> None:
    # Every open entry, then those of the queues: SQLite would rather read all that the queues ever had than the few that are open.
    rows = Entry.objects.filter(left_at=None, state__in=WAITING).exclude(kind=Segment.Kind.CONSULT).order_by("pk")
    wanted = set(queues)
    for number, queue, interaction, waiting_since, priority, agent in rows.values_list(
        "pk", "queue_id", "interaction_id", "waiting_since", "priority", "offered_to_id"
    ):
        if queue in wanted:
            board["queues"][str(queue)]["waiting"][str(number)] = {
                "interaction": interaction,
                "since": stamp(waiting_since),
                "priority": priority,
                "agent": agent,
            }


def _put_intervals(board: reduce.Board, queues: list[int], since: datetime) -> None:
    one = Count("pk")
    rows = (
        Entry.objects.filter(queue_id__in=queues, entered_at__gte=since, counted=True)
        .annotate(interval=_Interval(F("entered_at")))
        .values("queue_id", "interval")
        .annotate(
            offered=one,
            answered=Count("pk", filter=Q(state=Entry.State.ANSWERED)),
            in_target_count=Count("pk", filter=Q(state=Entry.State.ANSWERED, in_target=True)),
            abandoned=Count("pk", filter=Q(state=Entry.State.ABANDONED)),
            short_count=Count("pk", filter=Q(state=Entry.State.ABANDONED, short=True)),
            left=Count("pk", filter=Q(state=Entry.State.LEFT)),
        )
        .order_by("interval")
    )
    for row in rows:
        board["queues"][str(row["queue_id"])]["intervals"][str(row["interval"])] = {
            "offered": row["offered"],
            "answered": row["answered"],
            "in_target": row["in_target_count"],
            "abandoned": row["abandoned"],
            "short": row["short_count"],
            "left": row["left"],
        }


def _put_agents(board: reduce.Board, queues: list[int] | None, unit: int | None) -> None:
    members = QueueMember.objects.order_by("queue_id")
    queues_of: dict[int, list[int]] = {}
    for agent, queue in (members if unit is None else members.filter(agent__unit_id=unit)).values_list("agent_id", "queue_id"):
        queues_of.setdefault(agent, []).append(queue)
    rows = AgentState.objects.select_related("agent", "reason", "pending_reason").filter(agent__is_active=True).order_by("agent__name")
    if queues is not None:
        rows = rows.filter(agent__queues__queue_id__in=queues).distinct()
    if unit is not None:
        rows = rows.filter(agent__unit_id=unit)
    latest = Segment.objects.exclude(state=Segment.State.ENDED).values("agent_id").annotate(last=Max("pk")).values("last")
    works = dict(Segment.objects.filter(pk__in=latest).values_list("agent_id", "interaction_id"))
    for row in rows:
        board["agents"][str(row.agent_id)] = {
            "id": row.agent_id,
            "name": str(row.agent),
            "queues": queues_of.get(row.agent_id, []),
            **agent_values(row),
            "interaction": works.get(row.agent_id) if row.state in reduce.IN_WORK else None,
        }
    _put_absent(board, queues_of, queues)


def _put_absent(board: reduce.Board, queues_of: dict[int, list[int]], queues: list[int] | None) -> None:
    """Members of queues who never signed in: offline, so that the board has them when they come. One query."""
    missing = [agent for agent, own in queues_of.items() if str(agent) not in board["agents"] and (queues is None or set(own) & set(queues))]
    for agent, name, joined in User.objects.filter(pk__in=missing, is_active=True).values_list("pk", "name", "date_joined"):
        board["agents"][str(agent)] = {
            "id": agent, "name": name, "queues": queues_of[agent], "state": "offline", "reason": None, "since": stamp(joined), "until": None,
            "pending": False, "pending_reason": None, "load": 0, "capacity": 1, "interaction": None,
        }  # fmt: skip


def agent_values(row: AgentState) -> dict[str, Any]:
    """One agent's values as `routing.agent_state_changed` carries them, without ids."""
    return {
        "state": str(row.state),
        "reason": row.reason.code if row.reason else None,
        "since": stamp(row.since),
        "until": seconds(row.until),
        "pending": row.pending,
        "pending_reason": row.pending_reason.code if row.pending_reason else None,
        "load": row.voice_load,
        "capacity": row.voice_capacity,
    }
