"""Reading the log: what committed since a cursor. Plain SQL, so that the front reads it without Django.

A **cursor** is opaque to everybody else: `epoch:position`.

- SQLite: writers stand in a row, ids grow in the order of commits; the position is the last id.
- PostgreSQL: ids are given before commits, so an id is no position: a transaction with a smaller one may commit later. The position is a
  `pg_snapshot` (which transactions were finished), and what is new is what is visible in the present snapshot and was not in
  that one. Every row keeps its transaction (`xid`). Nobody waits for anybody's open transaction.
  A backlog larger than a page is read between two fixed snapshots, in the order of ids: `old/new/last id/largest id`.

Within one reading events come in the order of their ids, which follows cause and effect wherever the effect waited for a row lock
of the cause.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from cordboard.lib import sqlite
from cordboard.lib.config import Config

Row = Sequence[Any]
Execute = Callable[[str, Sequence[Any]], list[Row]]
"""Runs one statement with %s for parameters, in autocommit (or READ COMMITTED), and returns all rows."""

PAGE = 500


class OtherEpoch(Exception):
    """The cursor is from before a restore, or is no cursor: what it missed cannot be told. Read the data afresh."""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event as readers get it. `position` is the transaction (PostgreSQL) or the id (SQLite); `cursor` resumes after this event."""

    id: int
    kind: str
    version: int
    at: datetime
    actor: str
    node: str
    topics: tuple[str, ...]
    body: dict[str, Any]
    position: int
    cursor: str


class Feed(Protocol):
    def now_cursor(self) -> str:
        """A cursor after everything that has committed."""
        ...

    def read_since(self, cursor: str, limit: int = PAGE) -> tuple[list[FeedEvent], str]:
        """At most `limit` events that committed since `cursor`, and the cursor after them. Raises OtherEpoch."""
        ...

    def read_between(self, old: str, new: str, limit: int = PAGE) -> list[FeedEvent]:
        """At most `limit` events that `new` has seen and `old` has not; `new` must come from `now_cursor` or a read that was
        not cut short. Raises OtherEpoch."""
        ...


