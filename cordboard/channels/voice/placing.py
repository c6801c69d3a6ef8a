"""Calls of ours: somebody is to be called, and this switch takes it up."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING

from cordboard.channels.voice import actions_outbound
from cordboard.channels.voice.desk import Desk
from cordboard.channels.voice.executor import DatabaseAway
from cordboard.telephony import calls
from cordboard.telephony.calls import Dial, Kind
from cordboard.telephony.driver import EndpointKind

if TYPE_CHECKING:
    from cordboard.channels.voice.switch import Switch

logger = logging.getLogger(__name__)

WISH = "routing.dial_requested"
AGAIN = 0.5
TRY_FOR = 10.0
"""Seconds in which the records must answer; then the sweep of diallings says that it failed."""


class Placing:
    """What a switch has to do with calls that it places."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self._tasks: set[asyncio.Task[None]] = set()

    def wished(self, interaction: int) -> None:
        if self.switch.draining:  # another node's switch takes it up; where there is none, the sweep of diallings says that it failed
            return
        task = asyncio.get_running_loop().create_task(self._place(interaction), name=f"place {interaction}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def look(self) -> None:
        """What was asked for while no switch was there. Raises DatabaseAway."""
        for interaction in await self.switch.db.run(actions_outbound.standing_dials):
            self.wished(interaction)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _place(self, interaction: int) -> None:
        reference = secrets.token_hex(8)
        until = time.monotonic() + TRY_FOR
        while True:
            try:
                out = await self.switch.db.run(actions_outbound.begin_outbound, interaction, reference)
                break
            except DatabaseAway:
                if time.monotonic() > until:
                    logger.error("interaction %d is not dialled: the records are away", interaction)
                    return
                await asyncio.sleep(AGAIN)
            except Exception:
                logger.exception("interaction %d cannot be dialled", interaction)
                return
        if out is None:
            return
        dial = Dial(EndpointKind.OUTSIDE.value, out.number, out.caller_id, out.ring)
        phone, at_once = self.switch.devices.of(str(out.agent))
        call, first = calls.begin_outbound(reference, out.segment, str(out.agent), Kind(out.kind), dial, time.time(), phone, at_once)
        desk = Desk(
            out.caller_id,
            out.number,
            actions_outbound.KIND,
            interaction=out.interaction,
            queue=out.queue,
            country=out.country,
            language=out.language,
            languages=(out.language,),
        )
        attendant, clerk = self.switch.attend(call, desk)
        attendant.start(first)
        clerk.start()
