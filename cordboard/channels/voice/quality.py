"""The switch's book of call quality: whose leg is which, and what is written down of it when it has ended."""

from __future__ import annotations

import asyncio
import logging

from cordboard.channels.voice import actions_quality
from cordboard.channels.voice.attendant import Attendant
from cordboard.channels.voice.executor import DatabaseAway, Executor
from cordboard.telephony import driver

logger = logging.getLogger(__name__)

AGAIN = 2.0
TRIES = 30
"""Quality is not worth more than a minute of trying."""
REMEMBERED = 20_000


class QualityBook:
    def __init__(self, db: Executor) -> None:
        self._db = db
        self._segments: dict[str, int] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def seen(self, attendant: Attendant, leg: str) -> None:
        """Something happened to this leg: note whose it is, since it may be nobody's by the time its quality is told."""
        agent = attendant.call.agent_on(leg)
        if agent is not None and agent.segment > 0:
            self._segments[leg] = agent.segment
            while len(self._segments) > REMEMBERED:
                del self._segments[next(iter(self._segments))]

    def heard(self, attendant: Attendant, event: driver.LegQuality) -> None:
        self.seen(attendant, event.leg)
        if event.final and attendant.desk.interaction:
            task = asyncio.get_running_loop().create_task(self._write(attendant.desk.interaction, event, self._segments.pop(event.leg, None)))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, interaction: int, event: driver.LegQuality, segment: int | None) -> None:
        for _ in range(TRIES):
            try:
                await self._db.run(actions_quality.leg_heard, interaction, event, segment)
                return
            except DatabaseAway:
                await asyncio.sleep(AGAIN)
            except Exception:
                logger.exception("the quality of leg %s could not be written down", event.leg)
                return
        logger.warning("the quality of leg %s is not written down: the records were away", event.leg)

    async def stop(self) -> None:
        for task in list(self._writing):
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
