"""What the switch does from time to time: it looks after calls whose media went and customers who stand in no queue, and reads what it must remember of the centre."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from cordboard.channels.voice import actions, queries, wishes
from cordboard.channels.voice.attendant import Attendant
from cordboard.channels.voice.executor import DatabaseAway

if TYPE_CHECKING:
    from cordboard.channels.voice.switch import Switch

logger = logging.getLogger(__name__)

TERMS_EVERY = 20.0
LOOK_EVERY = 10.0
"""Seconds between looks at the rows: calls whose media went, customers who wait in no queue."""


class Rounds:
    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.terms_changed = asyncio.Event()
        """Set: lines, music and announcements are read again at once."""

    async def look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                lost = await self.switch.db.run(actions.end_lost_calls, set(self.switch.attendants))
                if lost:
                    logger.warning("%d calls had lost their media: %s", len(lost), lost)
            except DatabaseAway:
                continue
            except Exception:
                logger.exception("looking for lost calls failed")
            waiting = [one for one in self.switch.attendants.values() if one.call.waiting and not one.call.agents and not one.call.ending]
            if any(time.time() - one.call.since > LOOK_EVERY for one in waiting):
                await self._compare_waiting(waiting)

    async def _compare_waiting(self, waiting: list[Attendant]) -> None:
        """Twice seen without a place is forgotten; once may be the moment between two steps."""
        try:
            rows = await self.switch.db.run(queries.rows_of, [one.desk.interaction for one in waiting])
            stray = [one for one in waiting if (row := rows.get(one.desk.interaction)) is not None and wishes.forgotten(one.call, row)]
            if not stray:
                return
            await asyncio.sleep(2.0)
            rows = await self.switch.db.run(queries.rows_of, [one.desk.interaction for one in stray])
        except DatabaseAway:
            return
        for one in stray:
            row = rows.get(one.desk.interaction)
            if row is not None and wishes.forgotten(one.call, row) and not one.call.ending:
                logger.warning("call %s waits in no queue; it is put into its line's", one.name)
                await self.switch.clerks[one.name].to_person()

    async def read_terms(self) -> None:
        while True:
            try:
                self.switch.announcements.terms = await self.switch.db.run(queries.terms)
                wait = TERMS_EVERY
            except DatabaseAway:
                wait = 1.0
            except Exception:
                logger.exception("lines, queues and announcements cannot be read; what was known holds")
                wait = TERMS_EVERY
            while self.switch.announcements.gone:
                error = self.switch.announcements.gone.pop()
                with contextlib.suppress(DatabaseAway):
                    await self.switch.db.run(actions.prompt_failed, None, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.terms_changed.wait(), wait)
            self.terms_changed.clear()
