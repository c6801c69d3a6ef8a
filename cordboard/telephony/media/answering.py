"""Who or what answered a call of ours, from how it sounds. Pure: frames of 20 ms in, at most one answer out, no clock.

Tones are told by their spectrum and cadence: busy and congestion (ITU-T E.180, ETSI TR 101 041-1: even beats, three of them), special information tones
(E.180: three rising ones), fax (T.30: CNG 1,100 Hz, CED 2,100 Hz), the beep of an answering machine. Ring-back is no answer and is waited out. Speech is told
by how long it goes on: somebody who answers says a few words and then waits; a machine goes on talking.

Limits, by design: it takes up to 8 s; a person who answers with more than 3 s of speech without a breath (a receptionist's whole sentence) is taken for a
machine, and a machine with a greeting of one or two words for a person, until its beep is heard within 20 s, which corrects it. Music and noise count as
speech. It gives a hint to an agent or a rule, and must not hang up by itself where the law forbids silent calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cordboard.telephony.media.codecs import RATE, SAMPLES, Sound

FRAME = SAMPLES / RATE


class What(StrEnum):
    PERSON = "person"
    VOICEMAIL = "voicemail"  # a greeting that goes on
    BEEP = "beep"  # the machine is recording from now on
    BUSY = "busy"
    UNOBTAINABLE = "unobtainable"  # special information tones: no such number, out of order
    FAX = "fax"
    SILENCE = "silence"  # answered, and nothing is said


SILENT = 150.0
"""Root mean square (int16) below which a frame is silence."""

PURE = 0.8
"""Share of a frame's power in one or two frequencies from which it is a tone."""

GREETING = 3.0
"""Seconds of speech without a breath from which it is a machine."""

BREATH = 0.6
"""Seconds of silence after which somebody waits for us to speak."""

SHORT = 0.06
"""Seconds that a click, or a hole in speech, may last."""

NOTHING = 5.0
UNDECIDED = 8.0
GIVE_UP = 20.0
"""Seconds: without any sound; of this and that; in which a beep may still correct us."""

