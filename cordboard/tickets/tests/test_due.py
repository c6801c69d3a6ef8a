from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.tickets.due import PRIORITY, WORKING_DAYS, due, priority
from cordboard.tickets.states import AFTER, may_follow

TUESDAY = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "opened", "segment", "wanted"),
    [
        ("incident", TUESDAY, "bronze", datetime(2026, 11, 20, 14, 32, tzinfo=UTC)),
        ("incident", TUESDAY, "gold", datetime(2026, 11, 18, 14, 32, tzinfo=UTC)),
        ("question", FRIDAY, "", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
        ("question", FRIDAY, "gold", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
        ("question", SATURDAY, "", datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        ("complaint", FRIDAY, "silver", datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
    ],
)
def test_weekends_are_no_working_days(kind: str, opened: datetime, segment: str, wanted: datetime) -> None:
    assert due(kind, opened, "UTC", segment=segment) == wanted


def test_what_smokes_waits_for_no_weekend() -> None:
    assert due("incident", SATURDAY, "Europe/Amsterdam", safety=True) == SATURDAY + timedelta(hours=4)
    assert priority("praise", safety=True) == 1


def test_the_weekday_is_that_of_the_unit() -> None:
    late_friday = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # Saturday in Shanghai
    assert due("question", late_friday, "Asia/Shanghai").date().isoformat() == "2026-11-23"
    assert due("question", late_friday, "UTC").date().isoformat() == "2026-11-23"
    assert due("question", late_friday, "Asia/Shanghai") > due("question", late_friday, "UTC") - timedelta(days=1)


def test_gold_goes_before_silver_and_silver_before_others() -> None:
    assert priority("incident", segment="gold") < priority("incident", segment="silver") < priority("incident", segment="bronze")


@given(st.sampled_from(sorted(WORKING_DAYS)), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.sampled_from(["", "gold"]))
def test_a_deadline_is_a_working_day_after_the_opening(kind: str, opened: datetime, segment: str) -> None:
    moment = due(kind, opened.replace(tzinfo=UTC), "UTC", segment=segment)
    assert moment > opened.replace(tzinfo=UTC)
    assert moment.weekday() < 5
    assert 1 <= priority(kind, segment=segment) <= 9


def test_every_kind_and_state_is_thought_of() -> None:
    assert WORKING_DAYS.keys() == PRIORITY.keys()
    assert all(after <= AFTER.keys() for after in AFTER.values())
    assert not may_follow("waiting", "closed")
