"""From packets of one leg to an even stream of frames, where sound must be decoded: an adaptive jitter buffer. Pure (no clock: one pull is 20 ms).

How much is held back follows the network: it begins with 60 ms; running dry although the packet comes after all makes it 20 ms more, up to
200; what was never needed for ten seconds is taken out again, a pitch period at a time. That also follows a far side whose clock runs fast or
slow. What is lost is filled in (`concealment`), up to 60 ms, then silent.
"""

from __future__ import annotations

import bisect

import numpy as np

from cordboard.telephony.media import codecs, concealment, rtp
from cordboard.telephony.media.codecs import SAMPLES, Sound
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.sdp import clock

FIRST = 3
"""Frames gathered before the first one is played (60 ms of jitter borne)."""

FEWEST, DEEPEST = 2, 10
"""Frames gathered at least and at most after a silence. Beyond DEEPEST the oldest go, so that delay does not grow."""

LONGEST_GAP = 25
"""A hole of more frames than this is jumped over."""

LATE_IN_A_ROW = 5
"""So many late packets one after another are not late: the source set its clock back."""

SPARE = SAMPLES * 3 // 2
"""Samples left over after a pull that are not needed: 30 ms."""

LOOKED_AT = 500
"""Pulls (10 s) after which what was never needed is taken out."""

TOO_MUCH = SAMPLES * 5
LOOKED_AT_SOON = 25
"""When more than 100 ms were never needed, half a second is enough."""


class Playout:
    """Sound of one leg, pulled once per tick."""

    def __init__(self) -> None:
        self._codec: Codec | None = None
        self._decoder: codecs.Decoder = codecs.decoder(Codec.PCMU)
        self._concealer = concealment.Concealer()
        self._clock = 8000
        self._ssrc = 0
        self._queue: list[tuple[int, bytes]] = []
        self._base = 0
        self._next: int | None = None
        self._floor: int | None = None
        """What lies before it is past: `_next`, or where it was when the buffer ran dry."""
        self._end = 0
        """Where the newest packet ends."""
        self._left = codecs.NOTHING[:0]
        self._dry = 0
        """Frames filled in for a packet that may still come."""
        self._late_now = 0
        self._spare = 1 << 30
        self._pulls = 0
        self.depth = FIRST
        self.late = 0
        self.bad = 0
        self.concealed = 0
        self.adjusted = 0
        """How often a pitch period was taken out."""

    # -- in ---------------------------------------------------------------------------------------------------------

    def put(self, codec: Codec, timestamp: int, payload: bytes, ssrc: int = 0) -> None:
        """A packet, its timestamp in the codec's clock. Duplicates and what comes too late are left out."""
        if codec is not self._codec or ssrc != self._ssrc:
            self._begin(codec, timestamp, ssrc)
        at = rtp.ahead(timestamp, self._base, 32)
        if self._floor is not None and abs(at - self._floor) > 10 * self._clock:
            self._begin(codec, timestamp, ssrc)
            at = 0
        if self._floor is not None and at < self._floor:
            self.late += 1
            self._late_now += 1
            if self._late_now < LATE_IN_A_ROW:
                return
            self._begin(codec, timestamp, ssrc)
            at = 0
        self._late_now = 0
        place = bisect.bisect_left(self._queue, at, key=lambda item: item[0])
        if place < len(self._queue) and self._queue[place][0] == at:
            return
        self._queue.insert(place, (at, payload))
        if len(self._queue) > DEEPEST:
            del self._queue[: len(self._queue) - self.depth]
            self._next = self._floor = self._queue[0][0]
            self._left = codecs.NOTHING[:0]
            self._dry = 0

    def _begin(self, codec: Codec, timestamp: int, ssrc: int) -> None:
        if codec is not self._codec:
            self._decoder = codecs.decoder(codec)
        self._codec = codec
        self._clock = clock(codec)
        self._ssrc = ssrc
        self._base = timestamp
        self._queue.clear()
        self._next = self._floor = None
        self._left = codecs.NOTHING[:0]
        self._late_now = self._dry = 0

    # -- out --------------------------------------------------------------------------------------------------------

    def pull(self) -> Sound | None:
        """The next frame, None when there is nothing to hear."""
        if self._next is None:
            if len(self._queue) < self.depth:
                return None
            self._next = self._floor = self._queue[0][0]
            self._spare, self._pulls = 1 << 30, 0
        while len(self._left) < SAMPLES:
            if not self._more():
                return self._ran_dry()
        frame = self._left[:SAMPLES]
        self._left = self._left[SAMPLES:]
        self._watch()
        return frame

    def _more(self) -> bool:
        """Decode or fill in the next piece; False when there is none."""
        assert self._next is not None
        if not self._queue:
            return False
        step = self._clock // 50
        at, payload = self._queue[0]
        hole = at - self._next
        if hole > LONGEST_GAP * step:
            self._next, hole = at, 0
        elif hole > 0 and self._dry:  # what was filled in while waiting was this hole
            self._next += min(hole, self._dry * step)
            self._dry = 0
            hole = at - self._next
        if hole >= step:
            self._add(self._conceal())
            self._next = self._floor = self._next + step
            self._dry = 0
            return True
        if self._dry:  # it came after all: such packets are to be waited for
            self.depth = min(DEEPEST - 1, self.depth + 1)
            self._dry = 0
        del self._queue[0]
        try:
            sound = self._decoder.decode(payload)
            self._concealer.heard(sound)
        except ValueError:
            self.bad += 1
            sound = codecs.NOTHING
        self._next = self._floor = at + len(sound) * self._clock // codecs.RATE
        self._add(sound)
        return True

    def _add(self, sound: Sound) -> None:
        self._left = np.concatenate([self._left, sound]) if len(self._left) else sound

    def _conceal(self) -> Sound:
        self.concealed += 1
        if isinstance(self._decoder, codecs.OpusDecoder):
            return self._decoder.conceal()
        return self._concealer.make()

    def _ran_dry(self) -> Sound | None:
        """Nothing is there although something should be: filled in for a moment, then a new beginning."""
        if self._dry >= concealment.FRAMES:
            rest, self._left = self._left, codecs.NOTHING[:0]
            self._next = None
            self._dry = 0
            return codecs.frame_of(rest) if len(rest) else None
        self._dry += 1
        self._add(self._conceal())
        frame = self._left[:SAMPLES]
        self._left = self._left[SAMPLES:]
        self._spare = 0
        return frame

    def _watch(self) -> None:
        """Is more held back than was ever needed?"""
        held = len(self._left) + len(self._queue) * SAMPLES
        self._spare = min(self._spare, held)
        self._pulls += 1
        if self._pulls >= LOOKED_AT or (self._pulls >= LOOKED_AT_SOON and self._spare > TOO_MUCH):
            if self._spare > SPARE:
                self._shorten()
            if self._spare > 0:
                self.depth = max(FEWEST, self.depth - 1)
            self._spare, self._pulls = 1 << 30, 0

    def _shorten(self) -> None:
        while len(self._left) < 2 * SAMPLES:
            if not self._more():
                return
        self._left = concealment.shortened(self._left)
        self.adjusted += 1


__all__ = ["DEEPEST", "FEWEST", "FIRST", "Playout"]
