"""What a leg is given to hear besides the others: prompts once, music in a loop. Both are frames that are encoded already."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from cordboard.telephony import music, prompts, wav
from cordboard.telephony.driver import Prompt
from cordboard.telephony.media import codecs
from cordboard.telephony.media.protocol import Codec

log = logging.getLogger(__name__)

Frames = tuple[bytes, ...]

KEPT = 64 * 1024 * 1024
"""Bytes of encoded sound kept in memory."""


@dataclass(slots=True)
class Playback:
    """A play: `frames` is None while it is prepared."""

    name: str
    stop_on_key: bool
    frames: Frames | None = None
    codec: Codec | None = None
    at: int = 0
    error: str = ""


@dataclass(slots=True)
class Loop:
    """Music, heard again and again; it goes on where it was after a play interrupted it."""

    source: str
    frames: Frames
    codec: Codec
    at: int = 0

    def next(self) -> bytes:
        frame = self.frames[self.at]
        self.at = (self.at + 1) % len(self.frames)
        return frame


class Sounds:
    """Encoded sound by what it is and codec: rendered once, in a thread, whoever and however many ask for it."""

    def __init__(self, executor: Executor, folder: Path) -> None:
        self._executor = executor
        self._folder = folder
        self._kept: OrderedDict[tuple[object, ...], Frames] = OrderedDict()
        self._size = 0
        self._coming: dict[tuple[object, ...], asyncio.Future[Frames]] = {}

    async def prompt(self, prompt: Prompt, codec: Codec) -> Frames:
        """:raises prompts.SpeechError: it cannot be spoken. :raises wav.BadSound: file and text are both gone."""
        if prompt.path:
            key = await asyncio.get_running_loop().run_in_executor(self._executor, _stamp, prompt.path)
            if key is not None:
                try:
                    return await self._get((*key, codec), lambda: codecs.encode_all(codec, wav.read(Path(prompt.path))))
                except wav.BadSound as error:
                    log.warning("prompt file cannot be played: %s", error)
            elif not prompt.text:
                raise wav.BadSound(f"the prompt file {Path(prompt.path).name} is gone")
        if not prompt.text.strip():
            raise wav.BadSound("the prompt has neither a file nor text")
        return await self._get(
            ("text", prompt.language, prompt.text, codec),
            lambda: codecs.encode_all(codec, wav.read(prompts.spoken(prompt.text, prompt.language, self._folder))),
        )

    async def music(self, source: str, codec: Codec) -> Frames:
        """Our own music, or the WAV file at `source`; ours when that is gone. "ringing" is the ring-back tone."""
        if source == "ringing":
            return await self._get(("ringing", codec), lambda: codecs.encode_all(codec, music.ring_back(5.0)))
        if source != "default":
            key = await asyncio.get_running_loop().run_in_executor(self._executor, _stamp, source)
            if key is not None:
                try:
                    return await self._get((*key, codec), lambda: codecs.encode_all(codec, wav.read(Path(source))))
                except wav.BadSound as error:
                    log.warning("music file cannot be played: %s", error)
            else:
                log.warning("music file %s is gone, our own is played", source)
        return await self._get(("music", codec), lambda: codecs.encode_all(codec, music.queue_music()))

    async def beeps(self, codec: Codec) -> Frames:
        """What is heard while somebody's browser connects anew."""
        return await self._get(("beeps", codec), lambda: codecs.encode_all(codec, music.coming_back()))

    async def _get(self, key: tuple[object, ...], make: Callable[[], Frames]) -> Frames:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        coming = self._coming.get(key)
        if coming is None:
            coming = asyncio.ensure_future(asyncio.get_running_loop().run_in_executor(self._executor, make))
            self._coming[key] = coming
            coming.add_done_callback(lambda done: self._arrived(key, done))
        return await asyncio.shield(coming)

    def _arrived(self, key: tuple[object, ...], done: asyncio.Future[Frames]) -> None:
        self._coming.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[key] = done.result()
        self._size += _bytes(done.result())
        while self._size > KEPT and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._size -= _bytes(old)


def _bytes(frames: Frames) -> int:
    return sum(len(frame) + 33 for frame in frames)


def _stamp(path: str) -> tuple[object, ...] | None:
    """What tells one version of a file from another; None when it is gone."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return ("file", path, found.st_mtime_ns, found.st_size)
