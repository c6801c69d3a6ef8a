"""What interactions tell the log. Ids, states, counters and times only: what was said, keyed or noted lives in rows that can be erased.

Times are seconds since 1970 (UTC). Every event goes to `interaction:<id>`; what concerns one agent's work goes to `user:<id>` as well.
"""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _interaction(body: dict[str, Any]) -> list[str]:
    return [f"interaction:{body['interaction']}"] if body.get("interaction") is not None else []


def _and_agent(body: dict[str, Any]) -> list[str]:
    topics = _interaction(body)
    if body.get("agent") is not None:
        topics.append(f"user:{body['agent']}")
    return topics


def _and_parties(body: dict[str, Any]) -> list[str]:
    topics = _and_agent(body)
    topics.extend(f"party:{body[name]}" for name in ("old", "new", "party") if body.get(name) is not None)
    return topics


OPENED = declare("interactions.opened", fields={"interaction": int, "channel": str, "direction": str, "state": str}, topics=_interaction)
IDENTIFIED = declare(
    "interactions.identified",
    fields={"interaction": int, "party": int | None, "by": str, "candidates": int, "agent": int | None},
    topics=_and_parties,
)
CONTEXT_SET = declare("interactions.context_set", fields={"interaction": int, "names": list[str], "by": str, "agent": int | None}, topics=_and_agent)
STATE_CHANGED = declare(
    "interactions.state_changed", fields={"interaction": int, "old": str, "new": str, "agent": int | None}, topics=_and_agent
)  # `agent` is who has it now or had it last

_segment = {"interaction": int, "segment": int, "agent": int, "kind": str}
# an offer is told by routing.offer_made, which has all of it: the new segment, and the interaction's state `offered` (unless a consult rings)
SEGMENT_ACCEPTED = declare("interactions.segment_accepted", fields={**_segment, "accepted_at": float}, topics=_and_agent)
SEGMENT_HELD = declare("interactions.segment_held", fields={**_segment, "held_at": float}, topics=_and_agent)
SEGMENT_RESUMED = declare("interactions.segment_resumed", fields={**_segment, "held_seconds": float}, topics=_and_agent)
CUSTOMER_AWAY = declare("interactions.customer_away", fields={**_segment, "away": bool, "away_seconds": float}, topics=_and_agent)
"""The customer's own side put us on hold (`away`), or took us back."""
SEGMENT_ENDED = declare(
    "interactions.segment_ended", fields={**_segment, "cause": str, "wrapup_until": float | None}, topics=_and_agent
)  # the agent's part of the talk is over; with a time: wrap-up until then
WRAPUP_EXTENDED = declare("interactions.wrapup_extended", fields={**_segment, "wrapup_until": float}, topics=_and_agent)
SEGMENT_WRAPPED_UP = declare("interactions.segment_wrapped_up", fields={**_segment, "overdue": bool}, topics=_and_agent)


def _supervisor(body: dict[str, Any]) -> list[str]:
    """Silent monitoring is silent: neither the contact's topic nor the agent's. Who has joined, or has joined no more, is told to those who talk."""
    joined = "barge" in (body.get("mode"), body.get("before"))
    return ["board", f"user:{body['agent']}", *(_interaction(body) if joined else ())]


_supervision = {"interaction": int, "segment": int, "agent": int, "of": int | None}
"""`agent` is the supervisor, `of` the segment that is listened to."""
SUPERVISION_STARTED = declare("interactions.supervision_started", fields={**_supervision, "mode": str, "notice": bool}, topics=_supervisor)
# `notice`: the customer is told before anything is heard
SUPERVISION_CHANGED = declare("interactions.supervision_changed", fields={**_supervision, "mode": str, "before": str | None}, topics=_supervisor)
SUPERVISION_ENDED = declare("interactions.supervision_ended", fields={**_supervision, "cause": str, "mode": str | None}, topics=_supervisor)

_outside = {"interaction": int, "outside": int, "segment": int, "agent": int}
"""`outside` is the row of somebody outside, `segment` and `agent` dialled. The number lives in the row."""
OUTSIDE_DIALLED = declare("interactions.outside_dialled", fields={**_outside, "purpose": str}, topics=_and_agent)
OUTSIDE_CHANGED = declare("interactions.outside_changed", fields={**_outside, "state": str, "purpose": str}, topics=_and_agent)
OUTSIDE_ENDED = declare("interactions.outside_ended", fields={**_outside, "purpose": str, "cause": str, "answered": bool}, topics=_and_agent)

HANG_UP_REQUESTED = declare("interactions.hang_up_requested", fields={"interaction": int, "segment": int, "agent": int, "then": str}, topics=_and_agent)
"""`then`: the flow to which the customer is led after the talk; "" when the call ends."""

SUBJECT_CHANGED = declare(
    "interactions.subject_changed",
    fields={"interaction": int, "old": int | None, "new": int | None, "change": str, "confirmed": bool, "agent": int | None},
    topics=_and_parties,
)  # change: confirmed, changed, cleared
REPORTER_SET = declare("interactions.reporter_set", fields={"interaction": int, "party": int | None, "agent": int | None}, topics=_and_parties)
MISDIRECTED = declare(
    "interactions.misdirected",
    fields={"interaction": int, "old": int, "new": int | None, "moved": list[str], "flagged": list[str], "agent": int | None},
    topics=_and_agent,
)  # what was made for the wrong customer, as "kind:id"

NOTE_SAVED = declare("interactions.note_saved", fields={"interaction": int | None, "note": int, "author": int, "revision": int}, topics=_interaction)
NOTE_FILED = declare("interactions.note_filed", fields={"interaction": int, "note": int, "author": int}, topics=_interaction)
REASONS_CHANGED = declare("interactions.reasons_changed", fields={"interaction": int, "reasons": list[int], "agent": int | None}, topics=_and_agent)
OUTCOME_SET = declare("interactions.outcome_set", fields={"interaction": int, "outcome": int | None, "agent": int | None}, topics=_and_agent)
HEADLINE_SET = declare("interactions.headline_set", fields={"interaction": int, "agent": int | None}, topics=_and_agent)

ENDED = declare("interactions.ended", fields={"interaction": int, "cause": str, "agent": int | None}, topics=_and_agent)
CLOSED = declare("interactions.closed", fields={"interaction": int, "agent": int | None}, topics=_and_agent)

# what rules do and forbid, and what they ask somebody's approval of
RULE_DID = declare("interactions.rule_did", fields={"interaction": int, "deed": int, "verb": str, "done": bool, "agent": int | None}, topics=_and_agent)
TAGGED = declare("interactions.tagged", fields={"interaction": int, "added": bool, "agent": int | None}, topics=_and_agent)
FORBIDDEN = declare("interactions.forbidden", fields={"interaction": int, "act": str, "forbidden": bool, "agent": int | None}, topics=_and_agent)


def _approval(body: dict[str, Any]) -> list[str]:
    who = [body[name] for name in ("approver", "asked_by", "by") if body.get(name) is not None]
    return [*_interaction(body), *(f"user:{one}" for one in sorted(set(who)))]


_asked = {"approval": int, "interaction": int | None, "approver": int | None, "asked_by": int | None}
APPROVAL_ASKED = declare("interactions.approval_asked", fields=_asked, topics=_approval)
APPROVAL_SETTLED = declare("interactions.approval_settled", fields={**_asked, "state": str, "by": int | None}, topics=_approval)
APPROVAL_SEEN = declare("interactions.approval_seen", fields=_asked, topics=_approval)
