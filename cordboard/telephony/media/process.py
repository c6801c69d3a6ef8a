"""The media process: one tick for all rooms, and the requests of the switch.

It knows nothing of Django and of the database. When it dies its calls are lost, and only its; what was recorded of
them is finished by the next media process that starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import os
import resource
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cordboard.lib.config import Config, config
from cordboard.lib.draining import Drain
from cordboard.telephony import driver, prompts
from cordboard.telephony.media import protocol
from cordboard.telephony.media.faults import Faults
from cordboard.telephony.media.leg import Leg
from cordboard.telephony.media.leg_rtp import NoCodec, RtpLeg
from cordboard.telephony.media.leg_webrtc import BrowserLeg
from cordboard.telephony.media.playback import Sounds
from cordboard.telephony.media.ports import NoPorts, Ports, share
from cordboard.telephony.media.protocol import Error, LegKind, LegState, MediaEvent, Reply, Request
from cordboard.telephony.media.room import Room
from cordboard.telephony.media.sdes import Wanted
from cordboard.telephony.media.sdp import SdpError
from cordboard.telephony.media.server import Server
from cordboard.telephony.media.stage import Refused
from cordboard.telephony.media.unfinished import Unfinished

log = logging.getLogger(__name__)

TICK = 0.02
"""Seconds."""

HOUSE = 10
"""Ticks between rounds of housekeeping."""

SWEEP = 100
"""Ticks between looks for what was left behind."""

ABANDONED = 600.0
"""Seconds after which a call without legs is let go, should no switch have closed it."""


class Media:
    """All rooms of this process."""

    def __init__(self, number: int, host: str, first_port: int, last_port: int, socket_path: Path, files: Path, encryption: Wanted = Wanted.OFFERED) -> None:
        self.number = number
        self.boot = secrets.token_hex(8)
        self.rooms: dict[str, Room] = {}
        self.encryption = encryption
        self.ports = Ports(host, first_port, last_port)
        self.server = Server(socket_path, self.perform, self.status)
        self._renderers = ThreadPoolExecutor(2, "render")
        self._writers = ThreadPoolExecutor(2, "write")
        self.sounds = Sounds(self._renderers, files / "prompts")
        self._unfinished = Unfinished(files / "unfinished")
        self._where: dict[str, Room] = {}
        """The room of each leg."""
        self._ending: set[Room] = set()
        """Closed, but their recordings are still being finished."""
        self._ticks = 0
        self._late = 0
        self._worst = 0.0
        self._clock: asyncio.Task[None] | None = None
        self._faults = Faults(log, "a tick of a call failed")
        self.draining = False
        self.ended = asyncio.Event()
        """Set when this process is of no more use and should stop."""

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.server.start()
        self._clock = self.loop.create_task(self._run())
        self._mending = self.loop.create_task(self._finish_unfinished())
        self._clock.add_done_callback(self._clock_stopped)

    async def stop(self) -> None:
        """Finish recordings, tell the switch, let everything go."""
        rooms = [*self.rooms.values(), *self._ending]
        recordings = [recording for room in rooms for recording in room.recordings.values()]
        for room in rooms:
            await room.close()
        await asyncio.gather(*(recording.finished() for recording in recordings))
        if self._clock is not None:
            self._clock.cancel()
            self._mending.cancel()
        await self.server.stop()
        self._renderers.shutdown(wait=False, cancel_futures=True)
        self._writers.shutdown(wait=False)
        prompts.stop()

    async def drain(self, run: Path, limit: float) -> None:
        """Let the calls come to their ends, `limit` seconds at most; the switch begins no new ones here. Then the process is through."""
        self.draining = True
        self.emit(protocol.Draining(self.number))
        await Drain(run, f"media-{self.number}", limit, lambda: len(self.rooms), self._cut_off).run()
        self.ended.set()

    async def _cut_off(self, left: int) -> None:
        log.warning("%d calls end with this media process; the switch closes them, and callers are called back where a policy says so", left)

    async def _finish_unfinished(self) -> None:
        """Finish recordings of media processes that were killed, and tell the switch."""
        for ended in await self.loop.run_in_executor(self._writers, self._unfinished.finish_all):
            log.warning("recording %s: %s, %.1f s were saved", ended.path, ended.error or "complete", ended.seconds)
            self.emit(ended)

    def _clock_stopped(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            # Without its clock this process would be deaf and dumb: die, so that the supervisor starts a sound one.
            log.critical("the clock stopped", exc_info=error)
            self.ended.set()

    # -- time -------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        loop = self.loop
        due = loop.time() + TICK
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            now = loop.time()
            lateness = now - due
            if lateness > TICK:
                self._late += 1
                self._worst = max(self._worst, lateness)
            if lateness > 1:  # stopped or suspended: what was missed is past
                due = now
            due += TICK
            self._ticks += 1
            house = self._ticks % HOUSE
            for position, room in enumerate(list(self.rooms.values())):
                try:
                    room.tick(now)
                    room.fill_silence(now)
                    if position % HOUSE == house:  # a share of the rooms in every tick, so that no tick is longer than the others
                        room.keep_house(now, time.time())
                except Exception:  # noqa: BLE001  one call's fault must not silence the others
                    self._faults.caught(room.call)
            if self._ticks % SWEEP == 0:
                self._sweep(now)

    def _sweep(self, now: float) -> None:
        for room in list(self.rooms.values()):
            if room.empty_since is not None and now - room.empty_since > ABANDONED and not room.recordings:
                log.warning("call %s: no legs for %d s, let go", room.call, ABANDONED)
                del self.rooms[room.call]
        self._ending = {room for room in self._ending if room.recordings}
        if self.server.displaced():
            # Left over from a supervisor that was killed: no switch will find us again, and our ports are wanted.
            log.error("another process has taken our place")
            self.ended.set()

    # -- the switch -------------------------------------------------------------------------------------------------

    def emit(self, event: MediaEvent) -> None:
        self.server.emit(event)

    def status(self) -> protocol.Status:
        return protocol.Status(
            number=self.number,
            boot=self.boot,
            pid=os.getpid(),
            calls=len(self.rooms),
            legs=len(self._where),
            recordings=sum(len(room.recordings) for room in self.rooms.values()),
            ticks=self._ticks,
            late_ticks=self._late,
            worst_lateness=round(self._worst, 4),
            events_dropped=self.server.dropped,
            draining=self.draining,
        )

    async def perform(self, request: Request) -> Reply:
        """:raises Refused: it cannot be carried out."""
        try:
            return await self._perform(request)
        except SdpError as error:
            raise Refused(Error.BAD_SDP, str(error)) from None
        except NoCodec as error:
            raise Refused(Error.NO_CODEC, str(error)) from None
        except NoPorts as error:
            raise Refused(Error.NO_PORTS, str(error)) from None

    async def _perform(self, request: Request) -> Reply:
        match request:
            case protocol.Offer():
                return await self._offer(request)
            case protocol.MakeOffer():
                leg = self._where[request.leg].leg(request.leg) if request.leg in self._where else await self._rtp_leg(request.call, request.leg)
                if not isinstance(leg, RtpLeg):
                    raise Refused(Error.BAD_REQUEST, "browsers make the offer themselves")
                leg.signalled_from = request.source or leg.signalled_from
                return leg.offer(request.prefer, request.hold)
            case protocol.FarAnswer():
                leg = self._leg(request.leg)
                if not isinstance(leg, RtpLeg):
                    raise Refused(Error.BAD_REQUEST, "browsers are answered")
                return leg.settle(request.sdp)
            case protocol.Note():
                self._note(request)
            case protocol.CloseLeg():
                return await self._close_leg(request.leg)
            case protocol.CloseCall():
                await self._close_call(request.call)
            case protocol.Press():
                self._room_of(request.leg).press(request.leg, request.key)
            case protocol.List():
                return protocol.Calls(tuple(room.standing() for room in self.rooms.values()))
            case protocol.GetStatus():
                return self.status()
            case driver.Play():
                self._room_of(request.leg).play(request)
            case driver.StopPlay():
                self._room_of(request.leg).stop_play(request.leg)
            case driver.CollectKeys():
                self._room_of(request.leg).collect(request)
            case driver.Music():
                self._room_of(request.leg).music(request)
            case driver.SendKeys():
                self._room_of(request.leg).send_keys(request)
            case driver.Detect():
                self._room_of(request.leg).detect(request.leg)
            case driver.Bridge():
                self._room(request.call).connect(request)
            case driver.Gain():
                self._room(request.call).gain(request)
            case driver.Record():
                await self._room(request.call).record(request)
            case driver.StopRecording():
                self._room(request.call).stop_recording(request.recording)
            case driver.Remember():
                if len(request.memo) > protocol.MEMO_LIMIT:
                    raise Refused(Error.BAD_REQUEST, "the memo is too long")
                self._room(request.call, make=True).memo = request.memo
        return protocol.Done()

    # -- calls and legs ---------------------------------------------------------------------------------------------

    def _room(self, call: str, *, make: bool = False) -> Room:
        room = self.rooms.get(call)
        if room is None:
            if not make:
                raise Refused(Error.NO_SUCH_CALL, call)
            room = self.rooms[call] = Room(call, self.emit, self.sounds, self._writers, self.loop.time, self._unfinished)
        return room

    def _room_of(self, leg: str) -> Room:
        room = self._where.get(leg)
        if room is None:
            raise Refused(Error.NO_SUCH_LEG, leg)
        return room

    def _leg(self, name: str) -> Leg:
        return self._room_of(name).leg(name)

    async def _rtp_leg(self, call: str, name: str) -> RtpLeg:
        room = self._room(call, make=True)
        leg = RtpLeg(name, room, self.ports, self.encryption)
        await leg.open()
        room.add(leg)
        self._where[name] = room
        return leg

    async def _offer(self, request: protocol.Offer) -> Reply:
        known = self._where.get(request.leg)
        if known is not None:
            leg = known.leg(request.leg)
            if known.call != request.call or leg.kind is not request.kind:
                raise Refused(Error.BAD_REQUEST, "the leg belongs to another call or is of another kind")
        elif request.kind is LegKind.SIP:
            leg = await self._rtp_leg(request.call, request.leg)
        else:
            here = self._room(request.call, make=True)
            leg = BrowserLeg(request.leg, here, self.ports)
            here.add(leg)
            self._where[request.leg] = here
        try:
            if isinstance(leg, RtpLeg):
                leg.signalled_from = request.source or leg.signalled_from
                return leg.answer(request.sdp, request.prefer)
            assert isinstance(leg, BrowserLeg)
            return await leg.answer(request.sdp, request.prefer)
        except (SdpError, NoCodec, NoPorts):
            if known is None:
                await self._close_leg(request.leg)
                room = self.rooms.get(request.call)
                if room is not None and not room.legs and not room.memo:
                    del self.rooms[request.call]
            raise

    def _note(self, request: protocol.Note) -> None:
        leg = self._leg(request.leg)
        if request.note is not None:
            if len(request.note) > protocol.MEMO_LIMIT:
                raise Refused(Error.BAD_REQUEST, "the note is too long")
            leg.note = request.note
        if request.state is LegState.UP and leg.state is not LegState.UP:
            if isinstance(leg, RtpLeg):
                leg.gone_up()
        elif request.state is LegState.RINGING:
            leg.state = LegState.RINGING

    async def _close_leg(self, name: str) -> protocol.LegStats:
        room = self._where.pop(name, None)
        leg = await room.remove(name) if room is not None else None
        return leg.stats() if leg is not None else protocol.LegStats()

    async def _close_call(self, call: str) -> None:
        room = self.rooms.pop(call, None)
        if room is not None:
            for name in room.legs:
                self._where.pop(name, None)
            await room.close()
            if room.recordings:
                self._ending.add(room)


def of(number: int, conf: Config) -> Media:
    """Media process `number` of this installation."""
    if ipaddress.ip_address(conf.sip_host).is_unspecified:
        raise ValueError("CORDBOARD_SIP_HOST must be an address that phones and browsers can reach: it is told to them")
    first, last = share(conf.media_port_low, conf.media_port_high, number, conf.media_processes)
    return Media(number, conf.sip_host, first, last, conf.media_socket(number), conf.files, Wanted(conf.sip_srtp))


async def _warm(media: Media) -> None:
    """Render the queue music before somebody waits for it, but not while everything else is starting."""
    await asyncio.sleep(3)
    for codec in protocol.Codec:
        await media.sounds.beeps(codec)
        await media.sounds.music("default", codec)


async def serve(number: int, conf: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    media = of(number, conf)
    drained: list[asyncio.Task[None]] = []

    def politely() -> None:
        if drained:  # asked again: at once
            media.ended.set()
        else:
            drained.append(loop.create_task(media.drain(conf.run, conf.drain_seconds)))

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, media.ended.set)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # four sockets and a file a call soon pass the usual 1024; with fewer we take fewer calls
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    await media.start()
    warm = loop.create_task(_warm(media))
    log.info("media process %d listens at %s", number, conf.media_socket(number))
    # Nothing of what is loaded by now will ever be garbage; rounds of collection then stay short.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    loop.add_signal_handler(signal.SIGUSR1, politely)
    await media.ended.wait()
    warm.cancel()
    for task in drained:
        task.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2.5):  # the supervisor gives three seconds
            await media.stop()


def run(number: int) -> None:
    """The role's entry: blocks until it is told to end."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(number, config()))
