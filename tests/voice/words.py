"""Whether words are heard: what comes over the line is compared with the same words as our voice speaks them."""

from __future__ import annotations

import asyncio
import functools
import tempfile
from pathlib import Path

import numpy as np

from cordboard.telephony import prompts, wav
from tests.voice.telephone import Telephone

FOLDER = Path(tempfile.mkdtemp(prefix="spoken-"))
PART = wav.RATE
"""So much of the words is looked for: a second from where they begin to be loud."""


@functools.cache
def spoken(text: str, language: str = "en") -> np.ndarray:
    """As the centre says it, from the first loud moment to the last."""
    sound = wav.read(prompts.spoken(text, language, FOLDER))
    loud = np.abs(sound.astype(np.int32)) > 300
    first, last = int(np.argmax(loud)), len(sound) - int(np.argmax(loud[::-1]))
    return sound[first:last]


def likeness(heard: np.ndarray, text: str, language: str = "en") -> float:
    """The highest correlation of a second of the words with any second of what was heard: 1 is the same, 0 nothing alike."""
    part = spoken(text, language)[:PART].astype(np.float64)
    sound = heard.astype(np.float64)
    if len(sound) < len(part):
        return 0.0
    size = 1 << (len(sound) + len(part)).bit_length()
    product = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(part, size)), size)[: len(sound) - len(part) + 1]
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    around = np.sqrt(np.maximum(energy[len(part) :] - energy[: -len(part)], 1.0))
    return float(np.max(product / around) / np.sqrt(np.sum(part**2)))


async def hears_words(phone: Telephone, text: str, language: str = "en", seconds: float = 30.0) -> None:
    """Wait until these words are heard. Listening is work, so it is done beside the loop, now and then, over the last seconds."""
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(spoken, text, language)
    end = loop.time() + seconds
    while True:
        heard = everything(phone, -300)
        if await asyncio.to_thread(likeness, heard, text, language) > 0.6:
            return
        assert loop.time() < end, f"it was never said: {text}"
        await asyncio.sleep(0.2)


def everything(phone: Telephone, since: int = 0) -> np.ndarray:
    """All that came from the packet of this number on; with a negative one, the last so many."""
    parts = phone.line.heard[since:]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
