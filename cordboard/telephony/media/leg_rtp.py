"""A leg over plain RTP: the sound of a SIP phone or trunk."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from dataclasses import replace
from typing import Any

import pylibsrtp

from cordboard.telephony.media import rtp, sdes, sdp
from cordboard.telephony.media.faults import Faults
from cordboard.telephony.media.leg import Leg, Surroundings
from cordboard.telephony.media.ports import Ports
from cordboard.telephony.media.protocol import Codec, LegKind, LegState, Sdp
from cordboard.telephony.media.sdes import Wanted
from cordboard.telephony.media.source import Address, SourceGuard

log = logging.getLogger(__name__)

FAULTS = Faults(log, "a packet failed")
PREFER = (Codec.PCMU, Codec.PCMA, Codec.OPUS)
KEYS_OFFERED = {101: 8000}
_NUMBERS = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.OPUS: 111}
_MIRRORED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_HOLDING = {"sendrecv": "sendonly", "sendonly": "inactive", "recvonly": "sendonly", "inactive": "inactive"}
"""Our direction in an answer, also while we hold the far side."""


class NoCodec(Exception):
    """Nothing both sides can speak."""


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, take: Any) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        try:
            self._take(data, (addr[0], addr[1]))
        except Exception:  # noqa: BLE001  our own fault with one packet must not cost the leg its receiver
            FAULTS.caught()

    def connection_lost(self, exc: Exception | None) -> None:
        self._take = _nothing  # socket, receiver and leg hold one another no longer: an ended call's memory is free at once


def _nothing(data: bytes, source: Address) -> None: ...


class RtpLeg(Leg):
    kind = LegKind.SIP

    def __init__(self, name: str, surroundings: Surroundings, ports: Ports, encryption: Wanted = Wanted.OFFERED) -> None:
        super().__init__(name, surroundings)
        self._loop = asyncio.get_running_loop()
        self._host = ports.host
        self._rtp, self._rtcp = ports.pair()
        self.port: int = self._rtp.getsockname()[1]
        self._transports: list[asyncio.DatagramTransport] = []
        self._guard = SourceGuard(None)
        self._reports_to: Address | None = None
        self._mux = False
        self._listens = False
        self._closed = False
        self._holds = self._offers_hold = False
        """Does the far side know that it is on hold, and did our last offer say so?"""
        self.signalled_from = ""
        """Where a stranger's offer came from: sound must not be aimed at others by a description alone."""
        self._wanted = encryption
        self._key = sdes.fresh()
        self._secured: sdes.Secured | None = None

    async def open(self) -> None:
        for sock, take in ((self._rtp, self._datagram), (self._rtcp, self._report)):
            transport, _ = await self._loop.create_datagram_endpoint(lambda take=take: _Receiver(take), sock=sock)  # type: ignore[misc]
            self._transports.append(transport)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for transport in self._transports:
            transport.close()
        if not self._transports:
            self._rtp.close()
            self._rtcp.close()
        self._transports.clear()

    # -- descriptions -----------------------------------------------------------------------------------------------

    def answer(self, text: str, prefer: tuple[Codec, ...]) -> Sdp:
        """Our answer to the far side's offer (the first one or a later one).

        :raises sdp.SdpError: it cannot be understood. :raises NoCodec: nothing in common.
        """
        offer = sdp.parse(text)
        audio = offer.audio_for(self._wanted)
        crypto = sdes.best(audio.cryptos) if self._wanted is not Wanted.OFF else None
        self._no_downgrade(crypto)
        agreed = sdp.agree(audio, prefer or PREFER)
        if self.codec is not None and self.codec in dict(agreed.send):  # a later offer leaves the codec as it is
            agreed = sdp.Agreed(tuple(each for each in agreed.send if each[0] is self.codec), agreed.receive, agreed.keys)
        if not agreed.send:
            raise NoCodec(audio.raw_formats)
        # one codec in the answer: phones differ in what they do with several
        agreed = sdp.Agreed(agreed.send[:1], agreed.receive, agreed.keys)
        self._settle(audio, agreed)
        self._encrypt(crypto)
        self._mux = audio.rtcp_mux
        mirrored = (_HOLDING if self._holds else _MIRRORED)[audio.direction]
        place = offer.sections.index(audio)
        refused = tuple(section for section in offer.sections if section is not audio)
        cryptos = (replace(crypto, key=self._key),) if crypto is not None else ()
        return self._sdp(agreed.send, agreed.keys, mirrored, refused, place, audio.protocol, cryptos)

    def offer(self, prefer: tuple[Codec, ...], hold: bool = False) -> Sdp:
        """Our offer; `settle` follows with the answer. With `hold` we only send."""
        self._offers_hold = hold
        direction = "sendonly" if hold else "sendrecv"
        codecs = tuple((codec, _NUMBERS[codec]) for codec in prefer or PREFER)
        keys = dict(KEYS_OFFERED)
        if any(codec is Codec.OPUS for codec, _ in codecs):
            keys[110] = 48000
        if self._secured is not None:  # as it was agreed
            return self._sdp(codecs, keys, direction, (), 0, self._protocol, (sdes.Crypto(1, self._secured.suite, self._key),))
        # with a key in a plain offer whoever does not know of it ignores it (RFC 8643)
        protocol = "RTP/SAVP" if self._wanted is Wanted.REQUIRED else "RTP/AVP"
        return self._sdp(codecs, keys, direction, (), 0, protocol, sdes.offers(self._key) if self._wanted is not Wanted.OFF else ())

    def settle(self, text: str) -> Sdp:
        """The far side's answer to our offer.

        :raises sdp.SdpError: it cannot be understood. :raises NoCodec: nothing in common.
        """
        audio = sdp.parse(text).audio_for(self._wanted)
        crypto = sdes.best(audio.cryptos) if self._wanted is not Wanted.OFF else None
        self._no_downgrade(crypto)
        agreed = sdp.agree(audio, (*((self.codec,) if self.codec else ()), *PREFER))
        if not agreed.send:
            raise NoCodec(audio.raw_formats)
        # the answer's first codec is what the far side would rather have
        first = next(codec for each in audio.formats for codec, number in agreed.send if number == each.payload_type)
        agreed = sdp.Agreed(((first, dict(agreed.send)[first]),), agreed.receive, agreed.keys)
        self._holds = self._offers_hold
        self._settle(audio, agreed)
        self._encrypt(crypto)
        self._protocol = audio.protocol
        return Sdp("", str(agreed.codec), bool(agreed.keys))

    def _no_downgrade(self, crypto: sdes.Crypto | None) -> None:
        """Encrypted once, a leg stays so: whoever could take the key out of a later description could listen."""
        if crypto is None and self._secured is not None:
            raise sdp.SdpError("encryption was agreed and is gone")

    def _encrypt(self, crypto: sdes.Crypto | None) -> None:
        """As was agreed."""
        if crypto is None:
            return
        if self._secured is None:
            self._secured = sdes.Secured(crypto.suite, self._key, crypto.key)
        elif not self._secured.same(crypto.suite, crypto.key):
            if crypto.suite != self._secured.suite:  # never the same key stream twice
                self._key = sdes.fresh()
            self._secured.again(crypto.suite, self._key, crypto.key)

    def _sdp(
        self, codecs: tuple[tuple[Codec, int], ...], keys: dict[int, int], direction: str, refused: tuple[sdp.Section, ...], place: int,
        protocol: str, cryptos: tuple[sdes.Crypto, ...],
    ) -> Sdp:  # fmt: skip
        self.version += 1
        self._protocol = protocol
        text = sdp.sip(
            session=self.session, version=self.version, host=self._host, port=self.port, codecs=codecs, keys=keys,
            direction=direction, refused=refused, before=place, mux=self._mux, protocol=protocol, cryptos=cryptos,
        )  # fmt: skip
        return Sdp(text, str(self.codec or ""), bool(keys))

    def _settle(self, audio: sdp.Section, agreed: sdp.Agreed) -> None:
        # one who holds us may send music, or nothing at all: neither is a loss
        self.agree(agreed, audio.direction == "sendrecv" and not audio.nowhere, self._loop.time())
        self._listens = audio.far_listens and not audio.nowhere
        if audio.host and not audio.nowhere:
            self._guard.renegotiate((audio.host, audio.port))
            self._reports_to = (audio.host, audio.port if audio.rtcp_mux else audio.rtcp_port)
        self.around.codec_changed(self)

    # -- packets ----------------------------------------------------------------------------------------------------

    def _datagram(self, data: bytes, source: Address) -> None:
        if self._secured is not None and len(data) > 1 and not 192 <= data[1] <= 223:
            try:
                data = self._secured.open(data)
            except pylibsrtp.Error:
                self.drop("srtp")
                return
        packet = rtp.parse(data)
        if isinstance(packet, str):
            if packet == "rtcp":
                self._report(data, source)
            else:
                self.drop(packet)
            return
        if not self.known_type(packet.payload_type):
            self.drop("payload_type")
            return
        now = self._loop.time()
        if not self._guard.accept(source, packet.ssrc, packet.sequence, now):
            self.drop("stranger")
            return
        self.take(packet, now)

    def _report(self, data: bytes, source: Address) -> None:
        if self._secured is not None:
            try:
                data = self._secured.open_report(data)
            except pylibsrtp.Error:
                self.drop("srtp")
                return
        believed = self._guard.locked or self._guard.negotiated
        if believed is None or source[0] != believed[0]:
            self.drop("stranger")
        elif not self.reported(data, time.time(), self._loop.time()):
            self.drop("malformed")

    @property
    def can_send(self) -> bool:
        return self._listens and not self._closed and self._target is not None

    @property
    def _target(self) -> Address | None:
        """Where sound goes: to where it comes from; until then to where the description says, if that may be believed."""
        guard = self._guard
        if guard.locked is not None:
            return guard.locked
        if self.signalled_from and guard.negotiated is not None and guard.negotiated[0] != self.signalled_from:
            return None
        return guard.negotiated

    def transmit(self, packet: bytes) -> None:
        if self._secured is not None:
            try:
                packet = self._secured.protect(packet)
            except pylibsrtp.Error:
                self.refused_sends += 1
                return
        self._send(self._rtp, packet, self._target)

    def transmit_report(self, packet: bytes) -> None:
        if self._secured is not None:
            try:
                packet = self._secured.protect_report(packet)
            except pylibsrtp.Error:
                self.refused_sends += 1
                return
        locked, negotiated = self._guard.locked, self._guard.negotiated
        if locked is not None and locked != negotiated:  # behind address translation the port for reports is a guess
            self._send(self._rtcp, packet, (locked[0], locked[1] if self._mux else min(locked[1] + 1, 65535)))
        else:
            self._send(self._rtp if self._mux else self._rtcp, packet, self._reports_to if self._target is not None else None)

    def _send(self, sock: socket.socket, packet: bytes, to: Address | None) -> None:
        if to is None:
            return
        try:
            sock.sendto(packet, to)
        except OSError:  # full buffer, unreachable network: a lost packet, as the network may lose it too
            self.refused_sends += 1

    def gone_up(self) -> None:
        self.state = LegState.UP
        self.last_heard = self._loop.time()
