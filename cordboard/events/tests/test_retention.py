"""Events go when their time is over, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cordboard.events import catalogue, retention
from cordboard.events.catalogue import declare
from cordboard.events.models import DeadLetter, Event

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_each_kind_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    Event.objects.all().delete()  # what tests with commits of their own left behind
    monkeypatch.setattr(catalogue, "_declared", {})
    monkeypatch.setattr(retention, "CHUNK", 3)
    monkeypatch.setattr(retention, "BETWEEN", 0)
    declare("test.short", keep=timedelta(days=1))
    declare("test.hasty", keep=timedelta(seconds=1))
    declare("test.kept")
    rows = [
        Event(kind=kind, at=NOW - timedelta(hours=hours), actor="system", node="n")
        for kind in ("test.short", "test.hasty", "test.kept")
        for hours in (72, 60, 50, 48, 25, 23, 0)
    ]
    Event.objects.bulk_create(rows)
    letter = DeadLetter.objects.create(subscriber="x", event=rows[0], tries=8, error="")
    assert retention.forget(NOW) == 5 + 6 + 1
    left = [(event.kind, event.at) for event in Event.objects.order_by("id")]
    assert left == [
        (row.kind, row.at) for row in rows if row.kind == "test.kept" or row.at > NOW - timedelta(days=1 if row.kind == "test.short" else 0, hours=1)
    ]
    assert not DeadLetter.objects.filter(pk=letter.pk).exists()
    assert retention.forget(NOW) == 0


@pytest.mark.django_db
def test_what_is_left_over_goes_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_declared", {})
    monkeypatch.setattr(retention, "CHUNK", 2)
    monkeypatch.setattr(retention, "BETWEEN", 0)
    declare("test.short", keep=timedelta(days=1))
    Event.objects.bulk_create([Event(kind="test.short", at=NOW - timedelta(days=3), actor="system", node="n") for _ in range(7)])
    assert retention.forget(NOW, at_most=4) == 4
    assert retention.forget(NOW) == 3
