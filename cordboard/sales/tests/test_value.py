"""What a customer is worth, in points that add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.rules.evaluate import compile_policy
from cordboard.sales.valuation import judge
from cordboard.sales.value import Purchase, Scale, value

TODAY = date(2026, 11, 17)
NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
POLICY = {
    "mode": "first",
    "parameters": {"full_amount": {"EUR": 1000, "GBP": 860}},
    "rules": [
        {"id": "gold", "name": "Gold", "when": {"fact": "value.points", "op": "at_least", "value": 75}, "actions": [{"do": "segment", "segment": "gold"}]},
        {
            "id": "silver",
            "name": "Silver",
            "when": {"fact": "value.points", "op": "at_least", "value": 40},
            "actions": [{"do": "segment", "segment": "silver"}],
        },
    ],
}


def bought(days: int, amount: int = 100, currency: str = "EUR") -> Purchase:
    return Purchase(TODAY - timedelta(days=days), Decimal(amount), currency)


def test_the_parts_add_up_in_plain_sight() -> None:
    worth = value([bought(20, 300), bought(100, 200), bought(400, 100)], date(2020, 1, 1), TODAY, Scale(full_amount={"EUR": Decimal(1000)}))
    assert (worth.recency, worth.frequency, worth.amount, worth.years) == (30, 15, 18, 12)
    assert worth.words == "75 = 30 + 15 + 18 + 12"


def test_what_is_older_than_two_years_counts_no_more() -> None:
    worth = value([bought(731, 5000)], None, TODAY, Scale())
    assert (worth.points, worth.orders, worth.last_order_days) == (0, 0, None)


def test_a_currency_without_a_scale_gives_no_points_for_the_amount_and_no_error() -> None:
    assert value([bought(5, 10_000, "XXX")], None, TODAY, Scale()).amount == 0


@pytest.mark.parametrize(("amount", "segment", "rule"), [(1000, "gold", "gold"), (100, "silver", "silver")])
def test_the_rules_decide(amount: int, segment: str, rule: str) -> None:
    judgement = judge([bought(10, amount), bought(20, 1), bought(30, 1)], date(2016, 1, 1), compile_policy(POLICY), NOW)
    assert (judgement.segment, judgement.rule) == (segment, rule)
    reason = judgement.reason("value", 3)
    assert reason["points"] == reason["recency"] + reason["frequency"] + reason["amount"] + reason["years"]
    assert (reason["rule"], reason["policy"], reason["version"]) == (rule, "value", 3)


def test_when_no_rule_holds_it_is_bronze() -> None:
    judgement = judge([], None, compile_policy(POLICY), NOW)
    assert (judgement.segment, judgement.rule) == ("bronze", "")


purchases = st.lists(st.builds(bought, st.integers(0, 1500), st.integers(0, 5000), st.sampled_from(["EUR", "GBP", "JPY"])), max_size=20)


@given(purchases, st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_points_stay_between_nothing_and_a_hundred(given_: list[Purchase], since: date) -> None:
    worth = value(given_, since, TODAY, Scale())
    assert 0 <= worth.points <= 100
    assert worth.points == worth.recency + worth.frequency + worth.amount + worth.years


@given(purchases)
def test_one_more_order_today_never_costs_points(given_: list[Purchase]) -> None:
    assert value([*given_, bought(0)], None, TODAY, Scale()).points >= value(given_, None, TODAY, Scale()).points
