"""The embedded driver: the contract of :mod:`cordboard.telephony.driver` on our own SIP and media processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from cordboard.lib.config import Config
from cordboard.telephony import driver as contract
from cordboard.telephony import ice
from cordboard.telephony.driver import Cause, Command, EndpointKind, Event, Standing
from cordboard.telephony.drivers.embedded import pausing, standing
from cordboard.telephony.drivers.embedded.browserside import BrowserSide
from cordboard.telephony.drivers.embedded.dialing import Dialer
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.phones import PhoneSide
from cordboard.telephony.drivers.embedded.pool import GONE_AFTER, MediaPool
from cordboard.telephony.drivers.embedded.sipside import SipSide
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.drivers.embedded.trunking import Trunking
from cordboard.telephony.handsets import PhoneKept, SetPhones
from cordboard.telephony.media import protocol
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import LegKind, MediaCommand, MediaEvent
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.sockets import Tls
from cordboard.telephony.switchlink import SwitchLinkServer

log = logging.getLogger(__name__)

TELL_EVERY = 60.0
"""Seconds between lines about what was refused."""
PATIENCE = 5.0
"""Seconds to wait for all media processes at the start."""


def _tls(config: Config) -> Tls:
    """Without a certificate of our own nobody connects to us over TLS, and we connect to trunks all the same."""
    if not (config.sip_tls_certificate and config.sip_tls_key):
        return Tls(authorities=config.sip_tls_authorities)
    port = config.sip_tls_port or (config.sip_port + 1 if config.sip_port else 0)
    return Tls(port, Path(config.sip_tls_certificate), Path(config.sip_tls_key), config.sip_tls_authorities)


class EmbeddedDriver:
    """One switch on one SIP address, with the media processes of the run folder (0 to `media_processes` - 1).

    `start` raises OSError when the SIP port is taken or the run folder cannot be written.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.board = Switchboard()
        self.trunking = Trunking(self.board, config.files / "prompts")
        self.dialer = Dialer(self.board, self.trunking)
        self.sip = SipSide(self.board, self.dialer)
        self.browsers = BrowserSide(self.board, ice.of(config))
        self.phones = PhoneSide(self.board, self.sip, config)
        self.sip.midcall.tells = self._tells_hold
        self.board.agent = UserAgent(self.sip, self.sip, Settings(config.sip_trusted, config.sip_rate, 4 * config.sip_rate, calls_per_host=config.sip_calls))
        self.board.link = SwitchLinkServer(config.switch_socket, self.browsers)
        self.board.pool = MediaPool([config.media_socket(number) for number in range(config.media_processes)], self._media_event)
        self.board.hang_up_leg = self._hang_up_leg
        self._superseded = False
        self._told: dict[str, int] = {}

    # -- the contract -----------------------------------------------------------------------------------------------

    async def start(self) -> list[Standing]:
        agent = self.board.agent
        await agent.start(self._config.sip_host, self._config.sip_port, tls=_tls(self._config))
        self.phones.start()
        found = await self.board.pool.start(PATIENCE)
        calls = await standing.take_over(self.board, self.sip, self.browsers, found)
        self.board.accepting = True
        agent.listen()
        agent.wheel.after(TELL_EVERY, self._tell)
        self.board.pool.listen()
        await self.board.link.start()
        return calls

    @property
    def sip_port(self) -> int:
        return self.board.agent.endpoint.port

    def events(self) -> AsyncIterator[Event]:
        """An event counts as dealt with when the next one is asked for; what was not is told to the next switch."""
        return self.board.outbox.events()

    async def perform(self, command: Command) -> None:
        match command:
            case contract.Configure():
                await self.trunking.configure(command.trunks)
                return
            case contract.AskTrunk():
                self.trunking.ask(command.trunk, command.question)
                return
            case SetPhones():
                self.phones.set(command)
                return
            case PhoneKept():
                self.phones.kept(command)
                return
        call = self._call_of(command)
        if call is None and isinstance(command, contract.Originate) and command.begins:
            call = self.board.new_call(command.call)
        if call is None:
            self.board.failed(command, "no such call or leg")
            return
        async with call.lock:
            try:
                reason = await self._perform(command, call)
            except MediaError as error:
                reason = str(error)
            except Exception as error:
                log.exception("a command failed: %s", command)
                reason = f"{type(error).__name__}: {error}"
        if reason:
            self.board.failed(command, reason)

    def take_no_more(self) -> None:
        self.board.accepting = False

    async def stop(self, *, drain: float = 0.0) -> None:
        self.take_no_more()
        if drain and not self._superseded:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.board.empty.wait(), drain)
        await self.board.stop()
        await self.board.link.stop()
        await self.trunking.stop()
        self.board.agent.stop()
        await self.board.pool.stop()
        self.board.outbox.close()

    def _tell(self) -> None:
        """What was refused or could not be read since the last time, as one line."""
        agent = self.board.agent
        now = {"malformed": agent.endpoint.counts["malformed"], "crashed": agent.endpoint.counts["crashed"], "unsent": agent.endpoint.counts["unsent"]}
        now |= {"overload": agent.layer.counts["overload"], **agent.counts, **self.phones.who.counts}
        fresh = {name: count - self._told.get(name, 0) for name, count in now.items() if count != self._told.get(name, 0)}
        self._told = now
        if fresh:
            log.warning("SIP in the last %d s: %s", TELL_EVERY, ", ".join(f"{count} {name}" for name, count in sorted(fresh.items())))
        agent.wheel.after(TELL_EVERY, self._tell)

    def _tells_hold(self, leg: Leg) -> bool:
        """Is its far side to be told that it is on hold, by the trunk's row or the setting for telephones?"""
        trunk = self.trunking.trunk(leg.trunk) if leg.trunk else None
        return trunk.tell_hold if trunk is not None else bool(leg.phone) and self._config.sip_phones_hold

    # -- commands ---------------------------------------------------------------------------------------------------

    def _call_of(self, command: Command) -> Call | None:
        if isinstance(command, contract.Originate) or not hasattr(command, "leg"):
            return self.board.calls.get(getattr(command, "call", ""))
        leg = self.board.legs.get(command.leg)
        return leg.call if leg is not None else None

    async def _perform(self, command: Command, call: Call) -> str:
        """Why it could not be done, "" when it was."""
        match command:
            case contract.Originate():
                return self._originate(command, call)
            case contract.Remember():
                call.remembered = True
                await self.board.media(call).perform(command)
                return ""
            case contract.TransferProgress():
                return self.sip.midcall.progress(command, self.board.legs[command.leg])
            case contract.Configure() | contract.AskTrunk() | SetPhones() | PhoneKept():
                return "concerns no call"
            case contract.Ring() | contract.Answer() | contract.Reject() | contract.HangUp() | contract.Refer():
                return self._about_leg(command, self.board.legs[command.leg])
            case _:
                return await self._media_command(command, call)

    async def _media_command(self, command: MediaCommand, call: Call) -> str:
        if isinstance(command, contract.Record) and command.paused and command.strict:
            await pausing.pause(self.board.media(call), command)
        else:
            await self.board.media(call).perform(command)
        if isinstance(command, contract.Bridge):
            for leg in call.legs.values():
                leg.talked = leg.talked or leg.id in command.legs
                leg.hears_music = leg.hears_music and leg.id not in command.legs
            self.sip.midcall.heard(call)
            self.sip.midcall.bridged([call.legs[name] for name in command.legs if name in call.legs])
        elif isinstance(command, contract.Music) and command.leg in call.legs:
            call.legs[command.leg].hears_music = command.on
            self.sip.midcall.heard(call)
        return ""

    def _originate(self, command: contract.Originate, call: Call) -> str:
        if command.leg in self.board.legs:
            return "the leg is there already"
        if command.endpoint.kind is EndpointKind.BROWSER:
            self.browsers.originate(command, call)
        elif command.endpoint.kind is EndpointKind.PHONE:
            self.phones.originate(command, call)
        elif command.endpoint.kind is EndpointKind.OUTSIDE:
            self.dialer.originate(command, call)
        else:
            self.sip.originate(command, call)
        return ""

    def _about_leg(self, command: contract.Ring | contract.Answer | contract.Reject | contract.HangUp | contract.Refer, leg: Leg) -> str:
        if leg.over:
            return "the leg has ended"
        side = self.sip if leg.kind is LegKind.SIP else self.browsers
        match command:
            case contract.HangUp():
                self.board.end(leg, command.cause, by_far_side=False)
            case contract.Refer():
                if leg.kind is not LegKind.SIP or command.target.kind is not EndpointKind.SIP:
                    return "only a SIP leg can be sent to a SIP address"
                self.sip.midcall.refer(command, leg)
            case _ if leg.phase is not Phase.OFFERED:
                return f"the leg is {leg.phase}"
            case contract.Reject():
                leg.settled = True
                self.board.end(leg, command.cause, by_far_side=False)
            case contract.Ring() | contract.Answer():
                leg.settled = True
                leg.stop_timer()
                if isinstance(command, contract.Ring):
                    side.ring(leg)
                    self.board.keep_soon(leg)
                else:
                    side.answer(leg)
        return ""

    def _hang_up_leg(self, leg: Leg) -> None:
        if leg.kind is LegKind.SIP:
            self.sip.hang_up(leg)
        else:
            self.browsers.hang_up(leg)

    # -- what media processes tell ----------------------------------------------------------------------------------

    async def _media_event(self, number: int, event: MediaEvent) -> None:
        board = self.board
        match event:
            case protocol.ProcessUp():
                (board.pool.draining.add if event.draining else board.pool.draining.discard)(number)
                self._process_up(number, event.boot)
            case protocol.Draining():
                board.pool.draining.add(number)
                log.info("media process %d takes no new calls", number)
            case protocol.ProcessDown():
                if any(call.media == number for call in board.calls.values()):
                    log.warning("media process %d is gone", number)
                    board.agent.wheel.after(GONE_AFTER, lambda: self._still_gone(number))
            case protocol.Superseded():
                log.warning("another switch has taken over media process %d; this one lets go", number)
                self._superseded = True
                board.accepting = False
                board.outbox.close()
            case contract.LegUp():
                if (leg := board.legs.get(event.leg)) is not None and leg.kind is LegKind.BROWSER:
                    self.browsers.up(leg, event.codec)
            case protocol.LegFailed():
                if (leg := board.legs.get(event.leg)) is not None and leg.kind is LegKind.BROWSER:
                    log.warning("leg %s cannot connect: %s", leg.id, event.reason)
                    self.browsers.failed(leg)
            case contract.MediaLost() | contract.MediaRestored():
                leg = board.legs.get(event.leg)
                if leg is None or leg.over:
                    return
                leg.media_lost = isinstance(event, contract.MediaLost)
                if leg.media_lost and leg.kind is LegKind.BROWSER:
                    self.browsers.media_lost(leg)
                await board.outbox.put_and_wait(event)
            case contract.LegQuality():
                if (leg := board.legs.get(event.leg)) is not None and not leg.over:
                    self.browsers.quality(leg, event.mos)
                await board.outbox.put_and_wait(event)
            case contract.KeyPressed():
                if (leg := board.legs.get(event.leg)) is not None:
                    leg.keys_in_sound = leg.keys_in_sound or not leg.presses
                    leg.presses = max(0, leg.presses - 1)
                await board.outbox.put_and_wait(event)
            case _:
                await board.outbox.put_and_wait(event)

    def _process_up(self, number: int, boot: str) -> None:
        """Connected (again). Another life of the process has none of the legs that the one before had."""
        before = self.board.pool.boots.get(number)
        self.board.pool.boots[number] = boot
        if before is not None and before != boot:
            log.warning("media process %d has been started anew", number)
            self._fail(number)
        self.board.spawn(lambda: self._reconcile(number))

    async def _reconcile(self, number: int) -> None:
        """Calls that stand in the process and that we do not know (it came too late for `start`, or after we had given it up): ended."""
        unknown = tuple(call for call in await self.board.pool[number].standing() if call.call not in self.board.calls)
        if not unknown:
            return
        log.warning("media process %d has %d calls that nobody here knows", number, len(unknown))
        await standing.take_over(self.board, self.sip, self.browsers, {number: unknown})
        for one in unknown:
            if (call := self.board.calls.get(one.call)) is not None:
                for leg in list(call.legs.values()):
                    self.board.end(leg, Cause.FAILED, by_far_side=False)

    def _still_gone(self, number: int) -> None:
        if not self.board.pool[number].is_connected:
            self._fail(number)

    def _fail(self, number: int) -> None:
        for call in list(self.board.calls.values()):
            if call.media != number or call.gone:
                continue
            call.gone = True
            for leg in list(call.legs.values()):
                self.board.end(leg, Cause.FAILED, by_far_side=False)
            if not call.legs:
                self.board.calls.pop(call.id, None)
