"""The numbers on the graph: each run counts once, at every edge that it took and where it ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cordboard.flows import queries
from cordboard.flows.actions_count import count, count_all
from cordboard.flows.models import Flow, Passage, Run
from cordboard.flows.passages import passages

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def flow() -> Flow:
    return Flow.objects.create(code="x", name="X", version=1, surfaces=["ivr"], graph={"steps": {}})


def run(flow: Flow, path: list, at: str, ended: str, *, days: int = 0, over: bool = True) -> Run:
    began = NOW + timedelta(days=days)
    state = {"path": path, "at": at, "ended": ended}
    return Run.objects.create(
        flow=flow, surface="ivr", subject="interaction:1", state=state, started_at=began, ended_at=began if over else None, ended_by=ended
    )


def test_each_run_counts_once_at_every_edge(flow):
    run(flow, [["hello", "next"], ["matter", "choices[0]", 4.0]], "queue", "queued")
    run(flow, [["hello", "next"], ["matter", "choices[0]", 2.0]], "queue", "queued")
    run(flow, [["hello", "next"]], "matter", "hung_up", days=1)
    run(flow, [["hello", "next"]], "matter", "", over=False)
    assert count() == 3
    assert count() == 0
    told = queries.figures(flow)
    assert (told.runs, told.running) == (3, 1)
    assert told.edges["hello", "next"].runs == 3
    assert (told.edges["matter", "choices[0]"].times, told.edges["matter", "choices[0]"].seconds) == (2, 3.0)
    assert told.ends == {("queue", "queued"): 2, ("matter", "hung_up"): 1}
    assert told.passed("matter") == 3
    assert queries.figures(flow, since=date(2026, 11, 23)).runs == 1
    run(flow, [["hello", "next"]], "matter", "hung_up")
    count_all()
    assert queries.figures(flow).edges["hello", "next"].runs == 4
    assert Passage.objects.filter(flow=flow, step="hello").count() == 2  # one for each day


def test_a_run_that_came_by_twice_is_one_run(flow):
    run(flow, [["a", "next"], ["a", "next"]], "b", "end")
    count()
    assert (queries.figures(flow).edges["a", "next"].runs, queries.figures(flow).edges["a", "next"].times) == (1, 2)


def test_states_of_other_versions_are_counted_as_far_as_they_go(flow):
    Run.objects.create(
        flow=flow, surface="ivr", subject="x", state={"path": [1, ["a"], ["b", "next", "odd"]]}, started_at=NOW, ended_at=NOW, ended_by="hung_up"
    )
    Run.objects.create(flow=flow, surface="ivr", subject="x", state=[], started_at=NOW, ended_at=NOW, ended_by="hung_up")
    assert count() == 2
    assert queries.figures(flow).edges.keys() == {("b", "next")}
    assert passages({}, "") == {}
