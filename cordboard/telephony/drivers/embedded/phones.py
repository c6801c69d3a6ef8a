"""Our telephones in the embedded driver: they register, they are told to the owner, and a call to an account rings all of them."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from cordboard.lib.config import Config
from cordboard.telephony.driver import Cause, LegRinging, Originate
from cordboard.telephony.drivers.embedded import causes, offering
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.sipside import SipSide
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.handsets import PhoneContact, PhoneKept, PhoneRegistered, SetPhones
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import LegKind
from cordboard.telephony.sip import guard
from cordboard.telephony.sip.authentication import Authenticator
from cordboard.telephony.sip.digest import Algorithm
from cordboard.telephony.sip.gate import Gate
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.registrar import Registrar
from cordboard.telephony.sip.registrations import Binding
from cordboard.telephony.sip.sessions import Session
from cordboard.telephony.sip.uri import NameAddr, Uri
from cordboard.telephony.sip.users import Ending, QuietUser

log = logging.getLogger(__name__)

KEPT = 100
"""Registrations that wait to be kept; beyond it the oldest are answered as they are."""


class PhoneSide:
    def __init__(self, board: Switchboard, sip: SipSide, config: Config) -> None:
        self.board = board
        self.sip = sip
        self._config = config
        self._phones: dict[str, dict[str, str]] = {}
        self._forks: dict[str, Fork] = {}
        self._waiting: dict[int, Callable[[], None]] = {}
        self._serial = 0
        self.who = Authenticator(config.sip_realm, self._digest, algorithms=tuple(Algorithm(name) for name in config.sip_digests))
        self.registrar: Registrar
        board.restore_forks = self._restore

    def start(self) -> None:
        """The agent is bound: let telephones in."""
        agent = self.board.agent
        self.registrar = Registrar(agent.layer, self._changed, time.time, agent.contact)
        config = self._config
        agent.gate = Gate(self.registrar, self.who, self._ours, guard.networks_of(config.sip_allowed), guard.networks_of(config.sip_phones))

    def _digest(self, account: str, algorithm: Algorithm) -> str | None:
        return self._phones.get(account, {}).get(algorithm)

    def _ours(self) -> set[str]:
        host, port = self.board.agent.endpoint.address("udp")
        _, tls = self.board.agent.endpoint.address("tls")
        found = {self._config.sip_realm.lower(), f"{host}:{port}".lower(), f"{host}:{tls}".lower()}
        return found | ({host.lower()} if port == 5060 else set())

    # -- the owner's commands -----------------------------------------------------------------------------------------

    def set(self, command: SetPhones) -> None:
        before, self._phones = self._phones, {phone.account: dict(phone.digests) for phone in command.phones}
        for account, digests in before.items():
            if self._phones.get(account) != digests:
                self.registrar.forget(account)
        kept: dict[str, list[Binding]] = {}
        for account, contact in command.registered:
            if account in self._phones and (found := _binding(contact)) is not None:
                kept.setdefault(account, []).append(found)
                self.who.admit(account, found.source.host)
        self.registrar.restore({account: tuple(found) for account, found in kept.items()})

    def kept(self, command: PhoneKept) -> None:
        if (answer := self._waiting.pop(command.serial, None)) is not None:
            answer()

    def _changed(self, account: str, bindings: tuple[Binding, ...], kept: Callable[[], None]) -> None:
        self._serial += 1
        self._waiting[self._serial] = kept
        while len(self._waiting) > KEPT:
            self._waiting.pop(next(iter(self._waiting)))()
        self.board.outbox.put(PhoneRegistered(account, self._serial, tuple(_contact(one) for one in bindings)))

    # -- calls to a telephone -----------------------------------------------------------------------------------------

    def originate(self, command: Originate, call: Call) -> Leg:
        leg = self.board.new_leg(call, LegKind.SIP, Phase.CALLING, command.leg)
        leg.phone = command.endpoint.address
        self.board.in_order(call, lambda: self._ring(command, leg))
        return leg

    async def _ring(self, command: Originate, leg: Leg) -> None:
        bindings = self.registrar.bound(command.endpoint.address)
        if not bindings:
            log.info("leg %s: no telephone is registered for %s", leg.id, command.endpoint.address)
            self.board.end(leg, Cause.UNREACHABLE, by_far_side=False)
            return
        try:
            reply = await self.board.media(leg.call).make_offer(leg.call.id, leg.id, offering.rather(list(leg.call.legs.values()), leg))
        except MediaError as error:
            log.warning("leg %s could not be placed: %s", leg.id, error)
            self.board.end(leg, Cause.FAILED, by_far_side=False)
            return
        leg.in_media = True
        if leg.over:
            return
        self.sip.wait_for_answer(leg, command.timeout)
        fork = self._fork(leg)
        for binding in bindings:
            fork.place(self._placement(command, binding, reply.sdp), binding.peer)
        self.board.keep_soon(leg)

    def _fork(self, leg: Leg) -> Fork:
        return Fork(self.board, self.sip, leg)

    def _placement(self, command: Originate, binding: Binding, sdp: str) -> Placement:
        host, port = self.board.agent.endpoint.address(binding.peer.transport)
        caller = NameAddr(Uri("sip", command.caller_id or "anonymous", f"{host}:{port}"), command.display_name)
        # for telephones that answer by themselves: what snom, Yealink, Polycom, Grandstream and others listen to
        extra = (
            (("call-info", f"<sip:{host}:{port}>;answer-after=0"), ("alert-info", "<http://127.0.0.1>;info=alert-autoanswer;delay=0"))
            if command.at_once
            else ()
        )
        target = replace(Uri.parse(binding.contact), headers="")  # legal in a Contact, and not in a Request-URI
        return Placement(str(target), caller, sdp, extra)

    # -- taking over --------------------------------------------------------------------------------------------------

    def _restore(self, leg: Leg) -> None:
        """The leg was ringing several telephones. Raises TypeError, KeyError or ValueError for unusable data."""
        fork = self._fork(leg)
        for data in leg.stored_forks:
            session = self.board.agent.restore(data)
            if isinstance(session, OutboundSession):
                fork.add(session)


class Fork(QuietUser):
    """The telephones that ring for one leg; they are told from one another here until one has the call, which is SIP's as any other then."""

    def __init__(self, board: Switchboard, sip: SipSide, leg: Leg) -> None:
        self.board = board
        self.sip = sip
        self.leg = leg
        self.sessions: list[OutboundSession] = []
        self._cause = Cause.UNREACHABLE
        leg.forks = self.sessions
        leg.stop_forks = self.stop

    def place(self, placement: Placement, peer: Peer) -> None:
        self.board.agent.place(placement, peer, self.add)

    def add(self, session: OutboundSession) -> None:
        session.user, session.owner, session.direct = self, self.leg.id, True
        self.sessions.append(session)

    def stop(self) -> None:
        """Nobody is wanted any more."""
        sessions, self.leg.forks = list(self.sessions), []
        self.sessions = []
        for session in sessions:
            session.owner = ""
            session.hang_up()

    # -- what the sessions tell ---------------------------------------------------------------------------------------

    def rang(self, session: Session, status: int) -> None:
        if not self.leg.over and self.leg.ringing is None:
            self.leg.ringing = False
            self.board.outbox.put(LegRinging(self.leg.id))
            self.board.keep_soon(self.leg)

    def accepted(self, session: Session, sdp: str) -> None:
        if self.leg.over or not isinstance(session, OutboundSession) or session not in self.sessions:
            session.hang_up()
            return
        self.sessions.remove(session)
        self.stop()
        session.user = self.sip
        self.leg.session = session
        self.sip.accepted(session, sdp)

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        if not isinstance(session, OutboundSession) or session not in self.sessions:
            return
        self.sessions.remove(session)
        cause = causes.ended(ending, status)
        if self._cause is Cause.UNREACHABLE or cause is Cause.REJECTED:
            self._cause = cause
        if cause is Cause.REJECTED and status >= 600:
            self.stop()  # one says no for all (RFC 3261 section 16.7)
        if not self.sessions:
            self.board.end(self.leg, self._cause, by_far_side=True)

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        done()

    def reoffered(self, session: Session, sdp: str, reply: Callable[[int, str], None]) -> None:
        reply(491, "")

    def moved(self, session: Session) -> None:
        self.board.keep_soon(self.leg)

    # what only an answered call can bring

    def acknowledged(self, session: Session, sdp: str) -> None: ...

    def pressed(self, session: Session, key: str) -> None: ...

    def referred(self, session: Session, status: int) -> None: ...


def _contact(binding: Binding) -> PhoneContact:
    source = binding.source
    memo = json.dumps([source.host, source.port, source.transport, binding.call_id, binding.cseq, binding.instance], separators=(",", ":"))
    return PhoneContact(binding.contact, binding.until, binding.q, binding.agent, memo)


def _binding(contact: PhoneContact) -> Binding | None:
    try:
        host, port, transport, call_id, cseq, instance = json.loads(contact.memo)
        return Binding(
            contact.address, Peer(str(host), int(port), str(transport)), contact.until, contact.q, str(call_id), int(cseq), str(instance), contact.agent
        )
    except (ValueError, TypeError):
        log.warning("a kept registration cannot be read: %s", contact.address)
        return None
