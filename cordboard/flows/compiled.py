"""Published versions, compiled once in each process: they never change."""

from __future__ import annotations

import threading

from cordboard.flows import engine
from cordboard.flows.models import Flow

KEPT = 300

_made: dict[tuple[object, ...], engine.Flow] = {}
_lock = threading.Lock()


def compiled(row: Flow) -> engine.Flow:
    """The version as it runs. Raises KeyError, TypeError or rules.BadPolicy for one that cannot be (a step type that has gone)."""
    if row.state == Flow.State.DRAFT:
        return engine.compile_flow(row.runs_as, row.version)
    key = (row.pk, row.code, row.version, row.published_at)  # a restore from backup may give a number to another flow
    found = _made.get(key)
    if found is None:
        found = engine.compile_flow(row.runs_as, row.version)
        with _lock:
            if len(_made) >= KEPT:
                _made.clear()
            _made[key] = found
    return found
