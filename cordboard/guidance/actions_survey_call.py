"""A survey with the keys of the telephone, for a caller who stays on the line when the agent has hung up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.events import log
from cordboard.flows.compiled import compiled
from cordboard.flows.models import Flow, Run
from cordboard.guidance import events
from cordboard.guidance.actions_answers import asked, follow_run
from cordboard.guidance.models import SurveyInvitation, Way
from cordboard.guidance.script_values import values_of
from cordboard.interactions.models import Interaction

SURFACE = "ivr"


def begin(interaction: int, code: str, language: str, *, now: datetime | None = None) -> Run | None:
    """The run of this survey for this contact; begun once. None when no such survey is published for the telephone."""
    now = now or timezone.now()
    with transaction.atomic():
        contact = Interaction.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=interaction).first()
        if contact is None:
            return None
        standing = SurveyInvitation.objects.filter(interaction=contact, code=code, way=Way.KEYS, run__isnull=False).select_related("run__flow").first()
        if standing is not None:
            return standing.run
        flow = Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()
        if flow is None or SURFACE not in flow.surfaces:
            return None
        row = asked(code, contact, way=Way.KEYS, by=None, language=language, expires_at=now, now=now)
        row.run = Run.objects.create(flow=flow, surface=SURFACE, subject=f"interaction:{interaction}", started_at=now)
        row.opened_at = now
        row.save(update_fields=["run", "opened_at"])
        log.record(events.SURVEY_OPENED, actor="customer", interaction=interaction, invitation=row.pk, flow=code, run=row.run.pk)
    return row.run


def values(interaction: int) -> dict[str, Any]:
    """What a survey may say of the contact: who the agent and the customer are."""
    contact = Interaction.objects.select_related("agent", "subject").get(pk=interaction)
    return values_of(contact, contact.agent)


def keep(run: int, state: dict[str, Any], *, ended_by: str = "", now: datetime | None = None) -> None:
    """How far it is, with the answers so far. Once ended it stays ended."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Run.objects.select_for_update(of=("self",)).select_related("flow").filter(pk=run, ended_at=None).first()
        if row is None:
            return
        row.state = state
        if ended_by:
            row.ended_at, row.ended_by = now, ended_by[:40]
        row.save(update_fields=["state", "ended_at", "ended_by"])
        invitation = follow_run(row, compiled(row.flow), now)
        if invitation is not None and invitation.answered_at == now:
            log.record(
                events.SURVEY_ANSWERED, actor="customer", interaction=invitation.interaction_id, invitation=invitation.pk, flow=invitation.code, run=run,
                ended=row.ended_by,
            )  # fmt: skip
