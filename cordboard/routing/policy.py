"""Where a contact goes: the published routing policy asked with facts, and what it said put into a queue's terms.

The verbs are in `facts.py`; the facts come from the registry (`rules/facts.py`), each package its own. If there is no policy, or it cannot be
applied, the queue's own terms hold, and the decision says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

from cordboard.flows import lookups
from cordboard.flows.lookups import Batch
from cordboard.flows.models import Flow
from cordboard.interactions import deeds
from cordboard.interactions.actions_context import CANDIDATES, file_decision, newest
from cordboard.interactions.models import Interaction
from cordboard.interactions.tell import Tell
from cordboard.parties.models import Deputy, Party
from cordboard.parties.queries_ownership import answers
from cordboard.routing.models import Queue, Skill
from cordboard.rules import words
from cordboard.rules.evaluate import Outcome
from cordboard.rules.published import Published, published

logger = logging.getLogger(__name__)

AREA = "routing"
AUTOMATED = "automated_service"
"""Context value: the flow that had the word by a rule. It is not sent there again."""
MOST_TARGET = 7 * 24 * 3600
DEFAULT_PRIORITY = 5
PREFERRED_SECONDS = 30.0


@dataclass(slots=True)
class Placement:
    """What was decided for one contact."""

    queue: Queue
    priority: int = DEFAULT_PRIORITY
    requirements: list[dict[str, Any]] = field(default_factory=list)
    relaxation: list[dict[str, Any]] = field(default_factory=list)
    preferred: list[dict[str, Any]] = field(default_factory=list)
    preferred_seconds: float = 0.0
    sentences: list[dict[str, Any]] = field(default_factory=list)
    policy: str = ""
    version: int | None = None
    trace: dict[str, Any] = field(default_factory=dict)
    target: int | None = None
    """To be answered within, in seconds; None: the queue's target."""
    automated: str = ""
    """Code of the flow that has the word first; "" for none."""
    deeds: list[deeds.Wanted] = field(default_factory=list)
    situation: dict[str, Any] = field(default_factory=dict)

    def do(self, row: Interaction, tell: Tell, now: datetime) -> None:
        """What the rules want done beside. In the caller's transaction, `row` locked."""
        deeds.perform(row, self.situation.get("party"), self.deeds, self.situation, tell, now)

    def file(self, interaction: int, now: datetime) -> None:
        """Keep the decision with the interaction. In the caller's transaction."""
        file_decision(interaction, "routing", self.sentences, policy=self.policy, policy_version=self.version, trace=self.trace, now=now)

    def say(self, code: str, rule: str = "", **values: Any) -> None:
        self.sentences.append({"code": f"routing.{code}", "values": values, "rule": rule})


def place(
    row: Interaction,
    queue: Queue,
    *,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    keep_queue: bool = False,
    look_up: str = lookups.KEPT,
    batch: Batch | None = None,
) -> Placement:
    """Decide. `values` are facts or context values that the caller knows beside those kept. `keep_queue`: somebody chose the queue (a transfer);
    the policy gives the rest. `look_up` says what is done about look-ups (flows/lookups.py), `batch` are those begun before. Best called before the contact is locked: facts may
    take their time. Raises lookups.Waits where it is to begin look-ups only."""
    # A reader whose query fails would spoil the caller's whole transaction; in a savepoint it spoils the policy only.
    around = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with around:
            return _decide(row, queue, now, dict(values or {}), keep_queue, look_up, batch)
    except DatabaseError:
        if not connection.in_atomic_block and not connection.is_usable():
            raise  # the database is gone, not the policy
        logger.exception("the routing policy could not be applied to interaction %d", row.pk)
        placed = Placement(queue, requirements=_with_kinds(queue.requirements), relaxation=list(queue.relaxation))
        placed.say("policy_failed", queue=queue.pk)
        return placed


def look_up(interaction: int, queue: int | None, now: datetime) -> Batch | None:
    """The look-ups of the routing policy for a contact that is about to go into a queue, asked and waited for: for whoever places it within a transaction, which
    must not wait. None when the policy has none. One query then."""
    policies = published(AREA)
    if queue is None or not policies or not policies[0].ahead:
        return None
    row, asked = Interaction.objects.filter(pk=interaction).first(), Queue.objects.filter(pk=queue).first()
    if row is None or asked is None:
        return None
    batch = lookups.begin(policies[0].ahead, _situation(row, asked, now, {}))
    if batch is not None:
        batch.settle()
    return batch


