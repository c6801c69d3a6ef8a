"""Frames of 10, 30 or any other milliseconds into frames of 20 ms, for G.711 where a byte is a sample. Pure."""

from __future__ import annotations

from cordboard.telephony.media import rtp
from cordboard.telephony.media.codecs import SAMPLES

LONGEST = 1600
"""Bytes of G.711 in one packet (200 ms) beyond which it is not speech of a telephone."""


class Reframer:
    """One source's packets in, frames of 20 ms out, each with a sequence number and timestamp of the new stream."""

    __slots__ = ("_held", "_sequence", "_start")

    def __init__(self) -> None:
        self._held = bytearray()
        self._start = 0
        self._sequence = 0

    def push(self, timestamp: int, payload: bytes) -> list[tuple[int, int, bytes]]:
        """What is complete now, as (sequence, timestamp, payload). A hole drops the incomplete frame before it; what comes late is left out."""
        if self._held or self._sequence:
            hole = rtp.ahead(timestamp, (self._start + len(self._held)) & 0xFFFFFFFF, 32)
            if -LONGEST <= hole < 0:
                return []
            if hole:
                self._held.clear()
                self._start = timestamp
                self._sequence = (self._sequence + max(1, min(hole // SAMPLES, 1000))) & 0xFFFF if hole > 0 else (self._sequence + 1) & 0xFFFF
        else:
            self._start = timestamp
        self._held += payload
        frames = []
        while len(self._held) >= SAMPLES:
            frames.append((self._sequence, self._start, bytes(self._held[:SAMPLES])))
            del self._held[:SAMPLES]
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._start = (self._start + SAMPLES) & 0xFFFFFFFF
        return frames
