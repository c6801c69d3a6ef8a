"""Appending to the log. An action writes its rows and its event in one transaction:

    with transaction.atomic():
        ...
        log.record("interactions.opened", actor=f"user:{user.id}", interaction=interaction.id, party=None)

The event exists if and only if the rows do. After the commit the doorbell rings, once per transaction, and readers everywhere look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cordboard.events import catalogue, doorbell
from cordboard.events.models import Event
from cordboard.lib.config import config

current_origin: ContextVar[str] = ContextVar("current_origin", default="")
"""Where the present request came from: "203.0.113.9 4f1c..." (address, request id). Set by `events.middleware`."""

_ACTOR = re.compile(r"[a-z][a-z_]*(:[A-Za-z0-9_.-]+)?")


class OutsideTransaction(RuntimeError):
    """Recorded outside a transaction: the event could outlive the rows that it tells of, or they it."""


def record(kind: str, /, *, actor: str, why: str = "", origin: str | None = None, **fields: Any) -> Event:
    """Append one event. `actor` is "user:7", "party:12", "system", "worker" or "switch"; `why` a short reason in plain words;
    `origin` defaults to the present request's. Returns the saved event. Raises OutsideTransaction, catalogue.EventRefused."""
    event: Event = _made(kind, fields, actor=actor, why=why, origin=origin)
    event.save(force_insert=True)
    _ring_after_commit()
    return event


def record_all(events: Iterable[tuple[str, Mapping[str, Any]]], /, *, actor: str, why: str = "", origin: str | None = None) -> list[Event]:
    """Append many events (kind, fields) in one statement, in their order. Otherwise as `record`."""
    made: list[Event] = [_made(kind, fields, actor=actor, why=why, origin=origin) for kind, fields in events]
    if made:
        Event.objects.bulk_create(made, batch_size=500)
        _ring_after_commit()
    return made


def record_many(kind: str, bodies: Iterable[Mapping[str, Any]], /, *, actor: str, why: str = "", origin: str | None = None) -> int:
    """Append many events of one kind in one statement and without model objects, for what happens hundreds of times a second (offers).
    Otherwise as `record_all`; returns how many."""
    made = [_made(kind, body, actor=actor, why=why, origin=origin, build=dict) for body in bodies]
    if not made:
        return 0
    one = made[0]
    shared = [one["kind"], one["version"], one["actor"], one["node"], one["origin"], one["why"]]
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"INSERT INTO events_event ({_SHARED}, at, topics, body) SELECT %s, %s, %s, %s, %s, %s, %s, m.topics, m.body"
                " FROM json_to_recordset(%s) AS m (topics jsonb, body jsonb)",
                [*shared, now, json.dumps([{"topics": row["topics"], "body": row["body"]} for row in made])],
            )
        else:
            cursor.executemany(
                f"INSERT INTO events_event ({_SHARED}, at, topics, body) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [(*shared, now, json.dumps(row["topics"]), json.dumps(row["body"])) for row in made],
            )
    _ring_after_commit()
    return len(made)


_SHARED = "kind, version, actor, node, origin, why"


def _made(kind: str, fields: Mapping[str, Any], *, actor: str, why: str, origin: str | None, build: Callable[..., Any] = Event) -> Any:
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} was recorded outside transaction.atomic()")
    if not _ACTOR.fullmatch(actor):
        raise catalogue.EventRefused(f"{kind}: {actor!r} is no actor")
    rule, body, topics = catalogue.checked(kind, fields)
    return build(
        kind=kind,
        version=rule.version,
        actor=actor,
        node=config().node,
        origin=(current_origin.get() if origin is None else origin)[:120],
        why=why[:200],
        topics=topics,
        body=body,
    )


def _ring_after_commit() -> None:
    # A hook of a savepoint that is rolled back vanishes with it, so looking at the hooks that stand is exact.
    if not any(hook[1] is doorbell.ring for hook in connection.run_on_commit):
        transaction.on_commit(doorbell.ring)
