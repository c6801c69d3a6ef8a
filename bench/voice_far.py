"""The far sides of bench.voice: telephones and browsers in numbers, as cheap as they can be, in a process of their own.

All plain telephones share one socket (legs are told apart by the media process's ports); browsers have the real thing, ICE and DTLS and SRTP, but nobody
decodes what they hear. Packets leave in slots of 2 ms, so that no two calls speak in the same instant more often than chance would have it.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from aioice import Connection
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCIceGatherer, RTCIceParameters, RTCIceTransport
from aiortc.sdp import candidate_from_sdp, candidate_to_sdp

from cordboard.telephony.media import codecs, rtp, sdp
from cordboard.telephony.media.protocol import Codec

LOCAL = "127.0.0.1"
SLOTS = 10
SLOT = rtp.FRAME / SLOTS
NUMBERS = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.OPUS: 111}
CLOCKS = {Codec.PCMU: 8000, Codec.PCMA: 8000, Codec.OPUS: 48000}
HEADER = struct.Struct("!BBHII")
SO_TIMESTAMPNS = 35


def speech(codec: Codec, seed: int) -> list[bytes]:
    """Half a second of something like a voice, in frames."""
    chance = np.random.default_rng(seed)
    time_ = np.arange(4000) / codecs.RATE
    voice = sum(np.sin(2 * np.pi * 140 * part * time_ + chance.uniform(0, 6)) / part for part in range(1, 12))
    noise = chance.normal(0, 0.3, len(time_))
    return list(codecs.encode_all(codec, ((voice + noise) * 2500 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time_))).astype(np.int16)))


class Speaker:
    """One leg's outgoing stream."""

    __slots__ = ("_frames", "_number", "_sequence", "_ssrc", "_step", "_timestamp", "send")

    def __init__(self, codec: Codec, frames: list[bytes], send: Callable[[bytes], Any]) -> None:
        self._frames = frames
        self._number = NUMBERS[codec]
        self._step = CLOCKS[codec] // 50
        self._sequence = random.randrange(60000)
        self._timestamp = random.randrange(1 << 31)
        self._ssrc = random.getrandbits(32)
        self.send = send

    def say(self, at: int) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + self._step) & 0xFFFFFFFF
        self.send(HEADER.pack(0x80, self._number, self._sequence, self._timestamp, self._ssrc) + self._frames[at % len(self._frames)])


