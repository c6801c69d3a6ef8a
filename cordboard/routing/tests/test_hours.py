"""Opening hours on the wall clock, over holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.routing.hours import is_open, next_opening

NL: dict[str, Any] = {
    "timezone": "Europe/Amsterdam",
    **{day: [["08:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "sat": [["09:00", "24:00"]],
    "holidays": "NL",
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "open"),
    [
        ("2026-11-17T06:59", False),  # 7:59 in Amsterdam
        ("2026-11-17T07:00", True),
        ("2026-11-17T11:30", False),  # lunch
        ("2026-11-17T16:59", True),
        ("2026-11-17T17:00", False),
        ("2026-07-14T06:00", True),  # summer time
        ("2026-11-21T22:59", True),  # Saturday until midnight
        ("2026-11-21T23:00", False),
        ("2026-11-22T12:00", False),  # Sunday
        ("2026-12-25T10:00", False),  # Christmas
    ],
)
def test_open_or_not(moment: str, open: bool) -> None:
    assert is_open(NL, at(moment)) is open


def test_no_hours_means_always() -> None:
    assert is_open({}, at("2026-11-22T03:00"))
    assert next_opening({}, at("2026-11-22T03:00")) == at("2026-11-22T03:00")
    assert not is_open({"holidays": "NL"}, at("2026-12-25T10:00"))


def test_next_opening() -> None:
    assert next_opening(NL, at("2026-11-17T11:30")) == at("2026-11-17T12:00")
    assert next_opening(NL, at("2026-11-21T23:30")) == at("2026-11-23T07:00")
    assert next_opening(NL, at("2026-12-24T18:00")) == at("2026-12-28T07:00"), "two days of Christmas, the second a Saturday, then Sunday"
    assert next_opening({"timezone": "UTC", "mon": []}, at("2026-11-17T12:00")) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)))
def test_it_is_open_when_it_was_said_to_open(moment: datetime) -> None:
    opens = next_opening(NL, moment)
    assert opens is not None
    assert opens >= moment
    assert is_open(NL, opens)
    if opens > moment:
        assert not is_open(NL, moment)
        assert not is_open(NL, opens - timedelta(seconds=1))
