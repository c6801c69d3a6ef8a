"""A SIP telephone in a test's hand: says a tone, presses keys, listens, hangs up whenever the test wants."""

from __future__ import annotations

import asyncio
import secrets

import numpy as np

from cordboard.telephony import phone, wav
from cordboard.telephony.media import sdp
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength

LOCAL = "127.0.0.1"


def hum(hertz: float, seconds: float = 120.0) -> np.ndarray:
    at = np.arange(round(seconds * wav.RATE)) / wav.RATE
    return (8000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


class Telephone:
    """One call. `hertz` is what the caller says all the time (0: silent)."""

    def __init__(self, port: int, to: str = "100", from_: str = "+31205550123", hertz: float = 440.0) -> None:
        self.port, self.to, self.from_ = port, to, from_
        self.outcome = phone.Outcome()
        self.line = phone.Line(hum(hertz) if hertz else np.zeros(0, dtype=np.int16))
        self.caller = phone.Caller(self.line, self.outcome, lambda line: None)
        self.agent = UserAgent(self.caller, self.caller, Settings())
        self._ticking: asyncio.Task[None] | None = None

    async def call(self) -> Telephone:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self.line, local_addr=(LOCAL, 0))
        await self.agent.start(LOCAL, 0)
        self.agent.listen()
        offer = sdp.sip(
            session=secrets.randbits(31),
            version=1,
            host=LOCAL,
            port=transport.get_extra_info("sockname")[1],
            codecs=phone.OFFERED,
            keys={phone.EVENT_TYPE: phone.EVENT_CLOCK},
        )
        self._ticking = loop.create_task(phone.ticking(self.line))
        self.agent.call(f"sip:{self.to}@{LOCAL}:{self.port}", offer, self.from_, self.caller.made, lambda: self.caller.end("no address"))
        return self

    async def answered(self, seconds: float = 10.0) -> Telephone:
        await asyncio.wait_for(self.caller.answered.wait(), seconds)
        return self

    async def ended(self, seconds: float = 10.0) -> str:
        await asyncio.wait_for(self.caller.over.wait(), seconds)
        return self.outcome.ended_by

    def press(self, keys: str) -> None:
        self.line.press(keys)

    def heard(self, seconds: float = 0.6) -> np.ndarray:
        parts = self.line.heard[-round(seconds / 0.02) :]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)

    async def hears(self, hertz: float, seconds: float = 15.0) -> None:
        """Wait until this tone is what is heard."""
        await until(lambda: strength(self.heard(), hertz) > 1500, seconds)

    async def hears_not(self, hertz: float, seconds: float = 15.0) -> None:
        await until(lambda: strength(self.heard(), hertz) < 300, seconds)

    def hang_up(self) -> None:
        if self.caller.session is not None:
            self.caller.session.hang_up()
        self.caller.end("us")

    async def close(self) -> None:
        self.hang_up()
        await asyncio.sleep(0.2)
        if self._ticking is not None:
            self._ticking.cancel()
        if self.line._transport is not None:
            self.line._transport.close()
        self.agent.stop()
