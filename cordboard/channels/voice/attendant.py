"""The keeper of one call: takes what happens in order, lets the pure call decide, tells the driver at once; what is to be recorded goes to the
call's clerk (`clerk.py`), so that no database ever keeps a voice waiting."""

from __future__ import annotations

import asyncio
import logging
import time
import typing
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from cordboard.channels.voice import desk as desks
from cordboard.channels.voice.desk import Desk
from cordboard.telephony import calls, driver
from cordboard.telephony.calls import Call, Fact, Happening
from cordboard.telephony.calls.happenings import CallEnded, Tick
from cordboard.telephony.driver import Command, Driver

logger = logging.getLogger(__name__)

COMMANDS: tuple[type, ...] = typing.get_args(Command)


class Attendant:
    """`ended` is called once, when every leg is gone."""

    def __init__(self, driver: Driver, call: Call, desk: Desk, ended: Callable[[Attendant], None]) -> None:
        self.driver = driver
        self.call = call
        self.desk = desk
        self.facts: asyncio.Queue[tuple[Any, float]] = asyncio.Queue()
        """What happened, and when (seconds since the epoch): it may be written down later."""
        self.legs: set[str] = set(call.legs)
        self.equip: Callable[[Happening], Happening] = lambda happening: happening
        """Says on which device an agent works to whom the call is offered."""
        self._ended = ended
        self._inbox: asyncio.Queue[tuple[Happening | None, asyncio.Event | None]] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._remembered = ""

    @property
    def name(self) -> str:
        return self.call.call

    def start(self, first: Iterable[calls.Output] = ()) -> None:
        """Begin with these outputs, then whatever happens."""
        self._task = asyncio.get_running_loop().create_task(self._run(tuple(first)), name=f"call {self.name}")

    def put(self, *happenings: Happening) -> None:
        for one in happenings:
            self._inbox.put_nowait((self.equip(one), None))

    async def put_and_wait(self, happening: Happening, timeout: float) -> None:
        """Returns when it was dealt with, or after `timeout` seconds."""
        done = asyncio.Event()
        self._inbox.put_nowait((happening, done))
        try:
            await asyncio.wait_for(done.wait(), timeout)
        except TimeoutError:
            logger.warning("call %s is slow", self.name)

    def note(self, **changes: Any) -> None:
        """Change what is known of the call, and have it remembered."""
        self.desk = replace(self.desk, **changes)
        self._inbox.put_nowait((None, None))

    async def stop(self) -> None:
        """Let go; the call goes on in its media process."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, first: tuple[calls.Output, ...]) -> None:
        try:
            await self._perform(first)
            await self._remember()
        except Exception:
            logger.exception("call %s: its beginning could not be dealt with", self.name)
        self._set_timer()
        while True:
            happening, done = await self._inbox.get()
            try:
                if happening is not None:
                    self.call, out = calls.advance(self.call, happening, time.time())
                    await self._perform(out)
                if self._inbox.empty() or done is not None:
                    await self._remember()
            except Exception:
                logger.exception("call %s: %s could not be dealt with", self.name, happening)
            finally:
                if done is not None:
                    done.set()
            self._set_timer()

    async def _perform(self, outputs: tuple[calls.Output, ...]) -> None:
        for one in outputs:
            if isinstance(one, COMMANDS):
                if isinstance(one, driver.Originate):
                    self.legs.add(one.leg)
                await self.driver.perform(typing.cast(Command, one))
            else:
                fact = typing.cast(Fact, one)
                logger.info("call %s: %s", self.name, type(fact).__name__)  # what was keyed is nobody's business
                self.facts.put_nowait((fact, time.time()))
                if isinstance(fact, CallEnded):
                    self._ended(self)

    async def _remember(self) -> None:
        if self.call.ended:
            return
        memo = desks.memo(self.call, self.desk)
        if memo != self._remembered:
            self._remembered = memo
            await self.driver.perform(driver.Remember(self.name, memo))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (due := self.call.due) is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - time.time()) + 0.002, self.put, Tick())
