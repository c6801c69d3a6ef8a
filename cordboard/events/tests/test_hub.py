"""The hub: every page gets what it may see, all of it, once, in order, whatever happens to sockets, doorbells and the log."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordboard.events import doorbell, hub, wire
from cordboard.events import page as page_module
from cordboard.events.hub import Hub
from cordboard.events.page import Page
from cordboard.events.tests.conftest import Log


@dataclass
class Browser:
    """A page in somebody's browser: keeps what it got and the last cursor, across its sockets."""

    log: Log
    topics: list[str]
    cursor: str | None = None
    got: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    stuck: bool = False
    page: Page | None = None
    writer: asyncio.Task[None] | None = None

    async def send(self, text: str) -> None:
        if self.stuck:
            await asyncio.sleep(3600)
        message = json.loads(text)
        self.messages.append(message)
        if "cursor" in message:
            self.cursor = message["cursor"]
        self.got += [event["id"] for event in message.get("events", [])]

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    async def ask(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Django's part: everything but what is called secret may be heard."""
        allowed = [name for name in asked["topics"] if not name.startswith("secret")]
        cursor = await asyncio.to_thread(self.log.feed().now_cursor)
        values = {name: {"n": 1} for name in allowed} if asked["values"] else {}
        return {"allowed": allowed, "refused": [name for name in asked["topics"] if name not in allowed], "values": values, "cursor": cursor}

    async def open(self, live: Hub, *, user: int = 7) -> Browser:
        self.closed = None
        self.page = Page(self, self.ask, user=user)
        self.writer = asyncio.create_task(self.page.write())
        cursor = await asyncio.to_thread(self.log.feed().now_cursor)
        await live.welcome(self.page, {"topics": [f"user:{user}"], "closing": [f"close:user:{user}", "close:session:abc"], "cursor": cursor})
        await live.subscribe(self.page, self.topics, self.cursor)
        return self

    async def lose(self, live: Hub) -> None:
        """The network breaks: nothing that was not sent yet arrives."""
        assert self.page is not None
        assert self.writer is not None
        live.leave(self.page)
        self.writer.cancel()
        await asyncio.gather(self.writer, return_exceptions=True)


async def until(true: Callable[[], Any], seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.01)):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


def live(log: Log, story: Callable[[Hub], Awaitable[None]]) -> None:
    async def run() -> None:
        one = Hub(log.config)
        heard: list[int] = []

        async def presence(users: list[int]) -> None:
            heard.extend(users)

        await one.start(presence)
        try:
            await story(one)
        finally:
            await one.stop()

    asyncio.run(run())


def test_a_page_without_a_cursor_gets_values_and_then_events(log: Log) -> None:
    writer = log.connect()
    log.add(writer, topics=("queue:3",))

    async def story(one: Hub) -> None:
        page = await Browser(log, ["queue:3", "secret:1"]).open(one)
        new = log.add(writer, topics=("queue:3", "board"))
        log.add(writer, topics=("queue:4",))
        await until(lambda: page.got)
        subscribed = next(message for message in page.messages if message["type"] == "subscribed")
        assert subscribed["topics"] == ["queue:3"]
        assert subscribed["refused"] == ["secret:1"]
        assert subscribed["values"] == {"queue:3": {"n": 1}}
        assert page.got == [new]

    live(log, story)


def test_a_page_that_comes_back_gets_what_it_missed(log: Log) -> None:
    writer = log.connect()

    async def story(one: Hub) -> None:
        page = await Browser(log, ["queue:3"]).open(one)
        wanted = [log.add(writer, topics=("queue:3",))]
        await until(lambda: page.got == wanted)
        await page.lose(one)
        wanted += [log.add(writer, topics=("queue:3",)) for _ in range(3)]
        await page.open(one)
        wanted.append(log.add(writer, topics=("queue:3",)))
        await until(lambda: page.got == wanted)

    live(log, story)


