"""From packets of one leg to an even stream of frames, where sound must be decoded: a small jitter buffer. Pure (no clock: one pull is 20 ms)."""

from __future__ import annotations

import bisect

import numpy as np

from cordboard.telephony.media import codecs, rtp
from cordboard.telephony.media.codecs import SAMPLES, Sound
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.sdp import clock

DEPTH = 3
"""Frames gathered before the first one is played (60 ms of jitter borne)."""

DEEPEST = 10
"""Frames held at most; beyond it the oldest go, so that delay does not grow."""

LONGEST_GAP = 25
"""A hole of more frames than this is jumped over."""


class Playout:
    """Sound of one leg, pulled once per tick. A missing frame is silence; after running dry it gathers anew."""

    def __init__(self) -> None:
        self._codec: Codec | None = None
        self._decoder: codecs.Decoder = codecs.decoder(Codec.PCMU)
        self._clock = 8000
        self._queue: list[tuple[int, bytes]] = []
        self._base = 0
        self._next: int | None = None
        self._left = codecs.NOTHING[:0]
        self.late = 0
        self.bad = 0

    def put(self, codec: Codec, timestamp: int, payload: bytes) -> None:
        """A packet, its timestamp in the codec's clock. Duplicates and what comes too late are left out."""
        if codec is not self._codec:
            self._begin(codec, timestamp)
        at = rtp.ahead(timestamp, self._base, 32)
        if abs(at - (self._next if self._next is not None else at)) > 10 * self._clock:
            self._begin(codec, timestamp)
            at = 0
        if self._next is not None and at < self._next:
            self.late += 1
            return
        place = bisect.bisect_left(self._queue, at, key=lambda item: item[0])
        if place < len(self._queue) and self._queue[place][0] == at:
            return
        self._queue.insert(place, (at, payload))
        if len(self._queue) > DEEPEST:
            del self._queue[: len(self._queue) - DEPTH]
            self._next = self._queue[0][0]

    def _begin(self, codec: Codec, timestamp: int) -> None:
        if codec is not self._codec:
            self._decoder = codecs.decoder(codec)
        self._codec = codec
        self._clock = clock(codec)
        self._base = timestamp
        self._queue.clear()
        self._next = None
        self._left = codecs.NOTHING[:0]

    def pull(self) -> Sound | None:
        """The next frame, None when there is nothing to hear."""
        if self._next is None:
            if len(self._queue) < DEPTH:
                return None
            self._next = self._queue[0][0]
        step = self._clock // 50
        while len(self._left) < SAMPLES:
            if not self._queue:
                rest, self._left = self._left, codecs.NOTHING[:0]
                self._next = None
                return np.concatenate([rest, codecs.NOTHING])[:SAMPLES] if len(rest) else None
            at, payload = self._queue[0]
            hole = at - self._next
            if hole > LONGEST_GAP * step:
                self._next = at
            elif hole >= step:
                self._left = np.concatenate([self._left, codecs.NOTHING])
                self._next += step
                continue
            del self._queue[0]
            try:
                sound = self._decoder.decode(payload)
            except ValueError:
                self.bad += 1
                sound = codecs.NOTHING
            self._next = at + len(sound) * self._clock // codecs.RATE
            self._left = np.concatenate([self._left, sound]) if len(self._left) else sound
        frame = self._left[:SAMPLES]
        self._left = self._left[SAMPLES:]
        return frame
