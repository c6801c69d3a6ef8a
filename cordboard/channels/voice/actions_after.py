"""What follows a talk on the telephone: a survey, answered with keys by the caller who stayed on the line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from cordboard.channels.voice.actions_run import Begun, surface_of, zone_of
from cordboard.channels.voice.models import Call
from cordboard.guidance import actions_survey_call


def begin(interaction: int, code: str, language: str, *, now: datetime | None = None) -> Begun | None:
    """Begin the survey for the caller of this contact; asked again, it gives the run that stands. None when it cannot be asked."""
    now = now or timezone.now()
    call = Call.objects.select_related("interaction__subject", "line__queue__unit").get(interaction=interaction)
    run = actions_survey_call.begin(interaction, code, language, now=now)
    if run is None:
        return None
    flow = run.flow
    return Begun(run.pk, flow.pk, flow.version, flow.runs_as, {**surface_of(call, now), **actions_survey_call.values(interaction)}, zone_of(call))


def keep(run: int, state: dict[str, Any], *, ended_by: str = "", now: datetime | None = None) -> None:
    """How far it is, and what was answered. Once ended it stays ended."""
    actions_survey_call.keep(run, state, ended_by=ended_by, now=now)
