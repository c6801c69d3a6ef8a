"""The far side of legs, for tests: a telephone that speaks plain RTP, and a browser (aiortc's own peer connection)."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import random
import re
import socket
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from av.audio.resampler import AudioResampler

from cordboard.telephony.media import codecs, rtp
from cordboard.telephony.media.codecs import Sound
from cordboard.telephony.media.protocol import Codec

NUMBERS = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.OPUS: 111}
CLOCK = {Codec.PCMU: 8000, Codec.PCMA: 8000, Codec.OPUS: 48000}
LOCAL = "127.0.0.1"


class Phone(asyncio.DatagramProtocol):
    """Sends a tone (or silence, or nothing) in frames of `frame` seconds, and keeps what it hears."""

    def __init__(self, codec: Codec = Codec.PCMU, frame: float = 0.02) -> None:
        self.codec = codec
        self.frame = frame
        self.hertz = 0.0
        self.talking = False
        self.far: tuple[str, int] | None = None
        self.packets: list[rtp.Packet] = []
        self.reports = 0
        self.number = NUMBERS[codec]
        self._sequence = random.randrange(60000)
        self._timestamp = random.randrange(1 << 31)
        self._ssrc = random.getrandbits(32)
        self._phase = 0
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> Phone:
        loop = asyncio.get_running_loop()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind((LOCAL, 0))
        self.port = self.sock.getsockname()[1]
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self.sock)
        self._task = loop.create_task(self._run())
        return self

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.transport.close()

    @property
    def sdp(self) -> str:
        name = f"{self.codec}/{CLOCK[self.codec]}" + ("/2" if self.codec is Codec.OPUS else "")
        return (
            f"v=0\r\no=- 1 1 IN IP4 {LOCAL}\r\ns=-\r\nc=IN IP4 {LOCAL}\r\nt=0 0\r\nm=audio {self.port} RTP/AVP {self.number} 101\r\n"
            f"a=rtpmap:{self.number} {name}\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
        )

    def call(self, answer: str) -> None:
        """Send to where this description says."""
        self.far = (LOCAL, int(re.search(r"m=audio (\d+)", answer)[1]))  # type: ignore[index]

    def say(self, hertz: float) -> None:
        self.hertz = hertz
        self.talking = True

    def datagram_received(self, data: bytes, addr: Any) -> None:
        packet = rtp.parse(data)
        if isinstance(packet, rtp.Packet):
            self.packets.append(packet)
        else:
            self.reports += 1

    def send(self, payload: bytes, *, number: int | None = None, sock: socket.socket | None = None, samples: int = 0) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + samples) & 0xFFFFFFFF
        packet = rtp.build(self.number if number is None else number, False, self._sequence, self._timestamp, self._ssrc, payload)
        (sock or self.sock).sendto(packet, self.far)

    def key(self, key: str) -> None:
        """One key as a phone sends it: begin, goes on, three ends, all with one timestamp."""
        self._timestamp = (self._timestamp + 160) & 0xFFFFFFFF
        for end, duration in ((False, 160), (False, 320), (False, 480), (True, 640), (True, 640), (True, 640)):
            self._sequence = (self._sequence + 1) & 0xFFFF
            self.sock.sendto(rtp.build(101, False, self._sequence, self._timestamp, self._ssrc, rtp.event_payload(key, end, duration)), self.far)
        self._timestamp = (self._timestamp + 640) & 0xFFFFFFFF

    def sound(self) -> Sound:
        count = round(self.frame * codecs.RATE)
        time = (self._phase + np.arange(count)) / codecs.RATE
        self._phase += count
        return (8000 * np.sin(2 * np.pi * self.hertz * time)).astype(np.int16)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        encoder = codecs.encoder(self.codec)
        while True:
            due += self.frame
            await asyncio.sleep(max(0, due - loop.time()))
            if self.talking and self.far is not None:
                self.send(encoder.encode(self.sound()), samples=round(self.frame * CLOCK[self.codec]))

    def heard(self, seconds: float = 0.6) -> Sound:
        """What came last, as sound, each packet at its timestamp."""
        mine = [packet for packet in self.packets if packet.payload_type == self.number]
        decoder = codecs.decoder(self.codec)
        wanted = mine[-round(seconds * 50) :] if self.codec is not Codec.OPUS else mine[-round(seconds * 50) - 20 :]
        parts = [decoder.decode(packet.payload) for packet in wanted]
        return np.concatenate(parts)[-round(seconds * codecs.RATE) :] if parts else codecs.NOTHING[:0]

    def keys(self) -> str:
        reader = rtp.KeyReader()
        return "".join(reader.read(each.ssrc, each.timestamp, each.payload) for each in self.packets if each.payload_type == 101)

    def unbroken(self) -> bool:
        """Whether everything that came is one stream: no hole in the sequence numbers, timestamps rising by whole frames."""
        pairs = list(zip(self.packets, self.packets[1:], strict=False))
        steps = {rtp.ahead(after.sequence, before.sequence, 16) for before, after in pairs}
        times = [rtp.ahead(after.timestamp, before.timestamp, 32) for before, after in pairs]
        return steps == {1} and all(time > 0 and time % 160 == 0 for time in times)


class _Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self.hertz = hertz
        self._at = 0
        self._due: float | None = None

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        self._due = loop.time() if self._due is None else self._due + 0.02
        await asyncio.sleep(max(0, self._due - loop.time()))
        time = (self._at + np.arange(960)) / 48000
        frame = av.AudioFrame.from_ndarray((8000 * np.sin(2 * np.pi * self.hertz * time)).astype(np.int16).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48000
        frame.pts = self._at
        frame.time_base = fractions.Fraction(1, 48000)
        self._at += 960
        return frame


class Browser:
    """A page with a microphone that hums a tone. `codecs` in the order in which the page prefers them."""

    def __init__(
        self, hertz: float | None = 1000.0, codecs: tuple[Codec, ...] = (Codec.OPUS, Codec.PCMU, Codec.PCMA), configuration: RTCConfiguration | None = None
    ) -> None:
        self.connection = RTCPeerConnection(configuration)
        self._parts: list[Sound] = []
        self._task: asyncio.Task[None] | None = None
        self.track = _Tone(hertz) if hertz is not None else None
        transceiver = self.connection.addTransceiver(self.track or "audio", direction="sendrecv" if self.track else "recvonly")
        capabilities = RTCRtpSender.getCapabilities("audio").codecs
        wanted = [each for codec in codecs for each in capabilities if each.mimeType.lower() == f"audio/{codec}".lower()]
        transceiver.setCodecPreferences(wanted)

        @self.connection.on("track")
        def _(track: MediaStreamTrack) -> None:
            self._task = asyncio.ensure_future(self._listen(track))

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def _listen(self, track: MediaStreamTrack) -> None:
        resampler, form = AudioResampler(format="s16", layout="mono", rate=codecs.RATE), None
        with contextlib.suppress(Exception):  # the track ends with the connection
            while True:
                frame = await track.recv()
                if (frame.layout.name, frame.sample_rate) != form:  # another codec from now on
                    resampler, form = AudioResampler(format="s16", layout="mono", rate=codecs.RATE), (frame.layout.name, frame.sample_rate)
                for out in resampler.resample(frame):
                    self._parts.append(out.to_ndarray().reshape(-1).astype(np.int16))

    def heard(self, seconds: float = 0.6) -> Sound:
        return np.concatenate(self._parts)[-round(seconds * codecs.RATE) :] if self._parts else codecs.NOTHING[:0]

    def forget(self) -> None:
        self._parts.clear()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await self.connection.close()
