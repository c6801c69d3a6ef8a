"""A room in counted time, for tests: parties whose far side says a tone and keeps what it hears, and sounds that are there at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from cordboard.telephony import driver, music
from cordboard.telephony.media import codecs, rtp, sdp
from cordboard.telephony.media.leg import Leg
from cordboard.telephony.media.playback import Sounds
from cordboard.telephony.media.protocol import Codec, LegKind, LegState
from cordboard.telephony.media.room import Room

PROMPT, MUSIC = 2300, 2900
NUMBERS = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.OPUS: 111}


class Party(Leg):
    """A leg whose far side says a tone and keeps what it hears."""

    kind = LegKind.SIP

    def __init__(self, name: str, room: Room, codec: Codec, hertz: int, also: tuple[Codec, ...] = ()) -> None:
        super().__init__(name, room)
        spoken = (codec, *also)
        self.agree(sdp.Agreed(tuple((each, NUMBERS[each]) for each in spoken), {NUMBERS[each]: each for each in spoken}, {101: 8000}), True, 0.0)
        self.says = codec
        self.hertz = hertz
        self.sent: deque[rtp.Packet] = deque(maxlen=60)
        self.packets: list[rtp.Packet] = []
        self._encoder = codecs.encoder(codec)
        self._count = 0
        self.state = LegState.UP

    @property
    def can_send(self) -> bool:
        return True

    def transmit(self, packet: bytes) -> None:
        parsed = rtp.parse(packet)
        assert isinstance(parsed, rtp.Packet)
        self.sent.append(parsed)
        self.packets.append(parsed)

    def transmit_report(self, packet: bytes) -> None:
        pass

    async def close(self) -> None:
        pass

    def speak(self, now: float, *, lost: bool = False) -> None:
        """The next 20 ms; with `lost`, they never arrive."""
        time = (self._count * 160 + np.arange(160)) / 8000
        payload = self._encoder.encode((4000 * np.sin(2 * np.pi * self.hertz * time)).astype(np.int16))
        self._count += 1
        if lost:
            return
        self.take(rtp.Packet(NUMBERS[self.says], False, self._count & 0xFFFF, self._count * sdp.clock(self.says) // 50, 5, payload), now)

    def heard(self) -> codecs.Sound:
        """The last 0.3 s."""
        return self._decoded(self.sent)[-2400:]

    def everything(self, since: int = 0) -> codecs.Sound:
        """All that came from the packet of this number on."""
        return self._decoded(self.packets[since:])

    def _decoded(self, packets: Iterable[rtp.Packet]) -> codecs.Sound:
        decoders: dict[int, Any] = {}
        parts = []
        for packet in packets:
            if packet.payload_type != 101:
                decoder = decoders.setdefault(packet.payload_type, codecs.decoder(self.receive_types[packet.payload_type]))
                parts.append(decoder.decode(packet.payload))
        return np.concatenate(parts) if parts else codecs.NOTHING


class Tape(Sounds):
    """Two sounds, there at once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, Codec], tuple[bytes, ...]] = {}

    def _frames(self, hertz: int, codec: Codec) -> tuple[bytes, ...]:
        if (hertz, codec) not in _TAPES:
            _TAPES[hertz, codec] = codecs.encode_all(codec, music.tone(hertz, seconds=20, level=0.15))
        return _TAPES[hertz, codec]

    async def prompt(self, prompt: driver.Prompt, codec: Codec) -> tuple[bytes, ...]:
        return self._frames(PROMPT, codec)

    async def beeps(self, codec: Codec) -> tuple[bytes, ...]:
        return codecs.encode_all(codec, music.coming_back())

    async def music(self, source: str, codec: Codec) -> tuple[bytes, ...]:
        return self._frames(MUSIC, codec)


_TAPES: dict[tuple[int, Codec], tuple[bytes, ...]] = {}
