"""A SIP telephone without a person: places one call with sound, presses keys, listens, and tells how it went. For trying and for monitoring.

    cordboard call --to 100 --from +31205550123 --keys 12345# --say hello.wav --for 20

The command is in :mod:`phone_command`, the telephone that is called in :mod:`handset`.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np

from cordboard.telephony import wav
from cordboard.telephony.hearing import Heard, summary
from cordboard.telephony.media import rtp, sdp
from cordboard.telephony.media.codecs import NOTHING, SAMPLES, SILENCE, Sound, compress, expand
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.digest import Answering
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.peer import uri_peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.sessions import Ending, Phase, QuietUser, Session
from cordboard.telephony.sip.sockets import Tls
from cordboard.telephony.sip.uri import NameAddr, Uri

TICK = 0.02
PART_WITHIN = 8.0
HEAR_WITHIN = 1.0
KEY_TICKS = 5
KEY_ENDS = 3
KEY_GAP = 6
EVENT_TYPE = 101
EVENT_CLOCK = 8000
OFFERED = ((Codec.PCMU, 0), (Codec.PCMA, 8))

Report = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """How the call went. `ended_by`: "us", "them", "us, and they did not answer", "refused", "no answer", "nobody there", "no sound description", "no address"."""

    answered: bool = False
    rang: bool = False
    status: int = 0
    ended_by: str = ""
    keys_sent: str = ""
    sound: Sound = field(default_factory=lambda: np.zeros(0, dtype=np.int16))

    @property
    def proper(self) -> bool:
        return self.answered and self.ended_by in ("us", "them")

    @property
    def heard(self) -> Heard:
        return summary(self.sound, wav.RATE)


def speech(keys: str) -> list[tuple[str, int, bool]]:
    """What to send tick by tick for a string of keys: (key, ticks since it began, end), or ("", 0, False) for a tick of waiting. A comma
    waits a second. Pure."""
    ticks: list[tuple[str, int, bool]] = []
    for key in keys.upper():
        if key == ",":
            ticks += [("", 0, False)] * round(1 / TICK)
            continue
        ticks += [(key, at, False) for at in range(1, KEY_TICKS + 1)]
        ticks += [(key, KEY_TICKS, True)] * KEY_ENDS
        ticks += [("", 0, False)] * KEY_GAP
    return ticks


class Line(asyncio.DatagramProtocol):
    """One RTP stream both ways: says a sound, then silence; keeps what it hears in the order in which it was said."""

    def __init__(self, say: Sound) -> None:
        self.codec = Codec.PCMU
        self.payload_types = {number: codec for codec, number in OFFERED}
        self.event_type: int | None = None
        self.peer: tuple[str, int] | None = None
        self.heard: list[Sound] = []
        self._say = say
        self._said = 0
        self._keys: list[tuple[str, int, bool]] = []
        self._stream = rtp.OutStream(secrets.randbits(32), secrets.randbits(15), secrets.randbits(31))
        self._began = 0
        self._last: int | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = rtp.parse(data)
        if isinstance(packet, str) or (codec := self.payload_types.get(packet.payload_type)) is None:
            return
        if self._last is not None and 0 < rtp.ahead(packet.timestamp, self._last, 32) < 5 * wav.RATE:
            missing = rtp.ahead(packet.timestamp, self._last, 32) // SAMPLES - 1
            self.heard.extend([NOTHING] * min(missing, 250))
        self._last = packet.timestamp
        self.heard.append(expand(codec, packet.payload))

    def agree(self, text: str) -> None:
        """Take the far side's answer. Raises sdp.SdpError when there is nothing to talk in."""
        audio = sdp.parse(text).audio
        agreed = sdp.agree(audio, tuple(codec for codec, _ in OFFERED))
        if not agreed.send or not audio.host:
            raise sdp.SdpError("no codec in common")
        self.codec, self.peer = agreed.codec, (audio.host, audio.port)
        keys = agreed.keys_out()
        self.event_type = keys[0] if keys else None

    @property
    def port(self) -> int:
        """Where it hears."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def press(self, keys: str) -> None:
        self._keys += speech(keys)

    @property
    def pressing(self) -> bool:
        return bool(self._keys)

    def tick(self, now: float) -> None:
        if self.peer is None or self._transport is None:
            return
        if self._keys:
            key, step, end = self._keys.pop(0)
            if key and self.event_type is not None:
                payload = rtp.event_payload(key, end, step * SAMPLES)
                self._transport.sendto(self._stream.event(self.event_type, EVENT_CLOCK, payload, now, step == 1), self.peer)
                return
        number = next(number for number, codec in self.payload_types.items() if codec is self.codec)
        self._transport.sendto(self._stream.frame(number, wav.RATE, self._frame(), now), self.peer)

    def _frame(self) -> bytes:
        sound = self._say[self._said : self._said + SAMPLES]
        if not len(sound):
            return SILENCE[self.codec]
        self._said += SAMPLES
        return compress(self.codec, np.pad(sound, (0, SAMPLES - len(sound))))


class Caller(QuietUser):
    """The user of the SIP agent: one call, told in lines."""

    def __init__(self, line: Line, outcome: Outcome, report: Report) -> None:
        self.session: OutboundSession | None = None
        self.answered = asyncio.Event()
        self.over = asyncio.Event()
        self._line = line
        self._outcome = outcome
        self._report = report

    def end(self, by: str, status: int = 0) -> None:
        if not self.over.is_set():
            self._outcome.ended_by, self._outcome.status = by, status or self._outcome.status
            self.over.set()

    def made(self, session: OutboundSession) -> None:
        self.session = session
        self._report("trying")

    def rang(self, session: Session, status: int) -> None:
        if not self._outcome.rang:
            self._outcome.rang = True
            self._report("ringing")

    def accepted(self, session: Session, sdp_text: str) -> None:
        self._outcome.status = 200
        try:
            self._line.agree(sdp_text)
        except sdp.SdpError as error:
            self._report(f"answered, but without sound: {error}")
            session.hang_up()
            self.end("no sound description")
            return
        self._outcome.answered = True
        self._report(f"answered ({self._line.codec})")
        self.answered.set()

    def reoffered(self, session: Session, sdp_text: str, reply: Callable[[int, str], None]) -> None:
        reply(488, "")  # this telephone cannot be moved

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        done()
        self.end("them")

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        self.end("nobody there" if ending is Ending.TIMEOUT else "refused", status)

    def acknowledged(self, session: Session, sdp_text: str) -> None: ...

    def pressed(self, session: Session, key: str) -> None:
        self._report(f"they pressed {key}")

    def moved(self, session: Session) -> None: ...

    def referred(self, session: Session, status: int) -> None: ...

    def accepting(self) -> bool:
        return False

    def invited(self, session: InboundSession, trusted: bool) -> None:
        session.refuse(486)


def own_address(host: str, port: int) -> str:
    """The address that packets to `host` leave from. Raises OSError when there is no route."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((host, port))
        return str(probe.getsockname()[0])


