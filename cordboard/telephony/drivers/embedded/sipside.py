"""SIP's part of the embedded driver: sessions to legs and back."""

from __future__ import annotations

import logging
from collections.abc import Callable

from cordboard.telephony.driver import CallOffered, Cause, EndpointKind, LegRinging, LegUp, Originate, PhoneDials
from cordboard.telephony.drivers.embedded import causes, lines, offering
from cordboard.telephony.drivers.embedded.dialing import Dialer
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.midcall import Midcall, held_by
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import LegKind
from cordboard.telephony.sip.bodies import session_description
from cordboard.telephony.sip.identity import called, caller
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.reasons import q850
from cordboard.telephony.sip.referrals import ReferTo
from cordboard.telephony.sip.sessions import Ending, Session

log = logging.getLogger(__name__)


def stranger(session: Session) -> str:
    """The address of one whom nobody knows; "" of trunks and telephones of ours."""
    dialog = session.dialog
    return dialog.came_from.host if dialog is not None and dialog.confined and dialog.came_from is not None else ""


class SipSide:
    """The user of the SIP agent and of its sessions."""

    def __init__(self, board: Switchboard, dialer: Dialer) -> None:
        self.board = board
        self.dialer = dialer
        self.midcall = Midcall(board)
        board.left = self.midcall.heard

    def _leg(self, session: Session) -> Leg | None:
        return self.board.legs.get(session.owner)

    # -- a call comes in --------------------------------------------------------------------------------------------

    def accepting(self) -> bool:
        return self.board.accepting and self.board.pool.choose() is not None

    def invited(self, session: InboundSession, trusted: bool) -> None:
        beside = lines.beside(self.board, session.phone) if session.phone else None
        call = beside.call if beside is not None else self.board.new_call() if self.accepting() else None
        if call is None:
            session.refuse(503)
            return
        leg = self.board.new_leg(call, LegKind.SIP, Phase.OFFERED, lines.name(call) if beside is not None else "")
        leg.phone, leg.beside = session.phone, beside.id if beside is not None else ""
        leg.session, session.owner = session, leg.id
        leg.trunk = session.account = self.dialer.trunking.came_over(session)
        if session.dialog is not None:
            session.dialog.account = leg.trunk
        who = caller(session.request, trusted)
        leg.offer = {"ani": who.number, "dnis": called(session.request, leg.trunk), "name": who.display_name}
        if session.phone:
            leg.offer |= {"ani": session.phone, "phone": session.phone}
        self.board.in_order(call, lambda: self._offer(leg, session))

    async def _offer(self, leg: Leg, session: InboundSession) -> None:
        if leg.over:
            return
        try:
            await self.negotiate(leg, session)
        except MediaError as error:
            status, cause = causes.refusal(error.code)
            log.info("call %s refused (%s): %s", leg.call.id, cause, error)
            session.refuse(status)
            self.board.drop_call(leg)
            return
        leg.in_media = True
        if leg.over:  # cancelled meanwhile
            self.board.drop_call(leg)
            return
        await self.board.keep(leg)
        session.trying()
        self.offered(leg)

    async def negotiate(self, leg: Leg, session: InboundSession) -> None:
        """Get our SDP for the INVITE from the media process: the answer to theirs, or an offer where they sent none. Raises MediaError."""
        sdp = session_description(session.request)
        media = self.board.media(leg.call)
        if sdp:
            reply = await media.offer(leg.call.id, leg.id, LegKind.SIP, sdp, source=stranger(session))
        else:
            reply = await media.make_offer(leg.call.id, leg.id, source=stranger(session))
        leg.answer, leg.codec = reply.sdp, reply.codec

    def offered(self, leg: Leg) -> None:
        offer = leg.offer
        self.board.refuse_unsettled(leg)
        if leg.beside:
            self.board.outbox.put(PhoneDials(leg.call.id, leg.id, leg.beside, offer["dnis"]))
            return
        self.board.outbox.put(
            CallOffered(
                leg.call.id,
                leg.id,
                offer["ani"],
                offer["dnis"],
                EndpointKind.SIP,
                str(offer.get("name", "")),
                phone=str(offer.get("phone", "")),
                trunk=leg.trunk,
            )
        )

    def acknowledged(self, session: Session, sdp: str) -> None:
        leg = self._leg(session)
        if leg is not None:
            self.board.in_order(leg.call, lambda: self._up(leg, sdp))

    async def _up(self, leg: Leg, sdp: str) -> None:
        if leg.over:
            return
        try:
            if sdp:
                reply = await self.board.media(leg.call).answer(leg.id, sdp)
                leg.codec = reply.codec
        except MediaError as error:
            log.info("the answer of leg %s is of no use: %s", leg.id, error)
            self.board.end(leg, causes.refusal(error.code)[1], by_far_side=False)
            return
        if leg.phase is not Phase.UP:
            leg.phase, leg.up_since = Phase.UP, self.board.agent.wheel.now
            leg.stop_timer()
            self.dialer.over(leg)
            await self.board.keep(leg)
            self.board.outbox.put(LegUp(leg.id, leg.codec, leg.trunk))
        if sdp:
            self.midcall.holds(leg, held_by(sdp))

    # -- commands ---------------------------------------------------------------------------------------------------

    def ring(self, leg: Leg) -> None:
        if isinstance(leg.session, InboundSession):
            leg.session.ring()

    def answer(self, leg: Leg) -> None:
        if isinstance(leg.session, InboundSession):
            leg.phase = Phase.ANSWERED
            leg.session.answer(leg.answer)
            self.board.keep_soon(leg)

    def hang_up(self, leg: Leg) -> None:
        """Tell the far side of an ended leg, unless it told us."""
        self.dialer.over(leg)
        leg.stop_forks()
        session = leg.session
        if session is None or leg.by_far_side:
            return
        if isinstance(session, InboundSession):
            session.refuse(causes.STATUS[leg.cause or Cause.NORMAL])
        session.hang_up()

    def originate(self, command: Originate, call: Call) -> None:
        leg = self.board.new_leg(call, LegKind.SIP, Phase.CALLING, command.leg)
        self.board.in_order(call, lambda: self._place(command, leg))

    async def _place(self, command: Originate, leg: Leg) -> None:
        try:
            reply = await self.board.media(leg.call).make_offer(leg.call.id, leg.id, offering.rather(list(leg.call.legs.values()), leg))
        except MediaError as error:
            log.warning("leg %s could not be placed: %s", leg.id, error)
            self.board.end(leg, Cause.FAILED, by_far_side=False)
            return
        leg.in_media = True

        def made(session: OutboundSession) -> None:
            leg.session, session.owner = session, leg.id
            if leg.over:
                session.hang_up()
                return
            self.board.keep_soon(leg)

        def unreachable() -> None:
            self.board.end(leg, Cause.UNREACHABLE, by_far_side=False)

        if leg.over:
            return
        self.wait_for_answer(leg, command.timeout)
        try:
            self.board.agent.call(command.endpoint.address, reply.sdp, command.caller_id, made, unreachable)
        except ValueError as error:
            log.info("leg %s has no address that can be called: %s", leg.id, error)
            unreachable()

    def wait_for_answer(self, leg: Leg, seconds: float) -> None:
        leg.stop_timer()
        leg.timer = self.board.agent.wheel.after(seconds, lambda: self.board.end(leg, Cause.NO_ANSWER, by_far_side=False))

    # -- what sessions tell -----------------------------------------------------------------------------------------

    def rang(self, session: Session, status: int) -> None:
        leg = self._leg(session)
        if leg is not None and isinstance(session, OutboundSession):
            found, early = leg, session.early
            self.board.in_order(leg.call, lambda: self._ringing(found, status, early))

    async def _ringing(self, leg: Leg, status: int, early: str) -> None:
        """It rings, and perhaps can be heard already."""
        if leg.phase is not Phase.CALLING:
            return
        if early and early != leg.early:
            try:
                leg.codec = (await self.board.media(leg.call).answer(leg.id, early)).codec
            except MediaError as error:
                log.info("what leg %s says before it answers cannot be heard: %s", leg.id, error)
            else:
                leg.early = early
        if leg.phase is Phase.CALLING and (status == 180 or leg.early) and leg.ringing is not bool(leg.early):
            leg.ringing = bool(leg.early)
            self.board.outbox.put(LegRinging(leg.id, leg.ringing, leg.trunk))

    def accepted(self, session: Session, sdp: str) -> None:
        leg = self._leg(session)
        if leg is None or leg.over:
            session.hang_up()
            return
        if not sdp:
            self.board.end(leg, Cause.NO_CODEC, by_far_side=False)
            return
        self.board.in_order(leg.call, lambda: self._up(leg, sdp))

    def reoffered(self, session: Session, sdp: str, reply: Callable[[int, str], None]) -> None:
        leg = self._leg(session)
        if leg is None:
            reply(481, "")
        else:
            self.midcall.reoffered(leg, sdp, reply)

    def offer_wanted(self, session: Session) -> None:
        if (leg := self._leg(session)) is not None:
            self.midcall.offer_wanted(leg, session)

    def reanswered(self, session: Session, sdp: str) -> None:
        if (leg := self._leg(session)) is not None:
            self.midcall.reanswered(leg, sdp)

    def transfer_asked(self, session: Session, target: ReferTo) -> None:
        if (leg := self._leg(session)) is not None:
            self.midcall.transfer_asked(leg, target)

    def replacing(self, session: InboundSession, old: Session, trusted: bool) -> None:
        self.midcall.replacing(self._leg(old), session, old, trusted)

    def pressed(self, session: Session, key: str) -> None:
        leg = self._leg(session)
        if leg is not None and leg.phase is Phase.UP and not leg.keys_in_sound:  # some gateways send each key both ways
            found = leg
            found.presses += 1
            self.board.in_order(leg.call, lambda: self.board.media(found.call).press(found.id, key))

    def moved(self, session: Session) -> None:
        leg = self._leg(session)
        if leg is not None:
            self.board.keep_soon(leg)

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        leg = self._leg(session)
        if leg is None:
            done()
            return
        self.board.end(leg, Cause.NORMAL, by_far_side=True, then=done)

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        leg = self._leg(session)
        if leg is None:
            return
        if not leg.in_media and leg.phase is Phase.OFFERED:  # cancelled before anybody heard of it
            self.board.drop_call(leg)
            return
        if isinstance(session, OutboundSession) and self.dialer.ended(leg, session, ending, status):
            return
        cause = q850(session.refusal) if isinstance(session, OutboundSession) else 0
        self.board.end(leg, causes.ended(ending, status, cause), by_far_side=True)

    def referred(self, session: Session, status: int) -> None:
        if (leg := self._leg(session)) is not None:
            self.midcall.referred(leg, status)
