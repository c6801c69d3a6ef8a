"""Where the contract's tests live: a house has one driver, and telephones and browsers that can reach it.

To run the suite against another driver, write a function like `embedded` below and name it:

    CORDBOARD_CONTRACT_DRIVERS=mine.houses:asterisk pytest cordboard/telephony/tests/contract
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cordboard.telephony import driver as contract
from cordboard.telephony import softphone
from cordboard.telephony.driver import Driver, Event, Standing
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.switchlink import Speaker
from cordboard.telephony.tests.far_side import Browser
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.switch_house import Front, Page, Switch, switch
from cordboard.telephony.tests.telephone import Telephone

DRIVERS = os.environ.get("CORDBOARD_CONTRACT_DRIVERS", "cordboard.telephony.tests.contract.houses:embedded")


class Far(Protocol):
    """Somebody at the other end: says a tone all the time, and what they heard lately can be asked for."""

    def heard(self, seconds: float = 0.6) -> np.ndarray: ...


class ContractHouse(Protocol):
    driver: Driver
    standing: list[Standing]
    events: list[Event]
    """All that the driver told, in order."""

    async def caller(self, hertz: float, to: str = "100") -> Telephone:
        """A telephone outside that calls; not answered yet."""

    async def softphone(self, user: str, hertz: float) -> Far:
        """A signed-in user's page, which connects when it is asked to."""

    async def again(self) -> None:
        """The switch is stopped without a word to anybody and started anew, over the same media. `driver`, `standing` and `events` are the new one's."""


class Softphone(Page):
    """As the desktop's: prefers the codec that the switch asks for, so that it does not change in the middle of what is heard."""

    async def _act(self, message: softphone.ToPage) -> None:
        if not isinstance(message, softphone.Connect):
            await super()._act(message)
            return
        if (old := self.legs.pop(message.leg, None)) is not None:
            await old.close()
        first = Codec(message.codec)
        browser = self.legs[message.leg] = Browser(self.hertz, (first, *(codec for codec in Codec if codec is not first)))
        self.say(softphone.Offer(message.leg, await browser.offer()))


class Embedded:
    def __init__(self, here: Switch) -> None:
        self.here = here
        self.phones: list[Telephone] = []
        self.front: Front | None = None

    @property
    def driver(self) -> Driver:
        return self.here.driver

    @property
    def standing(self) -> list[Standing]:
        return self.here.standing

    @property
    def events(self) -> list[Event]:
        return self.here.events

    async def caller(self, hertz: float, to: str = "100") -> Telephone:
        made = await Telephone(self.here.sip_port, to, hertz=hertz).call()
        self.phones.append(made)
        return made

    async def softphone(self, user: str, hertz: float) -> Far:
        if self.front is None:
            self.front = await Front(self.here.config.switch_socket).connected()
        page = Softphone(self.front, Speaker(f"page{user}", user=user, session="s"), f"tab{user}", hertz=hertz).register()
        return _Heard(page)

    async def again(self) -> None:
        config = self.here.config
        port = self.here.sip_port
        await self.here.stop()
        self.here = await Switch(replace(config, sip_port=port)).start()

    async def close(self) -> None:
        for phone in self.phones:
            await phone.close()
        if self.front is not None:
            await self.front.close()


class _Heard:
    def __init__(self, page: Page) -> None:
        self.page = page

    def heard(self, seconds: float = 0.6) -> np.ndarray:
        parts = [browser.heard(seconds) for browser in self.page.legs.values()]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)


@contextlib.asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[ContractHouse]:
    """Our own driver, with its media process in the test's own loop."""
    async with switch(folder, None) as here:
        house = Embedded(here)
        try:
            yield house
        finally:
            await house.close()
            if house.here is not here:
                await house.here.stop()


House = Callable[[Path], contextlib.AbstractAsyncContextManager[ContractHouse]]


def named(name: str) -> House:
    module, _, function = name.partition(":")
    found: House = getattr(importlib.import_module(module), function)
    return found


def told(house: ContractHouse, kind: type[Any], **fields: Any) -> list[Any]:
    return [one for one in house.events if isinstance(one, kind) and all(getattr(one, name) == value for name, value in fields.items())]


async def event(house: ContractHouse, kind: type[Any], **fields: Any) -> Any:
    """The first event of this kind, as soon as it is told."""
    return (await until(lambda: told(house, kind, **fields)))[0]


async def do(house: ContractHouse, *commands: contract.Command) -> None:
    for command in commands:
        await house.driver.perform(command)
