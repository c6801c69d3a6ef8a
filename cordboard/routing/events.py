"""What routing tells the log: the waiting, the offers, the agents. Times are seconds since 1970 (UTC), waits are seconds.

The live board is a snapshot (`board.py`) plus these events (`reduce.py`), so each carries what the reducer needs. Where an act changes
an agent, `agent_state_changed` follows in the same transaction; only `offer_made`, the one in bulk, carries the agent's change itself.
"""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _all(body: dict[str, Any]) -> list[str]:
    """Board, queue, interaction, and every agent concerned."""
    topics = ["board"]
    if body.get("queue") is not None:
        topics.append(f"queue:{body['queue']}")
    if body.get("to_queue") is not None and body["to_queue"] != body.get("queue"):
        topics.append(f"queue:{body['to_queue']}")
    if body.get("interaction") is not None:
        topics.append(f"interaction:{body['interaction']}")
    agents = {body[name] for name in ("agent", "to_agent") if body.get(name) is not None}
    topics.extend(f"user:{agent}" for agent in sorted(agents))
    return topics


def _agents(body: dict[str, Any]) -> list[str]:
    """What changes an agent's state is heard by every directory that stands open as well."""
    return [*_all(body), "colleagues"]


def _places(body: dict[str, Any]) -> list[str]:
    """So with the calls that wait to be picked up."""
    return [*_all(body), "parked"]


_entry = {"interaction": int, "entry": int, "queue": int, "kind": str, "counted": bool, "entered_at": float, "waiting_since": float}
"""`kind`: offer, transfer, consult. `counted`: a new contact of the queue in its figures; not one that came back, was given to somebody in
person, or is a consult."""

ENTERED = declare("routing.entered", fields={**_entry, "priority": int, "only": int | None, "agent": int | None}, topics=_all)
# `agent`: it rings there already (a consult that rang became a transfer)
ESTIMATED = declare("routing.estimated", fields={"interaction": int, "entry": int, "queue": int, "low": int, "high": int}, topics=_all)  # minutes

_offer = {**_entry, "segment": int, "agent": int}
OFFER_MADE = declare(
    "routing.offer_made", fields={**_offer, "offered_at": float, "until": float, "load": int, "auto": bool}, topics=_agents
)  # the agent is Ringing since offered_at; `auto`: answered by itself, with a beep
OFFER_ACCEPTED = declare("routing.offer_accepted", fields={**_offer, "accepted_at": float, "wait": float, "in_target": bool}, topics=_all)
OFFER_REJECTED = declare("routing.offer_rejected", fields={**_offer, "reason": str}, topics=_all)
OFFER_EXPIRED = declare("routing.offer_expired", fields=_offer, topics=_all)  # no answer (RONA)
OFFER_WITHDRAWN = declare("routing.offer_withdrawn", fields={**_offer, "cause": str}, topics=_all)  # customer_gone, agent_gone, backed_out

RETURNED = declare("routing.returned", fields={**_entry, "priority": int, "cause": str, "answered_before": bool}, topics=_all)  # waits again
ABANDONED = declare("routing.abandoned", fields={**_entry, "wait": float, "short": bool}, topics=_all)
LEFT = declare("routing.left", fields={**_entry, "cause": str}, topics=_all)  # sent elsewhere, closed, ended by us

AGENT_STATE_CHANGED = declare(
    "routing.agent_state_changed",
    fields={
        "agent": int,
        "state": str,
        "reason": str | None,
        "since": float,
        "until": float | None,
        "pending": bool,
        "pending_reason": str | None,
        "load": int,
        "capacity": int,
        "interaction": int | None,
    },
    topics=_agents,
)  # `reason` is the code of the not-ready reason; `interaction` what the agent's latest work is
AGENT_OVER = declare(
    "routing.agent_over", fields={"agent": int, "reason": str | None, "since": float, "until": float}, topics=_all
)  # the time of a not-ready state has passed and the agent is still in it; told once. The state itself stays (decision 0013)
AGENT_OVER_SEEN = declare("routing.agent_over_seen", fields={"agent": int, "until": float}, topics=_all)  # the agent acknowledged it
AGENT_MEDIA_LOST = declare("routing.agent_media_lost", fields={"agent": int, "interaction": int, "until": float}, topics=_all)
AGENT_MEDIA_BACK = declare("routing.agent_media_back", fields={"agent": int, "interaction": int}, topics=_all)

