"""What can be played: texts to be spoken, announcements uploaded as WAV; and what the switch remembers of the centre while the records are away."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from cordboard.channels.voice.queries import EmergencySaid, KnownLine, Terms
from cordboard.lib.config import Config
from cordboard.telephony import music, wav
from cordboard.telephony.driver import Prompt

logger = logging.getLogger(__name__)

UPLOADED = "prompts-uploaded"


class Announcements:
    def __init__(self, config: Config) -> None:
        self._files = config.files
        self.terms = Terms({}, {}, {})
        self.gone: list[str] = []
        """Files that were not there when they were wanted, to be told."""

    def learn(self, line: KnownLine) -> None:
        """A line that a call has just come in on, perhaps newer than the last look."""
        self.terms.lines[line.number] = line

    def line(self, number: str) -> KnownLine | None:
        return self.terms.lines.get(number)

    def music(self, queue: int) -> str:
        return self.terms.music.get(queue, "default")

    def emergency(self, queue: str, now: float) -> EmergencySaid | None:
        """What everybody hears first who calls in for this queue (a code)."""
        known = self.terms.emergencies.get(queue)
        return known if known is not None and known.at(now) else None

    def spoken(self, text: str, language: str) -> Prompt:
        return Prompt(text, language)

    def prompt(self, text: str, language: str, code: str = "") -> Prompt:
        """The announcement `code` in this language, or `text` spoken where there is none or its file is gone."""
        known = self.terms.prompts.get((code, language)) if code else None
        if known is None:
            return Prompt(text, language)
        words, name = known
        if not name:
            return Prompt(words or text, language)
        path = self._files / UPLOADED / Path(name).name
        if not path.is_file():
            logger.warning("the announcement %s is gone, its text is spoken", path.name)
            self.gone.append(f"{code} ({language}): {path.name} is gone")
            return Prompt(words or text, language)
        return Prompt(words or text, language, str(path))

    def tone(self) -> Prompt:
        """The tone after which one speaks. The file is made when it is first wanted."""
        path = self._files / "prompts" / "tone-1000-500.wav"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_suffix(f".{os.getpid()}")
            wav.write(fresh, music.tone(1000, seconds=0.5, level=0.3))
            fresh.replace(path)
        return Prompt(path=str(path))

    def relative(self, path: str) -> str:
        """Below the data folder's files."""
        return str(Path(path).relative_to(self._files)) if Path(path).is_relative_to(self._files) else path

    def recording_path(self, reference: str, now: float) -> str:
        """Where a recording is written: outside of anything that is served, a folder a day (UTC)."""
        folder = self._files / "recordings" / datetime.fromtimestamp(now, UTC).strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return str(folder / f"{reference}.wav")
