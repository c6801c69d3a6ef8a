"""Figures of complaints: every complaint is in one line of each table, so that all totals agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.tickets.queries_complaint_report import BY, counted, week_of, weeks

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")

moments = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 17)).map(lambda at: at.replace(tzinfo=UTC))
ids = st.none() | st.integers(1, 3)
rows = st.lists(
    st.tuples(
        moments, st.none() | moments, st.integers(0, 100), st.sampled_from(("low", "medium", "high", "critical")), st.none() | moments, st.none() | st.floats(1, 5),
        ids, ids, ids, ids,
    ),
    max_size=15,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(rows)
def test_the_totals_of_every_table_are_the_whole(rows):
    found = counted(rows, ZONE, 2, NOW)
    assert found.whole.number == len(rows)
    for part in BY:
        for name in ("number", "score", "answered", "open", "in_time", "late", "rated", "low"):
            assert sum(getattr(sums, name) for sums in found.parts[part].values()) == getattr(found.whole, name), (part, name)
    assert found.whole.low <= found.whole.rated
    assert found.whole.in_time + found.whole.late <= found.whole.number


@given(moments)
def test_a_complaint_is_in_a_week_that_is_shown(at):
    day = at.astimezone(ZONE).date()
    assert week_of(at, ZONE) in weeks(day - timedelta(days=20), day)
    assert week_of(at, ZONE).weekday() == 0


def test_means_and_what_is_late():
    opened = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    found = counted(
        [
            (opened, opened + timedelta(days=1), 80, "critical", opened + timedelta(hours=10), 2.0, 1, None, 5, None),
            (opened, opened + timedelta(hours=1), 40, "medium", opened + timedelta(hours=20), 5.0, 1, None, 5, None),
            (opened, opened + timedelta(days=2), 30, "medium", None, None, 2, None, None, None),
            (opened, NOW + timedelta(days=2), 30, "medium", None, None, 2, None, None, None),
        ],
        ZONE,
        2,
        NOW,
    ).whole
    assert (found.mean_score, found.mean_hours, found.mean_rating, found.share_in_time) == (45.0, 15.0, 3.5, 0.5)
    assert (found.open, found.late, found.low) == (2, 1, 1)


def test_weeks_without_a_complaint_are_there_too():
    assert weeks(date(2026, 11, 4), date(2026, 11, 17)) == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    assert counted([], ZONE, 2, NOW).whole.mean_hours is None
