"""Pausing a recording so that it holds: within a second it is confirmed, or the recording ends where the pause was wished."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import replace
from pathlib import Path

from cordboard.telephony.driver import Record, StopRecording
from cordboard.telephony.media.client import MediaClient, MediaError
from cordboard.telephony.media.protocol import Done
from cordboard.telephony.media.recording_file import UNCONFIRMED, stop_from

log = logging.getLogger(__name__)

CONFIRM_WITHIN = 1.0
"""Seconds in which the media process must say that nothing is kept any more. What is said meanwhile is taken out in any case."""

STOP_WITHIN = 0.5
"""Seconds that the wish to stop may take before we leave it to the note."""


async def pause(client: MediaClient, command: Record) -> None:
    """:raises MediaError: it could not be confirmed; the recording ends, cut off at the wish, as soon as anybody can do so."""
    since = time.monotonic() if command.since is None else command.since
    try:
        await client.request(replace(command, since=since), Done, timeout=CONFIRM_WITHIN)
    except MediaError as error:
        log.error("recording %s is stopped: %s (%s)", command.recording, UNCONFIRMED, error)
        try:
            await asyncio.get_running_loop().run_in_executor(None, stop_from, Path(command.path), since)
        except OSError as problem:
            # the folder is gone or full: then the recording cannot grow either; what is left is the media process itself
            log.error("recording %s: the note that ends it could not be written: %s", command.recording, problem)
        with contextlib.suppress(MediaError):
            await client.request(StopRecording(command.call, command.recording), Done, timeout=STOP_WITHIN)
        raise MediaError(error.code, UNCONFIRMED) from None
