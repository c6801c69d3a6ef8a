"""Whether a call is recorded: the published policies of the area "recording", asked per queue and country. Without one, nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from cordboard.channels.voice.models import Call
from cordboard.flows import lookups
from cordboard.interactions.actions import file_decision
from cordboard.interactions.actions_context import newest
from cordboard.routing.models import Queue
from cordboard.rules.published import Published, published

AREA = "recording"


@dataclass(frozen=True, slots=True)
class Wanted:
    record: bool
    rule: str
    """Name of the rule that decided, "" when none did."""


def decide(
    interaction: int, queue: str, *, keep: bool = True, now: datetime | None = None, look_up: str = lookups.WAIT, batch: lookups.Batch | None = None
) -> Wanted:
    """Ask the policies, and keep the decision with the interaction. `do_not_record` of any rule goes before `record`. Not to `keep` it: what would be
    decided, were it this queue. `look_up`, `batch`: flows/lookups.py; raises lookups.Waits where asked to."""
    now = now or timezone.now()
    call = Call.objects.select_related("interaction__subject", "line").get(interaction=interaction)
    row = call.interaction
    situation: dict[str, Any] = {
        "interaction": row,
        "party": row.subject,
        "context": newest(row.pk),
        "queue": Queue.objects.filter(code=queue).first(),
        "line": call.line,
        "now": now,
    }
    policies = published(AREA)
    looking = lookups.Looking(policies, situation, look_up, batch)
    said: dict[str, tuple[str, Published]] = {}
    trace: dict[str, Any] = {}
    for policy in policies:
        if policy.compiled is None:
            continue
        outcome = policy.compiled.evaluate(looking.read, now)
        trace[policy.code] = outcome.trace
        names = {rule["id"]: rule["name"] for rule in outcome.trace["rules"]}
        for action in outcome.actions:
            said.setdefault(action["do"], (names.get(action["rule"], action["rule"]), policy))
    looking.done()
    verb = "do_not_record" if "do_not_record" in said else "record" if "record" in said else ""
    rule, by = said.get(verb, ("", None))
    if not keep:
        return Wanted(verb == "record", rule)
    code = {"record": "voice.recorded", "do_not_record": "voice.not_recorded", "": "voice.no_recording_policy"}[verb]
    file_decision(
        row.pk,
        "recording",
        [{"code": code, "values": {}, "rule": rule}],
        policy=by.code if by is not None else "",
        policy_version=by.version if by is not None else None,
        trace=trace,
        now=now,
    )
    return Wanted(verb == "record", rule)
