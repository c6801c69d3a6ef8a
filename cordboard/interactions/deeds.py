"""What rules have done, beside what they decide: a ticket opened, a tag added, somebody told. The package that owns the deed says how:

    deeds.deed("add_tag", add_tag)

and areas whose policies may ask for it list the verb. Each action of a rule is done once for a contact (once for each customer where `per_party`), in the transaction of
who asks; one that cannot be done is kept with the reason, and nothing else fails with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction

from cordboard.interactions import events
from cordboard.interactions.models import Deed, Interaction
from cordboard.interactions.tell import Tell
from cordboard.org.languages import LANGUAGES
from cordboard.parties.models import Party
from cordboard.rules import facts, texts

logger = logging.getLogger(__name__)


class CannotBeDone(Exception):
    """In words for the manager whose rule it is."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One action of a rule, about to be done. `row` is locked; `tell` is written by who asks."""

    row: Interaction
    party: Party | None
    action: Mapping[str, Any]
    rule: str
    rule_id: str
    policy: str
    version: int
    situation: Mapping[str, Any]
    tell: Tell
    now: datetime

    def text(self, name: str, language: str = "en") -> str:
        """A field of the action with facts put in."""
        return texts.line(str(self.action.get(name, "")), facts.REGISTRY.reader({**self.situation, "language": language}), facts.REGISTRY, language)

    def texts(self, name: str = "texts") -> dict[str, dict[str, str]]:
        """A field of texts by language, with facts put in; only languages of ours."""
        given = self.action.get(name) or {}
        known = {language: text for language, text in given.items() if language in LANGUAGES and isinstance(text, Mapping)}
        return texts.filled(known, lambda language: facts.REGISTRY.reader({**self.situation, "language": language}), facts.REGISTRY)


Perform = Callable[[Doing], Mapping[str, Any] | None]
"""Does it and says what came of it (JSON). Raises CannotBeDone, ValidationError, PermissionDenied, ObjectDoesNotExist or ValueError when it cannot be."""


@dataclass(frozen=True, slots=True)
class _Known:
    perform: Perform
    per_party: bool


_known: dict[str, _Known] = {}


def deed(verb: str, perform: Perform, *, per_party: bool = False) -> None:
    """How an action of this verb is done."""
    _known[verb] = _Known(perform, per_party)


def is_deed(verb: str) -> bool:
    return verb in _known


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action that a policy asks for."""

    action: Mapping[str, Any]
    rule: str
    policy: str
    version: int


def perform(row: Interaction, party: Party | None, wanted: Iterable[Wanted], situation: Mapping[str, Any], tell: Tell, now: datetime) -> int:
    """Do what is asked for and was not done yet; returns how many were. In the caller's transaction, `row` locked. One query, and those of the deeds."""
    asked = [one for one in wanted if one.action.get("do") in _known]
    if not asked:
        return 0
    done = set(Deed.objects.filter(interaction=row).values_list("policy", "rule_id", "key"))
    counts: dict[tuple[str, str, str], int] = {}
    made = 0
    for one in asked:
        verb, rule_id = str(one.action["do"]), str(one.action.get("rule", ""))[:80]
        how = _known[verb]
        nth = counts[one.policy, rule_id, verb] = counts.get((one.policy, rule_id, verb), 0) + 1
        key = f"{verb}.{nth}" + (f".{party.pk if party is not None else 0}" if how.per_party else "")
        if (one.policy, rule_id, key) in done:
            continue
        doing = Doing(row, party, one.action, one.rule, rule_id, one.policy, one.version, situation, tell, now)
        kept = Deed(interaction=row, verb=verb, policy=one.policy, policy_version=one.version, rule_id=rule_id, rule=one.rule[:120], key=key, at=now)
        try:
            with transaction.atomic():
                kept.came = dict(how.perform(doing) or {})
        except (CannotBeDone, ValidationError, PermissionDenied, ObjectDoesNotExist, ValueError, LookupError) as problem:
            kept.failed = _words(problem)
            logger.warning("the policy %s, rule %s: %s could not be done for interaction %d: %s", one.policy, rule_id, verb, row.pk, kept.failed)
        kept.save()
        tell.add(events.RULE_DID, interaction=row.pk, deed=kept.pk, verb=verb, done=not kept.failed, agent=row.agent_id)
        made += not kept.failed
    return made


def _words(problem: Exception) -> str:
    said = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
    return (said or type(problem).__name__)[:200]
