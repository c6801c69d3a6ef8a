"""Routers are killed and doubled: nobody is assigned twice, nobody is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.lib.testing.workers import PATIENCE, Workers, workers
from cordboard.routing.tests.house import CONTACTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    cluster = request.getfixturevalue("cluster") if request.param == "postgresql" else None
    with workers("cordboard.routing.tests.house", tmp_path, cluster, name="house") as made:
        yield made


FINE = {"twice": 0, "lost": 0, "open_segments": 0, "open_entries": 0, "loads": 0, "contacts": CONTACTS}


def test_two_routers_at_once_that_die_between_any_two_steps(house: Workers) -> None:
    working = house.start("work")
    deaths = ["before:1", "inside:1", "after:1", "inside:2", "after:2", "before:2", "inside:1", "after:3"]
    killed = house.keep_up("route", deaths, lambda _routers: working.poll() is None)
    assert working.returncode == 0
    found = house.checked()
    assert killed >= 6
    assert {name: found[name] for name in FINE} == FINE
    assert found["offers"] >= CONTACTS * 0.9


def test_when_the_one_that_leads_is_killed_the_other_takes_over(house: Workers) -> None:
    first = house.start("lead")
    second = house.start("lead")
    working = house.start("work")
    time.sleep(2)
    first.kill()
    working.communicate(timeout=PATIENCE)
    assert working.returncode == 0
    second.terminate()
    assert second.wait(10) == 0
    found = house.checked()
    assert {name: found[name] for name in FINE} == FINE