def _decide(row: Interaction, queue: Queue, now: datetime, values: dict[str, Any], keep_queue: bool, look_up: str, batch: Batch | None) -> Placement:
    situation = _situation(row, queue, now, values)
    party, context = situation["party"], situation["context"]
    policies = published(AREA)
    policy = policies[0] if policies else None
    placed = Placement(queue)
    if policy is None or policy.compiled is None:
        placed.requirements, placed.relaxation = _with_kinds(queue.requirements), list(queue.relaxation)
        placed.say("no_policy" if policy is None else "policy_failed", queue=queue.pk)
        if policy is not None:
            placed.policy, placed.version = policy.code, policy.version
        return placed
    looking = lookups.Looking((policy,), situation, look_up, batch)
    outcome = policy.compiled.evaluate(looking.read, now)
    looking.done()
    placed.trace = outcome.trace
    placed.policy, placed.version = policy.code, policy.version
    placed.situation = situation
    _apply(placed, outcome, policy, row, party, context, keep_queue, now)
    return placed


def _situation(row: Interaction, queue: Queue, now: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
    party = Party.objects.select_related("account_owner").filter(pk=row.subject_id).first() if row.subject_id is not None else None
    return {**values, "interaction": row, "party": party, "context": {**newest(row.pk), **values}, "queue": queue, "now": now}


def _apply(
    placed: Placement, outcome: Outcome, policy: Published, row: Interaction, party: Party | None, context: Mapping[str, Any], keep_queue: bool, now: datetime
) -> None:
    """Put the actions into terms, and say each with the rule that wanted it."""
    names = {rule["id"]: rule["name"] for rule in outcome.trace["rules"]}
    by_verb: dict[str, list[tuple[Mapping[str, Any], str]]] = {}
    for action in outcome.actions:
        by_verb.setdefault(action["do"], []).append((action, names.get(action["rule"], action["rule"])))
    asked = placed.queue
    priorities = by_verb.get("priority", [])
    if priorities:
        most, rule = min(priorities, key=lambda one: int(one[0]["priority"]))
        placed.priority = max(1, min(9, int(most["priority"])))
        _say_identity(placed, row, party, context, rule, placed.priority)
    else:
        _say_identity(placed, row, party, context, "", None)
    if not keep_queue:
        for sent, rule in by_verb.get("queue", [])[:1]:
            found = Queue.objects.filter(code=sent["queue"]).first()
            if found is None:
                logger.error("the policy %s sends to the queue %r, which does not exist", policy.code, sent["queue"])
            elif found.pk != asked.pk:
                placed.queue = found
                placed.say("queue", rule, queue=found.pk, asked=asked.pk)
        _say_where(placed, outcome, policy)
        for sent, rule in by_verb.get("automated", [])[:1]:
            _automate(placed, str(sent["flow"]), rule, row, context)
    for sent, rule in by_verb.get("target", [])[:1]:
        placed.target = max(1, min(MOST_TARGET, int(sent["seconds"])))
        placed.say("target", rule, seconds=placed.target)
    placed.deeds = [
        deeds.Wanted(action, names.get(action["rule"], action["rule"]), policy.code, policy.version)
        for action in outcome.actions
        if deeds.is_deed(action["do"])
    ]
    _require(placed, by_verb.get("require", []), policy)
    placed.relaxation = [*placed.queue.relaxation, *(_fields(action, "after", "lower", "drop", "skill") for action, _ in by_verb.get("relax", []))]
    for first, rule in by_verb.get("prefer", []):
        _prefer(placed, first, rule, party, now)
    for note in outcome.trace.get("looked_up", {}).values():
        if note["how"] not in lookups.WELL:
            placed.say("not_looked_up", name=note["name"])
    if any(rule["result"] == "skipped" for rule in outcome.trace["rules"]):
        placed.say("rule_skipped", next(rule["name"] for rule in outcome.trace["rules"] if rule["result"] == "skipped"))
    if not outcome.actions:
        placed.say("own_terms", queue=placed.queue.pk)


def _automate(placed: Placement, code: str, rule: str, row: Interaction, context: Mapping[str, Any]) -> None:
    """An automated service has the word first, once: what it hands over goes on to a person."""
    if row.channel != Interaction.Channel.VOICE or row.direction != Interaction.Direction.INBOUND or context.get(AUTOMATED):
        return
    flow = Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).only("code", "surfaces").first()
    if flow is None or "ivr" not in flow.surfaces:
        logger.error("the policy %s sends to the automated service %r, which is not published for the telephone", placed.policy, code)
        return
    placed.automated = code
    placed.say("automated", rule, flow=code)


