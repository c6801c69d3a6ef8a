"""One list of everything, and who has how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cordboard.org.worklist import Row, gathered, is_late, loads, rank

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def row(kind: str, number: int, hours: int | None, priority: int = 5, *, waits: bool = False) -> Row:
    return Row(kind, number, str(number), f"{kind} {number}", None if hours is None else NOW + timedelta(hours=hours), priority, waits=waits)


def test_the_first_due_first_then_the_most_urgent_and_what_has_no_time_last() -> None:
    found = {"ticket": [row("ticket", 1, 3, 6), row("ticket", 2, None)], "task": [row("task", 1, 3, 2), row("task", 2, -1)]}
    made = gathered(found, NOW)
    assert [(one.kind, one.number) for one in made.rows] == [("task", 2), ("task", 1), ("ticket", 1), ("ticket", 2)]
    assert [(one.code, one.open, one.late, one.more) for one in made.counts] == [("ticket", 2, 0, False), ("task", 2, 1, False)]
    assert [one.kind for one in gathered(found, NOW, kind="ticket").rows] == ["ticket", "ticket"]


def test_what_waits_for_the_customer_is_not_late() -> None:
    assert is_late(row("ticket", 1, -1), NOW)
    assert not is_late(row("ticket", 1, -1, waits=True), NOW)


def test_a_full_kind_says_that_there_is_more() -> None:
    made = gathered({"ticket": [row("ticket", n, n) for n in range(5)]}, NOW, most=3, read=5)
    assert (len(made.rows), made.more, made.counts[0].more) == (3, True, True)


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.none() | st.integers(-9, 9), st.integers(1, 9)), max_size=30))
def test_nothing_is_lost_and_the_order_holds(drawn: list[tuple[str, int | None, int]]) -> None:
    found: dict[str, list[Row]] = {"a": [], "b": []}
    for number, (kind, hours, priority) in enumerate(drawn):
        found[kind].append(row(kind, number, hours, priority))
    rows = gathered(found, NOW).rows
    assert sorted(one.number for one in rows) == list(range(len(drawn)))
    assert rows == sorted(rows, key=rank)


def test_loads_count_by_kind_late_today_and_the_mean_age() -> None:
    until = NOW + timedelta(hours=12)
    work = {
        "ticket": [(1, NOW - timedelta(hours=10), NOW - timedelta(hours=1)), (1, NOW - timedelta(hours=20), NOW + timedelta(hours=2)), (9, NOW, NOW)],
        "task": [(1, None, NOW + timedelta(days=2))],
    }
    found = loads([1, 2], work, NOW, until)
    assert found[1].by_kind == {"ticket": 2, "task": 1}
    assert (found[1].open, found[1].late, found[1].today, found[1].age_hours) == (3, 1, 1, 15.0)
    assert (found[2].open, found[2].age_hours) == (0, None)
    assert set(found) == {1, 2}, "of those who were asked for"