def test_a_page_that_comes_back_gets_its_own_events_once_and_after_its_cursor(log: Log) -> None:
    """It is sent nothing before its first subscription, so no newer cursor overtakes what it has missed of other topics."""
    writer = log.connect()

    async def story(one: Hub) -> None:
        start = log.feed().now_cursor()
        wanted = [log.add(writer, topics=("queue:3",)), log.add(writer, topics=("user:7",))]
        page = Browser(log, ["queue:3", "user:7"], cursor=start)
        page.page = Page(page, page.ask, user=7)
        page.writer = asyncio.create_task(page.page.write())
        hello = {"topics": ["user:7"], "closing": [], "cursor": await asyncio.to_thread(log.feed().now_cursor)}
        await one.welcome(page.page, hello)
        wanted.append(log.add(writer, topics=("user:7",)))
        _ring(log)
        await asyncio.sleep(0.3)
        assert [message["type"] for message in page.messages] == ["welcome"]
        await one.subscribe(page.page, page.topics, start)
        wanted.append(log.add(writer, topics=("queue:3", "user:7")))
        await until(lambda: len(page.got) >= 4)
        assert page.got == wanted
        await one.subscribe(page.page, page.topics, start)
        await asyncio.sleep(0.2)
        assert page.got == wanted, "asking twice brings nothing twice"

    live(log, story)


def test_a_page_that_asks_for_nothing_hears_its_own(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "FIRST_WORD", 0.2)
    writer = log.connect()

    async def story(one: Hub) -> None:
        page = Browser(log, [])
        page.page = Page(page, page.ask, user=7)
        page.writer = asyncio.create_task(page.page.write())
        await one.welcome(page.page, {"topics": ["user:7"], "closing": [], "cursor": await asyncio.to_thread(log.feed().now_cursor)})
        wanted = [log.add(writer, topics=("user:7",))]
        await until(lambda: page.got == wanted)
        wanted.append(log.add(writer, topics=("user:7",)))
        await until(lambda: page.got == wanted)

    live(log, story)


def test_a_new_front_brings_pages_up_to_date_from_the_log(log: Log) -> None:
    writer = log.connect()
    page = Browser(log, ["queue:3"])
    wanted: list[int] = []

    async def first(one: Hub) -> None:
        await page.open(one)
        wanted.append(log.add(writer, topics=("queue:3",)))
        await until(lambda: page.got == wanted)
        await page.lose(one)

    async def second(one: Hub) -> None:
        await page.open(one)
        wanted.append(log.add(writer, topics=("queue:3",)))
        await until(lambda: page.got == wanted)

    live(log, first)
    wanted += [log.add(writer, topics=("queue:3",)) for _ in range(2)]
    live(log, second)


