"""How much is said in a piece of sound. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FRAME = 0.02
"""Seconds."""
AUDIBLE = 260.0
"""RMS of int16 (about -42 dBFS): a quiet voice on a telephone is above, the noise of a quiet line below."""


def spoken_seconds(sound: NDArray[np.int16], rate: int) -> float:
    """How many seconds of the sound (mono) are loud enough for a voice, counted in frames of 20 ms."""
    size = max(1, round(rate * FRAME))
    frames = len(sound) // size
    if not frames:
        return 0.0
    pieces = sound[: frames * size].astype(np.float64).reshape(frames, size)
    # a line may carry an offset: what counts is what moves
    loud = np.sqrt(np.mean(np.square(pieces - pieces.mean(axis=1, keepdims=True)), axis=1)) >= AUDIBLE
    return round(float(np.count_nonzero(loud)) * FRAME, 2)
