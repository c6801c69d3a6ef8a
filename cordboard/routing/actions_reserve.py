"""Reservation: all matches of one tick in one transaction of conditional updates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from cordboard.events import lease, log
from cordboard.interactions.models import Decision, Interaction, Segment
from cordboard.interactions.tell import stamp
from cordboard.routing import events
from cordboard.routing.models import AgentState, Entry, StateLog


@dataclass(frozen=True, slots=True)
class Match:
    entry: int
    agent: int
    reasons: list[dict[str, Any]] = field(default_factory=list)
    """Sentences as kept in Decision: [{"code": "routing.longest_ready", "values": {...}}, ...]"""


@dataclass(frozen=True, slots=True)
class Reserved:
    won: list[Match]
    lost: list[Match]
    """Entry or agent was not as the matcher believed: both must be read again."""


class _Waiting(NamedTuple):
    id: int
    interaction: int
    queue: int
    kind: str
    counted: bool
    entered_at: datetime
    waiting_since: datetime
    ring_seconds: int
    auto: bool


def reserve(matches: Sequence[Match], now: datetime, *, held: lease.Held | None = None) -> Reserved:
    """Offer each entry to its agent, if both still are what the matcher saw. Never twice, whoever else does the same: the rows of the contacts,
    then those of the agents, are locked in the order of their ids, rows that somebody else has locked are passed over (PostgreSQL; on SQLite
    there is one writer), and what is not waiting or not free any more is lost. `held` is checked in the transaction; raises lease.LeaseLost."""
    if not matches:
        return Reserved([], [])
    with transaction.atomic():
        if held is not None:
            held.check()
        waiting = _lock_waiting({match.entry for match in matches})
        loads = _lock_free({match.agent for match in matches if match.entry in waiting})
        won, twice = _once(match for match in matches if match.entry in waiting and match.agent in loads)
        lost = twice + [match for match in matches if match.entry not in waiting or match.agent not in loads]
        if won:
            _write(won, waiting, loads, now)
    return Reserved(won, lost)


def _once(matches: Iterable[Match]) -> tuple[list[Match], list[Match]]:
    """Each entry and each agent once a tick."""
    entries: set[int] = set()
    agents: set[int] = set()
    first: list[Match] = []
    rest: list[Match] = []
    for match in matches:
        if match.entry in entries or match.agent in agents:
            rest.append(match)
        else:
            entries.add(match.entry)
            agents.add(match.agent)
            first.append(match)
    return first, rest


def _lock_waiting(ids: set[int]) -> dict[int, _Waiting]:
    wanted = sorted(ids)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT e.id FROM routing_entry e JOIN interactions_interaction i ON i.id = e.interaction_id
                   WHERE e.id = ANY (%s) AND e.state = 'waiting' AND i.ended_at IS NULL
                   ORDER BY i.id FOR UPDATE OF i, e SKIP LOCKED""",
                [wanted],
            )
            wanted = [row[0] for row in cursor.fetchall()]
    rows = Entry.objects.filter(pk__in=wanted, state=Entry.State.WAITING, interaction__ended_at=None).values_list(
        "id", "interaction_id", "queue_id", "kind", "counted", "entered_at", "waiting_since", "queue__ring_seconds", "queue__auto_answer"
    )
    return {row[0]: _Waiting(*row) for row in rows}


def _lock_free(agents: set[int]) -> dict[int, int]:
    """Load of those agents who are ready and have room, locked."""
    rows = AgentState.objects.filter(agent_id__in=sorted(agents), state=AgentState.State.READY, pending=False, voice_load__lt=F("voice_capacity")).order_by(
        "agent_id"
    )
    return dict(rows.select_for_update(skip_locked=True).values_list("agent_id", "voice_load"))


def _write(won: list[Match], waiting: dict[int, _Waiting], loads: dict[int, int], now: datetime) -> None:
    segments = Segment.objects.bulk_create(
        Segment(interaction_id=waiting[match.entry].interaction, agent_id=match.agent, kind=waiting[match.entry].kind, offered_at=now) for match in won
    )
    untils = [now + timedelta(seconds=waiting[match.entry].ring_seconds) for match in won]
    _update_entries([(match.entry, match.agent, segment.pk, until) for match, segment, until in zip(won, segments, untils, strict=True)], now)
    offered = [waiting[match.entry].interaction for match in won if waiting[match.entry].kind != Segment.Kind.CONSULT]
    Interaction.objects.filter(pk__in=offered).update(state=Interaction.State.OFFERED)
    AgentState.objects.filter(agent_id__in=[match.agent for match in won]).update(
        state=AgentState.State.OFFERED, reason=None, until=None, since=now, voice_load=F("voice_load") + 1, version=F("version") + 1
    )
    StateLog.objects.bulk_create(StateLog(agent_id=match.agent, state=AgentState.State.OFFERED, at=now) for match in won)
    Decision.objects.bulk_create(
        Decision(interaction_id=waiting[match.entry].interaction, kind="match", sentences=match.reasons, at=now) for match in won if match.reasons
    )
    at = stamp(now)
    log.record_all(
        (
            (events.OFFER_MADE, _told(waiting[match.entry], match.agent, segment.pk, at, stamp(until), loads[match.agent] + 1))
            for match, segment, until in zip(won, segments, untils, strict=True)
        ),
        actor="worker",
    )


def _told(entry: _Waiting, agent: int, segment: int, at: float, until: float, load: int) -> dict[str, Any]:
    return {
        "interaction": entry.interaction,
        "entry": entry.id,
        "queue": entry.queue,
        "kind": str(entry.kind),
        "counted": entry.counted,
        "entered_at": stamp(entry.entered_at),
        "waiting_since": stamp(entry.waiting_since),
        "segment": segment,
        "agent": agent,
        "offered_at": at,
        "until": until,
        "load": load,
        "auto": entry.auto,
    }


def _update_entries(rows: list[tuple[int, int, int, datetime]], now: datetime) -> None:
    """entry, agent, segment, until: each its own values, in one statement."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            entries, agents, segments, untils = (list(column) for column in zip(*rows, strict=True))
            cursor.execute(
                """UPDATE routing_entry AS e SET state = 'offered', offered_to_id = m.agent, segment_id = m.segment, offered_at = %s, offer_until = m.until
                   FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) AS m (entry, agent, segment, until) WHERE e.id = m.entry""",
                [now, entries, agents, segments, untils],
            )
        else:
            adapt = connection.ops.adapt_datetimefield_value
            cursor.executemany(
                "UPDATE routing_entry SET state = 'offered', offered_to_id = %s, segment_id = %s, offered_at = %s, offer_until = %s WHERE id = %s",
                [(agent, segment, adapt(now), adapt(until), entry) for entry, agent, segment, until in rows],
            )