def test_who_missed_too_much_or_too_long_ago_reads_afresh(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = log.connect()
    monkeypatch.setattr(wire, "MISSED_AT_MOST", 5)
    start = log.feed().now_cursor()
    old = (datetime.now(UTC) - timedelta(seconds=wire.OLDEST + 5)).isoformat()
    log.add(writer, topics=("old",), at=old)
    for _ in range(6):
        log.add(writer, topics=("many",))

    async def story(one: Hub) -> None:
        for topic, reason in (("old", "too_old"), ("many", "too_many")):
            page = await Browser(log, [topic], cursor=start).open(one)
            await until(lambda page=page: page.messages[-1]["type"] == "reload")
            assert page.messages[-1]["reason"] == reason
            new = log.add(writer, topics=(topic,))
            await until(lambda page=page, new=new: page.got == [new])

    live(log, story)


@pytest.mark.parametrize("cursor", ["rubbish", "99:1", "99:1:1:", "1:1/2/3/4"])
def test_a_cursor_of_another_time_means_reading_afresh(log: Log, cursor: str) -> None:
    async def story(one: Hub) -> None:
        page = await Browser(log, ["queue:3"], cursor=cursor).open(one)
        await until(lambda: page.messages and page.messages[-1]["type"] == "reload")
        assert page.messages[-1]["reason"] == "restored"

    live(log, story)


def test_closing_topics_close(log: Log) -> None:
    writer = log.connect()

    async def story(one: Hub) -> None:
        page, other = await Browser(log, ["board"]).open(one), await Browser(log, ["board"]).open(one, user=8)
        log.add(writer, topics=("close:user:7",))
        await until(lambda: page.closed)
        assert page.closed[0] == wire.ACCESS_CHANGED
        assert other.closed is None
        log.add(writer, topics=("close:session:abc",))
        await until(lambda: other.closed)
        assert other.closed[0] == wire.SIGNED_OUT

    live(log, story)


def test_a_page_that_does_not_read_is_dropped_and_hinders_nobody(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "WAITING_AT_MOST", 20)
    monkeypatch.setattr(page_module, "SLOW_AFTER", 0.5)
    writer = log.connect()

    async def story(one: Hub) -> None:
        slow, quick = await Browser(log, ["board"]).open(one), await Browser(log, ["board"]).open(one, user=8)
        await until(lambda: slow.cursor)
        slow.stuck = True
        wanted = []
        for _ in range(60):
            wanted.append(log.add(writer, topics=("board",)))
            await asyncio.to_thread(_ring, log)
            await asyncio.sleep(0.012)
        await until(lambda: quick.got == wanted)
        await until(lambda: slow.closed)
        assert slow.closed[0] == wire.SLOW
        slow.stuck = False
        await slow.lose(one)
        await slow.open(one)
        await until(lambda: slow.got == wanted)

    live(log, story)


def _ring(log: Log) -> None:
    bell = doorbell.Bell(log.config)
    bell.ring()
    bell.flush()


def test_heartbeats_are_gathered(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "PRESENCE_EVERY", 0.05)
    heard: list[list[int]] = []
    away = [True, True]

    async def presence(users: list[int]) -> None:
        if away:
            away.pop()
            raise OSError("Django is away")
        heard.append(users)

    async def run() -> None:
        one = Hub(log.config)
        await one.start(presence)
        pages = [await Browser(log, []).open(one, user=user) for user in (7, 8, 7)]
        for page in pages:
            one.heard(page.page)
        await until(lambda: heard)
        await one.stop()

    asyncio.run(run())
    assert heard[0] == [7, 8]
    assert [users for users in heard if users] == [[7, 8]], "handed in once; later reports say that nobody was heard"


def test_storms_of_reconnects_lose_and_double_nothing(log: Log) -> None:
    """Writers, rollbacks, lost and repeated rings, and twelve pages whose sockets break all the time."""
    rng = random.Random(4)
    topics = [f"queue:{n}" for n in range(4)]
    written: list[tuple[int, tuple[str, ...]]] = []
    done = asyncio.Event()

    async def write(one: Hub) -> None:
        connection = log.connect()
        other = log.connect()
        for round_ in range(60):
            chosen = tuple(rng.sample(topics, rng.randrange(1, 3)))
            if log.config.database_url and rng.random() < 0.3:  # one that commits after those that began later
                other.execute("BEGIN")
                written.append((log.add(other, topics=chosen), chosen))
                written.append((log.add(connection, topics=chosen[:1]), chosen[:1]))
                await asyncio.sleep(0.02)
                other.execute("COMMIT")
            else:
                connection.execute("BEGIN")
                mine = (log.add(connection, topics=chosen), chosen)
                connection.execute("COMMIT" if rng.random() < 0.85 else "ROLLBACK")
                if connection.execute(f"SELECT count(*) FROM events_event WHERE id = {mine[0]}").fetchall()[0][0]:
                    written.append(mine)
            for _ in range(rng.choice([0, 1, 3])):
                await asyncio.to_thread(_ring, log)
            await asyncio.sleep(rng.random() * 0.02)
        done.set()

    async def browse(one: Hub, page: Browser) -> None:
        await page.open(one)
        while not done.is_set():
            await asyncio.sleep(rng.random() * 0.15)
            if rng.random() < 0.6:
                await page.lose(one)
                await asyncio.sleep(rng.random() * 0.1)
                await page.open(one)

    async def story(one: Hub) -> None:
        start = log.feed().now_cursor()
        pages = [Browser(log, rng.sample(topics, 2), cursor=start) for _ in range(12)]
        await asyncio.gather(write(one), *(browse(one, page) for page in pages))
        for page in pages:
            wanted = {id_ for id_, to in written if set(to) & set(page.topics)}
            await until(lambda page=page, wanted=wanted: set(page.got) >= wanted)
            assert len(page.got) == len(set(page.got)), "an event came twice"
            assert set(page.got) == wanted

    live(log, story)
