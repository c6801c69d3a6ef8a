"""What people wish of recordings, as happenings. No row that the switch compares tells of it: these are read in the log, however late. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cordboard.telephony.calls.happenings import Private, RecordCall, StopRecord, Wish

PRIVATE, WANTED = "voice.recording_private", "voice.recording_wanted"
KINDS = frozenset({PRIVATE, WANTED})


def from_event(kind: str, body: Mapping[str, Any], path: Callable[[str], str]) -> list[Wish]:
    """:param path: where the recording of a reference is written."""
    if kind == PRIVATE:
        return [Private(bool(body["on"]))]
    if kind == WANTED:
        reference = str(body["reference"])
        return [RecordCall(reference, path(reference))] if reference else [StopRecord()]
    return []
