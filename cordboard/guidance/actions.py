"""Raising, withdrawing and dismissing alerts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cordboard.guidance import events, texts
from cordboard.guidance.models import Alert
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.interactions.tell import Tell
from cordboard.parties.models import Party
from cordboard.rules import facts
from cordboard.rules.published import published

logger = logging.getLogger(__name__)

AREA = "guidance"


@dataclass(frozen=True, slots=True)
class _Wanted:
    kind: str
    texts: dict[str, dict[str, str]]
    rule: str
    policy: str


def evaluate(interaction: int, *, now: datetime | None = None) -> tuple[int, int]:
    """Bring the alerts of a contact in line with the guidance policies: what a rule asks for is raised, once for each reason; what none asks
    for any more is withdrawn; an alert that the agent has dismissed stays away unless it says something else now. Asked again, it changes
    nothing. Returns (raised, withdrawn)."""
    now = now or timezone.now()
    row = Interaction.objects.filter(pk=interaction, closed_at=None).first()
    if row is None:
        return 0, 0
    wanted = _wanted(row, now)
    with transaction.atomic():
        locked = Interaction.objects.select_for_update().get(pk=interaction)
        if locked.subject_id != row.subject_id:
            return 0, 0  # it is about somebody else by now: that change has an event of its own
        tell = Tell("worker")
        there = {alert.reason: alert for alert in Alert.objects.filter(interaction_id=interaction)}
        raised = sum(_raise(locked, reason, one, there.get(reason), tell, now) for reason, one in wanted.items())
        withdrawn = 0
        for reason, alert in there.items():
            if reason not in wanted and alert.withdrawn_at is None:
                alert.withdrawn_at = now
                alert.save(update_fields=["withdrawn_at"])
                tell.add(events.ALERT_WITHDRAWN, **_fields(locked, alert))
                withdrawn += 1
        tell.write()
    return raised, withdrawn


def _wanted(row: Interaction, now: datetime) -> dict[str, _Wanted]:
    """What the policies ask for, by reason; the first that asks for a reason has it."""
    policies = published(AREA)
    if not policies:
        return {}
    party = Party.objects.filter(pk=row.subject_id).first() if row.subject_id is not None else None
    situation = {"interaction": row, "party": party, "context": newest(row.pk), "now": now}
    read = facts.REGISTRY.reader(situation)
    found: dict[str, _Wanted] = {}
    for policy in policies:
        if policy.compiled is None:
            continue
        outcome = policy.compiled.evaluate(read, now)
        names = {rule["id"]: rule["name"] for rule in outcome.trace["rules"]} if outcome.actions else {}
        for action in outcome.actions:
            if action["do"] != "alert" or action["reason"] in found:
                continue
            if action["kind"] not in Alert.Kind.values:
                logger.error("the policy %s raises an alert of the kind %r, which does not exist", policy.code, action["kind"])
                continue
            said = texts.filled(action["texts"], lambda language: facts.REGISTRY.reader({**situation, "language": language}), facts.REGISTRY)
            found[action["reason"][:60]] = _Wanted(action["kind"], said, names.get(action["rule"], action["rule"])[:120], policy.code)
    return found


def _raise(row: Interaction, reason: str, wanted: _Wanted, alert: Alert | None, tell: Tell, now: datetime) -> int:
    if alert is not None and alert.withdrawn_at is None and alert.texts == wanted.texts and alert.kind == wanted.kind:
        return 0
    if alert is None:
        alert = Alert(interaction=row, reason=reason)
    elif alert.texts != wanted.texts or alert.kind != wanted.kind:
        alert.dismissed_at = None  # it says something else than what the agent put away
    alert.kind, alert.texts, alert.rule, alert.policy = wanted.kind, wanted.texts, wanted.rule, wanted.policy
    alert.raised_at, alert.withdrawn_at = now, None
    alert.save()
    tell.add(events.ALERT_RAISED, **_fields(row, alert))
    return 1


def dismiss(user: Any, alert: int, *, now: datetime | None = None) -> bool:
    """The agent has taken note. Returns whether it was there. Raises PermissionDenied."""
    with transaction.atomic():
        found = Alert.objects.select_related("interaction__agent").filter(pk=alert).first()
        if found is None or found.interaction is None:
            return False
        require_part(user, HANDLE, found.interaction)
        if found.user_id is not None and found.user_id != user.pk:
            raise PermissionDenied
        if not Alert.objects.filter(pk=alert, dismissed_at=None).update(dismissed_at=now or timezone.now()):
            return False
        tell = Tell.of(user)
        tell.add(events.ALERT_DISMISSED, **_fields(found.interaction, found))
        tell.write()
    return True


def _fields(row: Interaction, alert: Alert) -> dict[str, Any]:
    return {"interaction": row.pk, "alert": alert.pk, "reason": alert.reason, "kind": alert.kind, "agent": row.agent_id}
