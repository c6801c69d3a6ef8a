"""Filling in sound that is missing, and making sound a little shorter without a click. Pure.

What is missing is filled with the last pitch period, again and again and fading (after ITU-T G.711 appendix I, simplified: no
overlap at the seam in front, the same period throughout). Opus has better means of its own (`codecs.OpusDecoder.conceal`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cordboard.telephony.media.codecs import NOTHING, SAMPLES, Sound

SHORTEST, LONGEST = 40, 160
"""Pitch periods looked for, in samples at 8 kHz: 200 to 50 Hz."""

FADE = (1.0, 0.8, 0.4, 0.0)
"""Loudness at the beginning of each missing frame, and at the end of the last: 60 ms, then silence."""

FRAMES = len(FADE) - 1
"""Missing frames that are filled in."""

_DOWN = np.linspace(1.0, 0.0, SAMPLES, endpoint=False)


def period(sound: Sound) -> int:
    """The lag in samples, from SHORTEST to LONGEST, at which the end of the sound is most like itself. It must have 320 samples."""
    recent = sound[-2 * LONGEST :].astype(np.float64)
    best, found = -1.0, LONGEST
    template = recent[-LONGEST:]
    for lag in range(SHORTEST, LONGEST + 1, 2):
        before = recent[-LONGEST - lag : -lag]
        energy = float(before @ before)
        likeness = float(template @ before) / energy**0.5 if energy > 0 else 0.0
        if likeness > best * 1.0001:
            best, found = likeness, lag
    return found


class Concealer:
    """Remembers what was heard last, and makes frames in its likeness."""

    __slots__ = ("_last", "_made", "_phase", "_tile")

    def __init__(self) -> None:
        self._last: list[Sound] = []
        self._made = 0
        self._phase = 0
        self._tile: NDArray[np.float64] | None = None

    def heard(self, sound: Sound) -> None:
        self._last = [*self._last[-1:], sound]
        self._made = 0
        self._tile = None

    def make(self) -> Sound:
        """The next missing frame: 20 ms; silence once it has faded."""
        if self._made >= FRAMES or not self._last:
            return NOTHING
        if self._tile is None:
            past = np.concatenate([NOTHING, NOTHING, *self._last])
            self._tile = past[-period(past) :].astype(np.float64)
            self._phase = 0
        places = (self._phase + np.arange(SAMPLES)) % len(self._tile)
        self._phase += SAMPLES
        gain = FADE[self._made] + (FADE[self._made + 1] - FADE[self._made]) * np.arange(SAMPLES) / SAMPLES
        self._made += 1
        made: Sound = (self._tile[places] * gain).astype(np.int16)
        return made


def shortened(sound: Sound) -> Sound:
    """One pitch period less (5 to 20 ms), cross-faded. It must have 320 samples."""
    lag = period(sound[: 2 * LONGEST])
    faded = sound[:SAMPLES] * _DOWN + sound[lag : lag + SAMPLES] * (1 - _DOWN)
    return np.concatenate([faded.astype(np.int16), sound[lag + SAMPLES :]])


__all__ = ["FRAMES", "Concealer", "period", "shortened"]
