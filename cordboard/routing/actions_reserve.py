"""Reservation: all matches of one tick in one transaction of conditional updates.

The one place where rows are written in bulk by SQL of our own: with the ORM a tick of a hundred offers takes three times as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from cordboard.events import lease, log
from cordboard.interactions.tell import stamp
from cordboard.routing import events
from cordboard.routing.models import Entry


@dataclass(frozen=True, slots=True)
class Match:
    entry: int
    agent: int
    reasons: list[dict[str, Any]] = field(default_factory=list)
    """Sentences as kept in Decision: [{"code": "match.longest_idle", "values": {...}}, ...]"""


@dataclass(frozen=True, slots=True)
class Reserved:
    won: list[Match]
    lost: list[Match]
    """Entry or agent was not as the matcher believed: both must be read again."""


class _Offer(NamedTuple):
    """A match that was won."""

    entry: int
    agent: int
    interaction: int
    queue: int
    kind: str
    counted: bool
    entered_at: datetime
    waiting_since: datetime
    ring_seconds: int
    auto: bool
    load: int
    """The agent's, with this one."""
    segment: int


def reserve(matches: Sequence[Match], now: datetime, *, held: lease.Held | None = None) -> Reserved:
    """Offer each entry to its agent, if both still are what the matcher saw. Never twice, whoever else does the same: the rows of the contacts
    and of the agents are locked in the order of their ids, rows that somebody else has locked are passed over (PostgreSQL; on SQLite there is
    one writer), and what is not waiting or not free any more is lost. `held` is checked in the transaction; raises lease.LeaseLost."""
    first, twice = _once(matches)
    if not first:
        return Reserved([], [])
    with transaction.atomic():
        if held is not None:
            held.check()
        offers = _write(first, now)
        if offers:
            at = stamp(now)
            log.record_many(events.OFFER_MADE, [_told(offer, at) for offer in offers], actor="worker")
    taken = {offer.entry for offer in offers}
    return Reserved([match for match in first if match.entry in taken], twice + [match for match in first if match.entry not in taken])


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


def _told(offer: _Offer, at: float) -> dict[str, Any]:
    return {
        "interaction": offer.interaction,
        "entry": offer.entry,
        "queue": offer.queue,
        "kind": offer.kind,
        "counted": bool(offer.counted),
        "entered_at": stamp(offer.entered_at),
        "waiting_since": stamp(offer.waiting_since),
        "segment": offer.segment,
        "agent": offer.agent,
        "offered_at": at,
        "until": round(at + offer.ring_seconds, 3),
        "load": offer.load,
        "auto": bool(offer.auto),
    }


def _write(matches: list[Match], now: datetime) -> list[_Offer]:
    """Segments, entries, interactions, agents' states and their log, decisions. Returns what was won."""
    return _write_postgresql(matches, now) if connection.vendor == "postgresql" else _write_sqlite(matches, now)


_POSTGRESQL = """
WITH match AS (SELECT * FROM json_to_recordset(%(matches)s) AS m (entry bigint, agent bigint, reasons jsonb)),
entry AS MATERIALIZED (
    SELECT e.id, e.interaction_id, e.queue_id, e.kind, e.counted, e.entered_at, e.waiting_since, q.ring_seconds, q.auto_answer
    FROM routing_entry e JOIN interactions_interaction i ON i.id = e.interaction_id JOIN routing_queue q ON q.id = e.queue_id
    WHERE e.id = ANY (%(entries)s) AND e.state = 'waiting' AND i.ended_at IS NULL
    ORDER BY i.id FOR UPDATE OF i, e SKIP LOCKED),
agent AS MATERIALIZED (
    SELECT agent_id, voice_load FROM routing_agent_state
    WHERE agent_id = ANY (%(agents)s) AND state = 'ready' AND NOT pending AND voice_load < voice_capacity
    ORDER BY agent_id FOR UPDATE SKIP LOCKED),
offer AS MATERIALIZED (
    SELECT entry.*, match.agent, match.reasons, agent.voice_load + 1 AS load
    FROM match JOIN entry ON entry.id = match.entry JOIN agent ON agent.agent_id = match.agent),
segment AS (
    INSERT INTO interactions_segment (interaction_id, agent_id, kind, state, offered_at, held_seconds, end_cause, end_reason, mode, wrapup_extended)
    SELECT interaction_id, agent, kind, 'offered', %(now)s, 0, '', '', '', false FROM offer RETURNING id, interaction_id),
entries AS (
    UPDATE routing_entry AS e SET state = 'offered', offered_to_id = o.agent, segment_id = s.id, offered_at = %(now)s,
        offer_until = %(now)s + make_interval(secs => o.ring_seconds)
    FROM offer o JOIN segment s ON s.interaction_id = o.interaction_id WHERE e.id = o.id),
interactions AS (UPDATE interactions_interaction AS i SET state = 'offered' FROM offer o WHERE i.id = o.interaction_id AND o.kind <> 'consult'),
states AS (
    UPDATE routing_agent_state AS a SET state = 'offered', reason_id = NULL, until = NULL, since = %(now)s, voice_load = o.load, version = a.version + 1
    FROM offer o WHERE a.agent_id = o.agent),
logged AS (INSERT INTO routing_state_log (agent_id, state, at) SELECT agent, 'offered', %(now)s FROM offer),
decided AS (
    INSERT INTO interactions_decision (interaction_id, kind, policy, sentences, trace, at)
    SELECT interaction_id, 'match', '', reasons, '{}'::jsonb, %(now)s FROM offer WHERE reasons <> '[]'::jsonb)
SELECT o.id, o.agent, o.interaction_id, o.queue_id, o.kind, o.counted, o.entered_at, o.waiting_since, o.ring_seconds, o.auto_answer, o.load, s.id
FROM offer o JOIN segment s ON s.interaction_id = o.interaction_id
"""
"""One statement. Nothing in it waits for a row, so it can be in no deadlock, whichever of the two locks the planner takes first."""


