"""Which numbers may be dialled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.numbers import By, Limits, Rules, Why, judge, judge_for, minutes_left


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


# ---- who in the centre may dial less ---------------------------------------------------------------------------------

LIMITS = Limits.of(
    {
        "numbers": {"premium": True, "minutes": 600},
        "units": {"collections": {"numbers": {"abroad": False, "home": ["nl", "BE"]}}},
        "roles": {"trainee": {"numbers": {"premium": False, "allowed": ["+31"]}}, "abroad": {"numbers": {"premium": False}}, "odd": "nothing"},
    }
)
PREMIUM, ENGLISH, BELGIAN = "0900 1234567", "+44 20 7946 0018", "+32 2 555 01 23"


@pytest.mark.parametrize(
    ("number", "unit", "roles", "why", "by"),
    [
        (PREMIUM, "service", ["agent"], None, By.CENTRE),
        (PREMIUM, "service", ["trainee"], Why.PREMIUM, By.ROLE),
        (ENGLISH, "service", ["trainee"], Why.NOT_ALLOWED, By.ROLE),
        (ENGLISH, "service", ["trainee", "abroad"], None, By.CENTRE),
        (PREMIUM, "service", ["trainee", "abroad"], Why.PREMIUM, By.ROLE),
        (PREMIUM, "service", ["trainee", "agent"], None, By.CENTRE),
        (ENGLISH, "collections", ["agent"], Why.ABROAD, By.UNIT),
        (BELGIAN, "collections", ["agent"], None, By.CENTRE),
        ("112", "collections", ["agent"], Why.EMERGENCY, By.CENTRE),
        (ENGLISH, "", [], None, By.CENTRE),
    ],
)
def test_who_may_dial_what(number: str, unit: str, roles: list[str], why: Why | None, by: By) -> None:
    said = judge_for(number, "NL", LIMITS, unit, roles)
    assert (said.why, said.by) == (why, by)


def test_abroad_is_where_the_caller_is_not_unless_the_rules_know_better() -> None:
    home = Rules(abroad=False)
    assert judge(ENGLISH, "NL", home).why is Why.ABROAD
    assert judge(ENGLISH, "GB", home).allowed
    assert judge("+44 1534 555012", "GB", home).allowed, "Jersey shares the country's code"
    assert judge("+800 1234 5678", "NL", home).allowed, "free of charge, of no country"
    assert judge(ENGLISH, "NL", Rules(abroad=False, allowed=("+31", "+44"))).allowed


@given(st.sampled_from([PREMIUM, ENGLISH, BELGIAN, "020 555 0123", "112", "x"]), st.lists(st.sampled_from(["trainee", "abroad", "agent"]), unique=True))
def test_nobody_may_more_than_the_centre_and_another_role_takes_nothing_away(number: str, roles: list[str]) -> None:
    said = judge_for(number, "NL", LIMITS, "", roles)
    assert not said.allowed or judge(number, "NL", LIMITS.centre).allowed
    if roles and said.allowed:
        assert judge_for(number, "NL", LIMITS, "", [*roles, "agent"]).allowed


def test_minutes_of_a_day() -> None:
    assert LIMITS.units["collections"].minutes == 600, "what a line does not say is as the centre says"
    assert minutes_left(None, 1e9)
    assert minutes_left(600, 599.9)
    assert not minutes_left(600, 600)
    assert Rules.of({"numbers": {"minutes": -1}}).minutes is None
    assert not minutes_left(Rules.of({"numbers": {"minutes": 0}}).minutes, 0)
