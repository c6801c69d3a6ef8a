"""Reading the log: nothing lost, nothing twice, whatever writers do."""

from __future__ import annotations

import random
import threading
import time

import pytest

from cordboard.events.feed import OtherEpoch, Seen, Snapshot, parse
from cordboard.events.tests.conftest import Log


def ids(events) -> list[int]:
    return [event.id for event in events]


def test_a_reader_gets_what_committed_since_its_cursor(log: Log) -> None:
    writer, feed = log.connect(), log.feed()
    log.add(writer, n=0)
    cursor = feed.now_cursor()
    wanted = [log.add(writer, n=n) for n in (1, 2)]
    events, after = feed.read_since(cursor)
    assert ids(events) == wanted
    assert [event.body for event in events] == [{"n": 1}, {"n": 2}]
    assert feed.read_since(after)[0] == []


def test_the_feed_can_write_nothing(log: Log) -> None:
    feed = log.feed()
    feed.now_cursor()
    with pytest.raises(Exception, match="read-?only"):
        feed._run("DELETE FROM events_event", [])


def test_a_rollback_is_not_seen(log: Log) -> None:
    writer, feed = log.connect(), log.feed()
    cursor = feed.now_cursor()
    writer.execute("BEGIN")
    log.add(writer)
    writer.execute("ROLLBACK")
    kept = log.add(writer)
    assert ids(feed.read_since(cursor)[0]) == [kept]


def test_a_backlog_is_read_in_pages_and_every_event_resumes(log: Log) -> None:
    writer, feed = log.connect(), log.feed()
    cursor = feed.now_cursor()
    writer.execute("BEGIN")
    wanted = [log.add(writer, n=n) for n in range(25)]
    writer.execute("COMMIT")
    wanted += [log.add(writer, n=n) for n in range(25, 60)]
    got, page = [], cursor
    for number in range(20):
        events, page = feed.read_since(page, limit=7)
        got += ids(events)
        if number == 2:
            wanted.append(log.add(writer, late=True))
    assert got == wanted
    first, _ = feed.read_since(cursor, limit=7)
    assert ids(feed.read_since(first[3].cursor, limit=100)[0]) + ids(feed.read_since(page)[0]) == wanted[4:61]
    for event in first[:4]:
        assert event in parse(first[3].cursor)
    for event in first[4:]:
        assert event not in parse(first[3].cursor)


@pytest.mark.parametrize("log", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_transaction_that_commits_late_is_neither_lost_nor_waited_for(log: Log) -> None:
    slow, quick, feed = log.connect(), log.connect(), log.feed()
    start = cursor = feed.now_cursor()
    slow.execute("BEGIN")
    late = log.add(slow)
    early = log.add(quick)
    events, cursor = feed.read_since(cursor)
    assert ids(events) == [early]
    slow.execute("COMMIT")
    events, after = feed.read_since(cursor)
    assert ids(events) == [late]
    assert ids(feed.read_between(start, cursor)) == [early]
    assert ids(feed.read_between(cursor, after)) == [late]
    assert events[0] not in parse(cursor)
    assert events[0] in parse(after)


def test_between_two_cursors(log: Log) -> None:
    writer, feed = log.connect(), log.feed()
    old = feed.now_cursor()
    wanted = [log.add(writer) for _ in range(3)]
    new = feed.now_cursor()
    log.add(writer)
    assert ids(feed.read_between(old, new)) == wanted
    assert ids(feed.read_between(old, new, limit=2)) == wanted[:2]
    first = feed.read_since(old, limit=1)[1]
    assert ids(feed.read_between(first, new)) == wanted[1:]
    assert feed.read_between(new, new) == []


@pytest.mark.parametrize("text", ["", "x", "1", "1:", "1:2:3", "1:a/b/c/d", "1:9:3:1/2", None])
def test_what_is_no_cursor_is_refused(text) -> None:
    with pytest.raises(OtherEpoch):
        parse(text)


def test_a_cursor_from_before_a_restore_is_refused(log: Log) -> None:
    writer, feed = log.connect(), log.feed()
    log.add(writer)
    cursor = feed.now_cursor()
    writer.execute("INSERT INTO events_epoch (number) VALUES (2)")
    with pytest.raises(OtherEpoch):
        feed.read_since(cursor)
    assert feed.read_since(feed.now_cursor())[0] == []


def test_a_snapshot_sees_what_was_finished() -> None:
    seen = Snapshot.parse("10:20:12,15")
    assert [xid for xid in range(8, 22) if seen.sees(xid)] == [8, 9, 10, 11, 13, 14, 16, 17, 18, 19]
    assert Snapshot.parse("7:7:").sees(6)
    assert isinstance(parse("3:10:20:12"), Seen)


def test_many_writers_with_rollbacks_and_a_long_transaction(log: Log) -> None:
    """Two readers, one often and one seldom, in small pages, while eight (SQLite: three) threads write."""
    threads, rounds = (8, 40) if log.config.database_url else (3, 15)
    committed: set[int] = set()
    guard = threading.Lock()
    done = threading.Event()

    def write(seed: int) -> None:
        rng, connection = random.Random(seed), log.connect()
        for _ in range(rounds):
            connection.execute("BEGIN" if log.config.database_url else "BEGIN IMMEDIATE")
            mine = [log.add(connection, by=seed) for _ in range(rng.randrange(1, 4))]
            if log.config.database_url and rng.random() < 0.1:
                time.sleep(rng.random() * 0.1)
            if rng.random() < 0.2:
                connection.execute("ROLLBACK")
                continue
            connection.execute("COMMIT")
            with guard:
                committed.update(mine)
        connection.close()

    def write_long() -> None:
        connection = log.connect()
        connection.execute("BEGIN")
        mine = log.add(connection, long=True)
        if log.config.database_url:
            time.sleep(1.0)
        connection.execute("COMMIT")
        with guard:
            committed.add(mine)

    def read(period: float, limit: int, cursor: str, got: list[int]) -> None:
        feed = log.feed()
        last = False
        while True:
            events, cursor = feed.read_since(cursor, limit)
            got += ids(events)
            if not events:
                if last:
                    return
                last = done.is_set()
                time.sleep(period)

    start = log.feed().now_cursor()
    results: list[list[int]] = [[], []]
    readers = [threading.Thread(target=read, args=(period, limit, start, got)) for (period, limit), got in zip([(0.002, 3), (0.1, 10)], results, strict=True)]
    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(threads)] + [threading.Thread(target=write_long)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    for got in results:
        assert len(got) == len(set(got)), "an event came twice"
        assert set(got) == committed
