"""What changes in a SIP leg while it is up: holds and other new descriptions, transfers that its far side asks for, another telephone in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable

from cordboard.telephony.driver import Cause, CommandFailed, LegHeld, Refer, TransferProgress, TransferRequested, TransferStep
from cordboard.telephony.drivers.embedded import causes, offering
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.media import sdp as descriptions
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import LegKind
from cordboard.telephony.sip.bodies import session_description
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.referrals import ReferTo, Replaces
from cordboard.telephony.sip.sessions import Session

log = logging.getLogger(__name__)

NOBODY = "nobody"
"""In TransferRequested: what is to be replaced is no leg of ours."""
STATUS = {TransferStep.DONE: 200, TransferStep.REFUSED: 603, TransferStep.FAILED: 503}


def held_by(sdp: str) -> bool:
    """Does this description put us on hold: by direction (RFC 3264 section 8.4) or the old way, listening nowhere?"""
    try:
        audio = descriptions.parse(sdp).audio
    except descriptions.SdpError:
        return False
    return not audio.far_listens or audio.nowhere


class Midcall:
    def __init__(self, board: Switchboard) -> None:
        self.board = board
        self.tells: Callable[[Leg], bool] = lambda leg: False
        """Is this leg's far side to be told that it is on hold?"""

    # -- new descriptions -------------------------------------------------------------------------------------------

    def reoffered(self, leg: Leg, sdp: str, reply: Callable[[int, str], None]) -> None:
        async def negotiate() -> None:
            media = self.board.media(leg.call)
            try:
                if sdp:
                    answer = await media.offer(leg.call.id, leg.id, LegKind.SIP, sdp)
                else:
                    answer = await media.make_offer(leg.call.id, leg.id)
            except MediaError as error:
                log.info("a new offer on leg %s is refused: %s", leg.id, error)
                reply(488 if causes.refusal(error.code)[1] is Cause.NO_CODEC else 500, "")
                return
            leg.codec = answer.codec or leg.codec
            reply(200, answer.sdp)
            if sdp:
                self.holds(leg, held_by(sdp))

        self.board.in_order(leg.call, negotiate)

    def holds(self, leg: Leg, held: bool) -> None:
        if held != leg.held and not leg.over:
            leg.held = held
            self.board.outbox.put(LegHeld(leg.id, held))
            self.board.keep_soon(leg)

    def offer_wanted(self, leg: Leg, session: Session) -> None:
        """The session must be refreshed, and its far side does not take less than a full offer."""

        async def offer() -> None:
            if leg.over:
                return
            try:
                made = await self.board.media(leg.call).make_offer(leg.call.id, leg.id, offering.order(leg.asked_for), leg.on_hold)
            except MediaError as error:
                log.warning("leg %s could not be refreshed: %s", leg.id, error)
                return
            session.reoffer(made.sdp)

        self.board.in_order(leg.call, offer)

    def reanswered(self, leg: Leg, sdp: str) -> None:
        async def settle() -> None:
            try:
                leg.codec = (await self.board.media(leg.call).answer(leg.id, sdp)).codec or leg.codec
            except MediaError as error:
                log.warning("the answer of leg %s is of no use: %s", leg.id, error)
                return
            self.holds(leg, held_by(sdp))

        self.board.in_order(leg.call, settle)

    # -- what we offer ------------------------------------------------------------------------------------------------

    def heard(self, call: Call) -> None:
        """What is heard in this call has changed: tell those who want to know that they are on hold, and let two talk in one codec where they can."""
        for leg in list(call.legs.values()):
            if leg.kind is LegKind.SIP and leg.phase is Phase.UP and leg.session is not None:
                held = offering.holds(leg) and self.tells(leg)
                if held != leg.on_hold:
                    leg.on_hold = held
                    self.board.keep_soon(leg)
                    self.offer_wanted(leg, leg.session)

    def bridged(self, legs: list[Leg]) -> None:
        """Two talk: where one of them must be decoded for the other, a telephone that may know the other's codec is asked to change (RFC 3264 section 8.3.2)."""
        if (found := offering.to_change(legs)) is not None:
            leg, codec = found
            leg.asked_for = codec
            if leg.session is not None:
                log.info("leg %s is offered %s, so that nothing need be decoded", leg.id, codec)
                self.offer_wanted(leg, leg.session)

    # -- transfers --------------------------------------------------------------------------------------------------

    def refer(self, command: Refer, leg: Leg) -> None:
        """Send the far side elsewhere, into the place of another leg of ours where the command names one."""
        other = self.board.legs.get(command.replaces) if command.replaces else None
        if leg.session is None or leg.phase is not Phase.UP:
            self.board.failed(command, "the leg is not up")
        elif command.replaces and (other is None or other.session is None or other.phase is not Phase.UP):
            self.board.failed(command, "the leg to be replaced is not up")
        else:
            leg.refer = command
            named: Replaces | None = other.session.named() if other is not None and other.session is not None else None
            try:
                leg.session.refer(command.target.address, named)
            except ValueError as error:
                leg.refer = None
                self.board.failed(command, f"no address: {error}")

    def referred(self, leg: Leg, status: int) -> None:
        if leg.refer is None:
            return
        command, leg.refer = leg.refer, None
        if status // 100 == 2:
            self.board.end(leg, Cause.NORMAL, by_far_side=False)
        else:
            self.board.outbox.put(CommandFailed(command, f"the far side answered {status}"))

    def transfer_asked(self, leg: Leg, target: ReferTo) -> None:
        replaced = ""
        if (named := target.replaces) is not None:
            # the telephone names its other call with us as we are to find it: our tag is the local one
            replaced = next((one.id for one in self.board.legs.values() if one.session is not None and _is(one.session, named)), NOBODY)
        self.board.outbox.put(TransferRequested(leg.id, target.uri.number, replaced))

    def progress(self, command: TransferProgress, leg: Leg) -> str:
        session = leg.session
        if session is None:
            return "the leg has no SIP session"
        match command.step:
            case TransferStep.ACCEPTED:
                known = session.transfer_accepted()
            case TransferStep.RINGING:
                known = session.transfer_rings()
            case _:
                known = session.transfer_over(STATUS[command.step])
        return "" if known else "no transfer is asked for"

    # -- another telephone ------------------------------------------------------------------------------------------

    def replacing(self, leg: Leg | None, session: InboundSession, old: Session, trusted: bool) -> None:
        """Another telephone takes the place of the one on this leg (RFC 3891): a trunk, a telephone of ours that has proved to be one, or one at the same address."""
        source = session.invite.source.host if session.invite is not None else ""
        proved = session.invite is not None and bool(session.invite.phone)
        known = trusted or proved or (old.dialog is not None and old.dialog.came_from is not None and old.dialog.came_from.host == source)
        if leg is None or leg.phase is not Phase.UP or not known:
            session.refuse(481 if leg is None else 403)
            return
        found = leg

        async def take() -> None:
            if found.phase is not Phase.UP or found.session is not old:
                session.refuse(481)
                return
            sdp = session_description(session.request)
            try:
                media = self.board.media(found.call)
                reply = await (media.offer(found.call.id, found.id, LegKind.SIP, sdp) if sdp else media.make_offer(found.call.id, found.id))
            except MediaError as error:
                session.refuse(causes.refusal(error.code)[0])
                return
            found.session, session.owner, old.owner = session, found.id, ""
            found.codec = reply.codec or found.codec
            session.answer(reply.sdp)
            old.hang_up()
            await self.board.keep(found)
            self.holds(found, held_by(sdp) if sdp else False)

        self.board.in_order(leg.call, take)


def _is(session: Session, named: Replaces) -> bool:
    tags = {session.local_tag, session.dialog.remote_tag} if session.dialog is not None else set()
    return session.call_id == named.call_id and tags == {named.local_tag, named.remote_tag}
