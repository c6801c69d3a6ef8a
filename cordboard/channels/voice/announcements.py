"""What the flows of our lines say to callers, and which of it has a recorded voice: for the screen of announcements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordboard.channels.voice import wording
from cordboard.channels.voice.models import Prompt
from cordboard.channels.voice.prompts import UPLOADED
from cordboard.flows.models import Flow
from cordboard.lib.config import config
from cordboard.org.languages import LANGUAGES

NOTICE = "recording-notice"
"""The code of what is said, outside of any flow, before a call is recorded."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How one announcement sounds in one language. Without `file` its text is spoken by the synthetic voice."""

    language: str
    text: str  # what the flow says at present
    file: str = ""  # name below the folder of uploaded announcements
    by: str = ""
    at: datetime | None = None
    changed: bool = False  # the flow says other words than when it was recorded
    gone: bool = False  # the file is not there, so the text is spoken


@dataclass(frozen=True, slots=True)
class Announcement:
    code: str
    flow: str  # name of the flow, "" for what is said outside of flows
    step: str
    voices: tuple[Voice, ...]

    def voice(self, language: str) -> Voice | None:
        return next((one for one in self.voices if one.language == language), None)


def announcements() -> list[Announcement]:
    """All that can be given a voice, in the order of the flows. Two queries."""
    kept = {(row.code, row.language): row for row in Prompt.objects.select_related("uploaded_by")}
    found = [Announcement(NOTICE, "", "", tuple(_voice(kept, NOTICE, language, wording.RECORDED[language]) for language in LANGUAGES))]
    for flow in Flow.objects.filter(state=Flow.State.PUBLISHED).order_by("name"):
        if "ivr" not in flow.surfaces:
            continue
        for step, spec in flow.graph.get("steps", {}).items():
            texts = _texts(spec)
            if texts:
                code = f"{flow.code}.{step}"
                found.append(Announcement(code, flow.name, step, tuple(_voice(kept, code, one, texts[one]) for one in LANGUAGES if one in texts)))
    return found


def announcement(code: str) -> Announcement | None:
    return next((one for one in announcements() if one.code == code), None)


def _texts(step: Mapping[str, Any]) -> dict[str, str]:
    """By language, what a step says as it stands. What is put together from values (a name, a number) is always spoken."""
    found = {}
    for language, text in (step.get("texts") or {}).items():
        words = str(text.get("text", "")) if isinstance(text, dict) else str(text)
        if words and "{" not in words:
            found[str(language).lower()] = words
    return found


def _voice(kept: Mapping[tuple[str, str], Prompt], code: str, language: str, text: str) -> Voice:
    row = kept.get((code, language))
    if row is None or not row.file:
        return Voice(language, text)
    gone = not (config().files / UPLOADED / row.file).is_file()
    return Voice(language, text, row.file, str(row.uploaded_by or ""), row.uploaded_at, changed=row.text != text, gone=gone)
