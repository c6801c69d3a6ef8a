"""What calling out and callbacks tell the log. Numbers and names live in rows; times are seconds since 1970 (UTC)."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    """Queue, interaction, agent and position; callbacks have a list of their own on the screens."""
    topics = [f"{name}:{body[name]}" for name in ("queue", "interaction", "position") if body.get(name) is not None]
    topics += [f"user:{agent}" for agent in sorted({body[name] for name in ("agent", "owner", "old_owner") if body.get(name) is not None})]
    return topics


DIAL_REQUESTED = declare(
    "routing.dial_requested", fields={"interaction": int, "segment": int, "agent": int, "kind": str, "queue": int | None}, topics=_topics
)  # the agent is ready for it: the switch connects the agent, then calls the customer
DIAL_PROGRESS = declare("routing.dial_progress", fields={"interaction": int, "step": str, "agent": int | None}, topics=_topics)  # begun, rings, answered
DIAL_ENDED = declare("routing.dial_ended", fields={"interaction": int, "outcome": str, "agent": int | None, "queue": int | None}, topics=_topics)

_callback = {"callback": int, "queue": int, "owner": int | None, "position": int | None, "state": str}
CALLBACK_MADE = declare("routing.callback_made", fields={**_callback, "asked": str, "due": float | None, "interaction": int | None}, topics=_topics)
CALLBACK_QUEUED = declare("routing.callback_queued", fields={**_callback, "interaction": int, "entry": int}, topics=_topics)  # a try stands in the queue
CALLBACK_TRIED = declare("routing.callback_tried", fields={**_callback, "interaction": int, "outcome": str, "tries": int, "due": float | None}, topics=_topics)
CALLBACK_CHANGED = declare(
    "routing.callback_changed", fields={**_callback, "change": str, "due": float | None, "old_owner": int | None}, topics=_topics
)  # change: taken, reassigned, rescheduled, cancelled, done, expired, quiet (put off until the quiet hours are over)
LIMITS_CHANGED = declare("routing.limits_changed", fields={"whom": str, "code": str, "fields": list[str], "policy": int, "version": int, "in_force": bool})
"""Which numbers are dialled, or for how long a day. whom: centre, unit, role (by its `code`); `fields` are otherwise in this version of the policy."""
