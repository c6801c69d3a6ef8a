"""Asking another database: one query, its values bound, read only, and never longer than its time. Nothing here touches our own database."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from cordboard.flows.effects import LookedUp
from cordboard.flows.lookup_terms import MOST_ROWS, Query, Rows
from cordboard.flows.services import MOST, allowed_address
from cordboard.lib.config import config

logger = logging.getLogger(__name__)

_STEPS = 1000
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})


@dataclass(frozen=True, slots=True)
class Source:
    """A database as kept: `kind` "sqlite" or "postgresql"."""

    kind: str
    address: str
    password: str
    inside: bool


def ask(source: Source, query: Query, values: Mapping[str, Any], limit: float) -> LookedUp:
    """What the query found, as Rows. `failed`: "timeout", "unreachable", "not_allowed", "query" (it does not understand it), "too_large". Never raises for
    what a database may do."""
    given = {name: ", ".join(value) if isinstance(value, list) else value for name, value in values.items() if name in query.names}
    try:
        return _sqlite(source, query, given, limit) if source.kind == "sqlite" else _postgresql(source, query, given, limit)
    except (ValueError, OverflowError) as wrong:  # a value that the database cannot take
        logger.info("a look-up could not be asked: %s", wrong)
        return LookedUp(failed="query")


def is_ours(address: str) -> bool:
    """Whether a file is the centre's own: its database, its keys, its recordings."""
    data = config().data.resolve()
    return Path(address).resolve().is_relative_to(data)


def _sqlite(source: Source, query: Query, values: Mapping[str, Any], limit: float) -> LookedUp:
    path = Path(source.address)
    if not path.is_absolute() or is_ours(source.address):
        return LookedUp(failed="not_allowed")
    if not path.is_file():
        return LookedUp(failed="unreachable")
    until = time.monotonic() + limit
    database = None
    try:
        database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=limit, isolation_level=None)
        if hasattr(database, "setlimit"):  # pysqlite3, where it stands in, has none
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST)
        database.execute("PRAGMA query_only = 1")
        database.set_authorizer(_may)
        database.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        cursor = database.execute(query.sqlite, dict(values))
        rows = cursor.fetchmany(MOST_ROWS)
        if _too_large(rows):
            return LookedUp(failed="too_large")
        return LookedUp(Rows(tuple(one[0] for one in cursor.description or ()), tuple(map(tuple, rows)))) if rows else LookedUp(None)
    except sqlite3.OperationalError as problem:
        if "interrupted" in str(problem) or "locked" in str(problem):
            return LookedUp(failed="timeout")
        logger.info("a look-up was not understood by its database: %s", problem)
        return LookedUp(failed="unreachable" if "unable to open" in str(problem) else "query")
    except sqlite3.Error as problem:
        logger.info("a look-up was not understood by its database: %s", problem)
        return LookedUp(failed="too_large" if "too big" in str(problem) else "query")
    finally:
        if database is not None:
            database.close()


def _too_large(rows: list[Any]) -> bool:
    return sum(len(one) if isinstance(one, (str, bytes)) else 8 for row in rows for one in row) > MOST


def _may(action: int, one: str | None, two: str | None, database: str | None, inner: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if two in ("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer") else sqlite3.SQLITE_OK
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def own_postgresql(host: str, port: int, name: str) -> bool:
    """Whether this is the centre's own database, by its address as set."""
    ours = urlsplit(config().database_url)
    return bool(ours.hostname) and (ours.hostname, ours.port or 5432, unquote(ours.path.lstrip("/"))) == (host, port, name)


def _postgresql(source: Source, query: Query, values: Mapping[str, Any], limit: float) -> LookedUp:
    import psycopg

    parts = urlsplit(source.address)
    host, port, name = parts.hostname or "", parts.port or 5432, unquote(parts.path.lstrip("/"))
    if own_postgresql(host, port, name):
        return LookedUp(failed="not_allowed")
    until = time.monotonic() + limit
    guard = _Guard()
    timer = threading.Timer(limit, guard.give_up)
    timer.daemon = True
    timer.start()
    try:
        address = allowed_address(host, port, source.inside)
        if address is None:
            return LookedUp(failed="not_allowed")
        with psycopg.connect(
            host=host,
            hostaddr=address,
            port=port,
            dbname=name,
            user=unquote(parts.username or ""),
            password=source.password or None,
            connect_timeout=2,  # the least that libpq takes; whoever waits does not wait for it
            application_name="cordboard look-up",
            options=f"-c statement_timeout={max(1, int(limit * 1000))} -c default_transaction_read_only=on",
        ) as database:
            guard.watch(database.pgconn.socket)
            database.read_only = True  # BEGIN READ ONLY: nothing within it may lift that
            with database.cursor() as cursor:
                cursor.execute(query.postgresql, dict(values))
                rows = cursor.fetchmany(MOST_ROWS)
                columns = tuple(one.name for one in cursor.description or ())
            database.rollback()
        if _too_large(rows):
            return LookedUp(failed="too_large")
        return LookedUp(Rows(columns, tuple(rows))) if rows else LookedUp(None)
    except (psycopg.errors.QueryCanceled, psycopg.errors.ConnectionTimeout, psycopg.errors.LockNotAvailable):
        return LookedUp(failed="timeout")
    except (psycopg.OperationalError, OSError) as problem:
        if guard.over or time.monotonic() >= until:
            return LookedUp(failed="timeout")
        logger.info("the database of a look-up is not there: %s", problem)
        return LookedUp(failed="unreachable")
    except psycopg.Error as problem:
        logger.info("a look-up was not understood by its database: %s", problem)
        return LookedUp(failed="query")
    finally:
        timer.cancel()
        guard.done()


class _Guard:
    """Ends a connection whose other side says nothing: a frozen server would keep its thread for ever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.over = False

    def watch(self, number: int) -> None:
        with self._lock:
            self._socket = socket.socket(fileno=os.dup(number))
        if self.over:
            self.give_up()

    def give_up(self) -> None:
        with self._lock:
            self.over = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # it was closed at the same moment
                    self._socket.shutdown(socket.SHUT_RDWR)

    def done(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
