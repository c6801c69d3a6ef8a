"""Sound of our own making: queue music, key tones, ring-back, test tones. int16, mono, 8 kHz; the same every time."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cordboard.telephony.wav import RATE, Sound

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_KEYPAD = ("123A", "456B", "789C", "*0#D")


def tone(*hertz: float, seconds: float, level: float = 0.2) -> Sound:
    """Sines of equal strength together; `level` is the peak of their sum as a share of full scale."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum((np.sin(2 * np.pi * each * time) for each in hertz), np.zeros_like(time))
    return np.asarray(wave / max(1, len(hertz)) * level * 32767, dtype=np.int16)


def key_tone(key: str, seconds: float) -> Sound:
    """A key as two tones in the sound (ITU-T Q.23).

    :raises ValueError: not a key.
    """
    for row, keys in zip(_ROWS, _KEYPAD, strict=True):
        if key in keys and len(key) == 1:
            return tone(row, _COLUMNS[keys.index(key)], seconds=seconds, level=0.4)
    raise ValueError(f"no key {key!r}")


def ring_back(seconds: float) -> Sound:
    """The European ring-back tone: 425 Hz, one second in five (ETSI TR 101 041-1)."""
    sound = tone(425, seconds=seconds, level=0.15)
    at = np.arange(len(sound)) % (5 * RATE)
    sound[at >= RATE] = 0
    return sound


def coming_back() -> Sound:
    """Two short soft tones (440 Hz, 120 ms each) and then silence: three seconds, to be repeated. It says "the line is still there" without an alarm:
    neither busy (even beats) nor ring-back (a second long)."""
    beep = tone(440, seconds=0.12, level=0.12)
    sound = np.zeros(3 * RATE, dtype=np.int16)
    for start in (0.0, 0.2):
        sound[round(start * RATE) : round(start * RATE) + len(beep)] = beep
    return sound


_BAR = 3.75
"""Seconds; 16 bars make the minute."""

# Sixteen bars in D major: root, then the voices of the chord in the middle register that a telephone carries best (MIDI note numbers).
_CHORDS = (
    (50, (57, 62, 66, 69)), (45, (57, 61, 64, 69)), (47, (59, 62, 66, 71)), (43, (55, 59, 62, 67)),
    (50, (57, 62, 66, 74)), (42, (57, 61, 66, 69)), (43, (59, 62, 67, 71)), (45, (57, 61, 64, 67)),
    (47, (59, 62, 66, 71)), (40, (55, 59, 64, 67)), (45, (57, 61, 64, 73)), (50, (57, 62, 66, 69)),
    (43, (55, 59, 62, 71)), (45, (57, 61, 64, 69)), (50, (57, 62, 66, 74)), (45, (57, 61, 64, 67)),
)  # fmt: skip

_MELODY = (
    (78, 76), (76, 73), (74, 71), (74, 79), (81, 78), (76, 73), (74, 71), (73, 76),
    (78, 74), (76, 79), (76, 81), (78, 74), (79, 74), (76, 73), (78, 81), (76, 73),
)  # fmt: skip


def _hertz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pluck(note: int, seconds: float, brightness: float) -> NDArray[np.float64]:
    """A soft struck string: few partials, the higher ones dying sooner."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = _hertz(note)
    wave = np.zeros_like(time)
    for partial, strength in ((1, 1.0), (2, 0.45 * brightness), (3, 0.2 * brightness), (4, 0.08 * brightness)):
        if pitch * partial < 3400:
            wave += strength * np.sin(2 * np.pi * pitch * partial * time) * np.exp(-time * (1.1 + 0.9 * partial))
    attack = np.minimum(1, time / 0.012)
    release = np.minimum(1, (seconds - time) / 0.05)
    return wave * attack * release


def _pad(note: int, seconds: float) -> NDArray[np.float64]:
    """A slow swell beneath: two strings a little apart."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = _hertz(note)
    wave = np.sin(2 * np.pi * pitch * time) + np.sin(2 * np.pi * pitch * 1.003 * time) + 0.3 * np.sin(2 * np.pi * 2 * pitch * time)
    return np.asarray(wave * np.sin(np.pi * time / seconds) ** 2)


@cache
def queue_music() -> Sound:
    """A minute of calm music that loops without a seam: what still rings at the end rings on at the beginning.

    Kept between 150 and 3,400 Hz and at -21 dBFS, so that it survives G.711 and nobody has to hold the telephone away.
    """
    length = round(len(_CHORDS) * _BAR * RATE)
    mix = np.zeros(length)

    def add(at: float, wave: NDArray[np.float64], level: float) -> None:
        places = (round(at * RATE) + np.arange(len(wave))) % length
        mix[places] += wave * level

    beat = _BAR / 8
    for bar, ((root, chord), melody) in enumerate(zip(_CHORDS, _MELODY, strict=True)):
        start = bar * _BAR
        for note in chord[:3]:
            add(start - 0.4, _pad(note, _BAR + 0.8), 0.10)
        add(start, _pluck(root + 12, 3.0, 0.8), 0.35)
        for step, place in enumerate((0, 1, 2, 3, 2, 1, 3, 2)):
            add(start + step * beat, _pluck(chord[place], 2.0, 0.6), 0.22)
        add(start + 2 * beat, _pluck(melody[0], 2.4, 0.7), 0.32)
        add(start + 6 * beat, _pluck(melody[1], 2.4, 0.7), 0.28)
    level = np.sqrt(np.mean(mix**2))
    return np.asarray(np.clip(mix / level * 32767 * 10 ** (-21 / 20), -32767, 32767), dtype=np.int16)
