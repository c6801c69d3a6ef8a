"""What goes over `/live`, the socket between a page and the front: JSON objects, one a text frame, each with a `type`.

The same names are used in TypeScript (islands/src/live). Times are ISO 8601 in UTC.

From the page
-------------
`subscribe`    topics: string[], cursor?: string
               Begin to get the events of these topics. With `cursor` (taken by the server before the page read its data, or the last one
               received) what was missed comes first. Without it the answer brings the topics' present values and starts there.
`unsubscribe`  topics: string[]
`presence`     The page is there: the answer to each `beat`, and every `PRESENCE_EVERY` seconds by the page's own clock.
`softphone`    message: object
               For the switch, passed on as it is. Never stored.
`ping`         Answered by `pong` with the same `n`.

To the page
-----------
`welcome`      page: string, user: number | null, topics: string[]
               First of all. `topics` are those that every page of this person has (its own `user:7`).
`subscribed`   topics: string[], refused: string[], values: {[topic]: object}, cursor: string
               Answers `subscribe`; then come the events. `refused` are topics that this person may not see, or that do not exist.
`events`       events: Event[], cursor: string
               In order, none missing, none twice. `cursor` resumes after them.
               Event = {id, kind, version, at, actor, topics, body}
`reload`       reason: "too_old" | "too_many" | "restored", topics: string[], cursor: string
               What these topics missed is not told: read their data afresh (not the calls). Live events follow.
`softphone`    message: object
               From the switch.
`error`        reason: string
               A message was not understood, or the switch is not there; the socket stays open.
`beat`         Is the page there? Answered by `presence`.
`pong`         n: number

Closing codes: `SIGNED_OUT`, `ACCESS_CHANGED`, `SLOW`, `BAD`, `RESTARTING`. Before `SLOW` nothing more is sent: the page resumes from its last cursor.
"""

from __future__ import annotations

import json
from typing import Any

from cordboard.events.feed import FeedEvent

PRESENCE_EVERY = 5.0
"""Seconds between two heartbeats that a page sends unasked."""

MISSED_AT_MOST = 1000
"""Events. Whoever missed more, or one older than `OLDEST`, reads its data afresh."""

OLDEST = 600.0
"""Seconds."""

TOPICS_AT_MOST = 200
"""Of one socket."""

LONGEST = 256 * 1024
"""Bytes of one message from a page. An SDP has some 5,000."""

SIGNED_OUT = 4401
"""Not signed in, or not any more. Do not come back by yourself."""
ACCESS_CHANGED = 4403
"""What this person may see has changed: come back at once and be asked anew."""
SLOW = 4408
"""Did not take what was sent: come back with the last cursor."""
BAD = 4400
"""Does not speak this protocol, or says too much."""
RESTARTING = 1012
"""The front stops or starts anew: come back after a moment."""


def encode(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)


def event(one: FeedEvent) -> dict[str, Any]:
    """An event as pages get it."""
    return {
        "id": one.id,
        "kind": one.kind,
        "version": one.version,
        "at": one.at.isoformat(),
        "actor": one.actor,
        "topics": list(one.topics),
        "body": one.body,
    }


def events(batch: list[dict[str, Any]], cursor: str) -> dict[str, Any]:
    return {"type": "events", "events": batch, "cursor": cursor}
