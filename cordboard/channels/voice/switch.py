"""The switch: joins the driver, the event log and the records, one attendant and one clerk a call.

Commands of people come from the log: whatever they do is a row and an event first, and reaches the sound from there, in milliseconds by the
doorbell. What happens in the sound goes back by the clerks. Nothing here is lost with the process: calls, legs and memos stand in the media
processes, wishes in the log and the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError

from cordboard.channels.voice import actions, placing, queries, wishes, wishes_recording
from cordboard.channels.voice import desk as desks
from cordboard.channels.voice.attendant import Attendant
from cordboard.channels.voice.cards import CardDue
from cordboard.channels.voice.clerk import Clerk, Dialled
from cordboard.channels.voice.desk import Desk
from cordboard.channels.voice.devices import Devices
from cordboard.channels.voice.executor import DatabaseAway, Executor
from cordboard.channels.voice.prompts import Announcements
from cordboard.channels.voice.quality import QualityBook
from cordboard.channels.voice.rounds import Rounds
from cordboard.channels.voice.speaking import EmergencyDue
from cordboard.channels.voice.trunks import Trunks
from cordboard.events import doorbell, feed
from cordboard.lib.config import Config
from cordboard.lib.draining import Drain
from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import CallOffered, Cause, Driver, Event, Standing
from cordboard.telephony.handsets import PhoneRegistered

logger = logging.getLogger(__name__)

DRIVERS = ("psycopg", "pysqlite3")
"""Whose errors mean that the database is away; imported only where that database is used."""
DIALLED = "interactions.outside_dialled"
"""The event that asks for somebody outside; the number is in the rows."""
EMERGENCY = "voice.emergency_set"
CARDS = frozenset({"voice.card_asked", "voice.card_ended"})
TERMS_CHANGE = frozenset({"voice.prompt_set", "voice.emergency_set"})
"""Events after which lines, music and announcements are read again at once."""
CURSOR_EVERY = 1.0
DEALT_WITHIN = 0.25
"""Seconds that one event may hold up the next of other calls."""
END_WITHIN = 6.0
"""Seconds that calls which are ended by a stop may take to be over and written down."""
KEPT = 60.0
"""Seconds that an ended call's clerk may take to write down its last."""


