"""Is it really the customer?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.parties.identity import Known, Verdict, choose, masked, right, verdict

FACTS = [Known("postcode", "1012 AB", 2), Known("order_number", "LK-1234", 3), Known("city", "Utrecht"), Known("email", "n@example.org", 2)]


def test_the_strongest_first_and_none_twice() -> None:
    assert [one.code for one in choose(FACTS, [], 0)][0] == "order_number"
    assert "city" not in [one.code for one in choose(FACTS, [], 0)]
    assert "order_number" not in [one.code for one in choose(FACTS, ["order_number"], 0)]


def test_a_listener_does_not_learn_which_come_next() -> None:
    orders = {tuple(one.code for one in choose(FACTS, [], turn)) for turn in range(8)}
    assert len(orders) > 1


@pytest.mark.parametrize(("said", "good"), [("1012ab", True), ("1012 AB", True), (" 1012-Ab ", True), ("1013 AB", False), ("", False), ("--", False)])
def test_answers_as_people_say_them(said: str, good: bool) -> None:
    assert right(["1012 AB"], said) is good


@pytest.mark.parametrize(
    ("results", "came"),
    [
        ([], "open"),
        ([True], "open"),
        ([True, True], "passed"),
        ([False, True, True], "passed"),
        ([False, True, False, True], "failed"),
        ([False, False], "failed"),
    ],
)
def test_two_right_prove_it_two_wrong_end_it(results: list[bool], came: str) -> None:
    assert verdict(results) == came


@given(st.lists(st.booleans()), st.booleans())
def test_what_is_decided_stays(results: list[bool], more: bool) -> None:
    before = verdict(results)
    if before is not Verdict.OPEN:
        assert verdict([*results, more]) is before


@given(st.text(min_size=3))
def test_masking_keeps_the_length_and_shows_two_signs_at_most(value: str) -> None:
    hidden = masked(value)
    assert len(hidden) == len(value)
    assert sum(sign.isalnum() for sign in hidden) <= 2


def test_masking() -> None:
    assert masked("+31 20 555 0123") == "+•• •• ••• ••23"
