"""Decisions of the switch that look something up elsewhere: the wait for it takes no thread from the records of other calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from cordboard.channels.voice.executor import Executor
from cordboard.flows import lookups

T = TypeVar("T")


async def decided(db: Executor, decide: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """What `decide` decides; it takes `look_up` and `batch`. Look-ups that it needs are waited for here, within their limits. Raises as `Executor.run` does."""
    try:
        return await db.run(decide, *args, **kwargs, look_up=lookups.BEGIN)
    except lookups.Waits as waits:
        batch = waits.batch
    under_way = [asyncio.wrap_future(one) for one in batch.waiting]
    if under_way:
        await asyncio.wait(under_way, timeout=max(0.0, batch.until - time.monotonic()))
    return await db.run(decide, *args, **kwargs, batch=batch)
