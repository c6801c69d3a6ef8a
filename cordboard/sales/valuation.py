"""From purchases to a value segment, by the published policy of the area "value". Pure: policy and moment are arguments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cordboard.rules.evaluate import CompiledPolicy
from cordboard.sales.value import Purchase, Scale, Value, value

UNDECIDED = "bronze"
"""When no rule holds: a policy whose last rule has a condition."""


@dataclass(frozen=True, slots=True)
class Judgement:
    segment: str
    value: Value
    rule: str
    """id of the rule that decided, "" when none held"""

    def reason(self, code: str, version: int) -> dict[str, Any]:
        """What is kept with the customer, so that the screen can say "78 = 30 + 18 + 14 + 16" and name the rule."""
        return {**self.value.as_json(), "words": self.value.words, "rule": self.rule, "policy": code, "version": version}


def judge(purchases: Iterable[Purchase], customer_since: date | None, policy: CompiledPolicy, now: datetime) -> Judgement:
    """Count the points by the policy's scale and let its rules decide."""
    worth = value(purchases, customer_since, now.date(), Scale.of(policy.parameters))
    facts = {f"value.{name}": figure for name, figure in worth.as_json().items()}
    for action in policy.evaluate(facts, now).actions:
        if action["do"] == "segment":
            return Judgement(str(action["segment"]), worth, str(action["rule"]))
    return Judgement(UNDECIDED, worth, "")
