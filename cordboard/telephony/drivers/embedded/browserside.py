"""Browsers' part of the embedded driver: which page is whose softphone, and legs over WebRTC."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from cordboard.telephony import softphone
from cordboard.telephony.driver import CallOffered, Cause, EndpointKind, LegUp, Originate
from cordboard.telephony.drivers.embedded import causes
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.ice import Servers
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import Codec, LegKind
from cordboard.telephony.sip.bodies import KEYS
from cordboard.telephony.sip.wheel import Timer
from cordboard.telephony.softphone import FromPage
from cordboard.telephony.switchlink import Speaker

log = logging.getLogger(__name__)

FIND_PAGE = 5.0
"""Seconds that an agent without a softphone page has to come back (a front or the switch restarts) before the leg is unreachable."""
GUEST_BACK = 10.0
"""Seconds that a guest's page has to come back before an unanswered call counts as given up."""
RELOAD = 1.0
"""Seconds in which the socket of a page that is being reloaded is known to be closed."""
TRY_AGAIN = 2.0
"""Seconds after the loss of its media (which takes two to notice) in which a leg may come back by itself."""
CONNECT_WITHIN = 20.0
"""Seconds from the answer of a guest's call until its sound must flow."""


@dataclass(slots=True)
class Page:
    """`tab` and `user` as registered; one page of a user is its softphone."""

    id: str
    owner: str
    tab: str


