"""The live board kept up to date by events: pure. The page does the same in TypeScript; a test holds both to the same histories.

A board is JSON (`board.snapshot` makes it):

    {"since": 1763337600.0, "interval": 1800, "whole": true,
     "queues": {"3": {"id": 3, "code": "support", "name": "Support", "open": true, "target_percent": 80, "target_seconds": 20,
                      "waiting": {"17": {"interaction": 91, "since": ..., "priority": 5, "agent": null}},
                      "intervals": {"1763370000": {"offered": 4, "answered": 3, "in_target": 2, "abandoned": 1, "short": 0, "left": 0}}}},
     "agents": {"7": {"id": 7, "name": "Alice", "queues": [3], "state": "ready", "reason": null, "since": ..., "until": null,
                      "pending": false, "pending_reason": null, "load": 0, "capacity": 1, "interaction": null}}}

`waiting` has who waits for an agent, with the agent at whom it rings; consults are not in it, since the customer is with somebody. Intervals are
keyed by their beginning and count contacts by the moment at which they entered the queue. `whole`: it has all queues and agents, not those of a unit.
Queues and agents that the board does not have are passed over; `stale` says when that means that they are new, and the page reads afresh.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordboard.routing import levels

Board = dict[str, Any]

INTERVAL = 1800
"""Seconds."""
COUNTS = ("offered", "answered", "in_target", "abandoned", "short", "left")
IN_WORK = ("offered", "talking", "wrapup")


def apply(board: Board, kind: str, body: Mapping[str, Any]) -> None:
    """Take one event into the board, in place. What does not concern the board changes nothing."""
    change = _CHANGES.get(kind)
    if change is not None:
        change(board, body)


def stale(board: Board, kind: str, body: Mapping[str, Any]) -> bool:
    """Whether only reading afresh tells what came of this event: a queue was made or is called otherwise, an agent is new here, is
    called otherwise, or has left."""
    if kind == "routing.queue_changed":
        return body.get("change") in ("made", "terms")
    if kind == "routing.agent_changed":
        known = str(body["agent"]) in board["agents"]
        return body["change"] in (("renamed", "closed") if known else ("joined", "opened"))
    return kind == "routing.agent_state_changed" and board.get("whole") is True and str(body["agent"]) not in board["agents"]


def interval_of(moment: float, interval: int = INTERVAL) -> str:
    """The key of the interval that a moment belongs to."""
    return str(int(moment // interval) * interval)


def _entered(board: Board, body: Mapping[str, Any]) -> None:
    _waits(board, body, body.get("agent"))
    _count(board, body, "offered")


def _returned(board: Board, body: Mapping[str, Any]) -> None:
    _waits(board, body, None)


def _waits(board: Board, body: Mapping[str, Any], agent: int | None) -> None:
    queue = board["queues"].get(str(body["queue"]))
    if queue is not None and body["kind"] != "consult":
        queue["waiting"][str(body["entry"])] = {
            "interaction": body["interaction"],
            "since": body["waiting_since"],
            "priority": body["priority"],
            "agent": agent,
        }


def _offer_made(board: Board, body: Mapping[str, Any]) -> None:
    _rings(board, body, body["agent"])
    agent = board["agents"].get(str(body["agent"]))
    if agent is not None:
        agent.update(state="offered", reason=None, since=body["offered_at"], until=None, load=body["load"], interaction=body["interaction"])


def _offer_over(board: Board, body: Mapping[str, Any]) -> None:
    _rings(board, body, None)


def _rings(board: Board, body: Mapping[str, Any], agent: int | None) -> None:
    queue = board["queues"].get(str(body["queue"]))
    entry = queue["waiting"].get(str(body["entry"])) if queue is not None else None
    if entry is not None:
        entry["agent"] = agent


def _accepted(board: Board, body: Mapping[str, Any]) -> None:
    _gone(board, body)
    _count(board, body, "answered", *(("in_target",) if body["in_target"] else ()))


def _abandoned(board: Board, body: Mapping[str, Any]) -> None:
    _gone(board, body)
    _count(board, body, "abandoned", *(("short",) if body["short"] else ()))


def _left(board: Board, body: Mapping[str, Any]) -> None:
    _gone(board, body)
    _count(board, body, "left")


def _gone(board: Board, body: Mapping[str, Any]) -> None:
    queue = board["queues"].get(str(body["queue"]))
    if queue is not None:
        queue["waiting"].pop(str(body["entry"]), None)


def _count(board: Board, body: Mapping[str, Any], *names: str) -> None:
    queue = board["queues"].get(str(body["queue"]))
    if queue is None or not body["counted"] or body["entered_at"] < board["since"]:
        return
    counts = queue["intervals"].setdefault(interval_of(body["entered_at"], board["interval"]), dict.fromkeys(COUNTS, 0))
    for name in names:
        counts[name] += 1


def _agent(board: Board, body: Mapping[str, Any]) -> None:
    agent = board["agents"].get(str(body["agent"]))
    if agent is None:
        return
    for name in ("state", "reason", "since", "until", "pending", "pending_reason", "load", "capacity"):
        agent[name] = body[name]
    if body["state"] not in IN_WORK:
        agent["interaction"] = None
    elif body["interaction"] is not None:
        agent["interaction"] = body["interaction"]


def _agent_changed(board: Board, body: Mapping[str, Any]) -> None:
    agent = board["agents"].get(str(body["agent"]))
    if agent is not None:
        agent["queues"] = list(body["queues"])


def _entry_changed(board: Board, body: Mapping[str, Any]) -> None:
    queue = board["queues"].get(str(body["queue"]))
    entry = queue["waiting"].get(str(body["entry"])) if queue is not None else None
    if entry is not None:
        entry["priority"] = body["priority"]


def _queue(board: Board, body: Mapping[str, Any]) -> None:
    queue = board["queues"].get(str(body["queue"]))
    if queue is not None:
        queue["open"] = body["open"]


_CHANGES = {
    "routing.entered": _entered,
    "routing.returned": _returned,
    "routing.offer_made": _offer_made,
    "routing.offer_rejected": _offer_over,
    "routing.offer_expired": _offer_over,
    "routing.offer_withdrawn": _offer_over,
    "routing.offer_accepted": _accepted,
    "routing.abandoned": _abandoned,
    "routing.left": _left,
    "routing.agent_state_changed": _agent,
    "routing.agent_changed": _agent_changed,
    "routing.entry_changed": _entry_changed,
    "routing.queue_changed": _queue,
}


def longest(queue: Mapping[str, Any], now: float) -> tuple[int, float]:
    """How many wait, and for how many seconds the first has waited (0 when nobody does)."""
    waiting = queue["waiting"].values()
    return len(waiting), max((max(0.0, now - one["since"]) for one in waiting), default=0.0)


def today(queue: Mapping[str, Any]) -> levels.Counts:
    """The sums of all intervals, as the formulas of `levels.py` take them."""
    return sum((_counts(counts) for counts in queue["intervals"].values()), levels.Counts())


def by_interval(queue: Mapping[str, Any]) -> list[tuple[int, levels.Counts]]:
    """(beginning, counts) of each half hour in which something was offered, in order."""
    return [(int(begin), _counts(queue["intervals"][begin])) for begin in sorted(queue["intervals"], key=int)]


def _counts(kept: Mapping[str, int]) -> levels.Counts:
    return levels.Counts(
        offered=kept["offered"],
        answered=kept["answered"],
        answered_within=kept["in_target"],
        abandoned=kept["abandoned"],
        short_abandoned=kept["short"],
        left=kept["left"],
    )
