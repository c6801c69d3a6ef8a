"""Processes that work on one database and are killed in the middle of it: a house of routers, a desk of sweepers. Each is `python -m MODULE WHAT`, where WHAT is "prepare",
"check" (which prints its findings as a line of JSON) or what the module does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cordboard.lib.testing import prepared, reaper
from cordboard.lib.testing.postgres import Cluster

PATIENCE = 120.0
"""Seconds; the machine of the tests may be busy."""


class Workers:
    """The processes of `module` on the database at `url` (empty: SQLite in `folder`)."""

    def __init__(self, module: str, folder: Path, url: str) -> None:
        self.module = module
        self.environment = {
            **os.environ,
            "CORDBOARD_DATA": str(folder),
            "CORDBOARD_RUN": str(folder / "run"),
            "CORDBOARD_SECRET_KEY": "for tests only",
            "CORDBOARD_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "cordboard.settings",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *what: str, **more: str) -> subprocess.Popen[bytes]:
        """One process, with `more` in its environment."""
        made = subprocess.Popen([sys.executable, "-m", self.module, *what], env={**self.environment, **more}, stdout=subprocess.PIPE)
        self.running.append(made)
        reaper.watch(made)
        return made

    def run(self, *what: str) -> bytes:
        """One process to its end; what it printed."""
        made = self.start(*what)
        out, _ = made.communicate(timeout=PATIENCE)
        assert made.returncode == 0
        return out

    def checked(self) -> dict[str, Any]:
        """What "check" found."""
        found: dict[str, Any] = json.loads(self.run("check").splitlines()[-1])
        return found

    def keep_up(self, what: str, deaths: list[str], while_: Callable[[list[subprocess.Popen[bytes]]], bool], *, count: int = 2) -> int:
        """`count` processes do `what`, each told by DIE where to kill itself; a dead one is replaced while `while_` holds. Returns how many died. One that ends otherwise than
        by its own kill, or well, fails the test."""
        deaths = list(deaths)
        working = [self.start(what, DIE=deaths.pop()) for _ in range(count)]
        killed = 0
        while while_(working):
            for number, one in enumerate(working):
                code = one.poll()
                if code == -signal.SIGKILL:
                    killed += 1
                    working[number] = self.start(what, DIE=deaths.pop() if deaths else "never:0")
                else:
                    assert code in (None, 0), f"{what} failed"
            time.sleep(0.05)
        return killed

    def stop(self) -> None:
        for one in self.running:
            if one.poll() is None:
                one.kill()
            one.wait(10)
            reaper.forget(one)
            if one.stdout is not None:
                one.stdout.close()


@contextmanager
def workers(module: str, folder: Path, cluster: Cluster | None = None, *, name: str = "") -> Iterator[Workers]:
    """A prepared database for `module`: on `cluster` under a name of its own that begins with `name`, else SQLite in `folder`. Its processes end with it."""
    url = ""
    if cluster is not None:
        import psycopg

        database = f"{name or 'workers'}{os.getpid()}_{abs(hash(str(folder))) % 10**8}"
        with psycopg.connect(cluster.url(), autocommit=True) as line:
            line.execute(f'CREATE DATABASE "{database}" TEMPLATE {prepared.MIGRATED}'.encode())
        url = cluster.url(database)
    else:
        shutil.copytree(prepared.data(), folder, dirs_exist_ok=True)
    (folder / "run").mkdir(exist_ok=True)
    made = Workers(module, folder, url)
    try:
        made.run("prepare")
        yield made
    finally:
        made.stop()
