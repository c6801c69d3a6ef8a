"""The board's own pages, by address: carol watches, dave may nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from cordboard.channels.voice.actions_sound import recording_ended, recording_started
from cordboard.channels.voice.actions_trunk import set_trunk, trunk_state
from cordboard.channels.voice.models import Call
from cordboard.desktop.tests.conftest import signed_in
from cordboard.routing import reduce
from cordboard.routing.models import Queue
from cordboard.routing.tests.centre import Centre
from cordboard.telephony import driver

PAGES = ["/board/", "/wallboard/", "/board/standing/", "/board/telephony/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_carol_sees_it_and_others_are_refused(centre: Centre, path: str) -> None:
    assert signed_in(centre.carol).get(path).status_code == 200
    assert signed_in(centre.dave).get(path).status_code == 403
    assert signed_in(centre.alice).get(path).status_code == 403


@pytest.mark.django_db
def test_the_wallboard_has_every_queue_and_its_own_line(centre: Centre) -> None:
    page = signed_in(centre.carol).get("/wallboard/").content.decode()
    for queue in (centre.support, centre.sales):
        assert f'data-queue="{queue.pk}"' in page
    assert "Support" in page
    assert 'data-live="/live"' in page
    assert 'id="board-values"' in page
    assert 'id="nav"' not in page  # nobody is at its keyboard


@pytest.mark.django_db
def test_as_many_queries_for_many_queues_and_agents(centre: Centre) -> None:
    from django.db import connection

    carol = signed_in(centre.carol)
    counts: dict[str, list[int]] = {path: [] for path in PAGES}
    for extra in (0, 6):
        for number in range(extra):
            queue = Queue.objects.create(code=f"q{number}", name=f"Queue {number}", unit=centre.unit)
            centre.ready(centre.agent(f"agent{number}", [queue]))
            centre.call(queue)
            set_trunk(None, driver.Trunk(f"t{number}", host="127.0.0.9", transport="udp", numbers=("+31205550100",)), name=f"Trunk {number}")
        for path in PAGES:
            carol.get(path)  # what is prepared once is not counted
            with CaptureQueriesContext(
                connection,
            ) as made:
                assert carol.get(path).status_code == 200
            counts[path].append(len(made))
    assert all(few == many for few, many in counts.values()), counts


@pytest.mark.django_db
def test_trunks_and_failed_recordings_are_told(centre: Centre) -> None:
    carol = signed_in(centre.carol)
    assert "Calls to numbers outside cannot be placed" in carol.get("/board/telephony/").content.decode()
    set_trunk(None, driver.Trunk("carrier", host="127.0.0.9", transport="udp", numbers=("+31205550100",)), name="Carrier")
    assert "no switch has told yet" in carol.get("/board/telephony/").content.decode()
    trunk_state("one", "carrier", False, "no answer")
    call = centre.call()
    Call.objects.create(interaction=call, reference="call", node="one")
    recording_started(call.pk, "r", "r.wav", announced=True, rule="")
    recording_ended("r", seconds=2.0, error="disk full")
    page = carol.get("/board/telephony/").content.decode()
    assert "down, no answer" in page
    assert "disk full" in page


def test_what_is_new_is_read_afresh() -> None:
    board: dict[str, Any] = {"whole": True, "queues": {"3": {}}, "agents": {"7": {}}}
    for change, wanted in (("made", True), ("terms", True), ("opened", False), ("closed", False)):
        assert reduce.stale(board, "routing.queue_changed", {"queue": 4, "open": True, "change": change}) is wanted
    assert reduce.stale(board, "routing.queue_changed", {"queue": 4, "open": True}) is False  # written before there was more to tell
    for agent, wanted in ((7, False), (8, True)):
        assert reduce.stale(board, "routing.agent_changed", {"agent": agent, "change": "joined"}) is wanted
        assert reduce.stale(board, "routing.agent_state_changed", {"agent": agent}) is wanted
        assert reduce.stale({**board, "whole": False}, "routing.agent_state_changed", {"agent": agent}) is False
    assert reduce.stale(board, "routing.agent_changed", {"agent": 8, "change": "left"}) is False
    assert reduce.stale(board, "routing.entered", {"queue": 4}) is False
