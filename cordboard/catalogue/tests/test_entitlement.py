"""What of a repair is covered, and serial numbers as they are read out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.catalogue import serials
from cordboard.catalogue.entitlement import CONTRACT, GOODWILL, ORDER, THINGS, WARRANTY, Cover, entitlement, warranty_of

TODAY = date(2026, 11, 22)
W8 = "W8-####-######"


def test_in_warranty_everything_is_covered_until_its_last_day() -> None:
    found = entitlement([warranty_of(date(2025, 1, 10), date(2027, 1, 10))], TODAY)
    assert found.full
    assert found.until == date(2027, 1, 10)
    assert entitlement([warranty_of(date(2024, 11, 22), TODAY)], TODAY).full
    over = entitlement([warranty_of(date(2024, 11, 21), TODAY - timedelta(days=1))], TODAY)
    assert over.none
    assert [cover.kind for cover in over.ended] == [WARRANTY]


def test_goodwill_is_not_spent_on_what_a_contract_pays() -> None:
    contract = Cover(CONTRACT, date(2026, 1, 1), date(2026, 12, 31), frozenset({"time", "travel"}), "SC-1142")
    goodwill = Cover(GOODWILL, date(2026, 11, 1), date(2026, 11, 30), why="third visit")
    found = entitlement([goodwill, contract, warranty_of(date(2020, 5, 1), date(2022, 5, 1))], TODAY)
    assert found.by["time"] is contract
    assert found.by["part"] is goodwill
    assert found.until == date(2026, 11, 30)


def test_what_has_not_begun_covers_nothing_yet() -> None:
    later = Cover(CONTRACT, TODAY + timedelta(days=1), TODAY + timedelta(days=300))
    found = entitlement([later], TODAY)
    assert found.none
    assert found.coming == (later,)
    assert found.until is None


SETS = [frozenset(), *(frozenset({one}) for one in THINGS), frozenset({"part", "time"}), frozenset(THINGS)]
days = st.integers(0, 900).map(lambda at: date(2026, 1, 1) + timedelta(days=at))
covers = st.tuples(st.sampled_from(ORDER), days, st.integers(0, 900), st.sampled_from(SETS)).map(
    lambda one: Cover(one[0], one[1], one[1] + timedelta(days=one[2]), one[3])
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a machine that has much else to do
@given(st.lists(covers, max_size=4), days)
def test_a_thing_is_covered_exactly_when_some_cover_in_force_has_it(given_covers: list[Cover], today: date) -> None:
    found = entitlement(given_covers, today)
    for thing in THINGS:
        able = [cover for cover in given_covers if cover.begins <= today <= cover.ends and thing in cover.things]
        chosen = found.by[thing]
        assert (chosen is None) == (not able)
        if chosen is not None:
            assert ORDER.index(chosen.kind) == min(ORDER.index(cover.kind) for cover in able)
    assert len(found.holding) + len(found.ended) + len(found.coming) == len(given_covers)


@pytest.mark.parametrize(
    ("typed", "right"), [("w8 2411 100023", True), ("W82411100023", True), ("W8-2411-10002", False), ("W6-2411-100023", False), ("", False)]
)
def test_a_serial_is_known_by_its_format(typed: str, right: bool) -> None:
    assert serials.fits(typed, W8) is right
    assert serials.parted(typed, W8) == ("W8-2411-100023" if right else serials.tidy(typed))


def test_without_a_format_any_serial_will_do() -> None:
    assert serials.fits("whatever 1", "")
    assert serials.parted("whatever 1", "") == "WHATEVER1"


def test_an_example_says_what_it_looks_like() -> None:
    assert serials.example(W8) == "W8-1234-123456"


@given(st.text("#@?AB19- .", min_size=1, max_size=30))
def test_an_example_fits_its_own_format(shape: str) -> None:
    assert serials.fits(serials.example(shape), shape)


@given(st.text(max_size=30), st.text("#@?AB19-", max_size=20))
def test_parting_twice_is_parting_once(typed: str, shape: str) -> None:
    once = serials.parted(typed, shape)
    assert serials.parted(once, shape) == once