class BrowserSide:
    """Listens to the pages."""

    def __init__(self, board: Switchboard, servers: Servers | None = None) -> None:
        self.board = board
        self._servers = servers or Servers()
        self._pages: dict[str, Page] = {}
        self._softphones: dict[str, str] = {}
        self._closing: dict[str, Timer] = {}

    def _legs_of(self, owner: str) -> list[Leg]:
        return [leg for leg in self.board.legs.values() if leg.owner == owner and not leg.over]

    # -- pages ------------------------------------------------------------------------------------------------------

    def heard(self, speaker: Speaker, message: FromPage) -> None:
        match message:
            case softphone.Register():
                self._register(speaker, message)
            case softphone.Unregister():
                if self._softphones.get(speaker.owner) == speaker.page:
                    del self._softphones[speaker.owner]
            case softphone.Invite():
                self._invite(speaker, message)
            case _:
                leg = self.board.legs.get(message.leg)
                if leg is None or leg.owner != speaker.owner or leg.over:
                    # over, or somebody else's: for the page it is the same
                    self.board.link.send(speaker.page, softphone.Drop(message.leg))
                    return
                self._about(leg, speaker, message)

    def _about(self, leg: Leg, speaker: Speaker, message: FromPage) -> None:
        match message:
            case softphone.Offer():
                leg.page = speaker.page
                page = self._pages.get(speaker.page)
                leg.tab = page.tab if page else leg.tab
                self.board.in_order(leg.call, lambda: self._connect(leg, message.sdp))
            case softphone.Decline():
                log.info("the softphone of %s declined leg %s: %s", leg.owner, leg.id, message.reason)
                if leg.phase is Phase.CALLING:
                    self.board.end(leg, Cause.UNREACHABLE, by_far_side=True)
            case softphone.Key():
                if len(message.key) == 1 and message.key in KEYS and leg.in_media and leg.phase in (Phase.ANSWERED, Phase.UP):
                    leg.presses += 1
                    self.board.in_order(leg.call, lambda: self.board.media(leg.call).press(leg.id, message.key))
            case softphone.Media():
                log.debug("leg %s: %s", leg.id, message)
                if message.state == "failed" and leg.in_media and leg.page == speaker.page:
                    self.ask(leg, speaker.page)
            case softphone.HangUp():
                if leg.owner.startswith("guest:"):
                    cause = Cause.CANCELLED if leg.phase is Phase.OFFERED else Cause.NORMAL
                    self.board.end(leg, cause, by_far_side=True)

    def _register(self, speaker: Speaker, message: softphone.Register) -> None:
        owner = speaker.owner
        self._pages[speaker.page] = Page(speaker.page, owner, message.tab)
        if message.softphone:
            before = self._softphones.get(owner)
            if before is not None and before != speaker.page and before in self._pages:
                self.board.link.send(before, softphone.Replaced())
            self._softphones[owner] = speaker.page
        if (timer := self._closing.pop(owner, None)) is not None:
            timer.cancel()
        mine = {leg.id: leg for leg in self._legs_of(owner)}
        for leg_id in message.legs:
            if (leg := mine.get(leg_id)) is None:
                self.board.link.send(speaker.page, softphone.Drop(leg_id))
                continue
            leg.page, leg.tab = speaker.page, message.tab
            self.board.keep_soon(leg)
            if leg.phase is Phase.UP and leg.media_lost:
                self.ask(leg, speaker.page)
            if leg.phase is Phase.ANSWERED:  # the answer may have gone to a socket that was closed
                self.board.link.send(speaker.page, softphone.Answer(leg.id, leg.answer))
        for leg in mine.values():
            if message.softphone and leg.id not in message.legs:
                self._find_again(leg, speaker.page, reloaded=bool(message.tab) and leg.tab == message.tab)

    def _find_again(self, leg: Leg, page: str, *, reloaded: bool) -> None:
        """A leg whose connection is in no page that we know of: asked for anew where it is certain that the old one is dead."""
        if leg.page in self._pages and leg.page != page:
            if reloaded:  # the old socket is not closed yet, or the tab was duplicated: a moment tells
                self.board.agent.wheel.after(RELOAD, lambda: self._reloaded(leg, page))
            return
        if leg.phase is Phase.CALLING or (leg.phase is Phase.UP and (reloaded or leg.media_lost)):
            self.ask(leg, page)

    def _reloaded(self, leg: Leg, page: str) -> None:
        if not leg.over and page in self._pages and leg.page not in self._pages:
            self.ask(leg, page)

    def media_lost(self, leg: Leg) -> None:
        """Nothing comes from a browser: when its page is gone too, the owner's present page connects anew; a page that is there tries again
        after a moment (another network, say: the browser itself would notice in half a minute)."""
        page = self._softphones.get(leg.owner)
        if leg.page in self._pages:
            self.board.agent.wheel.after(TRY_AGAIN, lambda: self._still_lost(leg))
        elif page is not None:
            self.ask(leg, page)

    def _still_lost(self, leg: Leg) -> None:
        if leg.media_lost and leg.phase is Phase.UP and leg.page in self._pages:
            self.ask(leg, leg.page)

    def page_closed(self, page_id: str) -> None:
        """A closed socket does nothing to a leg that is up. A guest that never was answered has nothing but its page."""
        page = self._pages.pop(page_id, None)
        if page is None:
            return
        if self._softphones.get(page.owner) == page_id:
            del self._softphones[page.owner]
        for leg in self._legs_of(page.owner):
            if leg.phase is Phase.UP and leg.media_lost:
                self.media_lost(leg)
        if any(leg.phase is Phase.OFFERED for leg in self._legs_of(page.owner)):
            self._await_guest(page.owner)

    def _await_guest(self, owner: str) -> None:
        def gone() -> None:
            self._closing.pop(owner, None)
            for leg in self._legs_of(owner):
                if leg.phase is Phase.OFFERED:
                    self.board.end(leg, Cause.CANCELLED, by_far_side=True)

        if owner not in self._closing:
            self._closing[owner] = self.board.agent.wheel.after(GUEST_BACK, gone)

    def quality(self, leg: Leg, mos: float) -> None:
        """Tell the pages in the call how well they are likely to hear: the worst leg's."""
        leg.mos = mos
        worst = min(other.mos for other in leg.call.legs.values() if other.mos and not other.over)
        for other in leg.call.legs.values():
            if other.kind is LegKind.BROWSER and other.phase is Phase.UP and other.owner.startswith("user:"):
                self.board.link.send(other.page, softphone.Quality(other.id, worst))

    # -- a leg to an agent ------------------------------------------------------------------------------------------

    def originate(self, command: Originate, call: Call) -> None:
        leg = self.board.new_leg(call, LegKind.BROWSER, Phase.CALLING, command.leg)
        leg.owner = f"user:{command.endpoint.address}"
        leg.timer = self.board.agent.wheel.after(command.timeout, lambda: self.board.end(leg, Cause.NO_ANSWER, by_far_side=False))
        page = self._softphones.get(leg.owner)
        if page is not None and self.ask(leg, page):
            return
        if command.timeout > FIND_PAGE:
            self.board.agent.wheel.after(FIND_PAGE, lambda: self._unreachable(leg))

    def _unreachable(self, leg: Leg) -> None:
        if leg.phase is Phase.CALLING and not leg.page:
            self.board.end(leg, Cause.UNREACHABLE, by_far_side=False)

    def ask(self, leg: Leg, page: str) -> bool:
        """Have the page connect for this leg, in the codec of the call's other legs where they have one."""
        ice = tuple(self._servers.for_browser(leg.owner, time.time()))
        if not self.board.link.send(page, softphone.Connect(leg.id, leg.call.id, self._codec_for(leg) or Codec.OPUS.value, ice)):
            return False
        leg.page = page
        known = self._pages.get(page)
        leg.tab = known.tab if known else ""
        return True

    def _codec_for(self, leg: Leg) -> str:
        """That of the call's other legs. An agent with whom nobody is yet is about to call a telephone: in what every telephone speaks, so that nothing changes in the
        middle of the sound when it answers. "" where the page may choose."""
        others = [other.codec for other in leg.call.legs.values() if other is not leg and other.codec]
        return others[0] if others else Codec.PCMU.value if leg.owner.startswith("user:") else ""

    async def _connect(self, leg: Leg, sdp: str) -> None:
        if leg.over:
            return
        wanted = self._codec_for(leg)
        prefer = (Codec(wanted),) if wanted in set(Codec) else ()
        try:
            reply = await self.board.media(leg.call).offer(leg.call.id, leg.id, LegKind.BROWSER, sdp, prefer)
        except MediaError as error:
            log.warning("leg %s of %s cannot connect: %s", leg.id, leg.owner, error)
            if leg.phase is Phase.UP:
                return  # it was a new attempt: the leg stands, and its media is lost or not
            self.board.end(leg, causes.refusal(error.code)[1], by_far_side=False)
            return
        leg.in_media = True
        leg.codec = reply.codec
        if leg.phase is Phase.OFFERED:  # a guest's new connection before the answer: kept for that
            leg.answer = leg.offer["answer"] = reply.sdp
            await self.board.keep(leg)
            return
        await self.board.keep(leg)
        self.board.link.send(leg.page, softphone.Answer(leg.id, reply.sdp))

    def up(self, leg: Leg, codec: str) -> None:
        """The media process says that the browser is connected (again)."""
        if leg.phase in (Phase.UP, Phase.ENDED):
            return
        leg.phase = Phase.UP
        leg.codec = codec or leg.codec
        leg.stop_timer()
        self.board.keep_soon(leg)
        self.board.outbox.put(LegUp(leg.id, leg.codec))

    def failed(self, leg: Leg) -> None:
        """ICE or DTLS failed: once more, as long as the leg's time runs."""
        if leg.page in self._pages:
            self.ask(leg, leg.page)

    def hang_up(self, leg: Leg) -> None:
        self.board.link.send(leg.page, softphone.Drop(leg.id, leg.cause or Cause.NORMAL))

    # -- a guest's call ---------------------------------------------------------------------------------------------

    def _invite(self, speaker: Speaker, message: softphone.Invite) -> None:
        def refuse(cause: Cause) -> None:
            self.board.link.send(speaker.page, softphone.Refused(cause))

        if not speaker.guest or self._legs_of(speaker.owner):
            refuse(Cause.REJECTED)  # one call at a time for a guest; signed-in users dial by the desktop
            return
        call = self.board.new_call() if self.board.accepting else None
        if call is None:
            refuse(Cause.FAILED)
            return
        self._pages[speaker.page] = Page(speaker.page, speaker.owner, "")
        self._softphones[speaker.owner] = speaker.page
        leg = self.board.new_leg(call, LegKind.BROWSER, Phase.OFFERED)
        leg.owner, leg.page = speaker.owner, speaker.page
        leg.offer = {"dnis": message.to, "claims": {key: str(value) for key, value in speaker.claims.items()}}
        self.board.in_order(call, lambda: self._offer(leg, message.sdp))

    async def _offer(self, leg: Leg, sdp: str) -> None:
        if leg.over:
            return
        try:
            reply = await self.board.media(leg.call).offer(leg.call.id, leg.id, LegKind.BROWSER, sdp)
        except MediaError as error:
            log.info("a guest's call is refused: %s", error)
            self.board.link.send(leg.page, softphone.Refused(causes.refusal(error.code)[1]))
            self.board.drop_call(leg)
            return
        leg.in_media = True
        leg.answer, leg.codec = reply.sdp, reply.codec
        leg.offer["answer"] = reply.sdp
        await self.board.keep(leg)
        self.board.link.send(leg.page, softphone.Placed(leg.call.id, leg.id))
        self.offered(leg)

    def offered(self, leg: Leg) -> None:
        claims = {str(key): str(value) for key, value in dict(leg.offer["claims"]).items()}
        self.board.refuse_unsettled(leg)
        self.board.outbox.put(CallOffered(leg.call.id, leg.id, "", str(leg.offer["dnis"]), EndpointKind.BROWSER, claims.get("name", ""), claims))

    def ring(self, leg: Leg) -> None:
        self.board.link.send(leg.page, softphone.Ringing(leg.id))

    def answer(self, leg: Leg) -> None:
        leg.phase = Phase.ANSWERED
        leg.stop_timer()
        leg.timer = self.board.agent.wheel.after(CONNECT_WITHIN, lambda: self.board.end(leg, Cause.MEDIA_LOST, by_far_side=False))
        self.board.keep_soon(leg)
        self.board.link.send(leg.page, softphone.Answer(leg.id, leg.answer))
