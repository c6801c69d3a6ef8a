"""What the published guidance policies ask for in a contact: alerts with their words, events, scripts, what they forbid, and what they want done. Reads, changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.flows import lookups
from cordboard.guidance.wanted import WITHDRAW, Wanted, first_of_each_reason, wanted
from cordboard.interactions import deeds
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Interaction
from cordboard.interactions.prohibitions import Forbidden
from cordboard.parties.models import Party
from cordboard.rules import facts, texts
from cordboard.rules.published import Published, published

logger = logging.getLogger(__name__)

AREA = "guidance"


@dataclass(slots=True)
class Asked:
    """`alerts` by reason with their words; `happenings` by name with the rule that raises them; `scripts` (code, rule, required) that begin by themselves."""

    situation: dict[str, Any] = field(default_factory=dict)
    alerts: dict[str, tuple[Wanted, dict[str, dict[str, str]]]] = field(default_factory=dict)
    happenings: dict[str, str] = field(default_factory=dict)
    scripts: list[tuple[str, str, bool]] = field(default_factory=list)
    forbidden: list[Forbidden] = field(default_factory=list)
    deeds: list[deeds.Wanted] = field(default_factory=list)

    @property
    def party(self) -> Party | None:
        return self.situation.get("party")

    def filled(self, words: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        return texts.filled(words, lambda language: facts.REGISTRY.reader({**self.situation, "language": language}), facts.REGISTRY)


def asked_of(row: Interaction, now: datetime) -> Asked:
    policies = published(AREA)
    if not policies:
        return Asked()
    party = Party.objects.select_related("account_owner").filter(pk=row.subject_id).first() if row.subject_id is not None else None
    asked = Asked({"interaction": row, "party": party, "context": newest(row.pk), "now": now})
    read = lookups.Looking(policies, asked.situation, lookups.WAIT, None).read
    alerts: list[Wanted] = []
    withdrawn: set[str] = set()
    for policy in policies:
        if policy.compiled is None:
            continue
        names = {rule.id: rule.name for rule in policy.compiled.rules}
        for action in policy.compiled.evaluate(read, now).actions:
            _sort(action, names.get(action["rule"], action["rule"]), policy, asked, alerts, withdrawn)
    asked.alerts = {reason: (one, asked.filled(one.texts)) for reason, one in first_of_each_reason(alerts, withdrawn).items()}
    return asked


def _sort(action: Mapping[str, Any], rule: str, policy: Published, asked: Asked, alerts: list[Wanted], withdrawn: set[str]) -> None:
    verb = str(action["do"])
    match verb:
        case "raise_event":
            asked.happenings.setdefault(str(action["event"])[:60], rule[:120])
        case "begin_script":
            asked.scripts.append((str(action["script"])[:60], rule[:120], bool(action.get("required", False))))
        case "forbid":
            words = asked.filled(action.get("texts") or {})
            asked.forbidden.append(Forbidden(str(action["act"])[:40], words, rule, str(action.get("rule", "")), policy.code, policy.version))
        case _ if verb == WITHDRAW:
            withdrawn.add(str(action["reason"]))
        case _ if deeds.is_deed(verb):
            asked.deeds.append(deeds.Wanted(action, rule, policy.code, policy.version))
        case _:
            try:
                one = wanted(action, rule=rule, policy=policy.code, version=policy.version)
            except ValueError as wrong:
                logger.error("the policy %s, rule %s: %s", policy.code, action["rule"], wrong)
                return
            if one is not None:
                alerts.append(one)
