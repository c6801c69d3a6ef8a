"""What all parts of the embedded driver share: the calls and legs, the media processes, the outbox, and how a leg ends."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from cordboard.telephony.driver import Cause, Command, CommandFailed, LegEnded
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.outbox import Outbox
from cordboard.telephony.drivers.embedded.pool import MediaPool
from cordboard.telephony.media.client import MediaClient, MediaError
from cordboard.telephony.media.protocol import LegKind
from cordboard.telephony.sip.agent import UserAgent
from cordboard.telephony.switchlink import SwitchLinkServer

log = logging.getLogger(__name__)

OFFER_WITHIN = 10.0
"""Seconds in which an offered leg must get Ring, Answer or Reject."""
LINGER = 5.0
"""Seconds that a call without legs stays in its media process, so that a switch that dies then still knows how it ended."""


class Switchboard:
    agent: UserAgent
    link: SwitchLinkServer

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.outbox = Outbox()
        self.pool: MediaPool
        self.accepting = False
        self.empty = asyncio.Event()
        """No leg stands."""
        self.empty.set()
        self.hang_up_leg: Callable[[Leg], None] = lambda leg: None
        """What else an ending leg needs: BYE, or a word to the page."""
        self.left: Callable[[Call], None] = lambda call: None
        """Somebody is gone from this call."""
        self.restore_forks: Callable[[Leg], None] = lambda leg: None
        """Go on ringing the telephones of a leg that was taken over."""
        self._tasks: set[asyncio.Task[None]] = set()

    # -- doing things in order --------------------------------------------------------------------------------------

    def spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(self._logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _logged(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except MediaError as error:
            # the process went in the middle of it; its legs end when that is certain
            log.warning("a media process did not do as asked: %s", error)
        except Exception:
            log.exception("the embedded driver failed at something")

    def in_order(self, call: Call, work: Callable[[], Awaitable[None]]) -> None:
        """Do it after all that was asked of this call before."""

        async def locked() -> None:
            async with call.lock:
                await work()

        self.spawn(locked)

    async def stop(self) -> None:
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- calls and legs ---------------------------------------------------------------------------------------------

    def media(self, call: Call) -> MediaClient:
        return self.pool[call.media]

    def new_call(self, name: str = "") -> Call | None:
        """None when no media process is there. Without a `name` one is drawn."""
        number = self.pool.choose()
        if number is None:
            return None
        call = Call(name or secrets.token_hex(8), number)
        self.calls[call.id] = call
        return call

    def new_leg(self, call: Call, kind: LegKind, phase: Phase, leg_id: str = "") -> Leg:
        leg = Leg(leg_id or f"{call.id}.0", call, kind, phase)
        self.add(leg)
        return leg

    def add(self, leg: Leg) -> None:
        leg.call.legs[leg.id] = leg
        self.legs[leg.id] = leg
        self.empty.clear()
        self.pool.load[leg.call.media] += 1
        if leg.call.timer is not None:
            leg.call.timer.cancel()
            leg.call.timer = None

    async def keep(self, leg: Leg) -> None:
        """Note the leg in its media process. What cannot be noted goes on all the same: it is the next switch that would miss it."""
        if not leg.in_media or leg.call.gone:
            return
        try:
            await self.media(leg.call).note(leg.id, leg.media_state, leg.note())
        except MediaError as error:
            log.warning("leg %s could not be noted: %s", leg.id, error)

    def keep_soon(self, leg: Leg) -> None:
        self.in_order(leg.call, lambda: self.keep(leg))

    def failed(self, command: Command, reason: str) -> None:
        self.outbox.put(CommandFailed(command, reason))

    def refuse_unsettled(self, leg: Leg) -> None:
        """Begin the clock of an offered leg."""

        def late() -> None:
            if not leg.settled and leg.phase is Phase.OFFERED:
                log.error("call %s was offered and nobody dealt with it", leg.call.id)
                self.end(leg, Cause.FAILED, by_far_side=False)

        leg.stop_timer()
        leg.timer = self.agent.wheel.after(OFFER_WITHIN, late)

    # -- the end ----------------------------------------------------------------------------------------------------

    def end(self, leg: Leg, cause: Cause, *, by_far_side: bool, then: Callable[[], None] | None = None) -> None:
        """The leg is over: noted (so that a new switch tells it too), then told, and let go of when it was heard. `then` is
        called once it is noted. A leg ends once."""
        if leg.over:
            if then is not None:
                then()
            return
        was_up = leg.phase
        leg.phase, leg.cause, leg.by_far_side = Phase.ENDED, cause, by_far_side
        leg.stop_timer()
        log.info("leg %s (%s) ended: %s%s", leg.id, was_up, cause, ", by the far side" if by_far_side else "")

        self.left(leg.call)

        async def finish() -> None:
            await self.keep(leg)
            if then is not None:
                then()
            self.hang_up_leg(leg)
            self.outbox.put(LegEnded(leg.id, cause, by_far_side), lambda: self.in_order(leg.call, lambda: self._let_go(leg)))

        self.in_order(leg.call, finish)

    def say_ended(self, leg: Leg) -> None:
        """The leg had ended before this switch was there."""
        assert leg.cause is not None
        self.outbox.put(LegEnded(leg.id, leg.cause, leg.by_far_side), lambda: self.in_order(leg.call, lambda: self._let_go(leg)))

    async def _let_go(self, leg: Leg) -> None:
        self.forget(leg)
        if leg.in_media and not leg.call.gone:
            await self.media(leg.call).close_leg(leg.id)

    def forget(self, leg: Leg) -> None:
        """Out of the books, without a word to anybody; the call follows when nothing came after its last leg."""
        if not self._remove(leg):
            return
        call = leg.call
        if not call.legs:
            self.close_soon(call)

    def _remove(self, leg: Leg) -> bool:
        if self.legs.pop(leg.id, None) is None:
            return False
        leg.call.legs.pop(leg.id, None)
        self.pool.load[leg.call.media] -= 1
        if not self.legs:
            self.empty.set()
        return True

    def close_soon(self, call: Call) -> None:
        call.timer = self.agent.wheel.after(LINGER, lambda: self.in_order(call, lambda: self._close(call)))

    async def _close(self, call: Call) -> None:
        if call.legs:
            return
        self.calls.pop(call.id, None)
        if not call.gone:
            await self.media(call).close_call(call.id)

    def drop_call(self, leg: Leg) -> None:
        """A call (or another line in a call) that never was offered to anybody leaves no trace."""
        call = leg.call
        leg.phase = Phase.ENDED
        leg.stop_timer()
        self._remove(leg)
        alone = not call.legs
        if alone:
            self.calls.pop(call.id, None)

        async def close() -> None:
            if alone:
                await self.media(call).close_call(call.id)
            elif leg.in_media:
                await self.media(call).close_leg(leg.id)

        self.in_order(call, close)  # not in the middle of its beginning, which would leave a leg behind
