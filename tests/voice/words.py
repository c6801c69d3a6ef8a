"""Whether words are heard: what comes over the line is compared with the same words as the centre's voice has spoken them."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path

import numpy as np

from cordboard.telephony import prompts, wav
from tests.voice.house import House
from tests.voice.telephone import Telephone

PART = wav.RATE
"""So much of the words is looked for: a second from where they begin to be loud."""


@functools.cache
def spoken(text: str, folder: Path, language: str = "en") -> np.ndarray:
    """From the first loud moment to the last. The voice says nothing twice in the same way: the file is the one in `folder`, and made there when there is none."""
    sound = wav.read(prompts.spoken(text, language, folder))
    loud = np.abs(sound.astype(np.int32)) > 300
    first, last = int(np.argmax(loud)), len(sound) - int(np.argmax(loud[::-1]))
    return sound[first:last]


def likeness(heard: np.ndarray, words: np.ndarray) -> float:
    """The highest correlation of a second of the words with any second of what was heard: 1 is the same, 0 nothing alike."""
    part, sound = words[:PART].astype(np.float64), heard.astype(np.float64)
    if len(sound) < len(part):
        return 0.0
    size = 1 << (len(sound) + len(part)).bit_length()
    product = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(part, size)), size)[: len(sound) - len(part) + 1]
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    around = np.sqrt(np.maximum(energy[len(part) :] - energy[: -len(part)], 1.0))
    return float(np.max(product / around) / np.sqrt(np.sum(part**2)))


def said(house: House, phone: Telephone, text: str, *, since: int = 0, language: str = "en") -> bool:
    """Whether these words are in what came from the packet of number `since` on (negative: in the last so many). What the centre has never spoken was never
    said; and the test does not speak it first, for then the centre's own would sound otherwise."""
    folder = house.centre.data / "files" / "prompts"
    if not prompts._place(folder, f"espeak {prompts.voice(language)} {prompts._SPEED}", "", text).is_file():
        return False
    parts = phone.line.heard[since:]
    heard = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
    return likeness(heard, spoken(text, folder, language)) > 0.6


async def hears_words(house: House, phone: Telephone, text: str, seconds: float = 30.0, *, language: str = "en") -> None:
    """Wait until these words are heard. Listening is work, so it is done beside the loop, now and then, over the last seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not await asyncio.to_thread(said, house, phone, text, since=-300, language=language):
        assert loop.time() < end, f"it was never said: {text}"
        await asyncio.sleep(0.2)
