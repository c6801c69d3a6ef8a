"""Taking over what stands in the media processes after another switch died."""

from __future__ import annotations

import logging

from cordboard.telephony.driver import Cause, Standing
from cordboard.telephony.drivers.embedded.browserside import BrowserSide
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase, from_note
from cordboard.telephony.drivers.embedded.sipside import SipSide
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import LegKind, LegState, StandingCall, StandingLeg
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.sessions import Phase as SipPhase

log = logging.getLogger(__name__)

CALLING_LEFT = 30.0
"""Seconds that a leg which was being called has left."""


async def take_over(board: Switchboard, sip: SipSide, browsers: BrowserSide, found: dict[int, tuple[StandingCall, ...]]) -> list[Standing]:
    """Make calls and legs again from their notes. Calls that nobody had dealt with yet are offered again instead of returned; legs that had
    ended without anybody being told are told; what nobody knows is closed."""
    result: list[Standing] = []
    for number, calls in found.items():
        for one in calls:
            call = Call(one.call, number, remembered=bool(one.memo))
            board.calls[call.id] = call
            for known in one.legs:
                await _leg(board, sip, call, known)
            legs = {leg.id: leg for leg in call.legs.values() if not leg.over}
            if not call.remembered and len(call.legs) == 1 and (offered := _unheard(call)) is not None:
                (sip if offered.kind is LegKind.SIP else browsers).offered(offered)
                continue
            if not call.legs:
                board.close_soon(call)
            result.append(Standing(call.id, {leg.id: "up" if leg.phase is Phase.UP else "ringing" for leg in legs.values()}, one.memo))
            for leg in legs.values():
                _go_on(board, sip, browsers, leg)
    if result:
        log.warning("took over %d calls", len(result))
    return result


async def _leg(board: Switchboard, sip: SipSide, call: Call, known: StandingLeg) -> None:
    try:
        leg, data = from_note(known.leg, call, known.kind, known.codec, known.note)
        leg.media_lost = known.media_lost
        if known.kind is LegKind.BROWSER and known.state is LegState.UP and leg.phase in (Phase.CALLING, Phase.ANSWERED):
            leg.phase = Phase.UP  # connected in the moment in which the switch died
        if data is not None and data.get("phase") != SipPhase.ENDED:
            leg.session = board.agent.restore(data)
            leg.session.owner = leg.id
        elif leg.stored_forks:
            board.restore_forks(leg)
        elif leg.kind is LegKind.SIP and not leg.over and not (leg.way and leg.phase is Phase.CALLING):
            raise ValueError("a SIP leg without a session")
        if leg.phase is Phase.OFFERED and isinstance(leg.session, InboundSession):
            await sip.negotiate(leg, leg.session)
        elif leg.phase in (Phase.OFFERED, Phase.ANSWERED) and leg.kind is LegKind.BROWSER:
            leg.answer = str(leg.offer.get("answer", ""))
    except (ValueError, KeyError, TypeError, MediaError) as error:
        log.error("leg %s cannot be taken over: %s", known.leg, error)
        try:
            await board.media(call).close_leg(known.leg)
        except MediaError as again:
            log.error("nor closed: %s", again)
        return
    board.add(leg)
    if leg.over:
        board.say_ended(leg)
        if leg.session is not None and not leg.by_far_side:  # perhaps our BYE never went out
            sip.hang_up(leg)


def _unheard(call: Call) -> Leg | None:
    """The leg of a call that was offered, or was about to be, and not dealt with."""
    leg = next(iter(call.legs.values()))
    return leg if leg.phase is Phase.OFFERED and not leg.settled and leg.offer else None


def _go_on(board: Switchboard, sip: SipSide, browsers: BrowserSide, leg: Leg) -> None:
    """Start the clocks that ran in the switch before."""
    if leg.phase is Phase.CALLING and leg.way:
        try:
            sip.dialer.go_on(leg)
        except (KeyError, ValueError, TypeError) as error:
            log.error("how leg %s was dialled cannot be read: %s", leg.id, error)
            sip.wait_for_answer(leg, CALLING_LEFT)
    elif leg.phase is Phase.CALLING:
        sip.wait_for_answer(leg, CALLING_LEFT)
    elif leg.phase is Phase.OFFERED and not leg.settled:
        board.refuse_unsettled(leg)
    elif leg.phase is Phase.ANSWERED and leg.kind is LegKind.BROWSER:
        leg.timer = board.agent.wheel.after(CALLING_LEFT, lambda: board.end(leg, Cause.MEDIA_LOST, by_far_side=False))