def described(line: Line, us: str) -> str:
    """Our offer of this line's sound."""
    return sdp.sip(session=secrets.randbits(31), version=1, host=us, port=line.port, codecs=OFFERED, keys={EVENT_TYPE: EVENT_CLOCK})


async def call(
    to: str,
    from_: str = "",
    host: str = "127.0.0.1",
    port: int = 5060,
    keys: str = "",
    say: Path | None = None,
    seconds: float = 20.0,
    save: Path | None = None,
    answer_within: float = 30.0,
    transport: str = "udp",
    user: str = "",
    secret: str = "",
    trust: str = "",
    report: Report = lambda line: None,
) -> Outcome:
    """Call `to` (a number, or a whole SIP URI) at `host`:`port` and stay for `seconds` after the answer, or until they hang up.

    `keys` are pressed a second after the answer (RFC 4733); `say` is a WAV file to be said; what is heard goes into the outcome and, when
    `save` is set, into that WAV file. With a `user` it is that account's telephone that calls, and proves it by the `secret`. `transport` is udp, tcp or tls
    (`trust`: a PEM file of who vouches for the switch's certificate). Raises OSError when there is no way to the host, wav.BadSound when `say` cannot be read.
    """
    outcome = Outcome()
    line = Line(wav.read(say) if say else np.zeros(0, dtype=np.int16))
    us = own_address(host, port)
    loop = asyncio.get_running_loop()
    sound, _ = await loop.create_datagram_endpoint(lambda: line, local_addr=(us, 0))
    caller = Caller(line, outcome, report)
    agent = UserAgent(caller, caller, Settings())
    await agent.start(us, 0, tls=Tls(authorities=trust))
    agent.listen()
    offer = described(line, us)
    shown = f"[{host}]" if ":" in host else host
    way = "" if transport == "udp" else f";transport={transport}"
    target = to if to.startswith(("sip:", "sips:")) else f"sip:{to}@{shown}:{port}{way}"
    clock = loop.create_task(ticking(line))
    try:
        if user:
            agent.accounts[user] = Answering(user, secret)
            placement = Placement(target, NameAddr(Uri("sip", user, shown, port)), offer, account=user)
            agent.place(placement, uri_peer(Uri.parse(target)), caller.made)
        else:
            agent.call(target, offer, from_, caller.made, lambda: caller.end("no address"))
        await _first(answer_within, caller.answered, caller.over)
        if caller.answered.is_set():
            await _talk(caller, line, outcome, keys, seconds, report)
        elif not caller.over.is_set():
            caller.end("no answer", 408)
        await _part(caller, outcome)
    finally:
        clock.cancel()
        sound.close()
        agent.stop()
    outcome.sound = np.concatenate(line.heard) if line.heard else outcome.sound
    if save is not None:
        wav.write(save, outcome.sound)
    return outcome


