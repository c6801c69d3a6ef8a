"""What one leg hears of several others in 20 ms: decoded sound, each at its loudness, added and clipped. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cordboard.telephony.media import codecs
from cordboard.telephony.media.codecs import Sound


def mix(parts: Iterable[tuple[Sound | None, float]]) -> Sound | None:
    """Frames with their gains, together; None when there is nothing to hear. All frames are of one length and rate, whatever it is."""
    together: NDArray[np.int32] | None = None
    for sound, gain in parts:
        if sound is None:
            continue
        part = sound.astype(np.int32) if gain == 1.0 else (sound * gain).astype(np.int32)
        together = part if together is None else together + part
    return None if together is None else codecs.clip(together)
