"""The practice town: what a trunk of the kind "practice" leads to. It lets a newcomer dial out without a contract with anybody: real SIP and real sound,
but nobody outside is reached, and nothing is ever paid.

The last two digits of the number say what happens: 86 is busy, 03 declines, 04 does not exist, 08 rings and is never answered, 53 fails like a trunk, 83 is
an announcement that is heard without an answer (early media) and ends as a number that does not exist.
Any other number rings, answers, says where one is, and lets the caller hear themselves a moment later.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np

from cordboard.telephony import prompts, wav
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.media import rtp, sdp
from cordboard.telephony.media.codecs import SILENCE, Sound, compress, expand
from cordboard.telephony.phone import TICK, Line
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.identity import called
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.sessions import Ending, QuietUser, Session

log = logging.getLogger(__name__)

GREETING = "You have reached the practice town of Cordboard. Nobody outside can hear you. Speak, and you hear yourself."
RINGS = 2.0
LATER = 40
"""Frames of 20 ms after which one hears oneself."""
LONGEST = 300.0
MOST = 20
"""Seconds of one conversation, and conversations at a time."""
ENDINGS = {"86": 486, "03": 603, "04": 404, "53": 503}
NEVER = "08"
ANNOUNCES = "83"


class Echo(Line):
    """One conversation: a greeting, then what was heard, a moment later."""

    def __init__(self, greeting: Sound) -> None:
        super().__init__(greeting)
        self._back: deque[Sound] = deque(maxlen=2 * LATER)
        self.session: Session | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = rtp.parse(data)
        if not isinstance(packet, str) and packet.payload_type in self.payload_types and addr == self.peer:
            self._back.append(expand(self.payload_types[packet.payload_type], packet.payload))

    def _frame(self) -> bytes:
        if self._said < len(self._say):
            self._back.clear()
            return super()._frame()
        return compress(self.codec, self._back.popleft()) if len(self._back) > LATER else SILENCE[self.codec]


class Town(QuietUser):
    """Opened when a trunk of the kind is configured. `host` and `port` are where it listens."""

    def __init__(self, board: Switchboard, folder: Path) -> None:
        self.host = ""
        self.port = 0
        self._board = board
        self._folder = folder
        self._agent: UserAgent | None = None
        self._talks: dict[str, tuple[Echo, asyncio.DatagramTransport]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._greeting: Sound | None = None

    async def open(self) -> None:
        """Listen, on a free port of our own address; does nothing when it does already."""
        if self._agent is not None:
            return
        agent = UserAgent(self, self, Settings())
        await agent.start(self._board.agent.endpoint.host.strip("[]"), 0)
        agent.listen()
        self._agent, self.host, self.port = agent, agent.endpoint.host.strip("[]"), agent.endpoint.port
        self._spawn(self._tick())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        for _, transport in self._talks.values():
            transport.close()
        self._talks.clear()
        if self._agent is not None:
            self._agent.stop()
            self._agent = None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("the practice town failed at something", exc_info=problem)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for echo, _ in list(self._talks.values()):
                echo.tick(loop.time())
            due = max(due + TICK, loop.time() - 0.2)
            await asyncio.sleep(max(0.0, due - loop.time()) if self._talks else 0.1)

    # -- the user of its agent --------------------------------------------------------------------------------------

    def accepting(self) -> bool:
        return True

    def invited(self, session: InboundSession, trusted: bool) -> None:
        source, ours = session.invite.source if session.invite else None, self._board.agent.endpoint
        if source is None or (source.host, source.port) != (ours.host.strip("[]"), ours.port):
            session.refuse(403)  # for our own switch alone
            return
        ending = called(session.request)[-2:]
        if ending in ENDINGS or len(self._talks) >= MOST:
            session.refuse(ENDINGS.get(ending, 486))
            return
        session.owner = secrets.token_hex(8)
        if ending == ANNOUNCES:
            self._spawn(self._answer(session, announcement=True))
            return
        session.ring()
        if ending != NEVER:
            assert self._agent is not None
            self._agent.wheel.after(RINGS, lambda: self._spawn(self._answer(session)))

    async def _answer(self, session: InboundSession, announcement: bool = False) -> None:
        """Answer, or (for an announcement) be heard without: the caller is refused when it is over."""
        if self._greeting is None:
            self._greeting = await asyncio.to_thread(self._spoken)
        if session.invite is None or not session.invite.open or self._agent is None:
            return
        echo = Echo(self._greeting)
        try:
            echo.agree(session.request.body.decode(errors="replace"))
        except sdp.SdpError:
            session.refuse(488)
            return
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: echo, local_addr=(self.host, 0))
        codecs = tuple((codec, number) for number, codec in echo.payload_types.items() if codec is echo.codec)
        keys = {echo.event_type: 8000} if echo.event_type is not None else {}
        ours = sdp.sip(session=secrets.randbits(31), version=1, host=self.host, port=echo.port, codecs=codecs, keys=keys)
        self._talks[session.owner] = (echo, transport)
        if announcement:
            session.progress(ours)
            self._agent.wheel.after(len(self._greeting) / wav.RATE + 0.5, lambda: self._announced(session))
        else:
            session.answer(ours)
            self._agent.wheel.after(LONGEST, lambda: self._enough(session))

    def _announced(self, session: InboundSession) -> None:
        session.refuse(404)
        self._over(session)

    def _enough(self, session: Session) -> None:
        session.hang_up()
        self._over(session)

    def _spoken(self) -> Sound:
        try:
            return np.concatenate([np.zeros(wav.RATE // 4, dtype=np.int16), wav.read(prompts.spoken(GREETING, "en", self._folder))])
        except (prompts.SpeechError, wav.BadSound, OSError) as problem:
            log.warning("the practice town cannot speak: %s", problem)
            return np.zeros(0, dtype=np.int16)

    def _over(self, session: Session) -> None:
        if (talk := self._talks.pop(session.owner, None)) is not None:
            talk[1].close()

    def acknowledged(self, session: Session, sdp: str) -> None: ...

    def rang(self, session: Session, status: int) -> None: ...

    def accepted(self, session: Session, sdp: str) -> None: ...

    def reoffered(self, session: Session, text: str, reply: Callable[[int, str], None]) -> None:
        reply(488, "")  # this party cannot be moved

    def pressed(self, session: Session, key: str) -> None: ...

    def moved(self, session: Session) -> None: ...

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        done()
        self._over(session)

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        self._over(session)

    def referred(self, session: Session, status: int) -> None: ...
