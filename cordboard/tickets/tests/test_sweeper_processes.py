"""Sweepers are killed and doubled: every escalation step is taken exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.lib.testing.workers import Workers, workers
from cordboard.tickets.tests.escalating import TICKETS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    cluster = request.getfixturevalue("cluster") if request.param == "postgresql" else None
    with workers("cordboard.tickets.tests.escalating", tmp_path, cluster, name="desk") as made:
        yield made


def test_two_sweepers_that_are_killed_anywhere_take_each_step_once(desk: Workers) -> None:
    killed = desk.keep_up("sweep", ["acted:2", "claimed:1", "after:1", "acted:1"], lambda sweepers: any(one.poll() != 0 for one in sweepers))
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
