"""What telephone calls tell the log. Ids, counts and codes only; numbers and names live in rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cordboard.events.catalogue import declare


def _interaction(body: dict[str, Any]) -> list[str]:
    return [f"interaction:{body['interaction']}"] if body.get("interaction") is not None else []


def _and_board(body: dict[str, Any]) -> list[str]:
    return ["telephony", *_interaction(body)]


def _board(body: dict[str, Any]) -> list[str]:
    return ["telephony"]


CALL_BEGAN = declare("voice.call_began", fields={"interaction": int, "line": int | None, "kind": str}, topics=_interaction)
CALL_REFUSED = declare("voice.call_refused", fields={"cause": str, "kind": str})
"""cause: unknown_number (nobody has the number dialled), token (a web call's leave was used up or too old), failed."""
CALL_ENDED = declare("voice.call_ended", fields={"interaction": int, "cause": str, "by": str}, topics=_and_board)
PROMPT_FAILED = declare("voice.prompt_failed", fields={"interaction": int | None, "error": str}, keep=timedelta(days=90))
"""An announcement could not be heard as it should: the file was gone (its text was spoken) or it could not be spoken at all."""
RECORDING_STARTED = declare("voice.recording_started", fields={"interaction": int, "recording": int, "announced": bool}, topics=_and_board)
RECORDING_ENDED = declare("voice.recording_ended", fields={"interaction": int, "recording": int, "seconds": float, "error": str}, topics=_and_board)
RECORDING_PRIVATE = declare("voice.recording_private", fields={"interaction": int, "user": int | None, "on": bool}, topics=_interaction)
"""What is said from now on must not be recorded (on), or may be again: an agent's button or a step of a flow (no user)."""
RECORDING_WANTED = declare("voice.recording_wanted", fields={"interaction": int, "user": int, "reference": str}, topics=_interaction)
"""Somebody wants the call recorded, or (`reference` empty) not any more."""
CARD_ASKED = declare("voice.card_asked", fields={"interaction": int, "segment": int, "entry": int, "user": int}, topics=_interaction)
"""The customer is sent aside to key a card number: nobody in the call hears them until it has ended."""
CARD_TRIED = declare("voice.card_tried", fields={"interaction": int, "entry": int, "tries": int}, topics=_interaction, keep=timedelta(days=90))
CARD_ENDED = declare("voice.card_ended", fields={"interaction": int, "entry": int, "state": str}, topics=_interaction)
"""state: given, not_given (after the last try), stopped (taken back, or the agent has the customer no more), failed (the sound did not do as it was told)."""
RECORDING_HEARD = declare("voice.recording_heard", fields={"interaction": int, "recording": int, "user": int}, topics=_interaction)
LEG_HEARD = declare("voice.leg_heard", fields={"interaction": int, "leg": int, "mos": float}, topics=_interaction, keep=timedelta(days=90))
"""A leg has ended, and how well it was heard is known."""
WEB_CALL_ALLOWED = declare("voice.web_call_allowed", fields={"web_call": int}, keep=timedelta(days=90))
PROMPT_SET = declare("voice.prompt_set", fields={"prompt": int, "code": str, "language": str, "file": bool})

EMERGENCY_SET = declare(
    "voice.emergency_set",
    fields={"queue": int, "emergency": int, "on": bool, "until": float | None},
    topics=lambda body: ["board", f"queue:{body['queue']}"],
)
"""An emergency announcement is said to everybody in and for this queue from now on, or not any more."""


def _user(body: dict[str, Any]) -> list[str]:
    return [f"user:{body['user']}"] if body.get("user") is not None else []


PHONE_CHANGED = declare("voice.phone_changed", fields={"phone": int, "user": int | None, "what": str}, topics=_user)
"""what: added, secret (a new one), removed, given (to another user)."""
DEVICE_CHOSEN = declare("voice.device_chosen", fields={"user": int, "phone": int | None}, topics=_user)
"""The user works on this desk telephone from now on, or (none) in the browser."""
PHONE_REGISTERED = declare("voice.phone_registered", fields={"phone": int, "user": int | None, "telephones": int}, topics=_user, keep=timedelta(days=90))
"""How many telephones of the account are there now, when that has changed."""
MESSAGE_LEFT = declare(
    "voice.message_left",
    fields={"interaction": int, "recording": int, "queue": int, "agent": int | None, "seconds": float},
    topics=lambda body: [*_interaction(body), f"queue:{body['queue']}", *([f"user:{body['agent']}"] if body["agent"] is not None else [])],
)
MESSAGE_DISCARDED = declare("voice.message_discarded", fields={"interaction": int, "seconds": float}, topics=_interaction)
"""Nothing was said after the tone; the recording was thrown away."""
MESSAGE_DONE = declare("voice.message_done", fields={"interaction": int, "recording": int, "done": bool, "reason": str}, topics=_interaction)
MESSAGE_GIVEN = declare("voice.message_given", fields={"interaction": int, "recording": int, "agent": int | None, "old": int | None}, topics=_interaction)
LINE_CHANGED = declare("voice.line_changed", fields={"line": int, "what": str})
"""what: added, changed, removed."""
TRUNK_CHANGED = declare("voice.trunk_changed", fields={"trunk": int, "code": str, "what": str, "fields": list[str] | None}, topics=_board)
"""what: added, changed, removed; fields: names of what was changed."""
TRUNK_STATE = declare("voice.trunk_state", fields={"trunk": int, "node": str, "up": bool, "reason": str}, topics=_board, keep=timedelta(days=400))
"""A node can use the trunk from now on, or cannot any more. `reason`: a code and what it says beside (`telephony.carriers.why`)."""
TRUNK_ASKED = declare("voice.trunk_asked", fields={"trunk": int, "code": str, "test": int}, keep=timedelta(days=90))
"""Somebody wants to know whether it answers now: every switch asks it."""
TRUNK_ANSWERED = declare("voice.trunk_answered", fields={"trunk": int, "test": int, "node": str, "answer": str, "seconds": float}, keep=timedelta(days=90))
"""answer: as `reason` above."""
