"""One call in the media process: its legs, who hears whom, what is played, collected and recorded.

Whenever something changes, `replan` works out for every leg what it hears, in this order: keys that it is sent, a
play, the others, music, silence. A leg that hears exactly one other, unchanged and in a codec that it speaks (or in the
other kind of G.711, which is a table of bytes), is **relayed**: packets go across as they arrive, and the tick has
nothing to do with it. Everything else is ticked every 20 ms: encoded frames of plays and music, and mixes of decoded
sound.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from cordboard.telephony import driver
from cordboard.telephony.media import keys, rtp, taping
from cordboard.telephony.media.answering import Listener
from cordboard.telephony.media.codecs import Sound
from cordboard.telephony.media.keysending import KeySending
from cordboard.telephony.media.leg import LOST_AFTER, Leg
from cordboard.telephony.media.mixer import mix
from cordboard.telephony.media.playback import Sounds
from cordboard.telephony.media.playout import Playout
from cordboard.telephony.media.protocol import Error, LegFailed, LegKind, LegState, MediaEvent, StandingCall, StandingLeg
from cordboard.telephony.media.recording import Notes, Recording
from cordboard.telephony.media.recording_file import UNCONFIRMED
from cordboard.telephony.media.stage import Refused, Stage

log = logging.getLogger(__name__)

STALE = 0.2
"""Seconds without a packet from the relayed side until silence is sent in its place."""

REPORTS = 5.0
"""Seconds between sender reports."""


class Room(Stage):
    def __init__(
        self, call: str, emit: Callable[[MediaEvent], None], sounds: Sounds, writers: Executor, now: Callable[[], float], notes: Notes | None = None
    ) -> None:
        self.call = call
        self.memo = ""
        self.legs: dict[str, Leg] = {}
        self.bridge: tuple[str, ...] = ()
        self.recordings: dict[str, Recording] = {}
        self.empty_since: float | None = now()
        self._gains: dict[tuple[str, str], float] = {}
        self._emit = emit
        self._sounds = sounds
        self._writers = writers
        self._now = now
        self._notes = notes
        self._ticked: tuple[Leg, ...] = ()
        self._relayed: tuple[Leg, ...] = ()
        self._collecting: tuple[Leg, ...] = ()
        self._decoded: tuple[Leg, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reported = now()

    def _spawn(self, work: asyncio.Task[None]) -> None:
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    # -- legs -------------------------------------------------------------------------------------------------------

    def add(self, leg: Leg) -> None:
        self.legs[leg.name] = leg
        leg.since = self._now()
        self.empty_since = None
        self.replan()

    async def remove(self, name: str) -> Leg | None:
        leg = self.legs.get(name)
        if leg is None:
            return None
        now = self._now()
        self._end_play(leg, interrupted=True)
        self._end_collection(leg, now)
        del self.legs[name]
        self.bridge = tuple(each for each in self.bridge if each != name)
        self._gains = {pair: gain for pair, gain in self._gains.items() if name not in pair}
        leg.relay_to, leg.tracks, leg.playout = (), (), None
        leg.sources, leg.relayed_from = (), None
        leg.stream.let_go()
        if leg.packets_in:
            quality, lowest = leg.monitor.whole(leg.reception)
            self._emit(leg.told(quality, lowest, now, final=True))
        if not self.legs:
            self.empty_since = now
            for recording in self.recordings.values():
                recording.stop(now, self._recording_done)
        self.replan()
        await leg.close()
        return leg

    async def close(self) -> None:
        for name in list(self.legs):
            await self.remove(name)
        for recording in list(self.recordings.values()):
            recording.stop(self._now(), self._recording_done)
        for task in self._tasks:
            task.cancel()

    def leg(self, name: str) -> Leg:
        try:
            return self.legs[name]
        except KeyError:
            raise Refused(Error.NO_SUCH_LEG, name) from None

    # -- what legs tell ---------------------------------------------------------------------------------------------

    def codec_changed(self, leg: Leg) -> None:
        self.replan()

    def key_heard(self, leg: Leg, key: str) -> None:
        now = self._now()
        secret = leg.collecting.command.secret if leg.collecting is not None else leg.name in self.bridge and self._paused
        self._emit(driver.KeyPressed(leg.name, driver.MASKED if secret else key))
        if leg.playback is not None and leg.playback.stop_on_key:
            self._end_play(leg, interrupted=True)
            self.replan()
        if leg.collecting is not None:
            self._collection_is(leg, keys.press(leg.collecting, key, now))
        elif not (secret and any(recording.customer == leg.name for recording in self.recordings.values())):
            self._pass_key_on(leg, key)

    def _pass_key_on(self, leg: Leg, key: str) -> None:
        """Whoever hears a leg gets its keys: a menu, or an answering machine, may wait for them there. A browser has no ear for keys, and of a leg on hold nobody
        hears anything. What a customer keys while nothing may be kept goes nowhere."""
        for other in self.legs.values():
            if other.kind is LegKind.SIP and any(source is leg for source, _ in self._heard_by(other.name)):
                self.send_keys(driver.SendKeys(other.name, key))

    def media_back(self, leg: Leg) -> None:
        self._emit(driver.MediaRestored(leg.name))

    def connected(self, leg: Leg) -> None:
        self.replan()
        self._emit(driver.LegUp(leg.name, str(leg.codec or "")))

    def failed(self, leg: Leg, reason: str) -> None:
        self._emit(LegFailed(leg.name, reason))

    def closed_by_far_side(self, leg: Leg) -> None:
        if not leg.lost:
            self._lost(leg)

    def _lost(self, leg: Leg) -> None:
        leg.lost = True
        self._emit(driver.MediaLost(leg.name))
        if leg.kind is LegKind.BROWSER:
            self._prepare_beeps(leg)

    # -- keys -------------------------------------------------------------------------------------------------------

    def collect(self, command: driver.CollectKeys) -> None:
        leg = self.leg(command.leg)
        if command.max_keys < 1:
            raise Refused(Error.BAD_REQUEST, "max_keys must be at least 1")
        now = self._now()
        self._end_collection(leg, now)
        leg.collecting = keys.begin(command, now, leg.playback is not None)
        self._collecting = tuple(each for each in self.legs.values() if each.collecting is not None)

    def _end_collection(self, leg: Leg, now: float) -> None:
        if leg.collecting is not None:
            self._collection_is(leg, keys.replaced(leg.collecting))

    def _collection_is(self, leg: Leg, state: keys.Collecting | keys.Collected) -> None:
        if isinstance(state, keys.Collecting):
            leg.collecting = state
            return
        assert leg.collecting is not None
        command = leg.collecting.command
        leg.collecting = None
        self._collecting = tuple(each for each in self.legs.values() if each.collecting is not None)
        self._emit(driver.KeysCollected(leg.name, command.collection, state.keys, state.ended_by, command.secret))

    @property
    def _paused(self) -> bool:
        """Somebody who talks may be saying, or keying, what nobody is to keep."""
        return any(recording.paused and not recording.ended for recording in self.recordings.values())

    def press(self, name: str, key: str) -> None:
        if len(key) != 1 or key not in rtp.KEYS:
            raise Refused(Error.BAD_REQUEST, "not a key")
        self.key_heard(self.leg(name), key)

    def send_keys(self, command: driver.SendKeys) -> None:
        leg = self.leg(command.leg)
        if any(key not in rtp.KEYS for key in command.keys) or len(command.keys) > 100:
            raise Refused(Error.BAD_REQUEST, "not keys")
        if not command.keys:
            return
        if leg.sending_keys is None:
            leg.sending_keys = KeySending(command.keys)
        else:
            leg.sending_keys.more(command.keys)
        self.replan()

    # -- who answered ------------------------------------------------------------------------------------------------

    def detect(self, name: str) -> None:
        self.leg(name).listener = Listener()
        self.replan()

    def _listen(self, pulled: dict[str, Sound | None]) -> None:
        over = False
        for leg in self._decoded:
            if leg.listener is None or leg.name not in pulled:
                continue
            if (what := leg.listener.hear(pulled[leg.name])) is not None:
                self._emit(driver.Detected(leg.name, what))
            if leg.listener.over:
                leg.listener = None
                over = True
        if over:
            self.replan()

    # -- who hears whom ---------------------------------------------------------------------------------------------

    def connect(self, command: driver.Bridge) -> None:
        members = tuple(dict.fromkeys(command.legs))
        for name in members:
            self.leg(name)
        self.bridge = members
        for name in members:
            leg = self.legs[name]
            leg.loop = leg.wanted_music = None
            self._end_collection(leg, self._now())
        self.replan()

    def gain(self, command: driver.Gain) -> None:
        if not 0 <= command.gain <= 10:
            raise Refused(Error.BAD_REQUEST, "gain is from 0 to 10")
        self.leg(command.source)
        self.leg(command.destination)
        self._gains[command.source, command.destination] = command.gain
        self.replan()

    def _heard_by(self, name: str) -> tuple[tuple[Leg, float], ...]:
        """Whom a leg hears in the bridge, and how loud."""
        if name not in self.bridge:
            return ()
        pairs = ((self.legs[other], self._gains.get((other, name), 1.0)) for other in self.bridge if other != name)
        return tuple((leg, gain) for leg, gain in pairs if gain > 0)

    def replan(self) -> None:
        """Work out who hears what; called after every change."""
        relays: dict[str, list[Leg]] = {name: [] for name in self.legs}
        decoded = {leg.name for leg in self.legs.values() if leg.listener is not None}
        ticked, relayed = [], []
        for leg in self.legs.values():
            leg.sources = self._heard_by(leg.name)
            leg.relayed_from = None
            busy = leg.sending_keys is not None or (leg.playback is not None and leg.playback.frames is not None)
            if len(leg.sources) == 1 and leg.sources[0][1] == 1.0:
                source = leg.sources[0][0]
                codec = leg.takes(source.heard_codec or source.codec)
                if codec is not None:
                    leg.relayed_from = source
                    leg.codec = codec  # what we make ourselves goes in the same codec: receivers dislike changes
            if leg.relayed_from is None:
                decoded.update(source.name for source, _ in leg.sources)
            if busy or leg.relayed_from is None:
                ticked.append(leg)
            else:
                relays[leg.relayed_from.name].append(leg)
                relayed.append(leg)
        for leg in self.legs.values():
            leg.relay_to = tuple(relays[leg.name])
            if leg.name not in decoded:
                leg.playout = None
            elif leg.playout is None:
                leg.playout = Playout()
        self._ticked, self._relayed = tuple(ticked), tuple(relayed)
        self._decoded = tuple(self.legs[name] for name in decoded)
        self._replan_recordings()

    # -- recording --------------------------------------------------------------------------------------------------

    async def record(self, command: driver.Record) -> None:
        recording = self.recordings.get(command.recording)
        if recording is None:
            recording = Recording(command.recording, self.call, Path(command.path), command.customer, self._now(), self._writers, self._notes)
            recording.customer_silent, recording.paused = command.customer_silent, command.paused
            self.recordings[command.recording] = recording  # before the file is there, so that a stop meanwhile finds it
            try:
                await recording.begin()
            except OSError as error:
                del self.recordings[command.recording]
                raise Refused(Error.DISK, f"{command.path}: {error.strerror or error}") from None
        recording.customer = command.customer
        try:
            await recording.change(customer_silent=command.customer_silent, paused=command.paused, since=command.since, now=self._now())
        except OSError as error:
            recording.stop(self._now(), self._recording_done, UNCONFIRMED)
            raise Refused(Error.DISK, f"{UNCONFIRMED}: {error.strerror or error}") from None
        finally:
            self._replan_recordings()

    def stop_recording(self, name: str) -> None:
        recording = self.recordings.get(name)
        if recording is None:
            raise Refused(Error.NO_SUCH_RECORDING, name)
        recording.stop(self._now(), self._recording_done)
        self._replan_recordings()

    def _recording_done(self, recording: Recording, seconds: float, error: str) -> None:
        self.recordings.pop(recording.name, None)
        self._replan_recordings()
        self._emit(driver.RecordingEnded(self.call, recording.name, str(recording.path), seconds, error))

    def _replan_recordings(self) -> None:
        taping.plan(self.recordings.values(), self.legs, self.bridge, self._heard_by)

    # -- time -------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """20 ms for every leg that is not relayed."""
        if self._collecting:
            for leg in self._collecting:
                if leg.collecting is not None:
                    self._collection_is(leg, keys.tick(leg.collecting, now))
        if not self._ticked and not self._decoded:
            return
        pulled = {leg.name: leg.playout.pull() for leg in self._decoded if leg.playout is not None}
        self._listen(pulled)
        for leg in self._ticked:
            if leg.sending_keys is not None:
                leg.sending_keys.tick(leg, now)
                if leg.sending_keys.done:
                    leg.sending_keys = None
                    self.replan()
            elif leg.playback is not None and leg.playback.frames is not None and leg.playback.codec is not None:
                playback = leg.playback
                leg.send(leg.playback.codec, leg.playback.frames[playback.at], now)
                playback.at += 1
                if playback.at >= len(leg.playback.frames):
                    self._end_play(leg, interrupted=False)
                    self.replan()
            elif leg.sources and self.waits_for_browser(leg):
                self.beep(leg, now)
            elif leg.sources:
                leg.send_mixed(mix((pulled.get(source.name), gain) for source, gain in leg.sources), now)
            elif leg.loop is not None:
                leg.send(leg.loop.codec, leg.loop.next(), now)
            elif leg.state is LegState.UP:
                leg.send_silence(now)

    def keep_house(self, now: float, wall: float) -> None:
        """Five times a second: who is lost, where silence must be filled in, what is due to be written or reported."""
        for leg in self.legs.values():
            if leg.state is LegState.UP and leg.far_sends and not leg.lost and now - leg.last_heard > LOST_AFTER:
                self._lost(leg)
        for recording in list(self.recordings.values()):
            recording.tick(now, self._recording_done)
        if now - self._reported >= REPORTS:
            self._reported = now
            for leg in self.legs.values():
                quality = leg.report(wall, now)
                if leg.state is LegState.UP and leg.packets_in and leg.monitor.worth_telling(quality, now):
                    self._emit(leg.told(quality, quality.mos, now))

    def fill_silence(self, now: float) -> None:
        """20 ms of silence for relayed legs whose other side says nothing at all (no microphone, silence suppression)."""
        for leg in self._relayed:
            source = leg.relayed_from
            if source is not None and now - source.last_sound > STALE and leg.state is LegState.UP:
                if source.lost and self.waits_for_browser(leg):
                    self.beep(leg, now)
                else:
                    leg.send_silence(now)

    # -- what stands ------------------------------------------------------------------------------------------------

    def standing(self) -> StandingCall:
        return StandingCall(
            call=self.call,
            memo=self.memo,
            legs=tuple(StandingLeg(leg.name, leg.kind, leg.state, str(leg.codec or ""), leg.lost, leg.note) for leg in self.legs.values()),
            bridge=self.bridge,
            recordings=tuple(self.recordings),
        )
