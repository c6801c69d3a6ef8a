"""What is heard, by frequency: for every test that listens."""

from __future__ import annotations

import numpy as np

from cordboard.telephony.wav import RATE, Sound


def loudness(sound: Sound) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2))) if len(sound) else 0.0


def strength(sound: Sound, hertz: float, rate: int = RATE) -> float:
    """Amplitude of the sine of this frequency in the sound (20 Hz around it)."""
    if len(sound) < rate // 20:
        return 0.0
    window = np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64) * window)) * 2 / window.sum()
    frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
    near = np.abs(frequencies - hertz) <= max(20.0, rate / len(sound))
    return float(spectrum[near].max())


def tones(sound: Sound, rate: int = RATE, floor: float = 400.0) -> list[int]:
    """The frequencies that stand out, in Hz, rising: peaks of at least `floor` in amplitude and a sixth of the strongest, 60 Hz apart."""
    if len(sound) < rate // 20:
        return []
    window = np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64) * window)) * 2 / window.sum()
    frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
    found: list[int] = []
    for place in np.argsort(spectrum)[::-1]:
        if spectrum[place] < max(floor, spectrum.max() / 6):
            break
        if all(abs(frequencies[place] - other) > 60 for other in found):
            found.append(round(float(frequencies[place])))
    return sorted(found)


def hears(sound: Sound, *hertz: float, rate: int = RATE, floor: float = 400.0) -> bool:
    """Whether exactly these tones, within 10 Hz, stand out."""
    found = tones(sound, rate, floor)
    return len(found) == len(hertz) and all(abs(a - b) <= 10 for a, b in zip(found, sorted(hertz), strict=True))


def silent(sound: Sound, floor: float = 60.0) -> bool:
    return loudness(sound) < floor
