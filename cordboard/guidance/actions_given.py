"""Scripts that begin by themselves: what a queue, a contact reason or a rule gives, begun once in each contact as soon as an agent has it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows.models import Flow
from cordboard.flows.permissions import PUBLISH
from cordboard.guidance import events
from cordboard.guidance.actions_script import SURFACE, ScriptRefused, start_script
from cordboard.guidance.models import GivenScript, ScriptSetting
from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Segment
from cordboard.lib.keeping import BadValue, check
from cordboard.org.permissions import require
from cordboard.routing.models import Entry, Queue

logger = logging.getLogger(__name__)

TALKS = (Segment.State.ACTIVE, Segment.State.HELD, Segment.State.WRAPUP)


def begin_given(interaction: int, *, now: datetime | None = None) -> list[str]:
    """Note what queue and reasons give, and begin everything given that was not begun yet, when an agent has the contact. Asked again, it changes nothing.
    Returns the codes of what was begun."""
    now = now or timezone.now()
    contact = Interaction.objects.select_related("agent").filter(pk=interaction, closed_at=None).first()
    if contact is None or contact.agent is None or not Segment.objects.filter(interaction=contact, agent=contact.agent, state__in=TALKS).exists():
        return []
    _give_settings(contact, now)
    begun = []
    for one in GivenScript.objects.filter(interaction=contact, begun_at=None, failed=False).order_by("pk"):
        try:
            start_script(interaction, one.script, contact.agent, now=now)
        except ScriptRefused:
            logger.error("the script %s, given to contact %s, is not published any more", one.script, interaction)
            GivenScript.objects.filter(pk=one.pk).update(failed=True)
        except PermissionDenied:  # the contact has gone to somebody else in this moment: whoever accepts it next begins it
            break
        else:
            begun.append(one.script)
    return begun


def give_by_rules(contact: Interaction, asked: Iterable[tuple[str, str, bool]], now: datetime) -> None:
    """What the rules give now, as (script, name of the rule, required), in the transaction of their evaluation. What no rule gives any more and was not begun is
    taken back."""
    wanted = {code: (rule, required) for code, rule, required in asked}
    GivenScript.objects.filter(interaction=contact, by=GivenScript.By.RULE, begun_at=None).exclude(script__in=wanted).delete()
    for code, (rule, required) in wanted.items():
        _give(contact, code, GivenScript.By.RULE, rule, required, now)


def _give_settings(contact: Interaction, now: datetime) -> None:
    queue = Entry.objects.filter(interaction=contact).order_by("-pk").values_list("queue_id", flat=True).first()
    reasons: set[int] = set()
    for pk, parent in InteractionReason.objects.filter(interaction=contact).values_list("reason_id", "reason__parent_id"):
        reasons |= {pk, parent} if parent is not None else {pk}
    rows = ScriptSetting.objects.filter(Q(queue_id=queue, queue__isnull=False) | Q(reason__in=reasons)).select_related("queue", "reason").order_by("pk")
    with transaction.atomic():
        for row in rows:
            if row.queue is not None:
                _give(contact, row.script, GivenScript.By.QUEUE, row.queue.name, row.required, now)
            elif row.reason is not None:
                _give(contact, row.script, GivenScript.By.REASON, row.reason.code, row.required, now)


def _give(contact: Interaction, code: str, by: str, name: str, required: bool, now: datetime) -> None:
    """Once; what is given again as required is required from then on, whoever gave it first."""
    row, made = GivenScript.objects.get_or_create(
        interaction=contact, script=code, defaults={"by": by, "name": name[:120], "required": required, "given_at": now}
    )
    if made:
        log.record(events.SCRIPT_GIVEN, actor="system", interaction=contact.pk, flow=code, by=str(by), agent=contact.agent_id)
    elif required and not row.required:
        GivenScript.objects.filter(pk=row.pk).update(required=True)


# -- settings -------------------------------------------------------------------------------------------------------------


def setting_values(row: ScriptSetting) -> dict[str, Any]:
    """What can be set, as it is kept."""
    return {"script": row.script, "queue_id": row.queue_id, "reason_id": row.reason_id, "required": row.required}


def keep_setting(user: Any, number: int | None, values: Mapping[str, Any], *, seen: str = "") -> ScriptSetting:
    """Have a queue or a contact reason give a script, or change that. Contacts that have it already keep it. Raises BadValue, Changed, PermissionDenied."""
    require(user, PUBLISH)
    given = {name: values.get(name) for name in ("script", "queue_id", "reason_id")} | {"required": bool(values.get("required"))}
    flow = Flow.objects.filter(code=given["script"], state=Flow.State.PUBLISHED).first()
    if flow is None or SURFACE not in flow.surfaces:
        raise BadValue("script", _("Choose a script that is published."))
    if (given["queue_id"] is None) == (given["reason_id"] is None):
        raise BadValue("queue_id", _("Choose either a queue or a contact reason."))
    if given["queue_id"] is not None and not Queue.objects.filter(pk=given["queue_id"]).exists():
        raise BadValue("queue_id", _("Choose a queue."))
    if given["reason_id"] is not None and not ContactReason.objects.filter(pk=given["reason_id"]).exists():
        raise BadValue("reason_id", _("Choose a contact reason."))
    with transaction.atomic():
        row = ScriptSetting() if number is None else ScriptSetting.objects.select_for_update().get(pk=number)
        if number is not None:
            check(seen, setting_values(row))
            if given == setting_values(row):
                return row
        others = ScriptSetting.objects.filter(script=given["script"], queue=given["queue_id"], reason=given["reason_id"])
        if others.exclude(pk=row.pk).exists():
            raise BadValue("script", _("It gives this script already."))
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record(events.SCRIPTS_SET, actor=f"user:{user.pk}", setting=row.pk, what="added" if number is None else "changed")
    return row


def remove_setting(user: Any, number: int) -> bool:
    """It gives the script no more; contacts that have it keep it. False when it was not there. Raises PermissionDenied."""
    require(user, PUBLISH)
    with transaction.atomic():
        row = ScriptSetting.objects.select_for_update().filter(pk=number).first()
        if row is None:
            return False
        log.record(events.SCRIPTS_SET, actor=f"user:{user.pk}", setting=row.pk, what="removed")
        row.delete()
    return True
