"""Django for an asyncio process: work for the database runs in threads, never longer than its deadline as far as the caller is concerned."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE = 2.0
"""Seconds that anybody on the telephone waits for the database."""
THREADS = 6


class DatabaseAway(Exception):
    """Not done in time, or the database is not there. What was asked may have happened all the same: ask again."""


class Executor:
    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="records")
        self._busy = 0
        self._threads = threads
        self.away_since: float | None = None
        """Since when (monotonic) nothing was answered; None while all is well."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work`, done in a thread. Raises DatabaseAway after two seconds or when the database is gone, and whatever `work`
        raises else."""
        if self._busy >= self._threads * 4:  # threads stuck in a dead database: what waits behind them would only come later still
            raise DatabaseAway("too much waits for the database")
        loop = asyncio.get_running_loop()
        self._busy += 1
        future = loop.run_in_executor(self._pool, _clean, lambda: work(*args, **kwargs))
        future.add_done_callback(self._done)
        try:
            result = await asyncio.wait_for(asyncio.shield(future), DEADLINE)
        except (TimeoutError, OperationalError, InterfaceError) as problem:
            if self.away_since is None:
                self.away_since = time.monotonic()
                logger.warning("the database does not answer: %s", str(problem) or "no answer in time")
            raise DatabaseAway(str(problem) or "no answer in time") from None
        if self.away_since is not None:
            logger.info("the database is back after %.1f s", time.monotonic() - self.away_since)
            self.away_since = None
        return result

    def _done(self, future: asyncio.Future[Any]) -> None:
        self._busy -= 1
        if not future.cancelled():
            future.exception()  # a late failure was reported as DatabaseAway already

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _clean(work: Callable[[], T]) -> T:
    """With a connection that is good, and without one that is not."""
    close_old_connections()
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
