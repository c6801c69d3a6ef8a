"""The clerk of one call: writes down what happened, asks the records what to do, and tells the attendant. One thing after another; the records
may be away for a while without the caller hearing more of it than music.

What must be recorded is tried until it is; what is only to be known has a default that a caller can live with: an unknown caller, no recording,
the line's own queue.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from cordboard.channels.voice import actions, actions_keys, actions_phone, looking, queries, wording
from cordboard.channels.voice.attendant import Attendant
from cordboard.channels.voice.cards import CardDue, Cards
from cordboard.channels.voice.executor import DatabaseAway, Executor
from cordboard.channels.voice.hold import Hold, OfferDue
from cordboard.channels.voice.ivr import Ivr, Waited
from cordboard.channels.voice.prompts import Announcements
from cordboard.channels.voice.queries import KnownLine
from cordboard.channels.voice.speaking import EVERY, FIRST, EmergencyDue, Speaking
from cordboard.interactions.actions_segments import customer_away
from cordboard.routing import actions as routing
from cordboard.telephony.calls import Fact
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Answer, Cause, HangUp, Reject, TransferProgress, TransferStep

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

AGAIN = 1.0
"""Seconds between attempts while the records are away."""
OPEN_FOR = 60.0
"""Seconds that a new caller hears music while the records are away, before we say that it does not work."""
DECLINED = (Cause.REJECTED, Cause.BUSY)
"""How an agent's desk telephone says no: the key for it was pressed, or it is off the hook."""
KEEP_TRYING = 900.0
"""Seconds after which a fact is given up; the sweep of lost calls tells the truth later."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """Somebody outside is to be dialled, by the row's id."""

    party: int