# ---- positions, without a database ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pg_snapshot: transactions below `xmin` are finished, from `xmax` on not begun, those `in_progress` between them not finished."""

    xmin: int
    xmax: int
    in_progress: frozenset[int]

    @staticmethod
    def parse(text: str) -> Snapshot:
        """From PostgreSQL's text form, "10:20:10,14". Raises ValueError."""
        xmin, xmax, rest = text.split(":")
        return Snapshot(int(xmin), int(xmax), frozenset(int(one) for one in rest.split(",") if one))

    def sees(self, xid: int) -> bool:
        return xid < self.xmin or (xid < self.xmax and xid not in self.in_progress)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cursor has seen, to be asked in memory for each event."""

    epoch: int
    last: int | None = None
    old: Snapshot | None = None
    new: Snapshot | None = None
    page_last: int = 0

    def __contains__(self, event: FeedEvent) -> bool:
        if self.last is not None:
            return event.position <= self.last
        assert self.old is not None
        if self.old.sees(event.position):
            return True
        return self.new is not None and self.new.sees(event.position) and event.id <= self.page_last


def parse(cursor: str) -> Seen:
    """Raises OtherEpoch when `cursor` is no cursor."""
    try:
        epoch, position = cursor.split(":", 1)
        if ":" not in position:
            return Seen(int(epoch), last=int(position))
        if "/" not in position:
            return Seen(int(epoch), old=Snapshot.parse(position))
        old, new, last, _largest = position.split("/")
        return Seen(int(epoch), old=Snapshot.parse(old), new=Snapshot.parse(new), page_last=int(last))
    except (ValueError, AttributeError):
        raise OtherEpoch(f"{cursor!r} is no cursor") from None


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _moment(value: Any) -> datetime:
    made = datetime.fromisoformat(value) if isinstance(value, str) else value
    return made if made.tzinfo else made.replace(tzinfo=UTC)


_COLUMNS = "id, kind, version, at, actor, node, topics, body"
_EPOCH = "coalesce((SELECT max(number) FROM events_epoch), 1)"


def _event(row: Row, position: int, cursor: str) -> FeedEvent:
    return FeedEvent(row[0], row[1], row[2], _moment(row[3]), row[4], row[5], tuple(_decoded(row[6])), _decoded(row[7]), position, cursor)


# ---- SQLite ---------------------------------------------------------------------------------------------------


class SqliteFeed:
    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def now_cursor(self) -> str:
        row = self._execute(f"SELECT {_EPOCH}, coalesce((SELECT max(id) FROM events_event), 0)", ())[0]
        return f"{row[0]}:{row[1]}"

    def read_since(self, cursor: str, limit: int = PAGE) -> tuple[list[FeedEvent], str]:
        events = self._read(cursor, None, limit)
        return events, events[-1].cursor if events else cursor

    def read_between(self, old: str, new: str, limit: int = PAGE) -> list[FeedEvent]:
        return self._read(old, parse(new).last, limit)

    def _read(self, cursor: str, until: int | None, limit: int) -> list[FeedEvent]:
        seen = parse(cursor)
        if seen.last is None:
            raise OtherEpoch("the cursor is another database's")
        where = "id > %s" if until is None else "id > %s AND id <= %s"
        parameters = [seen.last] if until is None else [seen.last, until]
        rows = self._execute(f"SELECT {_EPOCH}, {_COLUMNS} FROM events_event WHERE {where} ORDER BY id LIMIT %s", [*parameters, limit])
        epoch = rows[0][0] if rows else self._execute(f"SELECT {_EPOCH}", ())[0][0]
        if epoch != seen.epoch:
            raise OtherEpoch(f"the cursor is of epoch {seen.epoch}, this is {epoch}")
        return [_event(row[1:], row[1], f"{epoch}:{row[1]}") for row in rows]


# ---- PostgreSQL -----------------------------------------------------------------------------------------------

_RANGE = "xid >= pg_snapshot_xmin(%s::pg_snapshot) AND xid < pg_snapshot_xmax(%s::pg_snapshot)"
_BETWEEN = "pg_visible_in_snapshot(xid, %s::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, %s::pg_snapshot)"
_NEW = f"{_RANGE} AND {_BETWEEN}"


class PostgresFeed:
    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def _now(self) -> tuple[int, str]:
        row = self._execute(f"SELECT {_EPOCH}, pg_current_snapshot()::text", ())[0]
        return int(row[0]), str(row[1])

    def now_cursor(self) -> str:
        epoch, now = self._now()
        return f"{epoch}:{now}"

    def read_since(self, cursor: str, limit: int = PAGE) -> tuple[list[FeedEvent], str]:
        seen, epoch, now = self._of_now(cursor)
        position = cursor.split(":", 1)[1]
        if seen.new is None:
            return self._first_page(epoch, position, now, limit)
        old, new, last, largest = position.split("/")
        rows = self._rows(old, new, limit + 1, int(last), int(largest))
        if len(rows) <= limit:
            return self._events(epoch, rows, old, new, int(largest)), f"{epoch}:{new}"
        events = self._events(epoch, rows[:limit], old, new, int(largest))
        return events, events[-1].cursor

    def read_between(self, old: str, new: str, limit: int = PAGE) -> list[FeedEvent]:
        seen, epoch, _ = self._of_now(old)
        if seen.new is None:
            return self._first_page(epoch, old.split(":", 1)[1], new.split(":", 1)[1], limit)[0]
        # `old` stands within a page: what it had before its page, and of its page what is behind it, is left out.
        before, page, last, _ = old.split(":", 1)[1].split("/")
        target = new.split(":", 1)[1]
        ids = f"SELECT id FROM events_event WHERE {_NEW} AND NOT (id <= %s AND pg_visible_in_snapshot(xid, %s::pg_snapshot)) ORDER BY id LIMIT %s"
        rows = self._fetch(ids, [before, target, target, before, int(last), page, limit])
        return self._events(epoch, rows, before, target, rows[-1][1] if rows else 0)

    def _of_now(self, cursor: str) -> tuple[Seen, int, str]:
        seen = parse(cursor)
        if seen.old is None:
            raise OtherEpoch("the cursor is another database's")
        epoch, now = self._now()
        if epoch != seen.epoch:
            raise OtherEpoch(f"the cursor is of epoch {seen.epoch}, this is {epoch}")
        return seen, epoch, now

    def _first_page(self, epoch: int, old: str, new: str, limit: int) -> tuple[list[FeedEvent], str]:
        if old == new:
            return [], f"{epoch}:{new}"
        rows = self._rows(old, new, limit + 1)
        if len(rows) <= limit:
            largest = rows[-1][1] if rows else 0
            return self._events(epoch, rows, old, new, largest), f"{epoch}:{new}"
        # More than a page: later pages walk the primary key between fixed ends, so that each costs its own rows only.
        largest = self._execute(f"SELECT max(id) FROM events_event WHERE {_RANGE}", [old, new])[0][0]
        events = self._events(epoch, rows[:limit], old, new, largest)
        return events, events[-1].cursor

    def _rows(self, old: str, new: str, limit: int, last: int | None = None, largest: int | None = None) -> list[Row]:
        if last is None:
            # OFFSET 0 keeps the planner from walking the primary key from the beginning of the log because of the LIMIT.
            ids = f"SELECT id FROM (SELECT id FROM events_event WHERE {_NEW} OFFSET 0) AS fresh ORDER BY id LIMIT %s"
            parameters: list[Any] = [old, new, new, old, limit]
        else:
            # Without the range of transactions, so that the planner walks the primary key and stops at the LIMIT.
            ids = f"SELECT id FROM events_event WHERE {_BETWEEN} AND id > %s AND id <= %s ORDER BY id LIMIT %s"
            parameters = [new, old, last, largest, limit]
        return self._fetch(ids, parameters)

    def _fetch(self, ids: str, parameters: list[Any]) -> list[Row]:
        return self._execute(f"SELECT xid::text, {_COLUMNS} FROM events_event WHERE id = ANY (ARRAY({ids})) ORDER BY id", parameters)

    @staticmethod
    def _events(epoch: int, rows: list[Row], old: str, new: str, largest: int) -> list[FeedEvent]:
        return [_event(row[1:], int(row[0]), f"{epoch}:{old}/{new}/{row[1]}/{largest}") for row in rows]


# ---- connections ----------------------------------------------------------------------------------------------


def of_django() -> Feed:
    """A feed over this thread's Django connection."""
    from django.db import connection

    def execute(sql: str, parameters: Sequence[Any]) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(parameters) or None)
            return list(cursor.fetchall())

    return PostgresFeed(execute) if connection.vendor == "postgresql" else SqliteFeed(execute)


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read inside, the cursor among it, is of one and the same moment: an event is either behind the cursor or in what was read, never both.
    For reading only. Within a transaction (whose moment is its own) it changes nothing."""
    from django.db import connection, transaction

    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # not atomic(), whose BEGIN IMMEDIATE would keep writers waiting
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


class OwnConnection:
    """A feed with a connection of its own, made at first use and again after it broke. Not for several threads at once.

    After an error of the database (gone, restarted) the call raises it, and the next call connects anew."""

    def __init__(self, database_url: str, sqlite_file: Path) -> None:
        self._url = database_url
        self._file = sqlite_file
        self._connection: Any = None
        self._feed: Feed = PostgresFeed(self._run) if database_url else SqliteFeed(self._run)

    @classmethod
    def of(cls, config: Config) -> OwnConnection:
        return cls(config.database_url, config.sqlite)

    def now_cursor(self) -> str:
        return self._feed.now_cursor()

    def read_since(self, cursor: str, limit: int = PAGE) -> tuple[list[FeedEvent], str]:
        return self._feed.read_since(cursor, limit)

    def read_between(self, old: str, new: str, limit: int = PAGE) -> list[FeedEvent]:
        return self._feed.read_between(old, new, limit)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        if self._connection is None:
            self._connection = connect_postgres(self._url, read_only=True) if self._url else sqlite.connect(self._file, read_only=True)
        try:
            if not self._url:
                sql = sql.replace("%s", "?")
            return list(self._connection.execute(sql, list(parameters)).fetchall())
        except Exception:
            self.close()
            raise


def connect_postgres(url: str, *, read_only: bool = False) -> Any:
    """A psycopg connection in autocommit, with a limit of 3 s on connecting and of 5 s on a silent network."""
    import psycopg

    options = "-c default_transaction_read_only=on" if read_only else ""
    return psycopg.connect(**postgres_arguments(url), options=options, autocommit=True)


def postgres_arguments(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname or "",
        "port": parts.port or 5432,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": parts.path.lstrip("/"),
        "connect_timeout": 3,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 5000,
    }
