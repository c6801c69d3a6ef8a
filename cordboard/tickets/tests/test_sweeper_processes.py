"""Sweepers are killed and doubled: every escalation step is taken exactly once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.testing import prepared, reaper
from cordboard.lib.testing.postgres import Cluster
from cordboard.tickets.tests.escalating import TICKETS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Desk:
    def __init__(self, folder: Path, url: str) -> None:
        self.environment = {
            **os.environ,
            "CORDBOARD_DATA": str(folder),
            "CORDBOARD_RUN": str(folder / "run"),
            "CORDBOARD_SECRET_KEY": "for tests only",
            "CORDBOARD_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "cordboard.settings",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, what: str, **more: str) -> subprocess.Popen[bytes]:
        made = subprocess.Popen([sys.executable, "-m", "cordboard.tickets.tests.escalating", what], env={**self.environment, **more}, stdout=subprocess.PIPE)
        self.running.append(made)
        reaper.watch(made)
        return made

    def run(self, what: str) -> bytes:
        made = self.start(what)
        out, _ = made.communicate(timeout=120)
        assert made.returncode == 0
        return out

    def checked(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("check").splitlines()[-1])
        return found

    def stop(self) -> None:
        for one in self.running:
            if one.poll() is None:
                one.kill()
            one.wait(10)
            reaper.forget(one)
            if one.stdout is not None:
                one.stdout.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    url = ""
    if request.param == "postgresql":
        import psycopg

        cluster: Cluster = request.getfixturevalue("cluster")
        name = f"desk{os.getpid()}_{abs(hash(request.node.name)) % 10**8}"
        with psycopg.connect(cluster.url(), autocommit=True) as line:
            line.execute(f'CREATE DATABASE "{name}" TEMPLATE {prepared.MIGRATED}')
        url = cluster.url(name)
    else:
        shutil.copytree(prepared.data(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "run").mkdir(exist_ok=True)
    made = Desk(tmp_path, url)
    try:
        made.run("prepare")
        yield made
    finally:
        made.stop()


def test_two_sweepers_that_are_killed_anywhere_take_each_step_once(desk: Desk) -> None:
    deaths = ["acted:2", "claimed:1", "after:1", "acted:1"]
    sweepers = [desk.start("sweep", DIE=deaths.pop()) for _ in range(2)]
    killed = 0
    while any(one.poll() != 0 for one in sweepers):
        for number, one in enumerate(sweepers):
            if one.poll() == -signal.SIGKILL:
                killed += 1
                sweepers[number] = desk.start("sweep", DIE=deaths.pop() if deaths else "never:0")
            else:
                assert one.poll() in (None, 0), "a sweeper failed"
        time.sleep(0.05)
    assert killed >= 3
    found = desk.checked()
    assert found == {
        "steps": 4 * TICKETS,
        "left": 0,
        "claims": 0,
        "told_once": [1],
        "told": 3 * TICKETS,
        "notices": TICKETS,
        "given": TICKETS,
        "breached": TICKETS,
        "clocks": TICKETS,
        "tickets": [[3, "carol", 3]],
    }
