"""The switch's trunks: which there are, told to the driver; how they stand, told to the records."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from cordboard.channels.voice import actions_trunk, queries_trunk
from cordboard.channels.voice.executor import DatabaseAway, Executor
from cordboard.telephony.driver import AskTrunk, Configure, Driver, Trunk, TrunkAnswered, TrunkState

logger = logging.getLogger(__name__)

CHANGES = frozenset({"voice.trunk_changed"})
"""Events after which trunks are read again at once."""
ASKED = "voice.trunk_asked"
EVERY = 60.0
AGAIN = 1.0
TRIES = 60


class Trunks:
    def __init__(self, driver: Driver, db: Executor, node: str) -> None:
        self._driver = driver
        self._db = db
        self._node = node
        self._told: tuple[Trunk, ...] | None = None
        self._changed = asyncio.Event()
        self._states: dict[str, TrunkState] = {}
        """What is still to be written down, the newest of each trunk."""
        self._writing: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()

    def heard(self, kind: str, body: Mapping[str, Any]) -> None:
        """Something was written to the log."""
        if kind in CHANGES:
            self._changed.set()
        if kind == ASKED:
            self._begin(self._driver.perform(AskTrunk(str(body["code"]), str(body["test"]))))

    def answered(self, event: TrunkAnswered) -> None:
        self._begin(self._keep_answer(event))

    async def _keep_answer(self, event: TrunkAnswered) -> None:
        """Whoever asked waits a few seconds only: what cannot be written at once is not written."""
        try:
            await self._db.run(actions_trunk.trunk_answered, self._node, int(event.question), event.answer, event.seconds)
        except DatabaseAway:
            logger.warning("what trunk %s answered is not kept: the records were away", event.trunk)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            logger.error("a trunk could not be asked", exc_info=problem)

    async def run(self) -> None:
        """Tell the driver which there are, now and whenever that changes."""
        while True:
            try:
                now = await self._db.run(queries_trunk.configured)
                if now != self._told:
                    await self._driver.perform(Configure(now))
                    self._told = now
                wait = EVERY
            except DatabaseAway:
                wait = AGAIN
            except Exception:
                logger.exception("trunks cannot be read; what was known holds")
                wait = EVERY
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue
            finally:
                self._changed.clear()

    def state(self, event: TrunkState) -> None:
        self._states[event.trunk] = event
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write(), name="trunk states")

    async def _write(self) -> None:
        tries = 0
        while self._states:
            code, event = next(iter(self._states.items()))
            try:
                await self._db.run(actions_trunk.trunk_state, self._node, code, event.up, event.reason)
            except DatabaseAway:
                tries += 1
                if tries < TRIES:
                    await asyncio.sleep(AGAIN)
                    continue
                logger.warning("how trunk %s stands is not kept: the records were away", code)
            except Exception:
                logger.exception("how trunk %s stands could not be kept", code)
            tries = 0
            if self._states.get(code) is event:
                del self._states[code]

    async def stop(self) -> None:
        for task in self._asking:
            task.cancel()
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
