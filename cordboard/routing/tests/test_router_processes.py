"""Routers are killed and doubled: nobody is assigned twice, nobody is lost."""

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
from cordboard.routing.tests.house import CONTACTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class House:
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

    def start(self, *what: str, **more: str) -> subprocess.Popen[bytes]:
        made = subprocess.Popen([sys.executable, "-m", "cordboard.routing.tests.house", *what], env={**self.environment, **more}, stdout=subprocess.PIPE)
        self.running.append(made)
        reaper.watch(made)
        return made

    def run(self, *what: str) -> bytes:
        made = self.start(*what)
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
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = ""
    if request.param == "postgresql":
        import psycopg

        cluster: Cluster = request.getfixturevalue("cluster")
        name = f"house{os.getpid()}_{abs(hash(request.node.name)) % 10**8}"
        with psycopg.connect(cluster.url(), autocommit=True) as line:
            line.execute(f'CREATE DATABASE "{name}" TEMPLATE {prepared.MIGRATED}')
        url = cluster.url(name)
    else:
        shutil.copytree(prepared.data(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "run").mkdir()
    made = House(tmp_path, url)
    try:
        made.run("prepare")
        yield made
    finally:
        made.stop()


FINE = {"twice": 0, "lost": 0, "open_segments": 0, "open_entries": 0, "loads": 0, "contacts": CONTACTS}


def test_two_routers_at_once_that_die_between_any_two_steps(house: House) -> None:
    working = house.start("work")
    deaths = ["before:1", "inside:1", "after:1", "inside:2", "after:2", "before:2", "inside:1", "after:3"]
    routers = [house.start("route", DIE=deaths.pop()) for _ in range(2)]
    killed = 0
    while working.poll() is None:
        for number, one in enumerate(routers):
            if one.poll() is not None:
                assert one.returncode == -signal.SIGKILL
                killed += 1
                routers[number] = house.start("route", DIE=deaths.pop() if deaths else "never:0")
        time.sleep(0.05)
    assert working.returncode == 0
    found = house.checked()
    assert killed >= 6
    assert {name: found[name] for name in FINE} == FINE
    assert found["offers"] >= CONTACTS * 0.9


def test_when_the_one_that_leads_is_killed_the_other_takes_over(house: House) -> None:
    first = house.start("lead")
    second = house.start("lead")
    working = house.start("work")
    time.sleep(2)
    first.kill()
    working.communicate(timeout=120)
    assert working.returncode == 0
    second.terminate()
    assert second.wait(10) == 0
    found = house.checked()
    assert {name: found[name] for name in FINE} == FINE
