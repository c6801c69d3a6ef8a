"""The live hub: carries committed events to the pages that may see them. Runs in the front, on asyncio, without Django.

How nothing is missed and nothing comes twice:

1. The hub reads the log on and on; its own cursor `H` says how far. What it read is handed to the pages that listen to its topics.
2. A page subscribes with a cursor `C`, taken before it read its data. In one step of the event loop it is entered under its topics
   with the hub's present `H`; from here on everything after `H` reaches it, and is held back until step 4.
3. What lies between `C` and `H` is read: from the hub's memory of the last minutes, else from the log.
4. That goes out first, then what was held back. Events that `C` had already seen (it may be ahead of `H`) are passed over.

From its welcome until its first subscription a page is sent nothing: it may have come back with an old cursor for other topics, and
an event of its own topic would carry a newer one, behind which those could be lost.

A page that does not take what it is sent is dropped; it comes back with the cursor of the last message that it did take.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from cordboard.events import wire
from cordboard.events.doorbell import POLL, AsyncListener
from cordboard.events.feed import PAGE, Feed, FeedEvent, OtherEpoch, OwnConnection, Seen, parse
from cordboard.events.page import Page
from cordboard.lib.config import Config

logger = logging.getLogger(__name__)
T = TypeVar("T")

CURSOR_EVERY = 20.0
"""Seconds between two cursors sent to a page for which nothing happens, so that a reconnect has little to catch up with."""

FIRST_WORD = 2.0
"""Seconds that a page has after its welcome to say what it wants to hear; then it gets what it has without asking."""

PRESENCE_EVERY = 1.0
"""Seconds between two reports to Django of who was heard. Nobody is a report too: it says that this front can hear."""

BEAT_EVERY = 2.5
"""Seconds between two questions to a page whether it is there. The front asks, since browsers slow down the timers of pages in the background to
one a minute, but answer what comes over a socket at once."""

REMEMBERED = 20_000
SCANNED_AT_MOST = 10_000
"""Events of all topics that a page may have missed and still get from the log."""


@dataclass(frozen=True)
class Batch:
    """What one reading brought, with the cursor before it."""

    before: Seen
    events: list[tuple[FeedEvent, str]]
    at: datetime


def covers(cursor: Seen, start: Seen) -> bool:
    """Whether everything that `cursor` has not seen, `start` has not seen either: then it stands in what was read since `start`."""
    if cursor.epoch != start.epoch:
        return False
    if cursor == start:
        return True
    if cursor.last is not None and start.last is not None:
        return cursor.last >= start.last
    if cursor.old is None or start.old is None or start.new is not None:
        return False
    return cursor.old.xmin >= start.old.xmax


class Hub:
    def __init__(self, config: Config, *, feed: Feed | None = None) -> None:
        self._config = config
        self._feed: Feed = feed or OwnConnection.of(config)
        self._reader = ThreadPoolExecutor(1, "feed")
        self._catcher = ThreadPoolExecutor(1, "catch-up")
        self._catch_feed: Feed = feed or OwnConnection.of(config)
        self._cursor = ""
        self._seen: Seen | None = None
        self._clean = asyncio.Lock()
        self._memory: deque[Batch] = deque()
        self._remembered = 0
        self._by_topic: dict[str, set[Page]] = {}
        self._by_closing: dict[str, set[Page]] = {}
        self.pages: dict[str, Page] = {}
        self._heard: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self.last_read: datetime | None = None
        """When the log was last read with success; None before the first time."""

    # -- life -------------------------------------------------------------------------------------------------

    async def start(self, presence: Callable[[list[int]], Awaitable[None]]) -> None:
        """Begin to read the log (as soon as the database is there) and to hand in heartbeats."""
        self._tasks = [
            asyncio.create_task(self._pump(), name="hub pump"),
            asyncio.create_task(self._hand_in(presence), name="hub presence"),
            asyncio.create_task(self._beat(), name="hub beat"),
            asyncio.create_task(self._send_cursors(), name="hub cursors"),
        ]

    async def stop(self) -> None:
        for page in list(self.pages.values()):
            page.end(wire.RESTARTING, "restarting")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reader.shutdown(wait=False, cancel_futures=True)
        self._catcher.shutdown(wait=False, cancel_futures=True)

    # -- reading the log --------------------------------------------------------------------------------------

    async def _pump(self) -> None:
        listener = AsyncListener(self._config)
        await listener.start()
        try:
            while True:
                try:
                    async with self._clean:
                        await self._read_on()
                    self.last_read = datetime.now(UTC)
                except OtherEpoch:
                    self._cursor, self._seen = "", None
                    self._memory.clear()
                    self._remembered = 0
                    for page in list(self.pages.values()):
                        page.end(wire.RESTARTING, "restored from a backup")
                    continue
                except Exception as problem:  # noqa: BLE001  whatever the driver raises: the database is away, and comes back
                    logger.warning("the log cannot be read: %s", problem)
                    await asyncio.sleep(0.5)
                await listener.wait(POLL)
        finally:
            await listener.stop()

    async def _read_on(self) -> None:
        loop = asyncio.get_running_loop()
        if self._seen is None:
            self._cursor = await loop.run_in_executor(self._reader, self._feed.now_cursor)
            self._seen = parse(self._cursor)
        while True:
            events, after = await loop.run_in_executor(self._reader, self._feed.read_since, self._cursor)
            if events:
                batch = Batch(self._seen, [(one, wire.encode(wire.event(one))) for one in events], datetime.now(UTC))
                self._remember(batch)
                self._deliver(batch.events, after)
            self._cursor, self._seen = after, parse(after)
            if "/" not in after and len(events) < PAGE:
                return

    def _remember(self, batch: Batch) -> None:
        self._memory.append(batch)
        self._remembered += len(batch.events)
        old = batch.at - timedelta(seconds=wire.OLDEST)
        while self._memory and (self._remembered > REMEMBERED or self._memory[0].at < old):
            self._remembered -= len(self._memory.popleft().events)

    def _deliver(self, events: list[tuple[FeedEvent, str]], cursor: str) -> None:
        mine: dict[Page, list[tuple[FeedEvent, str]]] = {}
        for event, text in events:
            for topic in event.topics:
                for page in self._by_closing.get(topic, ()):
                    self._close_for(page, topic)
            pages: set[Page] = set()
            for topic in event.topics:
                pages.update(page for page in self._by_topic.get(topic, ()) if event not in page.topics[topic])
            for page in pages:
                mine.setdefault(page, []).append((event, text))
        made: dict[tuple[int, ...], str] = {}  # most pages get the same
        for page, chosen in mine.items():
            if page.held is not None:
                page.held.append((chosen, cursor))
                continue
            same = tuple(event.id for event, _ in chosen)
            if same not in made:
                made[same] = _joined(chosen, cursor)
            page.put(made[same])

    @staticmethod
    def _close_for(page: Page, topic: str) -> None:
        if topic.startswith("close:session:"):
            page.end(wire.SIGNED_OUT, "signed out")
        else:
            page.end(wire.ACCESS_CHANGED, "access changed")
        page.waiting.clear()

    # -- pages ------------------------------------------------------------------------------------------------

    async def welcome(self, page: Page, hello: dict[str, Any]) -> None:
        """Enter a page whose identity Django has confirmed (`hello` is its answer; {} for guests)."""
        self.pages[page.id] = page
        page.closing = tuple(hello.get("closing", ()))
        for topic in page.closing:
            self._by_closing.setdefault(topic, set()).add(page)
        own = list(hello.get("topics", ()))
        page.put({"type": "welcome", "page": page.id, "user": page.user, "topics": own})
        if hello:
            await self._enter(page, own, hello["cursor"], also=page.closing)
            asyncio.get_running_loop().call_later(FIRST_WORD, self._no_longer_fresh, page)
        if page.user is not None:
            self._heard.add(page.user)

    def leave(self, page: Page) -> None:
        self.pages.pop(page.id, None)
        self._forget(page, list(page.topics))
        for topic in page.closing:
            _discard(self._by_closing, topic, page)

    def heard(self, page: Page) -> None:
        if page.user is not None:
            self._heard.add(page.user)

    async def subscribe(self, page: Page, topics: list[str], cursor: str | None) -> None:
        """Ask Django which topics this page may hear, answer it, and bring it up to date."""
        if len(page.topics) + len(topics) > wire.TOPICS_AT_MOST:
            page.end(wire.BAD, "too many topics")
            return
        if cursor is not None and not page.fresh:
            topics = [topic for topic in topics if topic not in page.topics]
        answer = await page.ask("/internal/live/subscribe", {"topics": topics, "values": cursor is None})
        since = cursor if cursor is not None else answer["cursor"]
        message = {"type": "subscribed", "topics": answer["allowed"], "refused": answer["refused"], "values": answer["values"], "cursor": since}
        page.put(message)
        page.fresh = False
        await self._enter(page, answer["allowed"], since)

    def unsubscribe(self, page: Page, topics: Iterable[str]) -> None:
        self._forget(page, topics)

    def to_page(self, page_id: str, message: dict[str, Any]) -> bool:
        """A softphone message for one page; False when it is gone."""
        page = self.pages.get(page_id)
        if page is not None:
            page.put({"type": "softphone", "message": message})
        return page is not None

    @staticmethod
    def _no_longer_fresh(page: Page) -> None:
        if page.fresh:
            page.fresh = False
            Hub._release(page)

    def _forget(self, page: Page, topics: Iterable[str]) -> None:
        for topic in topics:
            page.topics.pop(topic, None)
            _discard(self._by_topic, topic, page)

    async def _enter(self, page: Page, topics: list[str], cursor: str, also: tuple[str, ...] = ()) -> None:
        try:
            seen = parse(cursor)
        except OtherEpoch:
            seen = None
        if self._seen is None:
            await self._first_reading()
        async with self._clean:  # the pump stands between two readings: `H` is whole
            present, at = self._seen, self._cursor
            assert present is not None
            if seen is None or seen.epoch != present.epoch or (seen.last is None) != (present.last is None):
                self._listen(page, topics, present)
                page.put({"type": "reload", "reason": "restored", "topics": topics, "cursor": at})
                self._release(page)
                return
            earlier = [pair for chosen, _ in page.held or () for pair in chosen]
            page.held = []
            self._listen(page, topics, seen)
        try:
            wanted = {*topics, *also}
            missed = self._from_memory(seen, wanted)
            reason = ""
            if missed is None:
                missed, reason = await self._from_log(cursor, at, wanted)
            if any(topic in also for event, _ in missed for topic in event.topics):
                for topic in also:
                    if any(topic in event.topics for event, _ in missed):
                        self._close_for(page, topic)
                return
            oldest = datetime.now(UTC) - timedelta(seconds=wire.OLDEST)
            if not reason and len(missed) > wire.MISSED_AT_MOST:
                reason = "too_many"
            if not reason and missed and missed[0][0].at < oldest:
                reason = "too_old"
            if reason:
                page.put({"type": "reload", "reason": reason, "topics": topics, "cursor": at})
                missed = []
            together = {one.id: (one, text) for one, text in [*earlier, *missed]}
            if together:
                page.put(_joined([together[id_] for id_ in sorted(together)], at))
        finally:
            self._release(page)

    @staticmethod
    def _release(page: Page) -> None:
        """Send what was held back, unless the page has not said yet what it wants to hear."""
        if page.fresh:
            return
        held, page.held = page.held, None
        for chosen, after in held or ():
            page.put(_joined(chosen, after))

    async def _first_reading(self) -> None:
        """Right after the start the log may not have been read yet."""
        for _ in range(100):
            if self._seen is not None:
                return
            await asyncio.sleep(0.05)
        raise OSError("the log cannot be read")

    def _listen(self, page: Page, topics: Iterable[str], since: Seen) -> None:
        if page.id not in self.pages:
            return
        for topic in topics:
            page.topics[topic] = since
            self._by_topic.setdefault(topic, set()).add(page)

    def _from_memory(self, seen: Seen, topics: set[str]) -> list[tuple[FeedEvent, str]] | None:
        """What of these topics `seen` has missed up to `H`; None when the memory does not reach back far enough."""
        if self._seen is not None and covers(seen, self._seen):
            return []
        found: list[list[tuple[FeedEvent, str]]] = []
        for batch in reversed(self._memory):
            found.append([(one, text) for one, text in batch.events if not topics.isdisjoint(one.topics) and one not in seen])
            if covers(seen, batch.before):
                return [pair for part in reversed(found) for pair in part]
        return None

    async def _from_log(self, cursor: str, until: str, topics: set[str]) -> tuple[list[tuple[FeedEvent, str]], str]:
        loop = asyncio.get_running_loop()
        try:
            events = await loop.run_in_executor(self._catcher, self._catch_feed.read_between, cursor, until, SCANNED_AT_MOST + 1)
        except OtherEpoch:
            return [], "restored"
        if len(events) > SCANNED_AT_MOST:
            return [], "too_many"
        return [(one, wire.encode(wire.event(one))) for one in events if not topics.isdisjoint(one.topics)], ""

    # -- what happens by the clock ----------------------------------------------------------------------------

    async def _hand_in(self, presence: Callable[[list[int]], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(PRESENCE_EVERY)
            users, self._heard = self._heard, set()
            try:
                await presence(sorted(users))
            except OSError as problem:
                logger.warning("heartbeats wait for Django: %s", problem)
                self._heard |= users

    async def _beat(self) -> None:
        beat = wire.encode({"type": "beat"})
        while True:
            await asyncio.sleep(BEAT_EVERY)
            for page in self.pages.values():
                if page.user is not None and not page.waiting:  # who does not take what waits would not answer either
                    page.put(beat)

    async def _send_cursors(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(CURSOR_EVERY / 4)
            if "/" in self._cursor or self._clean.locked():
                continue
            for page in self.pages.values():
                if page.user is not None and page.held is None and page.topics and loop.time() - page.spoken_at > CURSOR_EVERY:
                    page.put(wire.events([], self._cursor))


def _joined(chosen: list[tuple[FeedEvent, str]], cursor: str) -> str:
    return f'{{"type":"events","events":[{",".join(text for _, text in chosen)}],"cursor":"{cursor}"}}'


def _discard(index: dict[str, set[Page]], topic: str, page: Page) -> None:
    pages = index.get(topic)
    if pages is not None:
        pages.discard(page)
        if not pages:
            del index[topic]