BEATS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one kind: "silence", "speech", or "tone" at `hertz` (the stronger of two)."""

    kind: str
    hertz: float
    seconds: float


_WINDOW = np.hanning(SAMPLES)
_SIZE = 512


def frame_kind(frame: Sound) -> tuple[str, float]:
    """What one frame is, and its strongest frequency in Hz for a tone."""
    sound = frame.astype(np.float64)
    if np.sqrt(np.mean(sound * sound)) < SILENT:
        return "silence", 0.0
    power = np.abs(np.fft.rfft(sound * _WINDOW, _SIZE)) ** 2
    whole = float(power.sum())
    first = int(np.argmax(power))
    wide = 2 * _SIZE // SAMPLES + 1  # half of the window's main lobe
    low, high = max(0, first - wide), first + wide + 1
    share = float(power[low:high].sum())
    power[low:high] = 0
    second = int(np.argmax(power))
    other = float(power[max(0, second - wide) : second + wide + 1].sum())
    # of two together the lower one names the pair: which of them is stronger changes from frame to frame
    hertz = (min(first, second) if other > 0.15 * share else first) * RATE / _SIZE
    share += other
    return ("tone", hertz) if share > PURE * whole and 300 <= hertz <= 2300 else ("speech", 0.0)


class Listener:
    """Feed it frames; `hear` returns what it found, once, and a beep once more after a greeting."""

    def __init__(self) -> None:
        self.at = 0.0
        """Seconds heard so far."""
        self.found: What | None = None
        self.over = False
        self._parts: list[Part] = []
        self._kind = "silence"
        self._tones: list[float] = []
        self._length = 0.0
        self._spoken = 0.0
        """Seconds of speech since the last breath."""
        self._quiet = 0.0
        self._ever = False

    def hear(self, frame: Sound | None) -> What | None:
        """20 ms (None: nothing came). What it is, when it is known now."""
        self.at += FRAME
        kind, hertz = frame_kind(frame) if frame is not None else ("silence", 0.0)
        # a voice has tones in it: only what stays on its pitch is one
        if kind == "tone" and self._kind == "tone" and self._tones and abs(hertz - self._tones[-1]) > 40:
            self._close()
        if kind != self._kind:
            self._close()
            self._kind = kind
        self._length += FRAME
        if kind == "tone":
            self._tones.append(hertz)
        self._count(kind)
        said = self._judge()
        if said is not None:
            self.found = said
        if self.at >= GIVE_UP or said in (What.BEEP, What.BUSY, What.FAX, What.UNOBTAINABLE):
            self.over = True
        return said

    def _close(self) -> None:
        if self._length:
            hertz = float(np.median(self._tones)) if self._tones else 0.0
            self._parts.append(Part(self._kind, hertz, round(self._length, 2)))
            del self._parts[:-24]
        self._length = 0.0
        self._tones = []

    def _count(self, kind: str) -> None:
        """How long somebody speaks. Short tones are part of a voice, long ones are not."""
        if kind == "speech" or (kind == "tone" and self._length < 0.12):
            if self._quiet >= BREATH:
                self._spoken = 0.0
            self._spoken += FRAME
            self._quiet = 0.0
            self._ever = True
        elif kind == "silence":
            self._quiet += FRAME

    def _judge(self) -> What | None:
        if self.over:
            return None
        tone = float(np.median(self._tones)) if self._tones else 0.0
        if self._kind == "tone" and self._length >= 0.4 and any(abs(tone - fax) < 35 for fax in (1100, 2100)) and self._alone():
            return What.FAX
        if self._kind != "tone":
            if self._beats():
                return What.BUSY
            if self._rising():
                return What.UNOBTAINABLE
            if self._beeped():
                return What.BEEP
        if self.found is not None:
            return None
        if self._spoken >= GREETING:
            return What.VOICEMAIL
        if self._ever and self._spoken > SHORT and self._quiet >= BREATH and not self._tonal():
            return What.PERSON
        if not self._ever and self._quiet >= NOTHING and not self._tonal():
            return What.SILENCE
        if self.at >= UNDECIDED and self._ever and not self._tonal():
            return What.PERSON
        return None

    def _heard(self) -> list[Part]:
        """Parts that are long enough to count, with the one that goes on."""
        now = Part(self._kind, float(np.median(self._tones)) if self._tones else 0.0, self._length)
        return [part for part in (*self._parts, now) if part.seconds >= SHORT]

    def _tonal(self) -> bool:
        """Whether the last that was no silence was a signal of the network: ring-back, or beats that are not enough yet."""
        last = next((part for part in reversed(self._heard()) if part.kind != "silence"), None)
        return last is not None and last.kind == "tone" and last.seconds >= 0.15

    def _alone(self) -> bool:
        """Nothing was said before this tone: a machine's beep has a greeting before it."""
        return self._spoken < 0.5

    def _beats(self) -> bool:
        """Tones and silences of 0.15 to 0.75 s, alike, three times: busy or congestion."""
        parts = self._heard()
        ended = parts[:-1] if parts and parts[-1].kind == "silence" and parts[-1].seconds < 0.15 else parts
        beats = ended[-2 * BEATS :]
        if len(beats) < 2 * BEATS or any(
            part.kind != ("silence" if place % 2 else "tone") for place, part in enumerate(beats, start=int(beats[0].kind == "silence"))
        ):
            return False
        tones = [part for part in beats if part.kind == "tone"]
        pauses = [part for part in beats if part.kind == "silence"][: BEATS - 1]
        return (
            all(0.15 <= part.seconds <= 0.75 and 350 <= part.hertz <= 650 for part in tones)
            and all(0.15 <= part.seconds <= 0.75 for part in pauses)
            and max(part.seconds for part in tones) - min(part.seconds for part in tones) < 0.12
        )

    def _rising(self) -> bool:
        tones = [part for part in self._heard() if part.kind == "tone" and part.seconds >= 0.2][-3:]
        wanted = (950, 1400, 1800)
        return len(tones) == 3 and all(abs(part.hertz - hertz) < 60 and part.seconds <= 0.5 for part, hertz in zip(tones, wanted, strict=True))

    def _beeped(self) -> bool:
        """One pure tone after a greeting, and then quiet."""
        parts = self._heard()
        if len(parts) < 2 or parts[-1].kind != "silence" or parts[-1].seconds < 0.2 or parts[-2].kind != "tone":
            return False
        beep = parts[-2]
        spoken = sum(part.seconds for part in parts[:-2] if part.kind == "speech")
        return 0.15 <= beep.seconds <= 2.5 and 400 <= beep.hertz <= 2200 and spoken >= 0.5


__all__ = ["GIVE_UP", "Listener", "Part", "What", "frame_kind"]