class Choir:
    """All speakers, 50 times a second each."""

    def __init__(self) -> None:
        self.slots: list[list[Speaker]] = [[] for _ in range(SLOTS)]
        self.sent = 0
        self.late = 0.0
        """Seconds that this process was behind its own clock at worst: then the measurement says more of us than of the media process."""
        self._task: asyncio.Task[None] | None = None

    def add(self, speaker: Speaker) -> None:
        min(self.slots, key=len).append(speaker)

    def remove(self, speaker: Speaker) -> None:
        for slot in self.slots:
            if speaker in slot:
                slot.remove(speaker)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @property
    def broken(self) -> BaseException | None:
        """Why it fell silent, if it did."""
        return self._task.exception() if self._task is not None and self._task.done() and not self._task.cancelled() else None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due, slot = loop.time(), 0
        while True:
            for speaker in self.slots[slot % SLOTS]:
                speaker.say(slot // SLOTS)
            self.sent += len(self.slots[slot % SLOTS])
            slot += 1
            due += SLOT
            now = loop.time()
            self.late = max(self.late, now - due)
            if now - due > 1:  # stopped meanwhile
                due = now
            await asyncio.sleep(max(0.0, due - now))


class Telephones:
    """One socket for any number of telephones."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.bind((LOCAL, 0))
        self.port: int = self.sock.getsockname()[1]
        self.received = 0
        self._buffer = bytearray(2048)
        asyncio.get_running_loop().add_reader(self.sock, self._read)

    def _read(self) -> None:
        try:
            for _ in range(400):
                self.sock.recv_into(self._buffer)
                self.received += 1
        except BlockingIOError:
            return

    def speaker(self, answer: str, codec: Codec, frames: list[bytes]) -> Speaker:
        to = (LOCAL, sdp.parse(answer).audio.port)
        send = self.sock.sendto

        def out(packet: bytes) -> None:
            send(packet, to)

        return Speaker(codec, frames, out)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()


def telephone_sdp(port: int, codec: Codec) -> str:
    name = f"{codec}/{CLOCKS[codec]}" + ("/2" if codec is Codec.OPUS else "")
    return (
        f"v=0\r\no=- 1 1 IN IP4 {LOCAL}\r\ns=-\r\nc=IN IP4 {LOCAL}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {NUMBERS[codec]}\r\na=rtpmap:{NUMBERS[codec]} {name}\r\na=rtcp-mux\r\na=sendrecv\r\n"
    )


class _Ear(Connection):
    """ICE whose media is counted where it arrives."""

    received = 0

    def data_received(self, data: bytes, component: int) -> None:
        if 127 < data[0] < 192:
            self.received += 1
        else:
            super().data_received(data, component)


class _Gatherer(RTCIceGatherer):
    def __init__(self, connection: Connection) -> None:
        super().__init__(iceServers=[])
        self._connection = connection


class LightBrowser:
    """A browser as far as the wire goes."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.ear = _Ear(ice_controlling=True)
        self.gatherer = _Gatherer(self.ear)
        self.ice = RTCIceTransport(self.gatherer)
        self.certificate = RTCCertificate.generateCertificate()
        self.dtls = RTCDtlsTransport(self.ice, [self.certificate])

    async def offer(self) -> str:
        await self.gatherer.gather()
        mine = self.gatherer.getLocalParameters()
        name = f"{self.codec}/{CLOCKS[self.codec]}" + ("/2" if self.codec is Codec.OPUS else "")
        number = NUMBERS[self.codec]
        lines = [
            "v=0", f"o=- 1 1 IN IP4 {LOCAL}", "s=-", "t=0 0", "a=group:BUNDLE 0", f"m=audio 9 UDP/TLS/RTP/SAVPF {number}", f"c=IN IP4 {LOCAL}", "a=mid:0",
            f"a=rtpmap:{number} {name}", "a=rtcp-mux", "a=sendrecv", "a=setup:actpass", f"a=ice-ufrag:{mine.usernameFragment}", f"a=ice-pwd:{mine.password}",
            *(f"a=fingerprint:{each.algorithm} {each.value}" for each in self.certificate.getFingerprints()),
            *(f"a=candidate:{candidate_to_sdp(each)}" for each in self.gatherer.getLocalCandidates()),
        ]  # fmt: skip
        return "\r\n".join(lines) + "\r\n"

    async def accept(self, answer: str) -> None:
        audio = sdp.parse(answer).audio
        for text in audio.candidates:
            await self.ice.addRemoteCandidate(candidate_from_sdp(text))
        await self.ice.addRemoteCandidate(None)
        self.dtls._set_role("server" if audio.setup == "active" else "client")
        await self.ice.start(RTCIceParameters(audio.ice_ufrag, audio.ice_password))
        prints = [RTCDtlsFingerprint(name, value) for name, value in audio.fingerprints]
        await self.dtls.start(RTCDtlsParameters(prints, "auto"))
        if self.dtls.state != "connected":
            raise ConnectionError(f"DTLS {self.dtls.state}")

    def speaker(self, frames: list[bytes]) -> Speaker:
        pair = self.ear._nominated[1]
        to, protect = pair.remote_addr, self.dtls._tx_srtp.protect
        send = pair.protocol.transport.sendto

        def out(packet: bytes) -> None:
            send(protect(packet), to)

        return Speaker(self.codec, frames, out)

    async def close(self) -> None:
        await self.dtls.stop()
        await self.ice.stop()


class Probe:
    """A telephone that measures how long its bursts of sound take to the other probes of its call; times of arrival are the kernel's."""

    LOUD = codecs.encode_all(Codec.PCMU, (9000 * np.sin(2 * np.pi * 500 * np.arange(160) / 8000)).astype(np.int16))[0]
    QUIET = codecs.SILENCE[Codec.PCMU]
    EVERY, LONG = 40, 10
    """Frames from burst to burst, and of a burst."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.bind((LOCAL, 0))
        self.port: int = self.sock.getsockname()[1]
        self.loud_at: list[float] = []
        """When sound began to be heard (Unix time)."""
        self.burst_at: list[float] = []
        self._quiet = 100
        asyncio.get_running_loop().add_reader(self.sock, self._read)

    def _read(self) -> None:
        while True:
            try:
                data, extra, _, _ = self.sock.recvmsg(2048, 64)
            except BlockingIOError:
                return
            arrived = next((seconds + nanos / 1e9 for _, kind, raw in extra if kind == SO_TIMESTAMPNS for seconds, nanos in [struct.unpack("qq", raw[:16])]), 0)
            packet = rtp.parse(data)
            if not isinstance(packet, rtp.Packet) or packet.payload_type != 0:
                continue
            loud = np.abs(codecs.expand(Codec.PCMU, packet.payload).astype(np.int32)).max() > 1500
            if loud and self._quiet >= 5:
                # where in the frame it begins counts as well
                first = int(np.argmax(np.abs(codecs.expand(Codec.PCMU, packet.payload).astype(np.int32)) > 1500))
                self.loud_at.append(arrived + first / codecs.RATE)
            self._quiet = 0 if loud else self._quiet + 1

    async def burst(self, answer: str, stop: asyncio.Event) -> None:
        """Speak in bursts until `stop`."""
        to = (LOCAL, sdp.parse(answer).audio.port)
        loop = asyncio.get_running_loop()
        sequence, stamp, ssrc = 1, 1000, random.getrandbits(32)
        due = loop.time()
        while not stop.is_set():
            loud = sequence % self.EVERY < self.LONG
            if sequence % self.EVERY == 0:
                self.burst_at.append(time.time())
            self.sock.sendto(HEADER.pack(0x80, 0, sequence & 0xFFFF, stamp, ssrc) + (self.LOUD if loud else self.QUIET), to)
            sequence, stamp = sequence + 1, stamp + 160
            due += rtp.FRAME
            await asyncio.sleep(max(0.0, due - loop.time()))

    def delays(self, sent: list[float]) -> list[float]:
        """Seconds from the first packet of each burst to its first loud one here."""
        found = []
        for began in sent:
            after = [at - began for at in self.loud_at if 0 <= at - began < 0.5]
            if after:
                found.append(after[0])
        return found

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()
