"""`/health`: whether each role is well, for load balancers and monitoring. Says nothing that a stranger could use.

`/health` is about this front; `/health/ROLE` about the others on this machine: django, worker, switch, media.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cordboard.front.live import Live
from cordboard.front.upstream import Upstream
from cordboard.lib.config import Config
from cordboard.lib.internal import HEADER, token

STALE = 10.0
"""Seconds after which a log that cannot be read, or a worker that is not heard, is unwell."""

ROLES = ("front", "django", "worker", "switch", "media")


class Health:
    def __init__(self, config: Config, live: Live, upstream: Upstream) -> None:
        self._config = config
        self._live = live
        self._upstream = upstream

    async def of(self, role: str) -> dict[str, Any] | None:
        """{"role", "well", ...}; None for a role that does not exist."""
        if role == "front":
            last = self._live.hub.last_read
            log = last is not None and (datetime.now(UTC) - last).total_seconds() < STALE
            return {"role": role, "well": log, "log": log, "switch": self._live.switch.connected, "pages": len(self._live.hub.pages)}
        if role == "django":
            return {"role": role, "well": await self._django()}
        if role not in ROLES:
            return None
        states = [one["state"] == "running" for one in self._status() if one["kind"] == role]
        well = bool(states) and all(states)
        if role == "worker":
            well = well and self._worker_is_heard()
        if role == "switch":
            well = well and self._live.switch.connected
        return {"role": role, "well": well, "processes": len(states)}

    async def _django(self) -> bool:
        try:
            await self._upstream.ask("/internal/health", {}, [(b"host", b"localhost"), (HEADER.encode(), token().encode())])
        except OSError:
            return False
        return True

    def _status(self) -> list[dict[str, Any]]:
        found = [_read(path) for path in self._config.run.glob("status*.json")]
        return [role for status in found if status is not None for role in status["roles"]]

    def _worker_is_heard(self) -> bool:
        reports = [_read(path) for path in (self._config.run / "health").glob("worker*.json")]
        return bool(reports) and all(report is not None and time.time() - report["at"] < STALE and all(report["threads"].values()) for report in reports)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
