"""The way of a call from its flow into a queue: told of the recording first, if it is to be recorded; recorded, if it was told."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cordboard.channels.voice import actions, looking, recording, wording
from cordboard.channels.voice.executor import DatabaseAway
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause

if TYPE_CHECKING:
    from cordboard.channels.voice.clerk import Clerk

logger = logging.getLogger(__name__)


class Entering:
    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self._after_notice: tuple[str, dict[str, Any]] | None = None
        """The queue for which the caller is being told of the recording."""

    async def said(self) -> bool:
        """What was said is over. Whether it was ours, and the caller goes into the queue now."""
        if self._after_notice is None:
            return False
        queue, values = self._after_notice
        self._after_notice = None
        self.clerk.attendant.note(announced=True)
        await self._into_queue(queue, values)
        return True

    async def to_person(self, queue: str = "", values: dict[str, Any] | None = None) -> None:
        """Into a queue. If calls there are recorded and the caller was not told, they are told first."""
        desk = self.clerk.attendant.desk
        wanted = await self.recording(queue or desk.queue, keep=False)
        if wanted.record and not desk.announced and not self.clerk.attendant.call.after:
            self._after_notice = (queue, values or {})
            language = wording.known(desk.language)
            prompt = self.clerk.announcements.prompt(wording.RECORDED[language], language, "recording-notice")
            self.clerk.attendant.put(h.Say((prompt,), stop_on_key=False))
            return
        await self._into_queue(queue, values or {})

    async def recording(self, queue: str, *, keep: bool) -> recording.Wanted:
        """Who cannot ask records nothing."""
        try:
            return await looking.decided(self.clerk.db, recording.decide, self.clerk.interaction, queue, keep=keep)
        except DatabaseAway:
            return recording.Wanted(False, "")
        except Exception:
            logger.exception("the recording policy could not be asked")
            return recording.Wanted(False, "")

    async def _into_queue(self, queue: str, values: dict[str, Any]) -> None:
        attendant = self.clerk.attendant
        result = await self.clerk.to_person(queue, values)
        if result is None:
            return
        if result.automated:
            if not await self.clerk.ivr.divert(result.automated):
                await self._into_queue(queue, values)  # it is not sent there twice
        elif result.closed:
            words = await self.clerk.surely(actions.closed_now, result.queue, attendant.desk.language)
            await self.clerk.speaking.say_and_end(words or "", Cause.NORMAL, "flow")
        elif result.entry is not None:
            await self._record(result.queue)
            await self.clerk.hold.queued()

    async def _record(self, queue: str) -> None:
        """The queue that the policy chose decides; only a caller who was told is recorded."""
        attendant = self.clerk.attendant
        wanted = await self.recording(queue, keep=True)
        if wanted.record and attendant.desk.announced:
            reference = f"{attendant.name}.r"
            now = datetime.now(UTC).timestamp()
            path = await asyncio.get_running_loop().run_in_executor(None, self.clerk.announcements.recording_path, reference, now)
            attendant.note(rule=wanted.rule)
            attendant.put(h.RecordCall(reference, path))
