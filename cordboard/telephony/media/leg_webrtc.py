"""A leg to a browser: ICE and DTLS by aiortc and aioice, SRTP by libsrtp, everything above them ours.

This file alone leans on the insides of aiortc 1.16.0 and aioice 0.13.0 (pinned exactly), namely:

- `aioice.Connection.get_component_candidates` (overridden: our address, loopback included, and our range of ports),
  `data_received` (overridden: SRTP goes straight to the leg, without a queue and a task switch), `query_consent`
  (overridden: every second, and it tells when), `_nominated`, `_remote_candidates`;
- `aioice.ice.StunProtocol.datagram_received` (overridden: strangers and junk are counted and left out);
- `aiortc.RTCIceGatherer._connection`, `RTCDtlsTransport._set_role`, `_rx_srtp`, `_tx_srtp`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import time
from collections.abc import Callable
from typing import Any, cast

import pylibsrtp
from aioice import Candidate, Connection, stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtcicetransport import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp, candidate_to_sdp

from cordboard.telephony.media import rtp, sdp
from cordboard.telephony.media.faults import Faults
from cordboard.telephony.media.leg import Leg, Surroundings
from cordboard.telephony.media.leg_rtp import NoCodec
from cordboard.telephony.media.ports import Ports
from cordboard.telephony.media.protocol import Codec, LegKind, LegState, Sdp

log = logging.getLogger(__name__)

FAULTS = Faults(log, "a packet failed")
PREFER = (Codec.OPUS, Codec.PCMU, Codec.PCMA)

CONNECT = 15.0
"""Seconds for ICE and DTLS together."""

CONSENT = 1.0
"""Seconds between checks that the browser is still there; RFC 7675 asks for 5 and we want to know sooner."""

CONSENT_EXPIRES = 30.0
"""Seconds without a sign of life after which nothing more is sent (RFC 7675 section 5.1)."""

_WAITING = 200
"""Datagrams of a handshake that wait at most; more is no handshake."""


class _Stun(StunProtocol):
    receiver: _Ice

    def __init__(self, receiver: _Ice) -> None:
        super().__init__(receiver)
        self.sock: socket.socket | None = None

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        assert isinstance(data, bytes)
        if not data:
            return
        ice = self.receiver
        first = data[0]
        if first > 19:
            pair = ice._nominated.get(1)
            if (pair is None or pair.remote_addr != addr[:2]) and not ice.knows(addr[0], addr[1]):
                ice.session.leg.drop("stranger")
            else:
                try:
                    ice.data_received(data, 1)
                except Exception:  # noqa: BLE001  our own fault with one packet must not cost the leg its receiver
                    FAULTS.caught(ice.session.leg.name)
        elif first < 4:
            try:
                super().datagram_received(data, addr)
            except Exception:  # a library's parser before the bytes of anyone: whatever it stumbles over is not for us
                log.debug("STUN from %s left out", addr, exc_info=True)
                ice.session.leg.drop("stun")
        else:
            ice.session.leg.drop("malformed")


class _Ice(Connection):
    def __init__(self, session: Session, ports: Ports) -> None:
        super().__init__(ice_controlling=False)
        self.session = session
        self._ports = ports

    async def get_component_candidates(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        loop = asyncio.get_running_loop()
        sock = self._ports.single()
        host, port = sock.getsockname()[:2]
        _, protocol = await loop.create_datagram_endpoint(lambda: _Stun(self), sock=sock)
        protocol.sock = sock
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", host), component=component, transport="udp",
            priority=candidate_priority(component, "host"), host=host, port=port, type="host",
        )  # fmt: skip
        self._protocols.append(protocol)
        return [protocol.local_candidate]

    def knows(self, host: str, port: int) -> bool:
        return any(each.port == port and each._network_host == host for each in self._remote_candidates)

    def data_received(self, data: bytes, component: int) -> None:
        if 127 < data[0] < 192:
            self.session.secured(data)
        elif self._queue.qsize() < _WAITING:
            super().data_received(data, component)

    async def query_consent(self) -> None:
        password = (self.remote_password or "").encode()
        while not self._closing:
            await asyncio.sleep(CONSENT * random.uniform(0.8, 1.2))
            for pair in list(self._nominated.values()):
                request = self.build_request(pair, nominate=False)
                with contextlib.suppress(stun.TransactionError):  # no answer: the leg counts the seconds
                    await pair.protocol.request(request, pair.remote_addr, integrity_key=password, retransmissions=0)
                    self.session.consented()


class _Gatherer(RTCIceGatherer):
    def __init__(self, connection: Connection) -> None:
        super().__init__(iceServers=[])
        self._connection = connection


class Session:
    """One connection with one page of a browser. A leg may have several one after another."""

    def __init__(self, leg: BrowserLeg, ports: Ports, agreed: sdp.Agreed, far_sends: bool, listens: bool) -> None:
        self.leg = leg
        self.agreed = agreed
        self.far_sends = far_sends
        self.listens = listens
        self.connected = False
        self.heard = 0.0
        self._loop = asyncio.get_running_loop()
        self._ice = _Ice(self, ports)
        self.gatherer = _Gatherer(self._ice)
        self._transport = RTCIceTransport(self.gatherer)
        self.certificate = RTCCertificate.generateCertificate()
        self._dtls = RTCDtlsTransport(self._transport, [self.certificate])
        self._dtls.on("statechange", self._changed)
        self._closing = False

    async def gather(self) -> tuple[RTCIceCandidate, RTCIceParameters]:
        """:raises ports.NoPorts: no port is free."""
        await self.gatherer.gather()
        return self.gatherer.getLocalCandidates()[0], self.gatherer.getLocalParameters()

    async def connect(self, audio: sdp.Section, role: str) -> bool:
        """ICE and DTLS; False when they failed."""
        for text in audio.candidates:
            try:
                candidate = candidate_from_sdp(text)
            except (ValueError, IndexError, AssertionError):
                continue  # not a candidate that we could use
            # A name under .local hides the address: we learn it when the browser checks us (RFC 8445 section 7.3.1.3).
            if candidate.protocol.lower() == "udp" and candidate.component == 1 and not candidate.ip.endswith(".local"):
                await self._transport.addRemoteCandidate(candidate)
        # No end of candidates is ever said: the check list stays open for what is learned; `CONNECT` ends it.
        self._dtls._set_role(role)
        fingerprints = [RTCDtlsFingerprint(name, value) for name, value in audio.fingerprints]
        try:
            async with asyncio.timeout(CONNECT):
                await self._transport.start(RTCIceParameters(audio.ice_ufrag, audio.ice_password))
                if self._transport.state != "completed":
                    return False
                await self._dtls.start(RTCDtlsParameters(fingerprints, "auto"))
        except (TimeoutError, ConnectionError):
            return False
        self.connected = self._dtls.state == "connected" and not self._closing
        self.heard = self._loop.time()
        return self.connected

    def _changed(self) -> None:
        if self.connected and not self._closing and self._dtls.state in ("closed", "failed"):
            self.connected = False
            self.leg.session_closed(self)

    def secured(self, data: bytes) -> None:
        """SRTP or SRTCP from the browser."""
        if not self.connected:
            return
        leg = self.leg
        now = self._loop.time()
        try:
            if len(data) > 1 and 192 <= data[1] <= 223:
                report = self._dtls._rx_srtp.unprotect_rtcp(data)
                self.heard = now
                if not (leg.current is self and leg.reported(report, time.time(), now)):
                    leg.alive(now)  # feedback of another kind: a sign of life
                return
            packet = rtp.parse(self._dtls._rx_srtp.unprotect(data))
        except pylibsrtp.Error:
            leg.drop("srtp")
            return
        self.heard = now
        if isinstance(packet, str):
            leg.drop(packet)
        elif leg.current is self:
            leg.take(packet, now)

    def consented(self) -> None:
        self.heard = now = self._loop.time()
        if self.connected and self.leg.current is self:
            self.leg.alive(now)

    @property
    def can_send(self) -> bool:
        return self.connected and self.listens and self._loop.time() - self.heard < CONSENT_EXPIRES

    def send(self, packet: bytes, protect: Callable[[bytes], bytes]) -> None:
        pair = self._ice._nominated.get(1)
        if pair is None:
            return
        sock = cast(_Stun, pair.protocol).sock
        if sock is None:
            return
        try:
            sock.sendto(protect(packet), pair.remote_addr)
        except (OSError, pylibsrtp.Error):
            self.leg.refused_sends += 1

    def send_rtp(self, packet: bytes) -> None:
        self.send(packet, self._dtls._tx_srtp.protect)

    def send_rtcp(self, packet: bytes) -> None:
        self.send(packet, self._dtls._tx_srtp.protect_rtcp)

    async def close(self) -> None:
        self._closing = True
        self.connected = False
        await self._dtls.stop()
        if self._transport.state == "new":
            await self._ice.close()
        else:
            await self._transport.stop()


class BrowserLeg(Leg):
    kind = LegKind.BROWSER

    def __init__(self, name: str, surroundings: Surroundings, ports: Ports) -> None:
        super().__init__(name, surroundings)
        self._ports = ports
        self._loop = asyncio.get_running_loop()
        self.current: Session | None = None
        self._coming: Session | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._offers = asyncio.Lock()

    async def answer(self, text: str, prefer: tuple[Codec, ...]) -> Sdp:
        """Our answer to a browser's offer; connecting goes on by itself. A standing connection stays until the new one is up.

        :raises sdp.SdpError: it cannot be understood. :raises NoCodec: nothing in common. :raises ports.NoPorts: no port is free.
        """
        offer = sdp.parse(text)
        audio = offer.audio
        if not (audio.ice_ufrag and audio.ice_password and audio.fingerprints):
            raise sdp.SdpError("no ICE or DTLS parameters")
        agreed = sdp.agree(audio, prefer + tuple(codec for codec in PREFER if codec not in prefer))
        if not agreed.send:
            raise NoCodec(audio.raw_formats)
        async with self._offers:
            return await self._answer(offer, audio, agreed)

    async def _answer(self, offer: sdp.Description, audio: sdp.Section, agreed: sdp.Agreed) -> Sdp:
        await self._drop_coming()
        session = Session(self, self._ports, agreed, audio.far_sends, audio.far_listens)
        self._coming = session
        try:
            candidate, parameters = await session.gather()
        except OSError:
            await self._drop_coming()
            raise
        role = "server" if audio.setup == "active" else "client"
        self.version += 1
        reply = sdp.browser(
            session=self.session, version=self.version, offer=offer, host=candidate.ip, port=candidate.port, agreed=agreed,
            candidates=(candidate_to_sdp(candidate),), ufrag=parameters.usernameFragment or "", password=parameters.password or "",
            fingerprints=tuple((each.algorithm, each.value) for each in session.certificate.getFingerprints()),
            setup="passive" if role == "server" else "active", ssrc=self.stream.ssrc,
        )  # fmt: skip
        if self.current is None:
            self.agree(agreed, audio.far_sends, self._loop.time())
        self._connecting = self._loop.create_task(self._connect(session, audio, role))
        return Sdp(reply, str(agreed.codec), bool(agreed.keys))

    async def _connect(self, session: Session, audio: sdp.Section, role: str) -> None:
        if not await session.connect(audio, role):
            if self._coming is session:
                self._coming = None
                self.around.failed(self, "the browser could not be reached" if session._transport.state != "completed" else "no secure connection")
            await session.close()
            return
        before, self.current, self._coming = self.current, session, None
        self.agree(session.agreed, session.far_sends, self._loop.time())
        self.state = LegState.UP
        self.alive(self._loop.time())
        self.around.connected(self)
        if before is not None:
            await before.close()

    async def _drop_coming(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
            self._connecting = None
        if self._coming is not None:
            session, self._coming = self._coming, None
            await session.close()

    def session_closed(self, session: Session) -> None:
        """The page went, and said so."""
        if session is self.current:
            self.around.closed_by_far_side(self)

    @property
    def can_send(self) -> bool:
        return self.current is not None and self.current.can_send

    def transmit(self, packet: bytes) -> None:
        if self.current is not None:
            self.current.send_rtp(packet)

    def transmit_report(self, packet: bytes) -> None:
        if self.current is not None:
            self.current.send_rtcp(packet)

    async def close(self) -> None:
        await self._drop_coming()
        if self.current is not None:
            session, self.current = self.current, None
            await session.close()
