"""Recording: what the log takes and what it refuses, and when it rings."""

from __future__ import annotations

import pytest
from django.db import transaction

from cordboard.events import catalogue, doorbell, feed, log
from cordboard.events.catalogue import EventRefused, declare
from cordboard.events.models import Event

KIND = "test.opened"


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_declared", {})
    declare(
        KIND,
        version=3,
        fields={"interaction": int, "party": int | None, "names": list[str], "counts": dict[str, int], "share": float},
        topics=lambda body: [f"interaction:{body['interaction']}", "board"],
    )


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each ring."""
    heard: list[int] = []

    def ring() -> None:
        heard.append(1)

    monkeypatch.setattr(doorbell, "ring", ring)
    return heard


GOOD = {"interaction": 91, "names": ["note"], "counts": {"a": 1}, "share": 1}


@pytest.mark.django_db(transaction=True)
def test_an_event_keeps_who_what_when_where_why() -> None:
    before = feed.of_django().now_cursor()
    log.current_origin.set("203.0.113.9 4f1c")
    with transaction.atomic():
        event = log.record(KIND, actor="user:7", why="the customer asked", **GOOD)
    log.current_origin.set("")
    kept = Event.objects.get(pk=event.pk)
    assert (kept.kind, kept.version, kept.actor, kept.node, kept.origin, kept.why) == (KIND, 3, "user:7", "test", "203.0.113.9 4f1c", "the customer asked")
    assert kept.topics == ["interaction:91", "board"]
    assert kept.body == {"interaction": 91, "party": None, "names": ["note"], "counts": {"a": 1}, "share": 1}
    read, _ = feed.of_django().read_since(before)
    assert [(one.kind, one.body, one.topics) for one in read] == [(KIND, kept.body, ("interaction:91", "board"))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {**GOOD, "interaction": "91"},
        {**GOOD, "interaction": True},
        {**GOOD, "interaction": None},
        {**GOOD, "names": ["a", 1]},
        {**GOOD, "names": ["x" * 501]},
        {**GOOD, "counts": {"a": "b"}},
        {**GOOD, "surprise": 1},
    ],
)
def test_what_is_not_as_declared_is_refused(fields) -> None:
    before = Event.objects.count()
    with pytest.raises(EventRefused):
        log.record(KIND, actor="system", **fields)
    with pytest.raises(EventRefused):
        log.record("test.unknown", actor="system")
    with pytest.raises(EventRefused):
        log.record(KIND, actor="Alice Jansen", **GOOD)
    assert Event.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(log.OutsideTransaction):
        log.record(KIND, actor="system", **GOOD)


@pytest.mark.django_db(transaction=True)
def test_it_rings_once_after_the_commit(rings: list[int]) -> None:
    with transaction.atomic():
        log.record(KIND, actor="system", **GOOD)
        with transaction.atomic():
            log.record(KIND, actor="system", **GOOD)
        log.record_all([(KIND, GOOD), (KIND, GOOD)], actor="worker")
        assert rings == []
    assert rings == [1]
    assert Event.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_rollback_rings_for_nobody_and_a_lost_savepoint_silences_nobody(rings: list[int]) -> None:
    with transaction.atomic():
        log.record(KIND, actor="system", **GOOD)
        transaction.set_rollback(True)
    assert rings == []
    with transaction.atomic():
        with transaction.atomic():
            log.record(KIND, actor="system", **GOOD)
            transaction.set_rollback(True)
        log.record(KIND, actor="system", **GOOD)
    assert rings == [1]
    assert Event.objects.count() == 1


@pytest.mark.parametrize("bad", ["Opened", "opened", "a.b c", "a..b", ".a", "a."])
def test_names_of_events(bad: str) -> None:
    with pytest.raises(EventRefused):
        declare(bad)


def test_an_event_is_declared_once_and_leaves_the_logs_own_names_alone() -> None:
    declare("a.b", fields={"x": int})
    declare("a.b", fields={"x": int})
    with pytest.raises(EventRefused):
        declare("a.b", fields={"x": str})
    with pytest.raises(EventRefused):
        declare("a.c", fields={"actor": str})
