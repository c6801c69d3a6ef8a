"""What a room gives single legs to hear besides the others: prompts, music, and a tone while nothing can be heard of an agent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from cordboard.telephony import driver, prompts, wav
from cordboard.telephony.media import keys
from cordboard.telephony.media.leg import Leg
from cordboard.telephony.media.playback import Loop, Playback, Sounds
from cordboard.telephony.media.protocol import Codec, Error, LegKind, MediaEvent

log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that cannot be carried out."""

    def __init__(self, code: Error, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Stage:
    """The part of a room that plays."""

    call: str
    legs: dict[str, Leg]
    _emit: Callable[[MediaEvent], None]
    _sounds: Sounds
    _now: Callable[[], float]

    def leg(self, name: str) -> Leg:
        raise NotImplementedError

    def replan(self) -> None:
        raise NotImplementedError

    def _spawn(self, work: asyncio.Task[None]) -> None:
        raise NotImplementedError

    # -- plays and music --------------------------------------------------------------------------------------------

    def play(self, command: driver.Play) -> None:
        leg = self.leg(command.leg)
        self._end_play(leg, interrupted=True)
        playback = leg.playback = Playback(command.playback, command.stop_on_key)
        if leg.collecting is not None:
            leg.collecting = keys.play_started(leg.collecting, self._now())
        self._spawn(asyncio.get_running_loop().create_task(self._prepare(leg, playback, command.prompts)))

    async def _prepare(self, leg: Leg, playback: Playback, wanted: tuple[driver.Prompt, ...]) -> None:
        codec = leg.codec
        frames: list[bytes] = []
        if codec is None:
            playback.error = "the leg has no codec yet"
        else:
            for prompt in wanted:
                try:
                    frames.extend(await self._sounds.prompt(prompt, codec))
                except (prompts.SpeechError, wav.BadSound, OSError) as error:  # the others are still heard
                    log.warning("call %s: prompt not played: %s", self.call, error)
                    playback.error = playback.error or str(error)
        if leg.playback is not playback:
            return  # replaced or stopped meanwhile, and said so
        if not frames:
            self._end_play(leg, interrupted=False)
            return
        playback.codec = codec
        playback.frames = tuple(frames)
        self.replan()

    def stop_play(self, name: str) -> None:
        self._end_play(self.leg(name), interrupted=True)
        self.replan()

    def _end_play(self, leg: Leg, *, interrupted: bool) -> None:
        playback = leg.playback
        if playback is None:
            return
        leg.playback = None
        self._emit(driver.PlayEnded(leg.name, playback.name, interrupted, playback.error))
        if leg.collecting is not None:
            leg.collecting = keys.play_ended(leg.collecting, self._now())

    def music(self, command: driver.Music) -> None:
        leg = self.leg(command.leg)
        leg.wanted_music = None
        if not command.on:
            leg.loop = None
        elif leg.codec is None:
            raise Refused(Error.NO_CODEC, "the leg has no codec yet")
        elif leg.loop is None or leg.loop.source != command.source or leg.loop.codec is not leg.codec:
            wanted = leg.wanted_music = object()
            self._spawn(asyncio.get_running_loop().create_task(self._prepare_music(leg, wanted, command.source, leg.codec)))
        self.replan()

    async def _prepare_music(self, leg: Leg, wanted: object, source: str, codec: Codec) -> None:
        frames = await self._sounds.music(source, codec)
        if leg.wanted_music is wanted:  # else stopped, bridged or changed while the sound was prepared
            leg.loop = Loop(source, frames, codec)
            self.replan()

    # -- while an agent's browser connects anew ---------------------------------------------------------------------

    def _prepare_beeps(self, lost: Leg) -> None:
        """Whoever hears this browser only is to know that it comes back: a tone now and then, until it does."""
        for leg in self.legs.values():
            if leg.codec is not None and any(source is lost for source, _ in leg.sources) and (leg.beeps is None or leg.beeps.codec is not leg.codec):
                self._spawn(asyncio.get_running_loop().create_task(self._fetch_beeps(leg, leg.codec)))

    async def _fetch_beeps(self, leg: Leg, codec: Codec) -> None:
        leg.beeps = Loop("beeps", await self._sounds.beeps(codec), codec)

    @staticmethod
    def waits_for_browser(leg: Leg) -> bool:
        """Nothing can be heard of anybody whom this leg should hear, and one of them is a browser, which never falls silent by itself."""
        return all(source.lost for source, _ in leg.sources) and any(source.kind is LegKind.BROWSER for source, _ in leg.sources)

    @staticmethod
    def beep(leg: Leg, now: float) -> None:
        """20 ms of the tone, or of the silence between."""
        if leg.beeps is not None and leg.beeps.codec is leg.codec:
            leg.send(leg.beeps.codec, leg.beeps.next(), now)
        else:
            leg.send_silence(now)
