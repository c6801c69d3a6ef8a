"""Who gets what somebody who leaves had to keep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cordboard.org.handover import Owned, hand_over

BOB, CAROL = 2, 3
NOON = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
FAR = NOON + timedelta(days=30)


def test_hand_over_goes_to_deputies_and_else_to_who_has_least() -> None:
    owned = [Owned("callback", 1, FAR), Owned("callback", 2, NOON), Owned("ticket", 3, None, (CAROL,))]
    assert hand_over(owned, [BOB, CAROL], {BOB, CAROL}, {CAROL: 1}) == {("callback", 2): BOB, ("callback", 1): BOB, ("ticket", 3): CAROL}
    assert hand_over(owned, [], {BOB}) == {}


@given(st.lists(st.tuples(st.integers(1, 50), st.lists(st.integers(1, 4), max_size=2)), unique_by=lambda one: one[0]), st.sets(st.integers(1, 4), min_size=1))
def test_everything_is_handed_over_and_to_those_named(owned: list[tuple[int, list[int]]], to: set[int]) -> None:
    plan = hand_over([Owned("callback", number, None, tuple(deputies)) for number, deputies in owned], sorted(to), to)
    assert {number for _, number in plan} == {number for number, _ in owned}
    assert set(plan.values()) <= to
