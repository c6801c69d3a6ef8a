"""Which numbers may be dialled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.numbers import Rules, Why, judge


@pytest.mark.parametrize(
    ("given", "region", "number"),
    [
        ("020 555 0123", "NL", "+31205550123"),
        ("+44 20 7946 0018", "NL", "+442079460018"),
        ("0031 20 555 0123", "GB", "+31205550123"),
        ("0800 0223", "NL", "+318000223"),
        ("０２０-５５５-０１２３", "NL", "+31205550123"),
    ],
)
def test_ordinary_numbers_in_any_writing(given: str, region: str, number: str) -> None:
    assert judge(given, region).number == number


@pytest.mark.parametrize(
    ("given", "region", "why"),
    [
        ("", "NL", Why.NO_NUMBER),
        ("hello", "NL", Why.NO_NUMBER),
        ("12", "NL", Why.NO_NUMBER),
        ("112", "NL", Why.EMERGENCY),
        ("999", "GB", Why.EMERGENCY),
        ("+31112", "GB", Why.EMERGENCY),
        ("0900 1234567", "NL", Why.PREMIUM),
        ("+31 900 1234567", "GB", Why.PREMIUM),
        ("+881 6 1234 5678", "NL", Why.SATELLITE),
    ],
)
def test_what_is_never_dialled(given: str, region: str, why: Why) -> None:
    assert judge(given, region).why is why


def test_the_longest_beginning_decides() -> None:
    rules = Rules.of({"numbers": {"allowed": ["+31", "+4420"], "refused": ["+44", "+3162"]}})
    assert judge("+31205550123", "NL", rules).allowed
    assert judge("+442079460018", "NL", rules).allowed
    assert judge("+441614960018", "NL", rules).why is Why.REFUSED
    assert judge("+31621234567", "NL", rules).why is Why.REFUSED
    assert judge("+12025550123", "NL", rules).why is Why.NOT_ALLOWED


def test_premium_numbers_where_the_centre_wants_them() -> None:
    assert judge("0900 1234567", "NL", Rules(premium=True)).allowed


@given(st.text(max_size=30), st.sampled_from(["NL", "GB", "RU", "TH", "CN", ""]), st.lists(st.sampled_from(["+31", "+316", "+44", "+7"])))
def test_whatever_is_dialled_is_a_number_that_was_allowed(text: str, region: str, allowed: list[str]) -> None:
    verdict = judge(text, region, Rules(tuple(allowed)))
    if verdict.allowed:
        assert verdict.number.startswith("+")
        assert verdict.number[1:].isdigit()
        assert not allowed or any(verdict.number.startswith(one) for one in allowed)
        assert judge(verdict.number, region, Rules(tuple(allowed))) == verdict
    else:
        assert verdict.number == ""
