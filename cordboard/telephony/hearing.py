"""What a piece of sound is like: how loud, and around which pitch. Pure; for telling and for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SILENT = -60.0
"""dBFS; below it there is nothing to hear."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`level` is the RMS of the loudest second in dBFS (a full-scale sine is -3), `pitch` its strongest frequency in Hz (0 when silent)."""

    seconds: float
    level: float
    pitch: float

    @property
    def silent(self) -> bool:
        return self.level < SILENT

    def __str__(self) -> str:
        if self.silent:
            return f"silence ({self.seconds:.1f} s)"
        return f"{self.level:.0f} dB around {self.pitch:.0f} Hz ({self.seconds:.1f} s)"


def level(sound: NDArray[np.int16]) -> float:
    """RMS in dBFS; -120 for no sound at all."""
    if not len(sound):
        return -120.0
    power = float(np.mean(np.square(sound.astype(np.float64) / 32768.0)))
    return max(-120.0, 10 * float(np.log10(power))) if power > 0 else -120.0


def pitch(sound: NDArray[np.int16], rate: int) -> float:
    """The strongest frequency in Hz above 50 Hz (Hann window); 0 for fewer than 64 samples."""
    if len(sound) < 64:
        return 0.0
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64) * np.hanning(len(sound))))
    frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
    spectrum[frequencies < 50] = 0
    return float(frequencies[int(np.argmax(spectrum))])


def summary(sound: NDArray[np.int16], rate: int) -> Heard:
    seconds = len(sound) / rate
    if not len(sound):
        return Heard(0.0, -120.0, 0.0)
    pieces = [sound[at : at + rate] for at in range(0, len(sound), rate)]
    loudest = max((piece for piece in pieces if len(piece) >= min(rate // 2, len(sound))), key=level, default=sound)
    loud = level(loudest)
    return Heard(seconds, loud, pitch(loudest, rate) if loud >= SILENT else 0.0)
