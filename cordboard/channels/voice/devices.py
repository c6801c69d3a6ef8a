"""The switch's desk telephones: which there are, who works on which, and where they are registered; told to the driver and kept for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

from cordboard.channels.voice import actions_phone, queries_phone
from cordboard.channels.voice.executor import DatabaseAway, Executor
from cordboard.telephony.calls import Happening
from cordboard.telephony.calls.happenings import Offered
from cordboard.telephony.driver import Driver
from cordboard.telephony.handsets import PhoneKept, PhoneRegistered, SetPhones

logger = logging.getLogger(__name__)

CHANGES = frozenset({"voice.phone_changed", "voice.device_chosen"})
"""Events after which telephones are read again at once."""
EVERY = 30.0
AGAIN = 1.0
TRIES = 60


@dataclass(frozen=True, slots=True)
class Device:
    account: str
    answers_itself: bool


class Devices:
    def __init__(self, driver: Driver, db: Executor, node: str) -> None:
        self._driver = driver
        self._db = db
        self._node = node
        self._of: dict[str, Device] = {}
        """By user's id."""
        self._told: queries_phone.Known | None = None
        self._changed = asyncio.Event()
        self._latest: dict[str, PhoneRegistered] = {}
        """What is still to be kept, the newest of each account."""
        self._keeping: set[asyncio.Task[None]] = set()

    def heard(self, kind: str) -> None:
        """Something was written to the log."""
        if kind in CHANGES:
            self._changed.set()

    def equip(self, wish: Happening, caller_id: str) -> Happening:
        """An offer to an agent who works on a desk telephone goes there; `caller_id` is shown on it."""
        if not isinstance(wish, Offered) or wish.number or (device := self._of.get(wish.user)) is None:
            return wish
        return replace(wish, phone=device.account, at_once=device.answers_itself, caller_id=wish.caller_id or caller_id)

    def of(self, user: str) -> tuple[str, bool]:
        """The account of the telephone that the user works on ("" for the browser), and whether it answers by itself."""
        device = self._of.get(user)
        return (device.account, device.answers_itself) if device is not None else ("", False)

    # -- reading ------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell the driver what there is, now and whenever it changes."""
        while True:
            try:
                await self._read()
                wait = EVERY
            except DatabaseAway:
                wait = AGAIN
            except Exception:
                logger.exception("desk telephones cannot be read; what was known holds")
                wait = EVERY
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue
            finally:
                self._changed.clear()

    async def _read(self) -> None:
        known = await self._db.run(queries_phone.known, self._node)
        self._of = {user: Device(account, at_once) for user, account, at_once in known.chosen}
        if self._told is None or known.phones != self._told.phones:
            # contacts are told once: from then on the switch knows better
            await self._driver.perform(SetPhones(known.phones, known.contacts if self._told is None else ()))
        self._told = known

    # -- keeping ------------------------------------------------------------------------------------------------------

    def registered(self, event: PhoneRegistered) -> None:
        """Keep it, then let the telephone know. Of several for one account only the newest is written."""
        busy = event.account in self._latest
        before = self._latest.get(event.account)
        self._latest[event.account] = event
        if before is not None:
            self._spawn(self._driver.perform(PhoneKept(before.serial)))
        if not busy:
            self._spawn(self._keep(event.account))

    def _spawn(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, account: str) -> None:
        tries = 0
        while (event := self._latest[account]) is not None:
            try:
                await self._db.run(actions_phone.keep_contacts, self._node, account, event.contacts)
            except DatabaseAway:
                tries += 1
                if tries < TRIES:
                    await asyncio.sleep(AGAIN)
                    continue
                logger.warning("where the telephones of %s are is not kept: the records were away", account)
            except Exception:
                logger.exception("where the telephones of %s are could not be kept", account)
            if self._latest[account] is event:
                del self._latest[account]
                await self._driver.perform(PhoneKept(event.serial))
                return

    async def stop(self) -> None:
        for task in list(self._keeping):
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