class Clerk:
    def __init__(self, attendant: Attendant, db: Executor, announcements: Announcements) -> None:
        self.attendant = attendant
        self.db = db
        self.announcements = announcements
        self.ivr = Ivr(self)
        self.hold = Hold(self)
        self.cards = Cards(self)
        self.speaking = Speaking(self)
        self.opened: Callable[[int], None] = lambda interaction: None
        """Called when the call's interaction is known."""
        self._task: asyncio.Task[None] | None = None
        self._at = datetime.now(UTC)
        """When what is dealt with now happened."""

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self, *, go_on: bool = False) -> None:
        """`go_on`: the call was taken over from another switch."""
        name = f"clerk {self.attendant.name}"
        self._task = asyncio.get_running_loop().create_task(self._run(go_on), name=name)

    @property
    def done(self) -> bool:
        """Everything is written down."""
        return self._task is None or self._task.done()

    def later(self, waited: Waited | Dialled | EmergencyDue | CardDue) -> None:
        """A wait of the flow is over, somebody outside is to be dialled, there is an emergency to tell of, or card data to be keyed."""
        self.attendant.facts.put_nowait((waited, time.time()))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def interaction(self) -> int:
        return self.attendant.desk.interaction

    @property
    def over(self) -> bool:
        return self.attendant.call.ending

    async def _run(self, go_on: bool) -> None:
        if go_on:
            await self._guarded(self._go_on)
        elif not self.interaction:  # a call of ours has its interaction from the beginning
            await self._guarded(self._open)
        while True:
            fact, at = await self.attendant.facts.get()
            self._at = datetime.fromtimestamp(at, UTC)
            await self._guarded(lambda fact=fact: self._deal(fact))  # type: ignore[misc]
            if isinstance(fact, h.CallEnded):
                return

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """One thing that goes wrong does not cost the rest of the call."""
        try:
            await work()
        except Exception:
            logger.exception("call %s: something could not be recorded", self.attendant.name)
            if self.interaction and self.attendant.call.phase.value == "automated" and not self.over:
                await self.to_person()

    async def surely(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Do it in the records, as often as it takes. None when it was given up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + KEEP_TRYING
        while True:
            try:
                return await self.db.run(work, *args, **kwargs)
            except DatabaseAway:
                if loop.time() > until:
                    logger.error("call %s: given up: %s", self.attendant.name, getattr(work, "__name__", work))
                    return None
                await asyncio.sleep(AGAIN)

    # -- the beginning ------------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        """The call is new: is the number one of ours, who calls, in which language?"""
        desk, call = self.attendant.desk, self.attendant
        loop = asyncio.get_running_loop()
        until, taken, begun = loop.time() + OPEN_FOR, False, datetime.fromtimestamp(call.call.since, UTC)
        while True:
            try:
                opened = await self.db.run(
                    actions.open_call, call.name, ani=desk.ani, dnis=desk.dnis, kind=desk.kind, claims=desk.claims, trunk=desk.trunk, now=begun
                )
                break
            except DatabaseAway:
                if self.over:  # gave up meanwhile: it is written down all the same
                    opened = await self.surely(
                        actions.open_call, call.name, ani=desk.ani, dnis=desk.dnis, kind=desk.kind, claims=desk.claims, trunk=desk.trunk, now=begun
                    )
                    if opened is not None:
                        self._know(opened)
                    return
                known = self.announcements.line(desk.dnis)
                if known is None:
                    call.put(h.Refuse(Cause.FAILED))
                    return
                if not taken:
                    taken = True
                    call.note(language=known.languages[0], queue=known.queue)
                    call.put(h.Take())
                if loop.time() > until:
                    await self.speaking.say_and_end(wording.SORRY, Cause.FAILED, "media")
                    return
                await asyncio.sleep(AGAIN)
            except Exception:
                call.put(h.Refuse(Cause.FAILED))
                raise
        if opened is None:
            call.put(h.Refuse(Cause.REJECTED))
            return
        self._know(opened)
        await self.ivr.prepare()
        call.put(h.Take())
        if taken and call.call.up:
            await self.ivr.begin()

    def _know(self, opened: actions.Opened) -> None:
        """What the records answered."""
        call, desk = self.attendant, self.attendant.desk
        self.opened(opened.interaction)
        self.announcements.learn(KnownLine(desk.dnis, tuple(opened.languages) or (opened.language,), opened.queue))
        call.note(
            interaction=opened.interaction,
            queue=opened.queue,
            country=opened.country,
            language=opened.language,
            languages=tuple(opened.languages),
            flow=opened.flow,
        )

    async def _go_on(self) -> None:
        """Taken over: whatever the switch before us had begun is finished."""
        if not self.interaction:
            await self._open()
        elif self.attendant.call.aside:
            await self.cards.due()
        elif self.attendant.call.phase.value == "automated" and not (self.attendant.call.playback or self.attendant.call.collection):
            await self.ivr.go_on()

    # -- facts --------------------------------------------------------------------------------------------------------

    async def _deal(self, fact: Fact | Waited | Dialled | EmergencyDue | CardDue) -> None:
        interaction = self.interaction
        match fact:
            case h.CallerUp():
                if interaction:
                    await self.ivr.begin()
            case h.CustomerRings():
                await self.surely(actions.customer_rings, interaction, trunk=fact.trunk, now=self._at)
            case h.AnsweredBy():
                await self.surely(actions.answered_by, interaction, fact.what, now=self._at)
            case h.CustomerHolds():
                await self.surely(customer_away, interaction, fact.held, now=self._at)
            case h.CustomerAnswered():
                await self.surely(actions.customer_answered, interaction, trunk=fact.trunk, now=self._at)
            case h.Said():
                await self.ivr.said(fact)
            case h.KeysEntered():
                await (self.cards.keys(fact) if self.cards.active else self.hold.keys(fact) if self.hold.active else self.ivr.keys(fact))
            case CardDue():
                await self.cards.due()
            case h.AsideOver():
                await self.cards.over(fact)
            case h.Stayed():
                await self.surely(actions.call_ending, interaction, cause=Cause.NORMAL, by="agent", now=self._at)
                await self.ivr.follow_up(fact.then)
            case h.MessageTaken():
                await self._message_taken(fact)
            case h.WaitingKey():
                await self.hold.key(fact.key)
            case h.AnnouncementDue():
                if not self.hold.active and not await self.speaking.tell_emergency():
                    await self.speaking.announce()
            case EmergencyDue():
                await self.speaking.tell_emergency()
            case OfferDue():
                await self.hold.due()
            case h.PromptFailed():
                await self.surely(actions.prompt_failed, interaction or None, fact.error)
            case h.CallEnding():
                if interaction:
                    await self.surely(actions.call_ending, interaction, cause=fact.cause, by=fact.by, now=self._at)
            case h.CallEnded():
                if interaction:
                    await self.surely(actions.call_ended, interaction, cause=fact.cause, by=fact.by, now=self._at)
                    await self.ivr.close(fact.by)
            case h.AgentAnswered():
                await self.surely(actions_phone.phone_answered, interaction, fact.segment)
            case h.AgentHungUp():
                await self.surely(actions_phone.phone_hung_up, interaction, fact.segment)
            case h.AgentHolds():
                await self.surely(actions_keys.phone_holds, interaction, fact.segment, fact.held)
            case h.AgentTransfers():
                await self._transfer(fact.leg, actions_keys.phone_transfers, fact.segment, fact.target)
            case h.AgentCompletes():
                await self._transfer(fact.leg, actions_keys.phone_completes, fact.segment)
            case h.AgentDials():
                await self._second_line(fact)
            case h.AgentSwaps():
                if await self.surely(actions_keys.phone_swaps, interaction, fact.segment, fact.to_customer) is False:
                    await self.attendant.driver.perform(HangUp(fact.line))
            case h.AgentJoins():
                await self.surely(actions_keys.phone_joins, interaction, fact.segment)
            case h.AgentStopsAsking():
                await self.surely(actions_keys.phone_stops_asking, interaction, fact.segment, fact.parked)
            case h.AgentUnreachable() if fact.cause in DECLINED and not fact.accepted:
                await self.surely(actions_phone.phone_declined, interaction, fact.segment)
            case h.AgentUnreachable():
                await self.surely(actions.agent_unreachable, interaction, fact.segment, accepted=fact.accepted)
            case h.AgentMediaLost():
                await self.surely(actions.agent_media_lost, interaction, fact.segment, now=self._at)
            case h.AgentMediaBack():
                await self.surely(actions.agent_media_back, interaction, fact.segment)
            case h.AgentGone():
                self.speaking.say(wording.BACK)
                await self.surely(actions.agent_gone, interaction, fact.segment)
            case h.RecordingStarted():
                desk = self.attendant.desk
                await self.surely(
                    actions.recording_started,
                    interaction,
                    fact.recording,
                    self.announcements.relative(fact.path),
                    announced=desk.announced,
                    rule=desk.rule,
                )
            case h.RecordingDone():
                await self.surely(actions.recording_ended, fact.recording, seconds=fact.seconds, error=fact.error)
            case h.OutsideRinging():
                await self.surely(actions.outside_ringing, fact.party, trunk=fact.trunk)
            case h.OutsideAnswered():
                await self.surely(actions.outside_answered, fact.party, trunk=fact.trunk, now=self._at)
            case h.OutsideGone():
                await self.surely(actions.outside_gone, fact.party, fact.cause.value, now=self._at)
            case h.NoticeDue():
                self.attendant.put(h.Notice((self.speaking.spoken(wording.LISTENED_TO),)))
            case h.NoticeFailed():
                await self.surely(actions.not_let_in, fact.segment, "not_announced", now=self._at)
            case Dialled():
                await self._dial(fact.party)
            case Waited():
                await self.ivr.waited(fact)
            case h.AgentConnected():
                self.hold.stop()

    async def _dial(self, party: int) -> None:
        """Somebody outside is wanted: the number is in the rows, for the log keeps no such things."""
        row = await self.surely(queries.dialled, party)
        if row is not None:
            self.attendant.put(row.wish)

    async def _message_taken(self, fact: h.MessageTaken) -> None:
        """The caller may be gone already."""
        to = self.attendant.desk.message
        path = self.announcements.relative(fact.path)
        spoken = await self.surely(
            actions.message_left, self.interaction, fact.recording, path, queue=to.get("queue", ""), agent=to.get("agent", ""), error=fact.error, now=self._at
        )
        await self.ivr.message(spoken or 0.0)

    async def _transfer(self, leg: str, act: Callable[..., bool], *terms: Any) -> None:
        """The telephone is told at once that somebody sees to it; when its leg is let go, that it went."""
        tell = self.attendant.driver.perform
        await tell(TransferProgress(leg, TransferStep.ACCEPTED))
        done = False
        try:
            done = await self.db.run(act, self.interaction, *terms)
        except DatabaseAway:
            logger.warning("call %s: a transfer by telephone is refused: the records are away", self.attendant.name)
        finally:  # whatever went wrong: the telephone waits for an answer
            if not done:
                await tell(TransferProgress(leg, TransferStep.REFUSED))

    async def _second_line(self, fact: h.AgentDials) -> None:
        """What a telephone dials on another line is a consultation, or nothing."""
        done = False
        try:
            done = await self.db.run(actions_keys.phone_asks, self.interaction, fact.segment, fact.number)
        except DatabaseAway:
            logger.warning("call %s: a consultation by telephone is refused: the records are away", self.attendant.name)
        finally:
            await self.attendant.driver.perform(Answer(fact.leg) if done else Reject(fact.leg, Cause.REJECTED))

    # -- to a person --------------------------------------------------------------------------------------------------

    async def to_person(self, queue: str = "", values: dict[str, Any] | None = None) -> routing.Enqueued | None:
        """Into a queue: the one that the flow names, else the line's own. While the records are away the caller hears music and it is tried again.
        Returns None when the caller left, or was told that we are closed or that it does not work. After the talk nobody waits any more: the call ends."""
        if self.attendant.call.after:
            self.attendant.put(h.EndCall(Cause.NORMAL, "flow"))
            return None
        own = self.attendant.desk.queue
        wanted = queue or own
        loop = asyncio.get_running_loop()
        until, told = loop.time() + OPEN_FOR, False
        while not self.over:
            try:
                result = await looking.decided(self.db, routing.enqueue, self.interaction, wanted, values=values or {}, may_automate=True)
            except DatabaseAway:
                if not told:
                    told = True
                    self.attendant.put(h.Queued("default", 0.0))
                    self.speaking.say(wording.TROUBLE)
                if loop.time() > until:
                    await self.speaking.say_and_end(wording.SORRY, Cause.FAILED, "media")
                    return None
                await asyncio.sleep(AGAIN)
                continue
            except Exception:
                logger.exception("call %s: queue %s does not take it", self.attendant.name, wanted)
                if wanted == own:
                    await self.speaking.say_and_end(wording.SORRY, Cause.FAILED, "media")
                    return None
                wanted = own
                continue
            if result.entry is not None:
                waiting = self.attendant.desk.waiting
                self.attendant.put(h.Queued(result.music, float(waiting.get("every", EVERY)), float(waiting.get("first", FIRST))))
            return result
        return None
