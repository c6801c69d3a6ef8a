"""Card numbers that are keyed: checked, never kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.channels.voice.lookups import card_check, luhn
from cordboard.channels.voice.runs import decode, encode
from cordboard.channels.voice.tests.pay import PAY
from cordboard.flows import effects as fx
from cordboard.flows import engine
from cordboard.flows.graph import validate

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
CARD = "4111111111111111"


def test_the_step_is_a_good_one_for_the_telephone() -> None:
    assert [one for one in validate(PAY, "ivr") if one.level == "error"] == []
    assert "surface" in {one.code for one in validate(PAY, "bot")}


def test_what_stays_of_a_card_are_four_digits() -> None:
    flow = engine.compile_flow(PAY)
    state, effects = engine.step(flow, engine.begin(flow), fx.Started(), NOW)
    asked = effects[-1]
    assert isinstance(asked, fx.AskSecret)
    assert decode(json.loads(json.dumps(encode(asked)))) == asked
    state, effects = engine.step(flow, state, fx.LookedUp(card_check(1, {"keys": CARD})), NOW)
    assert fx.SetContext("card.last", "1111", "lookup") in effects
    assert CARD not in json.dumps(state)


def test_three_tries() -> None:
    flow = engine.compile_flow(PAY)
    state, _ = engine.step(flow, engine.begin(flow), fx.Started(), NOW)
    for _ in range(2):
        state, effects = engine.step(flow, state, fx.LookedUp(card_check(1, {"keys": "4111111111111112"})), NOW)
        asked = effects[-1]
        assert isinstance(asked, fx.AskSecret)
        assert asked.prompt[0].text == "That is no card number."
    state, effects = engine.step(flow, state, fx.NoAnswer(), NOW)
    assert isinstance(effects[-1], fx.HandOver), "after the last try, to a person"


@pytest.mark.parametrize("keys", ["", "4111", "4111111111111112", "4111 1111 1111 1111", "x" * 16, "4" * 20])
def test_what_is_no_card(keys: str) -> None:
    assert card_check(1, {"keys": keys}) is None


@given(st.text("0123456789", min_size=11, max_size=18))
def test_one_check_digit_fits_each_number(digits: str) -> None:
    assert sum(luhn(digits + str(check)) for check in range(10)) == 1