def _write_postgresql(matches: list[Match], now: datetime) -> list[_Offer]:
    with connection.cursor() as cursor:
        cursor.execute(
            _POSTGRESQL,
            {
                "matches": json.dumps([{"entry": one.entry, "agent": one.agent, "reasons": one.reasons} for one in matches]),
                "entries": sorted(one.entry for one in matches),
                "agents": sorted(one.agent for one in matches),
                "now": now,
            },
        )
        return [_Offer(*row) for row in cursor.fetchall()]


def _write_sqlite(matches: list[Match], now: datetime) -> list[_Offer]:
    """The transaction holds the one write lock from its beginning: what is read here stays so until it ends."""
    adapt = connection.ops.adapt_datetimefield_value
    at = adapt(now)
    rows = Entry.objects.filter(pk__in=[one.entry for one in matches], state=Entry.State.WAITING, interaction__ended_at=None).values_list(
        "id", "interaction_id", "queue_id", "kind", "counted", "entered_at", "waiting_since", "queue__ring_seconds", "queue__auto_answer"
    )
    waiting = {row[0]: row[1:] for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT agent_id, voice_load FROM routing_agent_state
               WHERE agent_id IN (SELECT value FROM json_each(%s)) AND state = 'ready' AND NOT pending AND voice_load < voice_capacity""",
            [json.dumps([one.agent for one in matches])],
        )
        loads = dict(cursor.fetchall())
        won = [one for one in matches if one.entry in waiting and one.agent in loads]
        if not won:
            return []
        cursor.execute(
            """INSERT INTO interactions_segment (interaction_id, agent_id, kind, state, offered_at, held_seconds, end_cause, end_reason, mode, wrapup_extended)
               SELECT value ->> 0, value ->> 1, value ->> 2, 'offered', %s, 0, '', '', '', 0 FROM json_each(%s) RETURNING id, interaction_id""",
            [at, json.dumps([[waiting[one.entry][0], one.agent, str(waiting[one.entry][2])] for one in won])],
        )
        segments = {interaction: segment for segment, interaction in cursor.fetchall()}
        offers = [_Offer(one.entry, one.agent, *waiting[one.entry], loads[one.agent] + 1, segments[waiting[one.entry][0]]) for one in won]
        cursor.executemany(
            "UPDATE routing_entry SET state = 'offered', offered_to_id = %s, segment_id = %s, offered_at = %s, offer_until = %s WHERE id = %s",
            [(one.agent, one.segment, at, adapt(now + timedelta(seconds=one.ring_seconds)), one.entry) for one in offers],
        )
        cursor.executemany(
            "UPDATE interactions_interaction SET state = 'offered' WHERE id = %s", [(one.interaction,) for one in offers if one.kind != "consult"]
        )
        cursor.executemany(
            """UPDATE routing_agent_state SET state = 'offered', reason_id = NULL, until = NULL, since = %s, voice_load = %s, version = version + 1
               WHERE agent_id = %s""",
            [(at, one.load, one.agent) for one in offers],
        )
        cursor.executemany("INSERT INTO routing_state_log (agent_id, state, at) VALUES (%s, 'offered', %s)", [(one.agent, at) for one in offers])
        cursor.executemany(
            "INSERT INTO interactions_decision (interaction_id, kind, policy, sentences, trace, at) VALUES (%s, 'match', '', %s, '{}', %s)",
            [(waiting[one.entry][0], json.dumps(one.reasons), at) for one in won if one.reasons],
        )
    return offers
