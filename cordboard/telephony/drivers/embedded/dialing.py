"""Calls to telephone numbers: over the first trunk that can take them, and the next one when a trunk fails."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from cordboard.telephony.driver import Cause, Originate, Trunk
from cordboard.telephony.drivers.embedded import causes, offering, trunks
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

LONGEST = 600.0
"""Seconds that a call may go on ringing after another switch has taken it over, at most."""
REDIRECTIONS = 3
"""Redirections (302) that one call follows."""


@dataclass(eq=False, slots=True)
class Dialing:
    """A leg on its way out. `left` are the codes of the trunks not tried yet; `cause` is what the last one came to."""

    number: str
    caller_id: str
    withheld: bool
    trunk: str
    """The only one that may be used, "" for all."""
    until: float
    """When it has rung for long enough, seconds since the epoch."""
    sdp: str = ""
    left: list[str] = field(default_factory=list)
    redirections: int = 0
    cause: Cause = Cause.UNREACHABLE

    def to_data(self) -> dict[str, Any]:
        """To be kept with the leg; our offer stands in the INVITE, which is kept, too."""
        return {
            "number": self.number, "caller_id": self.caller_id, "withheld": self.withheld, "trunk": self.trunk, "until": self.until, "left": list(self.left),
            "redirections": self.redirections, "cause": str(self.cause),
        }  # fmt: skip

    @classmethod
    def from_data(cls, data: dict[str, Any], sdp: str) -> Dialing:
        """Raises KeyError or ValueError for what `to_data` did not make."""
        return cls(
            str(data["number"]), str(data["caller_id"]), bool(data["withheld"]), str(data["trunk"]), float(data["until"]), sdp,
            [str(code) for code in data["left"]], int(data["redirections"]), Cause(data["cause"]),
        )  # fmt: skip


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
            offer = await self.board.media(leg.call).make_offer(leg.call.id, leg.id, offering.rather(list(leg.call.legs.values()), leg))
        except MediaError as error:
            log.warning("leg %s could not be placed: %s", leg.id, error)
            self.board.end(leg, Cause.FAILED, by_far_side=False)
            return
        leg.in_media = True
        if leg.over:
            return
        order, until = self.trunking.order(command.trunk), time.time() + command.timeout
        self._dialings[leg.id] = Dialing(number, command.caller_id, command.withheld, command.trunk, until, offer.sdp, order)
        self._ring_until(leg, command.timeout)
        self._next(leg)

    def _ring_until(self, leg: Leg, seconds: float) -> None:
        leg.timer = self.board.agent.wheel.after(seconds, lambda: self.board.end(leg, Cause.NO_ANSWER, by_far_side=False))

    def go_on(self, leg: Leg) -> None:
        """Another switch was dialling it: with what it knew we go on, to the next trunk where this one fails. Raises KeyError or ValueError."""
        session = leg.session if isinstance(leg.session, OutboundSession) else None
        dialing = self._dialings[leg.id] = Dialing.from_data(leg.way, session.offer if session is not None else "")
        self._ring_until(leg, min(max(1.0, dialing.until - time.time()), LONGEST))
        if session is not None:
            self.board.agent.wheel.after(SIGN_WITHIN, lambda: self._no_sign(leg, session))
        else:  # the one before had failed, and the next was not called yet
            self.board.in_order(leg.call, lambda: self._again(leg, dialing))

    async def _again(self, leg: Leg, dialing: Dialing) -> None:
        try:
            dialing.sdp = (await self.board.media(leg.call).make_offer(leg.call.id, leg.id)).sdp
        except MediaError as error:
            log.warning("leg %s could not be placed: %s", leg.id, error)
            self.board.end(leg, Cause.FAILED, by_far_side=False)
            return
        self.trunking.once_known(lambda: self._next(leg))

    def over(self, leg: Leg) -> None:
        """The leg is up, or has ended."""
        self._dialings.pop(leg.id, None)
        leg.way = {}

    def _next(self, leg: Leg) -> None:
        """Over the next trunk that can take it; the end when there is none."""
        dialing = self._dialings.get(leg.id)
        if dialing is None or leg.over:
            return
        while dialing.left:
            trunk = self.trunking.usable(dialing.left.pop(0))
            if trunk is not None:
                self._place(leg, dialing, trunk)
                return
        log.info("leg %s: no trunk is left to call over", leg.id)
        self.board.end(leg, dialing.cause, by_far_side=False)

    def _place(self, leg: Leg, dialing: Dialing, trunk: Trunk) -> None:
        leg.trunk = trunk.code
        leg.way = dialing.to_data()

        def made(session: OutboundSession) -> None:
            leg.session, session.owner = session, leg.id
            self.board.keep_soon(leg)
            self.board.agent.wheel.after(SIGN_WITHIN, lambda: self._no_sign(leg, session))

        placement = trunks.placement(trunk, dialing.number, dialing.caller_id, dialing.sdp, withheld=dialing.withheld)
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
        whatever way. A switch that has just begun knows its trunks in a moment, and decides then."""
        if leg.id not in self._dialings or leg.session is not session or leg.phase is not Phase.CALLING:
            return False
        if self.trunking.known:
            return self._goes_on(leg, session, ending, status)

        def decide() -> None:
            if leg.phase is Phase.CALLING and not self._goes_on(leg, session, ending, status):
                self.board.end(leg, causes.ended(ending, status, q850(session.refusal)), by_far_side=True)

        self.trunking.once_known(decide)
        return True

    def _goes_on(self, leg: Leg, session: OutboundSession, ending: Ending, status: int) -> bool:
        dialing = self._dialings.get(leg.id)
        if dialing is None:
            return False
        cause = q850(session.refusal)
        dialing.cause = causes.ended(ending, status, cause)
        if 300 <= status < 400:
            return self._redirected(leg, dialing, session)
        if not causes.of_the_trunk(ending, status, cause):
            return False
        log.info("leg %s: trunk %s failed (%s %d)", leg.id, leg.trunk, ending, status)
        if status in (401, 407) and session.taken_over:  # asked before we knew our secret for it
            dialing.left.insert(0, leg.trunk)
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
                dialing.left = self.trunking.order(dialing.trunk)
                self._next(leg)
                return True
        log.info("leg %s was redirected to where trunk %s may not lead", leg.id, leg.trunk)
        return False
