"""Virtual hold as the switch needs it: is a callback offered to this caller, on which number, and the promise itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from cordboard.channels.voice.actions_call import SWITCH
from cordboard.flows import lookups
from cordboard.interactions.actions import file_decision
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Interaction, Segment
from cordboard.routing import actions_callback, callbacks, dialling
from cordboard.routing.entries import open_entry
from cordboard.rules.published import published


@dataclass(frozen=True, slots=True)
class Offered:
    """`after` seconds of waiting it is said, once; `key` may be pressed before. `number` is the caller's own, "" when withheld or none that we call."""

    after: float
    key: str
    number: str


def callback_offered(interaction: int, *, now: datetime | None = None, look_up: str = lookups.WAIT, batch: lookups.Batch | None = None) -> Offered | None:
    """What the policies of the area "dialling" say to one who waits: `offer_callback` (with `after` seconds, else the policy's own), unless a rule says `no_callback`. Without such
    a rule nothing is offered. Nor is it where the quiet hours leave no time, or nobody waits. `look_up`, `batch`: flows/lookups.py."""
    now = now or timezone.now()
    row = Interaction.objects.select_related("subject").filter(pk=interaction, ended_at=None).first()
    entry = open_entry(interaction)
    if row is None or entry is None or entry.kind in (Segment.Kind.CONSULT, Segment.Kind.CALLBACK) or row.direction != Interaction.Direction.INBOUND:
        return None
    situation: dict[str, Any] = {"interaction": row, "party": row.subject, "context": newest(interaction), "queue": entry.queue, "now": now}
    policies = published(dialling.AREA)
    looking = lookups.Looking(policies, situation, look_up, batch)
    said: dict[str, tuple[dict[str, Any], str]] = {}
    terms, by, trace = callbacks.Terms(), None, {}
    for policy in policies:
        if policy.compiled is None:
            continue
        outcome = policy.compiled.evaluate(looking.read, now)
        names = {rule["id"]: rule["name"] for rule in outcome.trace["rules"]}
        for action in outcome.actions:
            if action["do"] in ("offer_callback", "no_callback") and action["do"] not in said:
                said[action["do"]] = (dict(action), names.get(action["rule"], action["rule"]))
                terms, by = callbacks.Terms.of(policy.compiled.parameters), policy
                trace[policy.code] = outcome.trace
    looking.done()
    if "offer_callback" not in said or "no_callback" in said or by is None:
        return None
    action, rule = said["offer_callback"]
    number = row.from_address if row.from_address and dialling.verdict(row.from_address, "").why is None else ""
    sentence = {"code": "voice.callback_offered", "values": {"queue": entry.queue_id}, "rule": rule}
    file_decision(interaction, "callback", [sentence], policy=by.code, policy_version=by.version, trace=trace, now=now)
    return Offered(float(action.get("after", terms.offer_after)), terms.key, number)


def callback_number(given: str, country: str) -> str:
    """The number keyed, in E.164; "" when it is none that we call."""
    return dialling.verdict(given, country).number


def keep_place(interaction: int, number: str, *, now: datetime | None = None) -> bool:
    """The promise: the caller may go. False: the caller does not wait any more, or the number is none."""
    return actions_callback.keep_place(interaction, number, actor=SWITCH, now=now) is not None