class Switch:
    def __init__(self, config: Config, driver: Driver) -> None:
        self.config = config
        self.driver = driver
        self.db = Executor()
        self.announcements = Announcements(config)
        self.attendants: dict[str, Attendant] = {}
        self.clerks: dict[str, Clerk] = {}
        self.by_interaction: dict[int, str] = {}
        self._feed = feed.OwnConnection.of(config)
        self._feed_thread = ThreadPoolExecutor(1, thread_name_prefix="log")
        self._bell = doorbell.AsyncListener(config)
        self._cursor = ""
        self._saved = ""
        self._ending: set[asyncio.Task[None]] = set()
        self.placing = placing.Placing(self)
        self.quality = QualityBook(self.db)
        self.devices = Devices(driver, self.db, config.node)
        self.trunks = Trunks(driver, self.db, config.node)
        self.stopping = asyncio.Event()
        self.draining = False
        self.rounds = Rounds(self)

    # -- life ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until `stopping` is set, or another switch takes over. Raises OSError when the driver cannot listen, RuntimeError when a part of it failed."""
        await self._bell.start()
        standing = await self.driver.start()
        for one in standing:
            self._adopt(one)
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[Any]] = {
            loop.create_task(self.rounds.read_terms(), name="terms"),
            loop.create_task(self._listen(), name="log"),
            loop.create_task(self.devices.run(), name="telephones"),
            loop.create_task(self.trunks.run(), name="trunks"),
            loop.create_task(self.rounds.look(), name="look"),
            loop.create_task(self._keep_cursor(), name="cursor"),
            loop.create_task(self._pump(), name="events"),
            loop.create_task(self.stopping.wait(), name="stop"),
        }
        logger.info("the switch is up, %d calls taken over", len(standing))
        # A switch that has gone deaf on one side must not live on: the supervisor starts another, and no call hears of it.
        over, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._let_go()
        for task in over:
            if not task.cancelled() and (problem := task.exception()) is not None:
                raise RuntimeError(f"the switch cannot go on: {task.get_name()}") from problem

    # -- a polite stop --------------------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Take no new calls, and stop when the last one is over and written down. What stands when the time is over is ended, as by a fault of ours."""
        self.draining = True
        self.driver.take_no_more()
        await Drain(self.config.run, "switch", self.config.drain_seconds, lambda: len(self._alive()), self._end_all).run()
        self.stopping.set()

    def _alive(self) -> list[Attendant]:
        return [one for one in self.attendants.values() if not one.call.ended or not self.clerks[one.name].done]

    async def _end_all(self, left: int) -> None:
        for one in self._alive():
            logger.warning("call %s (interaction %d, %s) is ended: this switch stops", one.name, one.desk.interaction, one.call.phase)
            one.put(h.EndCall(Cause.FAILED, "media"))
        for _ in range(round(END_WITHIN / 0.1)):
            if not self._alive():
                return
            await asyncio.sleep(0.1)
        if rest := self._alive():
            logger.warning("%d calls are left to whoever looks after them next: %s", len(rest), ", ".join(one.name for one in rest))

    async def _let_go(self) -> None:
        """Everything is passed on: the calls to the media processes, the cursor to the rows."""
        await self.placing.stop()
        await self.quality.stop()
        await self.devices.stop()
        await self.trunks.stop()
        for clerk in list(self.clerks.values()):
            await clerk.stop()
        for attendant in list(self.attendants.values()):
            await attendant.stop()
        await self.driver.stop()
        with contextlib.suppress(DatabaseAway):
            await self._save_cursor()
        await self._bell.stop()
        self.db.stop()
        self._feed_thread.shutdown(wait=False, cancel_futures=True)

    # -- calls --------------------------------------------------------------------------------------------------------

    def attend(self, call: calls.Call, desk: Desk) -> tuple[Attendant, Clerk]:
        attendant = Attendant(self.driver, call, desk, self._ended)
        attendant.equip = lambda wish: self.devices.equip(wish, attendant.desk.ani)
        clerk = Clerk(attendant, self.db, self.announcements)
        clerk.opened = lambda interaction: self.by_interaction.__setitem__(interaction, attendant.name)
        self.attendants[attendant.name] = attendant
        self.clerks[attendant.name] = clerk
        if desk.interaction:
            self.by_interaction[desk.interaction] = attendant.name
        return attendant, clerk

    def _offered(self, event: CallOffered) -> None:
        if event.call in self.attendants:
            return
        call, out = calls.begin(event, time.time())
        desk = Desk(event.ani, event.dnis, event.kind.value, dict(event.claims), trunk=event.trunk)
        attendant, clerk = self.attend(call, desk)
        attendant.start(out)
        clerk.start()

    def _adopt(self, standing: Standing) -> None:
        """A call that the switch before us had."""
        legs = tuple(standing.legs.items())
        try:
            call, desk = desks.from_memo(standing.memo)
            out: tuple[calls.Output, ...] = ()
        except ValueError:
            logger.warning("of call %s nothing is remembered; it is ended", standing.call)
            call, out = calls.stray(standing.call, legs, time.time())
            desk = Desk("", "", "")
        attendant, clerk = self.attend(call, desk)
        attendant.legs.update(standing.legs)
        for leg in standing.legs:
            self.quality.seen(attendant, leg)
        attendant.start(out)
        if not out:
            attendant.put(h.Adopted(legs))
        clerk.start(go_on=not out)

    def _ended(self, attendant: Attendant) -> None:
        asyncio.get_running_loop().call_later(KEPT, self._forget, attendant.name)

    def _forget(self, name: str) -> None:
        if (busy := self.clerks.get(name)) is not None and not busy.done:  # the records are away: it has still to write
            asyncio.get_running_loop().call_later(KEPT, self._forget, name)
            return
        attendant, clerk = self.attendants.pop(name, None), self.clerks.pop(name, None)
        if attendant is not None and self.by_interaction.get(attendant.desk.interaction) == name:
            del self.by_interaction[attendant.desk.interaction]
        for part in (attendant, clerk):
            if part is not None:
                task = asyncio.get_running_loop().create_task(part.stop())
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    # -- what the driver tells ------------------------------------------------------------------------------------------

    async def _pump(self) -> None:
        async for event in self.driver.events():
            if isinstance(event, CallOffered):
                self._offered(event)
                continue
            if isinstance(event, PhoneRegistered):
                self.devices.registered(event)
                continue
            if isinstance(event, driver.TrunkState):
                self.trunks.state(event)
                continue
            if isinstance(event, driver.TrunkAnswered):
                self.trunks.answered(event)
                continue
            attendant = self._of(event)
            if attendant is not None and isinstance(event, driver.LegUp):
                self.quality.seen(attendant, event.leg)
            if attendant is None:
                await self._strange(event)
            elif isinstance(event, driver.LegQuality):
                self.quality.heard(attendant, event)
            elif isinstance(event, driver.PlayEnded | driver.KeysCollected | driver.LegEnded | driver.RecordingEnded):
                await attendant.put_and_wait(event, DEALT_WITHIN)  # the driver forgets it when we ask for the next
            else:
                attendant.put(event)

    def _of(self, event: Event) -> Attendant | None:
        subject = event.command if isinstance(event, driver.CommandFailed) else event
        name = getattr(subject, "call", "")
        if not name:
            leg = str(getattr(subject, "leg", ""))
            name = leg.rpartition(".")[0]  # the drivers that there are name legs after their call
            if name not in self.attendants:
                name = next((one.name for one in self.attendants.values() if leg in one.legs), "")
        return self.attendants.get(name)

    async def _strange(self, event: Event) -> None:
        """Of a call that is no more: a recording's end comes last."""
        if isinstance(event, driver.RecordingEnded):
            try:
                await self.db.run(actions.recording_ended, event.recording, seconds=event.seconds, error=event.error)
            except DatabaseAway:
                logger.warning("the end of recording %s could not be written down", event.recording)
        elif not isinstance(event, driver.CommandFailed):
            logger.info("of nobody's leg: %s", type(event).__name__)

    # -- what people wish -----------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        behind, unreadable = True, False
        while True:
            try:
                if not self._cursor:
                    self._cursor = await self._first_cursor()
                events, self._cursor = await loop.run_in_executor(self._feed_thread, self._feed.read_since, self._cursor)
            except feed.OtherEpoch:
                logger.warning("the log was restored from a backup; calls are compared with the rows")
                self._cursor = await loop.run_in_executor(self._feed_thread, self._feed.now_cursor)
                behind = True
                continue
            except Exception as problem:
                if not isinstance(problem, sqlite3.Error | OSError | DatabaseAway) and type(problem).__module__.split(".")[0] not in DRIVERS:
                    raise
                if not unreadable:
                    logger.warning("the log cannot be read: %s", problem)
                unreadable = True
                await asyncio.sleep(0.5)
                continue
            if unreadable:
                unreadable = False
                logger.info("the log can be read again")
            for event in events:
                # what was wished while nobody listened stands in the rows; only the wish to hang up has none
                if not behind or event.kind == "interactions.hang_up_requested" or event.kind in wishes_recording.KINDS:
                    self._wished(event)
            if not events:
                if behind:
                    behind = not await self._compare()
                    continue
                await self._bell.wait()

    async def _first_cursor(self) -> str:
        saved = await self.db.run(actions.cursor, self.config.node)
        return saved or await asyncio.get_running_loop().run_in_executor(self._feed_thread, self._feed.now_cursor)

    def _wished(self, event: feed.FeedEvent) -> None:
        if event.kind == placing.WISH:
            self.placing.wished(int(event.body["interaction"]))
            return
        self.devices.heard(event.kind)
        self.trunks.heard(event.kind, event.body)
        if event.kind in TERMS_CHANGE:
            self.rounds.terms_changed.set()
        if event.kind == EMERGENCY:
            for one in self.clerks.values():
                one.later(EmergencyDue())
        if event.kind == DIALLED:
            clerk = self.clerks.get(self.by_interaction.get(int(event.body["interaction"]), ""))
            if clerk is not None:
                clerk.later(Dialled(int(event.body["outside"])))
            return
        if event.kind in CARDS and (clerk := self.clerks.get(self.by_interaction.get(int(event.body["interaction"]), ""))) is not None:
            clerk.later(CardDue())
        if not wishes.concerns_calls(event.kind) and event.kind not in wishes_recording.KINDS:
            return
        name = self.by_interaction.get(int(event.body.get("interaction") or 0))
        if name is not None and (attendant := self.attendants.get(name)) is not None:
            attendant.put(*wishes.from_event(event.kind, event.body, time.time(), self.announcements.music))
            attendant.put(*wishes_recording.from_event(event.kind, event.body, lambda name: self.announcements.recording_path(name, time.time())))

    async def _compare(self) -> bool:
        """Make every call as the rows say; customers who stand in no queue are put into one. False while the rows cannot be read."""
        try:
            await self.placing.look()
        except DatabaseAway:
            await asyncio.sleep(0.5)
            return False
        of = {one.desk.interaction: one for one in self.attendants.values() if one.desk.interaction and not one.call.ending}
        if not of:
            return True
        try:
            rows = await self.db.run(queries.rows_of, list(of))
        except DatabaseAway:
            await asyncio.sleep(0.5)
            return False
        for interaction, attendant in of.items():
            if (row := rows.get(interaction)) is None:
                continue
            wanted = wishes.from_rows(attendant.call, row)
            if any(isinstance(one, h.Aside) for one in wanted):
                self.clerks[attendant.name].later(CardDue())
            if wanted:
                logger.info("call %s is made as the rows say: %s", attendant.name, ", ".join(type(one).__name__ for one in wanted))
                attendant.put(*wanted)
            for party in wishes.gone_outside(attendant.call, row):
                await self.clerks[attendant.name].surely(actions.outside_gone, party, "failed")
            if not wanted and wishes.forgotten(attendant.call, row):
                logger.warning("call %s waits in no queue; it is put into its line's", attendant.name)
                await self.clerks[attendant.name].to_person()
        return True

    # -- the place in the log -------------------------------------------------------------------------------------------

    async def _keep_cursor(self) -> None:
        while True:
            await asyncio.sleep(CURSOR_EVERY)
            try:
                await self._save_cursor()
            except DatabaseAway:
                continue
            except DatabaseError:
                logger.exception("how far the log was read cannot be kept; a new switch would read some of it again")

    async def _save_cursor(self) -> None:
        cursor = self._cursor
        if cursor and cursor != self._saved:
            await self.db.run(actions.keep_cursor, self.config.node, cursor)
            self._saved = cursor
