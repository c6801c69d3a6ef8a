"""Calls to telephone numbers: over the first trunk that can take them, and the next one when a trunk fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from cordboard.telephony.driver import Cause, Originate, Trunk
from cordboard.telephony.drivers.embedded import causes, trunks
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.drivers.embedded.trunking import Trunking
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import LegKind
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.reasons import q850
from cordboard.telephony.sip.sessions import Ending

log = logging.getLogger(__name__)

SIGN_WITHIN = 4.0
"""Seconds in which a trunk must say anything at all (100 would do), before the next one is tried."""


REDIRECTIONS = 3
"""Redirections (302) that one call follows."""


@dataclass(eq=False, slots=True)
class Dialing:
    """A leg on its way out. `left` are the codes of the trunks not tried yet; `cause` is what the last one came to."""

    command: Originate
    number: str
    sdp: str = ""
    left: list[str] = field(default_factory=list)
    redirections: int = 0
    cause: Cause = Cause.UNREACHABLE


class Dialer:
    def __init__(self, board: Switchboard, trunking: Trunking) -> None:
        self.board = board
        self.trunking = trunking
        self._dialings: dict[str, Dialing] = {}

    def originate(self, command: Originate, call: Call) -> Leg:
        leg = self.board.new_leg(call, LegKind.SIP, Phase.CALLING, command.leg)
        self.board.in_order(call, lambda: self._begin(command, leg))
        return leg

    async def _begin(self, command: Originate, leg: Leg) -> None:
        number = command.endpoint.address
        if not trunks.dialable(number):
            self.board.end(leg, Cause.UNKNOWN_NUMBER, by_far_side=False)
            return
        try:
            offer = await self.board.media(leg.call).make_offer(leg.call.id, leg.id)
        except MediaError as error:
            log.warning("leg %s could not be placed: %s", leg.id, error)
            self.board.end(leg, Cause.FAILED, by_far_side=False)
            return
        leg.in_media = True
        if leg.over:
            return
        self._dialings[leg.id] = Dialing(command, number, offer.sdp, self.trunking.order(command.trunk))
        leg.timer = self.board.agent.wheel.after(command.timeout, lambda: self.board.end(leg, Cause.NO_ANSWER, by_far_side=False))
        self._next(leg)

    def over(self, leg: Leg) -> None:
        """The leg is up, or has ended."""
        self._dialings.pop(leg.id, None)

    def _next(self, leg: Leg) -> None:
        """Over the next trunk that can take it; the end when there is none."""
        dialing = self._dialings[leg.id]
        while dialing.left:
            trunk = self.trunking.usable(dialing.left.pop(0))
            if trunk is not None:
                self._place(leg, dialing, trunk)
                return
        log.info("leg %s: no trunk is left to call over", leg.id)
        self.board.end(leg, dialing.cause, by_far_side=False)

    def _place(self, leg: Leg, dialing: Dialing, trunk: Trunk) -> None:
        command = dialing.command
        leg.trunk = trunk.code

        def made(session: OutboundSession) -> None:
            leg.session, session.owner = session, leg.id
            self.board.keep_soon(leg)
            self.board.agent.wheel.after(SIGN_WITHIN, lambda: self._no_sign(leg, session))

        placement = trunks.placement(trunk, dialing.number, command.caller_id, dialing.sdp, withheld=command.withheld)
        self.board.agent.place(placement, trunks.peer_of(trunk), made)

    def _no_sign(self, leg: Leg, session: OutboundSession) -> None:
        if leg.session is session and leg.phase is Phase.CALLING and not session.heard and leg.id in self._dialings:
            self.trunking.silent(leg.trunk)
            session.owner = ""  # whatever comes of it now is hung up
            session.hang_up()
            self._dialings[leg.id].cause = Cause.UNREACHABLE
            self._next(leg)

    def ended(self, leg: Leg, session: OutboundSession, ending: Ending, status: int) -> bool:
        """Does the call go on: over another trunk, or to where it was redirected? The one called is never tried twice once it has answered in
        whatever way."""
        dialing = self._dialings.get(leg.id)
        if dialing is None or leg.session is not session or leg.phase is not Phase.CALLING:
            return False
        cause = q850(session.refusal)
        dialing.cause = causes.ended(ending, status, cause)
        if 300 <= status < 400:
            return self._redirected(leg, dialing, session)
        if not causes.of_the_trunk(ending, status, cause):
            return False
        log.info("leg %s: trunk %s failed (%s %d)", leg.id, leg.trunk, ending, status)
        self._next(leg)
        return True

    def _redirected(self, leg: Leg, dialing: Dialing, session: OutboundSession) -> bool:
        """Whoever is called must not choose whom we call: only numbers that the trunk's own rules allow are followed, over our trunks, never the address
        beside them, and not for ever."""
        trunk = self.trunking.trunk(leg.trunk)
        if trunk is None or session.refusal is None or dialing.redirections >= REDIRECTIONS:
            return False
        for number in trunks.redirections(trunk, session.refusal.headers.all("contact")):
            if number != dialing.number:
                log.info("leg %s is redirected", leg.id)
                dialing.number, dialing.redirections = number, dialing.redirections + 1
                dialing.left = self.trunking.order(dialing.command.trunk)
                self._next(leg)
                return True
        log.info("leg %s was redirected to where trunk %s may not lead", leg.id, leg.trunk)
        return False
