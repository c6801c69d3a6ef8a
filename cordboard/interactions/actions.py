"""All that changes interactions. The nouns have files of their own; callers use this one.

Acts of people take the user and check the right (`permissions.py`); acts of the switch, of flows and rules take an `actor`. Each is one
transaction with its events in it, and may be repeated without harm. `now` defaults to the clock; tests give it.
What touches agents' states too (accept, transfer, wrap-up, customer gone) is in `routing/actions.py`, which uses `actions_segments`.
"""

from __future__ import annotations

from cordboard.interactions.actions_context import file_decision, identify, open_interaction, set_context, set_language
from cordboard.interactions.actions_notes import NoteSaved, add_reason, file_note, remove_reason, save_note, set_headline, set_outcome
from cordboard.interactions.actions_segments import hold, request_hang_up
from cordboard.interactions.actions_subject import change_subject, clear_subject, confirm_subject, set_reporter, speak_for

__all__ = [
    "NoteSaved",
    "add_reason",
    "change_subject",
    "clear_subject",
    "confirm_subject",
    "file_decision",
    "file_note",
    "hold",
    "identify",
    "open_interaction",
    "remove_reason",
    "request_hang_up",
    "save_note",
    "set_context",
    "set_headline",
    "set_language",
    "set_outcome",
    "set_reporter",
    "speak_for",
]