def _say_where(placed: Placement, outcome: Outcome, policy: Published) -> None:
    """What the rule that sends elsewhere met; where none did, what the first met that might have ("nothing is overdue"), if that is known."""
    found = [one for one in words.sentences(outcome.trace) if "queue" in policy.verbs.get(one["rule"], ())]
    held = [one for one in found if one["code"] == "rule.held"]
    known = [one for one in found if one["code"] == "rule.not_held" and all(test["got"] is not None for test in one["values"].get("tests", ()))]
    for sentence in (held or known)[:1]:
        placed.sentences.append({**sentence, "rule": sentence["values"]["name"]})


def _say_identity(placed: Placement, row: Interaction, party: Party | None, context: Mapping[str, Any], rule: str, priority: int | None) -> None:
    """Who it is and how that is known; with the priority in the same sentence, as one follows from the other."""
    end, more = ("_priority", {"priority": priority}) if priority is not None else ("", {})
    if party is None:
        candidates = context.get(CANDIDATES) or []
        if candidates:
            placed.say("several_known", count=len(candidates))
        else:
            placed.say("nobody_known")
        if priority is not None:
            placed.say("priority", rule, priority=priority)
        return
    known = {"party": party.pk, "segment": party.value_segment, **more}
    if row.identified_by == Interaction.IdentifiedBy.CUSTOMER_NUMBER and party.customer_number:
        placed.say(f"known_by_customer_number{end}", rule, number=party.customer_number, **known)
    elif row.identified_by == Interaction.IdentifiedBy.AGENT:
        placed.say(f"known_by_agent{end}", rule, **known)
    else:
        placed.say(f"known_by_ani{end}", rule, **known)


def _require(placed: Placement, wanted: list[tuple[Mapping[str, Any], str]], policy: Published) -> None:
    """The queue's own requirements and the rules'. A skill that does not exist is left out: nobody could ever take the contact."""
    asked: dict[str, tuple[int, str]] = {one["skill"]: (int(one.get("proficiency", 1)), "") for one in placed.queue.requirements}
    for action, rule in wanted:
        level = max(1, min(5, int(action.get("proficiency", 1))))
        if action["skill"] not in asked or asked[action["skill"]][0] < level:
            asked[action["skill"]] = (level, rule)
    kinds = dict(Skill.objects.filter(code__in=list(asked)).values_list("code", "kind"))
    for code in asked.keys() - kinds.keys():
        logger.error("the policy %s or the queue %s asks for the skill %r, which does not exist", policy.code, placed.queue.code, code)
    placed.requirements = [{"skill": code, "proficiency": level, "kind": kinds[code]} for code, (level, _) in asked.items() if code in kinds]
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for need in placed.requirements:
        by_rule.setdefault(asked[need["skill"]][1], []).append({"skill": need["skill"], "least": need["proficiency"]})
    for rule, needs in by_rule.items():
        placed.say("requires", rule, needs=needs)


def _prefer(placed: Placement, action: Mapping[str, Any], rule: str, party: Party | None, now: datetime) -> None:
    if party is None:
        return
    chosen: list[dict[str, Any]] = []
    if action["who"] == "owner" and party.account_owner is not None and (found := answers(party, now)) is not None:
        chosen = [{"agent": found.pk, "as": "owner" if found.pk == party.account_owner_id else "deputy"}]  # while the owner is away, who stands in
    elif action["who"] == "deputies":
        deputies = Deputy.objects.filter(party=party, user__is_active=True).order_by("order")
        chosen = [{"agent": agent, "as": "deputy"} for agent in deputies.values_list("user_id", flat=True)]
    fresh = [one for one in chosen if one["agent"] not in {known["agent"] for known in placed.preferred}]
    if not fresh:
        return
    placed.preferred += fresh
    placed.preferred_seconds = max(placed.preferred_seconds, float(action.get("seconds", PREFERRED_SECONDS)))
    code = "prefers" if len(fresh) == 1 else "prefers_several"
    placed.say(code, rule, agents=[one["agent"] for one in fresh], seconds=placed.preferred_seconds)


def _fields(action: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: action[name] for name in names if name in action}


def _with_kinds(requirements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = dict(Skill.objects.filter(code__in=[one["skill"] for one in requirements]).values_list("code", "kind"))
    return [{**one, "kind": kinds.get(one["skill"], "")} for one in requirements if one["skill"] in kinds]
