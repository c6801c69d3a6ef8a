"""Sending keys to the far side: telephone events (RFC 4733), or tones in the sound where those were not agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordboard.telephony import music
from cordboard.telephony.media import codecs, rtp
from cordboard.telephony.media.protocol import Codec

if TYPE_CHECKING:
    from cordboard.telephony.media.leg import Leg

HELD = 5
"""Ticks that a key is held: 100 ms, more than the 40 ms that every receiver must hear (ITU-T Q.24)."""

ENDS = 3
"""How often the end of an event is said, since any packet may be lost (RFC 4733 section 2.5.1.4)."""

PAUSE = 4
"""Ticks between keys."""


class KeySending:
    """One tick sends one packet; `done` after the last key's pause."""

    def __init__(self, keys: str) -> None:
        self._keys = keys
        self._at = 0
        self._step = 0
        self._tones: dict[str, tuple[bytes, ...]] = {}

    @property
    def done(self) -> bool:
        return self._at >= len(self._keys)

    def more(self, keys: str) -> None:
        self._keys += keys

    def tick(self, leg: Leg, now: float) -> None:
        key, step = self._keys[self._at], self._step
        self._step += 1
        if self._step >= HELD + ENDS + PAUSE:
            self._at += 1
            self._step = 0
        if step >= HELD + ENDS:
            leg.send_silence(now)
        elif leg.keys_out is not None:
            self._event(leg, key, step, now)
        elif leg.codec is not None:
            leg.send(leg.codec, self._tone(key, leg.codec)[step], now)

    def _event(self, leg: Leg, key: str, step: int, now: float) -> None:
        assert leg.keys_out is not None
        number, clock = leg.keys_out
        frame = clock // 50
        payload = rtp.event_payload(key, step >= HELD, frame * min(step + 1, HELD))
        if leg.can_send:
            leg.transmit(leg.stream.event(number, clock, payload, now, first=step == 0))

    def _tone(self, key: str, codec: Codec) -> tuple[bytes, ...]:
        if key not in self._tones:
            self._tones[key] = codecs.encode_all(codec, music.key_tone(key, (HELD + ENDS) * rtp.FRAME))
        return self._tones[key]
