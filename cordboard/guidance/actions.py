"""Raising and withdrawing alerts, and what agents do about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cordboard.guidance import events
from cordboard.guidance.actions_given import give_by_rules
from cordboard.guidance.asking import AREA, asked_of
from cordboard.guidance.models import Alert, Happening
from cordboard.guidance.wanted import Wanted
from cordboard.interactions import deeds, prohibitions
from cordboard.interactions.actions_subject import confirm_subject
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.interactions.tell import Tell
from cordboard.sales.actions_proposal import propose

ON_SCREEN = (Segment.State.OFFERED, Segment.State.ACTIVE, Segment.State.HELD, Segment.State.WRAPUP)
EXCUSE = 200
"""Characters of a reason not to follow."""


def evaluate(interaction: int, *, now: datetime | None = None) -> tuple[int, int]:
    """Bring the alerts of a contact in line with the guidance policies: what a rule asks for is raised, once for each reason; what none asks
    for any more is withdrawn; an alert that the agent has dealt with stays away unless it says something else now. Events that rules raise are
    noted once each. Asked again, it changes nothing. Returns (raised, withdrawn)."""
    now = now or timezone.now()
    row = Interaction.objects.filter(pk=interaction, closed_at=None).first()
    if row is None:
        return 0, 0
    wishes = asked_of(row, now)  # before anything is locked: facts may take their time
    asked = wishes.alerts
    with transaction.atomic():
        locked = Interaction.objects.select_for_update().get(pk=interaction)
        if locked.subject_id != row.subject_id:
            return 0, 0  # it is about somebody else by now: that change has an event of its own
        tell = Tell("worker")
        there = {alert.reason: alert for alert in Alert.objects.filter(interaction_id=interaction)}
        seen = bool(asked) and _on_screen(interaction)
        asked = {reason: one for reason, one in asked.items() if not _expired(there.get(reason), *one, now)}
        raised = sum(_raise(locked, one, said, there.get(reason), seen, tell, now) for reason, (one, said) in asked.items())
        withdrawn = 0
        for reason, alert in there.items():
            if reason not in asked and alert.withdrawn_at is None and alert.followed_at is None:
                alert.withdrawn_at = now
                alert.save(update_fields=["withdrawn_at"])
                tell.add(events.ALERT_WITHDRAWN, **_fields(locked, alert))
                withdrawn += 1
        for name, rule in wishes.happenings.items():
            if Happening.objects.get_or_create(interaction=locked, name=name, defaults={"rule": rule, "at": now})[1]:
                tell.add(events.HAPPENED, interaction=locked.pk, name=name, agent=locked.agent_id)
        give_by_rules(locked, wishes.scripts, now)
        prohibitions.bring_in_line(locked, wishes.forbidden, tell, now)
        deeds.perform(locked, wishes.party, wishes.deeds, wishes.situation, tell, now)
        tell.write()
    return raised, withdrawn


def _on_screen(interaction: int) -> bool:
    """Whether an agent has the contact on the screen now."""
    return Segment.objects.filter(interaction_id=interaction, state__in=ON_SCREEN).exclude(kind=Segment.Kind.SUPERVISE).exists()


def _same(alert: Alert, one: Wanted, said: dict[str, dict[str, str]]) -> bool:
    return alert.texts == said and alert.kind == one.kind and alert.offer == one.offer and alert.required == one.required


def _expired(alert: Alert | None, one: Wanted, said: dict[str, dict[str, str]], now: datetime) -> bool:
    """Its time was over once: it does not come back as it was."""
    return alert is not None and alert.expires_at is not None and alert.expires_at <= now and _same(alert, one, said)


def _raise(row: Interaction, one: Wanted, said: dict[str, dict[str, str]], alert: Alert | None, seen: bool, tell: Tell, now: datetime) -> int:
    same = alert is not None and _same(alert, one, said)
    if alert is not None and same and alert.withdrawn_at is None:
        return 0
    if alert is None:
        alert = Alert(interaction=row, reason=one.reason)
    elif not same:
        alert.dismissed_at = alert.followed_at = None  # it says something else than what the agent dealt with
        alert.excuse = ""
    alert.kind, alert.texts, alert.offer, alert.required = one.kind, said, dict(one.offer), one.required
    alert.rule, alert.rule_id, alert.policy, alert.policy_version = one.rule, one.rule_id, one.policy, one.version
    alert.raised_at, alert.withdrawn_at = now, None
    alert.expires_at = now + timedelta(minutes=one.minutes) if one.minutes else None
    if seen and alert.shown_at is None:
        alert.shown_at = now
    alert.save()
    tell.add(events.ALERT_RAISED, **_fields(row, alert))
    return 1


def shown(interaction: int, *, now: datetime | None = None) -> int:
    """An agent has got the contact: what stands is on a screen from now on. Returns how many there were."""
    return Alert.objects.filter(interaction_id=interaction, shown_at=None, withdrawn_at=None).update(shown_at=now or timezone.now())


def dismiss(user: Any, alert: int, *, now: datetime | None = None) -> bool:
    """The agent has taken note. Returns whether it was there to be put away: a required one is followed or excused. Raises PermissionDenied."""
    with transaction.atomic():
        found = _mine(user, alert)
        if found is None or found.required or not found.open:
            return False
        found.dismissed_at, found.settled_by = now or timezone.now(), user
        _settle(found, user, events.ALERT_DISMISSED, "dismissed_at", "settled_by")
    return True


def follow(user: Any, alert: int, *, now: datetime | None = None) -> Act:
    """The agent does what it offers, or ticks it off. An account that is to be confirmed is confirmed here; pages and scripts are opened by the desktop,
    which knows how. Raises PermissionDenied."""
    with transaction.atomic():
        found = _mine(user, alert)
        if found is None or found.interaction_id is None:
            return Act(Came.NO_SUCH)
        number = found.interaction_id
        if found.followed_at is not None:
            return Act(Came.ALREADY, number)
        if found.withdrawn_at is not None:
            return Act(Came.NO_SUCH, number)
        if found.offer.get("do") == "propose_product":
            propose(user, number, str(found.offer.get("product", "")), rule=found.rule, now=now)
        if found.offer.get("do") == "confirm_account":
            confirmed = confirm_subject(user, number, why=f"guidance: {found.rule_id}", now=now)
            if not confirmed.done:
                return confirmed
        found.followed_at, found.settled_by, found.excuse = now or timezone.now(), user, ""
        _settle(found, user, events.ALERT_FOLLOWED, "followed_at", "settled_by", "excuse")
    return Act(Came.DONE, number)


def excuse(user: Any, alert: int, why: str, *, now: datetime | None = None) -> Act:
    """The agent says why a required one is not followed. Raises PermissionDenied."""
    why = " ".join(why.split())[:EXCUSE]
    with transaction.atomic():
        found = _mine(user, alert)
        if found is None or found.interaction_id is None or found.withdrawn_at is not None:
            return Act(Came.NO_SUCH)
        if found.followed_at is not None:
            return Act(Came.ALREADY, found.interaction_id)
        if not why:
            return Act(Came.NOT_NOW, found.interaction_id)
        found.excuse, found.settled_by = why, user
        _settle(found, user, events.ALERT_EXCUSED, "excuse", "settled_by")
    return Act(Came.DONE, found.interaction_id)


def _mine(user: Any, alert: int) -> Alert | None:
    """The alert, locked, when this user may deal with it."""
    found = Alert.objects.select_for_update(of=("self",)).select_related("interaction__agent").filter(pk=alert).first()
    if found is None or found.interaction is None:
        return None
    require_part(user, HANDLE, found.interaction)
    if found.user_id is not None and found.user_id != user.pk:
        raise PermissionDenied
    return found


def _settle(alert: Alert, user: Any, event: str, *fields: str) -> None:
    assert alert.interaction is not None
    alert.save(update_fields=fields)
    tell = Tell.of(user)
    tell.add(event, **_fields(alert.interaction, alert))
    tell.write()


def _fields(row: Interaction, alert: Alert) -> dict[str, Any]:
    return {"interaction": row.pk, "alert": alert.pk, "reason": alert.reason, "kind": alert.kind, "agent": row.agent_id}


def expire(*, now: datetime | None = None) -> int:
    """Alerts whose time is over are withdrawn. Returns how many."""
    now = now or timezone.now()
    late = Alert.objects.filter(expires_at__lte=now, withdrawn_at=None, followed_at=None, dismissed_at=None, interaction__isnull=False)
    done = 0
    for number in list(late.order_by("expires_at").values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            found = Alert.objects.select_for_update(of=("self",)).select_related("interaction").filter(pk=number, withdrawn_at=None).first()
            if found is None or found.interaction is None:
                continue
            found.withdrawn_at = now
            found.save(update_fields=["withdrawn_at"])
            tell = Tell("worker")
            tell.add(events.ALERT_WITHDRAWN, **_fields(found.interaction, found))
            tell.write()
        done += 1
    return done


__all__ = ["AREA", "dismiss", "evaluate", "excuse", "expire", "follow", "shown"]