TRANSFERRED = declare(
    "routing.transferred",
    fields={"interaction": int, "segment": int, "agent": int, "to_agent": int | None, "to_queue": int | None, "entry": int},
    topics=_all,
)
_consult = {"interaction": int, "segment": int, "agent": int, "to_agent": int | None, "to_queue": int | None}
"""`segment` and `agent` ask, `to_agent` or `to_queue` is asked, `to_segment` is the colleague's part once there is one."""
_consult_of = {"interaction": int, "segment": int, "agent": int, "to_agent": int | None}
CONSULT_STARTED = declare("routing.consult_started", fields={**_consult, "entry": int}, topics=_all)
CONSULT_COMPLETED = declare("routing.consult_completed", fields={**_consult, "to_segment": int | None}, topics=_all)
CONSULT_BACKED_OUT = declare("routing.consult_backed_out", fields={**_consult, "to_segment": int | None, "cause": str}, topics=_all)
# cause: backed_out (the agent is with the customer again), colleague_left, no_answer, rejected, nobody, customer_gone
CONFERENCE_JOINED = declare("routing.conference_joined", fields={**_consult_of, "to_segment": int | None, "outside": int | None}, topics=_all)
# who was consulted (a colleague or somebody outside) talks with the customer too
CONFERENCE_LEFT = declare("routing.conference_left", fields={"interaction": int, "segment": int, "agent": int}, topics=_all)
CONFERENCE_HANDED_ON = declare("routing.conference_handed_on", fields={**_consult_of, "to_segment": int}, topics=_all)
# who had the customer left; `to_agent` has them now
HANDED_OUTSIDE = declare("routing.handed_outside", fields={"interaction": int, "segment": int, "agent": int, "outside": int}, topics=_all)
PARKED = declare("routing.parked", fields={"interaction": int, "parked": int, "place": int, "queue": int, "agent": int, "until": float}, topics=_places)
UNPARKED = declare("routing.unparked", fields={"interaction": int, "parked": int, "place": int, "outcome": str, "agent": int | None}, topics=_places)
# outcome: picked_up (by `agent`), rung_back (at `agent`), queued, gone
PICKED_UP = declare("routing.picked_up", fields={"interaction": int, "segment": int, "agent": int, "kind": str, "accepted_at": float}, topics=_all)
AGENT_CHANGED = declare(
    "routing.agent_changed",
    fields={
        "agent": int,
        "change": str,
        "queues": list[int],
        "queue": int | None,
        "skill": str | None,
        "proficiency": int | None,
        "until": float | None,
    },
    topics=_all,
)  # change: joined, left (the `queue`), skill_set, skill_removed, skill_expired (`proficiency` is what holds now),
# renamed, closed, opened (the account); `queues` are all that the agent serves now
ENTRY_CHANGED = declare("routing.entry_changed", fields={**_entry, "priority": int}, topics=_all)  # somebody gave it another place in its queue
QUEUE_CHANGED = declare("routing.queue_changed", fields={"queue": int, "open": bool, "change": str, "fields": list[str] | None}, topics=_all)
# change: opened, closed, made, terms (its name, target or anything else that its row says: `fields`)
SKILL_CHANGED = declare("routing.skill_changed", fields={"skill": str, "change": str})  # by its code; change: made, changed
REASON_CHANGED = declare("routing.reason_changed", fields={"reason": str, "change": str})  # a reason for being not ready, by its code

import cordboard.routing.events_broadcast  # noqa: E402
import cordboard.routing.events_outbound  # noqa: E402, F401  declares its own