async def _part(caller: Caller, outcome: Outcome) -> None:
    """Say BYE or CANCEL where that is ours to say, and wait for the answer."""
    session = caller.session
    if session is None or session.phase is Phase.ENDED:
        await asyncio.sleep(0.05)  # let our answer to their BYE, or our ACK, travel
        return
    parted = asyncio.Event()
    session.parted = parted.set
    session.hang_up()
    await _first(PART_WITHIN if session.heard else HEAR_WITHIN, parted)
    if session.heard:  # perhaps only just now, and the CANCEL has only just gone
        await _first(PART_WITHIN, parted)
    if outcome.answered and not parted.is_set():
        outcome.ended_by = "us, and they did not answer"


async def ticking(line: Line) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        line.tick(loop.time())
        due = max(due + TICK, loop.time() - 1.0)
        await asyncio.sleep(max(0.0, due - loop.time()))


async def _talk(caller: Caller, line: Line, outcome: Outcome, keys: str, seconds: float, report: Report) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    if keys:
        await _first(1.0, caller.over)
        if not caller.over.is_set():
            if line.event_type is None:
                report("no keys sent: they do not take telephone events")
            else:
                line.press(keys)
                outcome.keys_sent = keys.replace(",", "")
                report(f"keys sent: {keys}")
    while not caller.over.is_set() and (left := until - loop.time()) > 0:
        before = len(line.heard)
        await _first(min(1.0, left), caller.over)
        if len(line.heard) > before:
            report(f"heard {summary(np.concatenate(line.heard[before:]), wav.RATE)}")
    caller.end("us")


async def _first(seconds: float, *happenings: asyncio.Event) -> None:
    """Wait for the first of these, at most so long."""
    tasks = [asyncio.ensure_future(happening.wait()) for happening in happenings]
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
