"""The telephone network behind a trunk, in a test's hand: whoever is called there rings, answers with a tone, is busy, or does not exist."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import numpy as np

from cordboard.telephony import phone
from cordboard.telephony.media import rtp, sdp
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.bodies import session_description
from cordboard.telephony.sip.identity import called, caller
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.sessions import Ending, Session
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength
from tests.voice.telephone import LOCAL, hum


class Ear(phone.Line):
    """A line that hears keys, too."""

    def __init__(self, say: np.ndarray) -> None:
        super().__init__(say)
        self.keys = ""
        self._reader = rtp.KeyReader()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = rtp.parse(data)
        if not isinstance(packet, str) and packet.payload_type == phone.EVENT_TYPE:
            self.keys += self._reader.read(packet.ssrc, packet.timestamp, packet.payload)
        super().datagram_received(data, addr)


class Called:
    """One call that has come to somebody in town, who says `says`."""

    def __init__(self, session: InboundSession, says: np.ndarray) -> None:
        self.session = session
        self.line = Ear(says)
        self.shown = caller(session.request, True).number
        self.over = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None
        self._mine = ""

    async def answer(self) -> Called:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self.line, local_addr=(LOCAL, 0))
        self.line.agree(session_description(self.session.request))
        self.line.codec = Codec.PCMU
        self._mine = sdp.sip(
            session=secrets.randbits(31),
            version=1,
            host=LOCAL,
            port=transport.get_extra_info("sockname")[1],
            codecs=((Codec.PCMU, 0),),
            keys={phone.EVENT_TYPE: phone.EVENT_CLOCK},
        )
        self._ticking = loop.create_task(phone.ticking(self.line))
        self.session.answer(self._mine)
        return self

    def hold(self, on: bool) -> None:
        """Their own exchange puts us on hold, or takes us back."""
        self.session.reoffer(self._mine.replace("a=sendrecv", "a=sendonly") if on else self._mine)

    def heard(self, seconds: float = 0.6) -> np.ndarray:
        parts = self.line.heard[-round(seconds / 0.02) :]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)

    async def hears(self, hertz: float, seconds: float = 15.0) -> None:
        await until(lambda: strength(self.heard(), hertz) > 1500, seconds)

    def hang_up(self) -> None:
        self.session.hang_up()

    def close(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        if self.line._transport is not None:
            self.line._transport.close()


class Town:
    """`busy`, `unknown`, `declines`: numbers of which this is so; everybody else rings until the test answers for them. `calls` by number; `says` by number is what
    is heard from there in place of the tone."""

    def __init__(self, hertz: float = 700.0, busy: str = "", unknown: str = "", declines: str = "") -> None:
        self.hertz = hertz
        self.says: dict[str, np.ndarray] = {}
        self.refusals = {number: status for number, status in ((busy, 486), (unknown, 404), (declines, 603)) if number}
        self.calls: dict[str, Called] = {}
        self.agent = UserAgent(self, self, Settings())

    async def open(self) -> Town:
        await self.agent.start(LOCAL, 0)
        self.agent.listen()
        return self

    @property
    def port(self) -> int:
        return self.agent.endpoint.port

    async def rings(self, number: str, seconds: float = 15.0) -> Called:
        """The call to `number`, as soon as it has come."""
        await until(lambda: number in self.calls, seconds)
        return self.calls[number]

    async def close(self) -> None:
        for one in self.calls.values():
            one.hang_up()
        await asyncio.sleep(0.1)
        for one in self.calls.values():
            one.close()
        self.agent.stop()

    # -- the user of the SIP agent ------------------------------------------------------------------------------------

    def accepting(self) -> bool:
        return True

    def invited(self, session: InboundSession, trusted: bool) -> None:
        number = called(session.request)
        if (status := self.refusals.get(number)) is not None:
            session.refuse(status)
            return
        self.calls[number] = Called(session, self.says.get(number, hum(self.hertz)))
        session.ring()

    def _of(self, session: Session) -> Called | None:
        return next((one for one in self.calls.values() if one.session is session), None)

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        done()
        if (one := self._of(session)) is not None:
            one.over.set()

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        if (one := self._of(session)) is not None:
            one.over.set()

    def reoffered(self, session: Session, sdp_text: str, reply: Callable[[int, str], None]) -> None:
        reply(488, "")

    def rang(self, session: Session, status: int) -> None: ...

    def accepted(self, session: Session, sdp_text: str) -> None: ...

    def acknowledged(self, session: Session, sdp_text: str) -> None: ...

    def pressed(self, session: Session, key: str) -> None: ...

    def moved(self, session: Session) -> None: ...

    def referred(self, session: Session, status: int) -> None: ...
