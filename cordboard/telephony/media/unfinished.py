"""Which recordings are being made, noted as files, so that whoever comes after a killed media process can finish them.

One small file a recording, in a folder that all media processes of the node share; it is there from before the
recording's own file until after it is complete. Everything here blocks; callers use the writing thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from pathlib import Path

from cordboard.telephony.driver import RecordingEnded
from cordboard.telephony.media.recording_file import length, part_of, repair

log = logging.getLogger(__name__)

KILLED = "the media process was killed"

JUST_BEGUN = 60.0
"""Seconds in which a note without a file may belong to a living process that is about to make it."""


class Unfinished:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _note_of(self, call: str, recording: str) -> Path:
        return self.folder / (hashlib.sha256(f"{call}\0{recording}".encode()).hexdigest()[:40] + ".json")

    def begin(self, call: str, recording: str, path: Path, started: float) -> None:
        """:raises OSError: it cannot be noted."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = self._note_of(call, recording)
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps({"call": call, "recording": recording, "path": str(path), "started": started}))
        fresh.replace(note)

    def end(self, call: str, recording: str) -> None:
        self._note_of(call, recording).unlink(missing_ok=True)

    def finish_all(self) -> list[RecordingEnded]:
        """Finish what killed processes left; tells of each once. Those that somebody is still writing are left alone."""
        ended = []
        for note in sorted(self.folder.glob("*.json")):
            try:
                kept = json.loads(note.read_text())
                call, recording, path = str(kept["call"]), str(kept["recording"]), Path(kept["path"])
                seconds, error = repair(path, float(kept["started"]) if "started" in kept else None), KILLED
                if seconds is None and part_of(path).exists():
                    continue
                if seconds is None:
                    # killed between giving the file its name and saying so, or before there was a file
                    seconds = length(path)
                    error = "" if seconds else KILLED
                    if not seconds and time.time() - note.stat().st_mtime < JUST_BEGUN:
                        continue
                ended.append(RecordingEnded(call, recording, str(path), seconds, error))
                note.unlink(missing_ok=True)
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.error("a recording left unfinished (%s) could not be finished: %s", note.name, error)
        return ended
