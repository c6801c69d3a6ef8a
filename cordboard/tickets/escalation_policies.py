"""The policies of the area "escalation": when they are asked, and what of what they say is done. They are asked by the sweeper, whenever a step of a service level falls due, at the
deadline, and at the moments that their own conditions name ("30 minutes left", "80 % of the time used"). What they ask for is a step of that clock like those of its service
level: a row, taken once by its key, with what came of it. In the sweep's transaction, on a locked ticket."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cordboard.interactions.tell import Tell
from cordboard.rules.facts import REGISTRY
from cordboard.rules.published import Published, published
from cordboard.tickets import escalation
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import EscalationStep

AREA = "escalation"
MINUTES_LEFT, PERCENT = "deadline.minutes_left", "deadline.percent"
KEY = "rule:"
Act = Callable[[str, EscalationStep, Ticket, datetime, Tell], dict[str, Any]]
"""(verb, step, ticket, now, tell) -> outcome: the sweeper's own way of doing what a step asks for."""


def moments() -> tuple[escalation.Step, ...]:
    """When each clock has the policies asked by itself. One query; none more where no policy is published."""
    minutes: set[Any] = set()
    percent: set[Any] = set()
    for one in published(AREA):
        if one.compiled is not None:
            minutes |= one.compiled.compared_with(MINUTES_LEFT)
            percent |= one.compiled.compared_with(PERCENT)
    return escalation.asked_at(minutes, percent)


def situation(ticket: Ticket, step: EscalationStep, now: datetime) -> dict[str, Any]:
    return {"ticket": ticket, "party": ticket.party, "clock": step.clock, "now": now}


def ask(step: EscalationStep, ticket: Ticket, policies: list[Published], now: datetime, tell: Tell, act: Act) -> list[EscalationStep]:
    """What the policies want done now and was not done yet for this clock: done, and kept as steps. One query, those of the facts and acts, and one more where there is anything to keep."""
    found: list[tuple[str, Published, dict[str, Any], str]] = []
    for policy in policies:
        if policy.compiled is None:
            continue
        outcome = policy.compiled.evaluate(REGISTRY.reader(situation(ticket, step, now)), now)
        names = {rule.id: rule.name for rule in policy.compiled.rules}
        counts: dict[tuple[str, str], int] = {}
        for action in outcome.actions:
            rule, verb = str(action.get("rule", "")), str(action["do"])
            nth = counts[rule, verb] = counts.get((rule, verb), 0) + 1
            found.append((key_of(policy.code, rule, verb, nth), policy, action, names.get(rule) or rule))
    if not found:
        return []
    known = set(EscalationStep.objects.filter(clock=step.clock, key__startswith=KEY).values_list("key", flat=True))
    made: list[EscalationStep] = []
    for key, policy, action, rule in found:
        if key in known:
            continue
        known.add(key)
        said = {name: value for name, value in action.items() if name not in ("do", "rule")}
        terms: dict[str, Any] = {
            "clock": step.clock.kind,
            "do": str(action["do"]),
            "policy": policy.name,
            "version": policy.version,
            "rule": rule,
            "with": said,
        }
        one = EscalationStep(
            ticket=ticket, clock=step.clock, key=key, terms=terms, state=EscalationStep.State.TAKEN, at=now, claim=step.claim, taken_at=now, outcome={}
        )  # fmt: skip
        one.save()
        one.outcome = act(RULE_PREFIX + terms["do"], one, ticket, now, tell)
        if "failure" in one.outcome:
            one.state = EscalationStep.State.FAILED
        one.save(update_fields=["outcome", "state"])
        made.append(one)
    return made


RULE_PREFIX = "rule."
"""Of acts that policies ask for, among the sweeper's: a service level's "next_level" and a rule's are told apart."""


def key_of(policy: str, rule: str, verb: str, nth: int) -> str:
    """The same for the same action of the same rule, whatever version of the policy says it; short enough for its column."""
    whole = f"{KEY}{policy}/{rule}/{verb}.{nth}"
    return whole if len(whole) <= 80 else f"{whole[:47]}~{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def without_asking(steps: Iterable[EscalationStep]) -> list[EscalationStep]:
    """For screens: moments at which policies were asked are no steps of their own."""
    return [one for one in steps if one.terms.get("do") != escalation.POLICIES]
